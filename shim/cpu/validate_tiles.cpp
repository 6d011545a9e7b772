// validate_tiles.cpp: parses and checks a tiles step.
#include "reader.h"

namespace sinter {

const char *check_reach(const int64_t *dims, const int64_t *strides, int rank, int64_t offset, int64_t element_bytes, int64_t bytes) {
  int64_t low = offset, high = offset;
  for (int i = 0; i < rank; i++) {
    if (dims[i] == 0) return nullptr;
  }
  for (int i = 0; i < rank; i++) {
    int64_t span;
    if (__builtin_mul_overflow(dims[i] - 1, strides[i], &span) || __builtin_add_overflow(span < 0 ? low : high, span, span < 0 ? &low : &high)) {
      return "reaches beyond 64 bits";
    }
  }
  if (low < 0) return "reaches before the buffer's start";
  int64_t end;
  if (__builtin_add_overflow(high, 1, &end) || __builtin_mul_overflow(end, element_bytes, &end) || end > bytes) return "reaches past the buffer's end";
  return nullptr;
}

namespace {

bool has_row_kind(const TilesStep &step) { return step.mode == kRows || step.block_rows == 1; }

void read_space(Reader &reader, TilesStep *step, int64_t counts[4]) {
  step->mode = reader.ranged("mode", kMap, kReduce);
  step->rank = reader.ranged("rank", 1, kMaxRank);
  static const char *const names[4] = {"number of loads", "number of stores", "number of registers", "number of instructions"};
  for (int i = 0; i < 4; i++) counts[i] = reader.ranged(names[i], 0, 1 << 20);
  if (counts[1] == 0) reader.reject("number of stores is 0");
  if (counts[2] > kMaxRegisters) reader.reject("number of registers is %lld; the limit is %lld", (long long)counts[2], (long long)kMaxRegisters);
  step->block_rows = reader.ranged("block rows", 1, 1 << 30);
  step->block_columns = reader.ranged("block columns", 0, 1 << 30);
  step->nanoseconds = reader.ranged("estimated nanoseconds", 0, INT32_MAX);
  step->reduced = uint32_t(reader.word("reduced dimensions"));
  int64_t values = 1;
  for (int i = 0; i < step->rank && reader.ok(); i++) {
    step->dims[i] = reader.size("dimension");
    if (!multiply(values, step->dims[i] ? step->dims[i] : 1, &values) || values > kMaxValues) reader.reject("the iteration space is too large");
  }
}

void check_blocks(Reader &reader, const TilesStep &step) {
  if (!reader.ok()) return;
  const int n = step.rank;
  const int64_t last = step.dims[n - 1];
  if (step.block_rows * step.block_columns > kMaxBlockValues) {
    reader.reject("a block of %lld x %lld values is over the limit of %lld", (long long)step.block_rows, (long long)step.block_columns,
                  (long long)kMaxBlockValues);
  }
  if (step.block_columns == 0 && !(step.mode == kRows && last == 0)) reader.reject("block columns is 0");
  if (n == 1 && step.block_rows != 1) reader.reject("block rows is %lld; it must be 1 for rank 1", (long long)step.block_rows);
  if (step.mode == kRows && step.block_columns != last && !(last == 0 && step.block_columns <= 1)) {
    reader.reject("block columns is %lld; in rows mode it must be the last dimension, %lld", (long long)step.block_columns, (long long)last);
  }
  if (step.mode != kReduce && step.reduced != 0) reader.reject("reduced dimensions given outside of reduce mode");
  if (step.mode == kReduce) {
    if (step.reduced == 0 || step.reduced >= (1u << n)) reader.reject("reduced dimensions are 0x%x for rank %d", step.reduced, n);
    if (step.block_rows != 1 && (n < 2 || !(step.reduced >> (n - 2) & 1))) reader.reject("block rows is %lld but the dimension before the last is kept", (long long)step.block_rows);
  }
}

void read_registers(Reader &reader, TilesStep *step, int64_t count) {
  if (!reader.ok() || !step->registers.resize(count)) return reader.reject("out of memory");
  int64_t bytes = 0;
  for (RegisterDecl &reg : step->registers) {
    const int32_t word = reader.word("register");
    reg.k = class_of(word & 0xff);
    reg.kind = word >> 8;
    if (reg.k < 0) return reader.reject("register class %d is no compute class", word & 0xff);
    if (reg.kind < kTile || reg.kind > kSplatKind) return reader.reject("register kind %d is unknown", reg.kind);
    if (reg.kind == kRow && !has_row_kind(*step)) return reader.reject("a row register outside of rows mode needs block rows 1");
    bytes += (reg.kind == kTile ? step->block_rows * step->block_columns : reg.kind == kRow ? step->block_rows : 0) * kClassSizes[reg.k] + 64;
    if (bytes > kMaxScratchBytes) return reader.reject("the registers need more than %lld bytes", (long long)kMaxScratchBytes);
  }
}

// Reads the words that loads and stores share. Strides of dimensions of size 0 or 1 mean nothing and become 0.
void read_view(Reader &reader, const Program &program, const TilesStep &step, View *view, bool is_store) {
  const char *what = is_store ? "store" : "load";
  view->buffer = reader.word("buffer");
  view->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  view->reg = reader.word("register");
  const int32_t fourth = reader.word(is_store ? "reduction" : "reserved word");
  view->offset = reader.quad("offset");
  for (int i = 0; i < step.rank; i++) {
    view->stride[i] = reader.quad("stride");
    if (step.dims[i] <= 1) view->stride[i] = 0;
  }
  if (!reader.ok()) return;
  if (view->reg < 0 || view->reg >= step.registers.size()) return reader.reject("%s register %d does not exist", what, view->reg);
  if (view->buffer < (is_store ? 0 : -1) || view->buffer >= program.buffers.size()) return reader.reject("%s buffer %d does not exist", what, view->buffer);
  const RegisterDecl &reg = step.registers[view->reg];
  if (kDtypeClass[view->dtype] != kClassDtype[reg.k]) {
    return reader.reject("%s of %s uses a register of class %s", what, kDtypeNames[view->dtype], kDtypeNames[kClassDtype[reg.k]]);
  }
  view->reduction = -1;
  if (!is_store) {
    if (fourth != 0) return reader.reject("load's reserved word is %d", fourth);
  } else if (step.mode != kReduce) {
    if (fourth != 0) return reader.reject("store's reduction is %d outside of reduce mode", fourth);
  } else {
    if (fourth < 1 || fourth > kReductions) return reader.reject("store's reduction is %d; it must be 1..%d", fourth, kReductions);
    view->reduction = fourth - 1;
    if (view->reduction >= kAnd && reg.k <= kF64) return reader.reject("store's reduction %s needs an integer class", kReductionNames[view->reduction]);
  }
}

void read_loads(Reader &reader, const Program &program, TilesStep *step, int64_t count, Array<uint8_t> *defined) {
  if (!reader.ok()) return;
  if (count > step->registers.size()) return reader.reject("more loads than registers");
  if (!step->loads.resize(count)) return reader.reject("out of memory");
  const int n = step->rank;
  for (View &load : step->loads) {
    read_view(reader, program, *step, &load, false);
    if (!reader.ok()) return;
    const RegisterDecl &reg = step->registers[load.reg];
    if ((*defined)[load.reg]) return reader.reject("two loads write register %d", load.reg);
    (*defined)[load.reg] = 1;
    for (int i = 0; i < n; i++) {
      if (load.stride[i] != 0 && (reg.kind == kSplatKind || (reg.kind == kRow && i == n - 1))) {
        return reader.reject("load stride %d is %lld; a %s register needs 0", i, (long long)load.stride[i], reg.kind == kRow ? "row" : "splat");
      }
    }
    if (load.buffer == -1) {
      if (load.dtype != kInt32 && load.dtype != kInt64) return reader.reject("iota of %s; it must be int32 or int64", kDtypeNames[load.dtype]);
      continue;
    }
    // Rows are loaded even when they are empty, splats even when the whole space is.
    int64_t dims[kMaxRank];
    for (int i = 0; i < n; i++) dims[i] = reg.kind == kSplatKind || (reg.kind == kRow && i == n - 1) ? 1 : step->dims[i];
    const char *problem = check_reach(dims, load.stride, n, load.offset, kDtypeSizes[load.dtype], program.buffers[load.buffer].bytes);
    if (problem) return reader.reject("load of buffer %d %s", load.buffer, problem);
  }
}

void read_stores(Reader &reader, const Program &program, TilesStep *step, int64_t count) {
  if (!reader.ok()) return;
  if (count > reader.remaining()) return reader.reject("more stores than the step has words");
  if (!step->stores.resize(count)) return reader.reject("out of memory");
  const int n = step->rank;
  for (View &store : step->stores) {
    read_view(reader, program, *step, &store, true);
    if (!reader.ok()) return;
    const BufferDecl &buffer = program.buffers[store.buffer];
    if (buffer.kind != kOutput && buffer.kind != kArena) return reader.reject("store to buffer %d, which may not be written", store.buffer);
    const bool row = step->registers[store.reg].kind == kRow && step->mode == kRows;
    int64_t dims[kMaxRank];
    for (int i = 0; i < n; i++) {
      const bool summed = (step->reduced >> i & 1) || (row && i == n - 1);
      if (row && i == n - 1) store.stride[i] = 0;
      if (summed && store.stride[i] != 0) return reader.reject("store stride %d is %lld; a reduced dimension needs 0", i, (long long)store.stride[i]);
      dims[i] = summed ? 1 : step->dims[i];
      if (dims[i] > 1 && store.stride[i] == 0) return reader.reject("store stride %d is 0: several values for one element", i);
    }
    const char *problem = check_reach(dims, store.stride, n, store.offset, kDtypeSizes[store.dtype], buffer.bytes);
    if (problem) return reader.reject("store to buffer %d %s", store.buffer, problem);
  }
}

void check_operands(Reader &reader, const TilesStep &step, const InstructionWords &in, const InstructionFacts &facts, const Array<uint8_t> &defined) {
  const int32_t registers = int32_t(step.registers.size());
  if (in.destination < 0 || in.destination >= registers) return reader.reject("%s: destination register %d does not exist", facts.name, in.destination);
  const RegisterDecl &to = step.registers[in.destination];
  const int result = facts.result == kSame ? in.k : facts.result;
  if (to.k != result) return reader.reject("%s: destination is of class %s, not %s", facts.name, kDtypeNames[kClassDtype[to.k]], kDtypeNames[kClassDtype[result]]);
  if (in.code == kOp_threefry) {
    if (in.second < 0 || in.second >= registers) return reader.reject("%s: second destination %d does not exist", facts.name, in.second);
    const RegisterDecl &second = step.registers[in.second];
    if (in.second == in.destination || second.k != to.k || second.kind != to.kind) return reader.reject("%s: second destination must be another register like the first", facts.name);
  } else if (in.second != -1) {
    return reader.reject("%s: second destination is %d, not -1", facts.name, in.second);
  }
  const bool reduces = is_row_reduction(in.code), expands = in.code == kOp_expand;
  if ((reduces || expands) && step.mode != kRows) return reader.reject("%s outside of rows mode", facts.name);
  if (reduces && to.kind != kRow) return reader.reject("%s: destination must be a row register", facts.name);
  if (expands && to.kind != kTile) return reader.reject("%s: destination must be a tile register", facts.name);
  for (int i = 0; i < 4; i++) {
    const int32_t operand = in.operand[i];
    if (i >= facts.operands) {
      if (operand != -1) return reader.reject("%s: operand %d is %d, not -1", facts.name, i, operand);
      continue;
    }
    if (operand < 0 || operand >= registers) return reader.reject("%s: operand register %d does not exist", facts.name, operand);
    if (!defined[operand]) return reader.reject("%s: operand register %d is read before it is written", facts.name, operand);
    const RegisterDecl &from = step.registers[operand];
    const int wanted = in.code == kOp_select && i == 0 ? kI32 : in.k;
    if (from.k != wanted) return reader.reject("%s: operand %d is of class %s, not %s", facts.name, i, kDtypeNames[kClassDtype[from.k]], kDtypeNames[kClassDtype[wanted]]);
    bool fits;
    if (reduces) {
      fits = from.kind == kTile;
    } else if (expands) {
      fits = from.kind == kRow;
    } else if (to.kind == kTile) {
      fits = from.kind != kRow || step.block_rows == 1;
    } else {
      fits = from.kind == kSplatKind || from.kind == to.kind;
    }
    if (!fits) return reader.reject("%s: operand %d has a kind (%d) that a destination of kind %d cannot use", facts.name, i, from.kind, to.kind);
  }
}

void read_instructions(Reader &reader, TilesStep *step, int64_t count, Array<uint8_t> *defined) {
  if (!reader.ok()) return;
  if (count * 8 > reader.remaining()) return reader.reject("more instructions than the step has words");
  if (!step->instructions.resize(count)) return reader.reject("out of memory");
  for (InstructionWords &in : step->instructions) {
    in.code = reader.ranged("instruction code", 0, kInstructions - 1);
    const InstructionFacts &facts = kInstructionFacts[in.code];
    const int32_t dtype = reader.word("instruction class");
    in.k = class_of(dtype);
    in.destination = reader.word("destination");
    in.second = reader.word("second destination");
    for (int32_t &operand : in.operand) operand = reader.word("operand");
    if (!reader.ok()) return;
    if (in.k < 0 || !(facts.classes >> in.k & 1)) return reader.reject("%s: class %d is not allowed", facts.name, dtype);
    check_operands(reader, *step, in, facts, *defined);
    if (!reader.ok()) return;
    (*defined)[in.destination] = 1;
    if (in.second >= 0) (*defined)[in.second] = 1;
  }
}

}  // namespace

bool validate_tiles(Reader &reader, const Program &program, TilesStep *step) {
  int64_t counts[4] = {};
  read_space(reader, step, counts);
  check_blocks(reader, *step);
  if (!reader.ok()) return false;
  Array<uint8_t> defined;
  if (!defined.resize(counts[2])) reader.reject("out of memory");
  read_registers(reader, step, counts[2]);
  read_loads(reader, program, step, counts[0], &defined);
  read_stores(reader, program, step, counts[1]);
  read_instructions(reader, step, counts[3], &defined);
  for (const View &store : step->stores) {
    if (reader.ok() && !defined[store.reg]) reader.reject("store of register %d, which is never written", store.reg);
  }
  if (reader.ok() && reader.remaining() != 0) reader.reject("%lld words too many", (long long)reader.remaining());
  return reader.ok();
}

}  // namespace sinter
