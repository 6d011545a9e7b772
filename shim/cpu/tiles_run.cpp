// tiles_run.cpp: runs the blocks of a tiles step.
#include <cstring>

#include "pool.h"
#include "tiles.h"

namespace sinter {

int64_t frame_bytes(int64_t slots, int64_t loads, int64_t stores) { return slots * 16 + loads * 32 + stores + 64; }

Frame::Frame(const TilePlan &plan, char *const *buffers, char *scratch) : plan_(plan), buffers_(buffers), scratch_(scratch) {
  static_assert(sizeof(Kept) == 32, "frame_bytes counts 32");
  slots_ = reinterpret_cast<char **>(scratch + plan.frame_offset);
  pitches_ = reinterpret_cast<int64_t *>(slots_ + plan.slots.size());
  kept_ = reinterpret_cast<Kept *>(pitches_ + plan.slots.size());
  in_place_ = reinterpret_cast<uint8_t *>(kept_ + plan.loads.size());
}

void Frame::start() {
  pitched_ = false;
  for (int64_t i = 0; i < plan_.slots.size(); i++) slots_[i] = scratch_ + plan_.slots[i];
  for (int64_t i = 0; i < plan_.stores.size(); i++) in_place_[i] = 0;
  for (int64_t i = 0; i < plan_.loads.size(); i++) {
    kept_[i] = {nullptr, 0, -1, -1};
    const TileLoad &load = plan_.loads[i];
    if (load.once) this->load(load, kept_[i], load.view.offset, 1, load.tile ? plan_.block_columns : 1);
  }
  for (const TileOp &op : plan_.once) execute(op, 1, 1);
}

// Fills the load's slot, or points it at the memory, for a block whose first element is number `start` of the buffer.
void Frame::load(const TileLoad &load, Kept &kept, int64_t start, int64_t rows, int64_t columns) {
  char *&slot = slots_[load.slot];
  char *own = scratch_ + plan_.slots[load.slot];
  pitches_[load.slot] = columns * kClassSizes[class_of(kDtypeClass[load.view.dtype])];
  if (load.kind == kRepeatedRow) rows = 1;
  const bool dense = load.kind == kTile || load.kind == kRepeatedRow;
  if (load.view.buffer < 0) {
    if (kept.start == start && kept.columns == columns && kept.rows >= rows) return;
    kept = {own, start, rows, columns};
    const auto iota = load.view.dtype == kInt32 ? plan_.iota32 : plan_.iota64;
    if (dense) {
      iota(slot, start, rows, columns, load.row, load.column);
    } else if (load.kind == kRow) {
      iota(slot, start, rows, 1, load.row, 0);
    } else if (load.kind == kRowSplats) {
      iota(slot, start, rows, kSplat, load.row, 0);
    } else {
      iota(slot, start, 1, kSplat, 0, 0);
    }
    return;
  }
  char *memory = buffers_[load.view.buffer] + start * load.bytes;
  if (dense) {
    const bool contiguous = (load.column == 1 || columns == 1) && (rows == 1 || load.row == columns);
    if (load.in_place && (contiguous || (pitched_ && load.column == 1))) {
      slot = memory;
      pitches_[load.slot] = load.row * load.bytes;
      return;
    }
    slot = own;  // a block of one row may have pointed it at the memory since
    if (load.keep && kept.address == memory && kept.columns == columns && kept.rows >= rows) return;
    kept = {memory, 0, rows, columns};
    if (contiguous) {
      load.kernels.load(own, memory, rows * columns);
    } else if (load.column == 1 && columns >= 8) {
      const int64_t bytes = columns * kClassSizes[class_of(kDtypeClass[load.view.dtype])];
      for (int64_t i = 0; i < rows; i++) load.kernels.load(own + i * bytes, memory + i * load.row * load.bytes, columns);
    } else {
      load.kernels.load_strided(own, memory, rows, columns, load.row, load.column);
    }
    return;
  }
  if (load.keep && kept.address == memory && kept.rows >= rows) return;
  kept = {memory, 0, rows, columns};
  if (load.kind == kRow) {
    load.kernels.load_strided(own, memory, rows, 1, load.row, 0);
  } else if (load.kind == kRowSplats) {
    load.kernels.load_strided(own, memory, rows, kSplat, load.row, 0);
  } else {
    load.kernels.load_strided(own, memory, 1, kSplat, 0, 0);
  }
}

// Runs an instruction whose destination is the store's own memory: the vector that would reach past the view is computed aside.
void Frame::execute_in_place(const TileOp &op, int64_t n) {
  char *d = slots_[op.destination];
  const char *a = slots_[op.source[0]], *b = slots_[op.source[1]], *c = slots_[op.source[2]];
  const int64_t whole = n & ~(kSplat - 1), rest = n - whole;
  if (whole) op.run(d, a, b, c, whole, &op.call);
  if (rest) {
    alignas(64) char aside[kSplat * 8];
    op.run(aside, a + op.call.step[0] * whole * op.source_bytes[0], b + op.call.step[1] * whole * op.source_bytes[1],
           c + op.call.step[2] * whole * op.source_bytes[2], rest, &op.call);
    memcpy(d + whole * op.bytes, aside, size_t(rest * op.bytes));
  }
}

// Rows are whole vectors here, so that none reaches into the next.
void Frame::execute_by_row(const TileOp &op, int64_t rows, int64_t columns) {
  char *d = slots_[op.destination];
  const char *source[3];
  int64_t step[3];
  for (int i = 0; i < 3; i++) {
    source[i] = slots_[op.source[i]];
    step[i] = row_step(op.source_kind[i], columns) * op.source_bytes[i];
  }
  for (int64_t i = 0; i < rows; i++) {
    op.run(d, source[0], source[1], source[2], columns, &op.call);
    d += columns * op.bytes;
    for (int k = 0; k < 3; k++) source[k] += step[k];
  }
}

// A chain writes a tile: in place, the vector that would reach past the view is computed aside.
void Frame::execute_chain(const TileOp &op, int64_t rows, int64_t columns) {
  char *d = slots_[op.destination];
  const char *a = slots_[op.source[0]];
  ChainStep steps[kMaxChain];
  for (int32_t i = 0; i < op.links; i++) {
    const ChainLink &link = plan_.links[op.first_link + i];
    steps[i] = {link.code, link.splat, link.slot >= 0 ? slots_[link.slot] : nullptr};
  }
  const bool in_place = op.store >= 0 && in_place_[op.store];
  const ChainMemory memory = !plan_.past_caches || !in_place ? kNear : plan_.far ? kFar : kPastCaches;
  if (op.by_row) {
    for (int64_t row = 0; row < rows; row++) {
      plan_.chain(d, a, steps, op.links, columns, memory);
      d += columns * op.bytes;
      a += row_step(op.source_kind[0], columns) * op.bytes;
      for (int32_t i = 0; i < op.links; i++) steps[i].operand += row_step(plan_.links[op.first_link + i].kind, columns) * op.bytes;
    }
    return;
  }
  const int64_t n = rows * columns, whole = in_place ? n & ~(kSplat - 1) : n, rest = n - whole;
  if (whole) plan_.chain(d, a, steps, op.links, whole, memory);
  if (rest) {
    alignas(64) char aside[kSplat * 8];
    for (int32_t i = 0; i < op.links; i++) steps[i].operand += steps[i].splat ? 0 : whole * op.bytes;
    plan_.chain(aside, a + whole * op.bytes, steps, op.links, rest, kNear);
    memcpy(d + whole * op.bytes, aside, size_t(rest * op.bytes));
  }
}

// All tiles have whole vectors in every row, so that nothing is written behind one.
void Frame::execute_pitched(const TileOp &op, int64_t rows, int64_t columns) {
  char *d = slots_[op.destination];
  const bool in_place = op.store >= 0 && in_place_[op.store];
  const int64_t pitch = in_place ? plan_.stores[op.store].row * op.bytes : columns * op.bytes;
  pitches_[op.destination] = pitch;
  if (op.what == TileOp::kChain) {
    const char *a = slots_[op.source[0]];
    ChainStep steps[kMaxChain];
    int64_t pitches[kMaxChain];
    for (int32_t i = 0; i < op.links; i++) {
      const ChainLink &link = plan_.links[op.first_link + i];
      steps[i] = {link.code, link.splat, link.slot >= 0 ? slots_[link.slot] : nullptr};
      pitches[i] = link.splat ? 0 : pitches_[link.slot];
    }
    for (int64_t row = 0; row < rows; row++, d += pitch, a += pitches_[op.source[0]]) {
      plan_.chain(d, a, steps, op.links, columns, kNear);
      for (int32_t i = 0; i < op.links; i++) steps[i].operand += pitches[i];
    }
    return;
  }
  const char *source[3];
  int64_t pitches[3];
  for (int i = 0; i < 3; i++) {
    source[i] = slots_[op.source[i]];
    pitches[i] = op.call.step[i] ? pitches_[op.source[i]] : 0;
  }
  for (int64_t row = 0; row < rows; row++, d += pitch) {
    op.run(d, source[0], source[1], source[2], columns, &op.call);
    for (int i = 0; i < 3; i++) source[i] += pitches[i];
  }
}

// Copies the first value over a splat slot.
static void spread(char *slot, int64_t bytes) { (bytes == 4 ? kernels().spread4 : kernels().spread8)(slot); }

void Frame::execute_sweep(const TileOp &op, int64_t rows, int64_t columns) {
  SweepOperands operands;
  for (int i = 0; i < 3; i++) {
    operands.source[i] = slots_[op.source[i]];
    operands.column[i] = op.call.step[i];
    operands.row[i] = row_step(op.source_kind[i], columns);
  }
  for (int i = 0; i < 2; i++) operands.kept[i] = op.kept[i] < 0 ? nullptr : slots_[op.kept[i]];
  char *d = slots_[op.destination];
  op.sweep(d, &operands, rows, columns);
  if (plan_.single_row) spread(d, op.bytes);
}

void Frame::execute(const TileOp &op, int64_t rows, int64_t columns) {
  char *d = slots_[op.destination];
  const char *a = slots_[op.source[0]];
  if (pitched_ && op.domain == kTile) return execute_pitched(op, rows, columns);
  switch (op.what) {
    case TileOp::kElementwise: {
      // A splat's value is computed once and copied: its destination may be an operand, which a second vector would read changed.
      const int64_t n = op.domain == kTile ? rows * columns : op.domain == kRow ? rows : 1;
      if (op.by_row) {
        execute_by_row(op, rows, columns);
      } else if (op.store >= 0 && in_place_[op.store]) {
        execute_in_place(op, n);
      } else if (op.uses_all) {
        Call call = op.call;
        call.second = slots_[op.second];
        call.d = slots_[op.source[3]];
        op.run(d, a, slots_[op.source[1]], slots_[op.source[2]], n, &call);
      } else {
        op.run(d, a, slots_[op.source[1]], slots_[op.source[2]], n, &op.call);
      }
      if (op.domain == kSplatKind && !op.fills_splat) {
        spread(d, op.bytes);
        if (op.uses_all) spread(slots_[op.second], op.bytes);
      }
      return;
    }
    case TileOp::kChain: execute_chain(op, rows, columns); return;
    case TileOp::kRowReduce:
      op.rows(d, a, rows, columns);
      if (plan_.single_row) {  // held like a splat
        spread(d, op.bytes);
      }
      return;
    case TileOp::kSweep: execute_sweep(op, rows, columns); return;
    case TileOp::kExpand4: kernels().expand4(d, a, rows, columns); return;
    case TileOp::kExpand8: kernels().expand8(d, a, rows, columns); return;
    case TileOp::kSplats4: kernels().expand4(d, a, rows, kSplat); return;
    case TileOp::kSplats8: kernels().expand8(d, a, rows, kSplat); return;
  }
}

void Frame::finish_store(const TileStore &store, int64_t start, int64_t rows, int64_t columns) {
  char *target = buffers_[store.view.buffer] + start * store.bytes;
  const char *values = slots_[store.slot];
  if (store.kind == kRow) {
    store.kernels.store_strided(target, values, 1, rows, 0, store.row);
    return;
  }
  const int64_t dense = columns * kClassSizes[class_of(kDtypeClass[store.view.dtype])], pitch = pitched_ ? pitches_[store.slot] : dense;
  if (pitch == dense && (store.column == 1 || columns == 1) && (rows == 1 || store.row == columns)) {
    store.kernels.store(target, values, rows * columns);
  } else if (store.column == 1 && columns >= 8) {
    for (int64_t i = 0; i < rows; i++) store.kernels.store(target + i * store.row * store.bytes, values + i * pitch, columns);
  } else if (pitch == dense) {
    store.kernels.store_strided(target, values, rows, columns, store.row, store.column);
  } else {
    for (int64_t i = 0; i < rows; i++) {
      store.kernels.store_strided(target + i * store.row * store.bytes, values + i * pitch, 1, columns, 0, store.column);
    }
  }
}

static int64_t element(const View &view, const int64_t *index, int rank) {
  uint64_t at = uint64_t(view.offset);  // an iota may wrap
  for (int i = 0; i < rank; i++) at += uint64_t(index[i]) * uint64_t(view.stride[i]);
  return int64_t(at);
}

// Fetches the lines that the next block will use (taken to lie behind this one's), a share before each operation on a tile, so that the requests spread
// over the computation.
void Frame::prefetch_share(int64_t share, int64_t shares, int64_t n) const {
  const auto fetch = [&](const char *memory, int64_t bytes, bool write) {
    const int64_t lines = bytes / 64;
    for (int64_t i = lines * share / shares; i < lines * (share + 1) / shares; i++) {
      if (write) {
        __builtin_prefetch(memory + bytes + i * 64, 1, 2);
      } else {
        __builtin_prefetch(memory + bytes + i * 64, 0, 3);
      }
    }
  };
  for (const TileLoad &load : plan_.loads) {
    if (load.kind == kTile && load.in_place && !load.once) fetch(slots_[load.slot], n * load.bytes, false);
  }
  for (int64_t i = 0; i < plan_.stores.size(); i++) {
    if (in_place_[i] && !plan_.past_caches) fetch(slots_[plan_.stores[i].slot], n * plan_.stores[i].bytes, true);
  }
}

void Frame::block(const int64_t *index, int64_t rows, int64_t columns) {
  pitched_ = plan_.pitched && rows > 1 && columns % kSplat == 0;
  for (int64_t i = 0; i < plan_.loads.size(); i++) {
    const TileLoad &load = plan_.loads[i];
    if (load.once || (load.tile && columns == 0)) continue;  // an empty row has no element to look at
    this->load(load, kept_[i], element(load.view, index, plan_.rank), rows, columns);
  }
  if (plan_.mode == kReduce) {
    for (const TileOp &op : plan_.ops) execute(op, rows, columns);
    return;
  }
  int64_t starts[4];  // of the first stores; more are worked out twice
  for (int64_t i = 0; i < plan_.stores.size(); i++) {
    const TileStore &store = plan_.stores[i];
    const int64_t start = element(store.view, index, plan_.rank);
    if (i < 4) starts[i] = start;
    if (!store.in_place) continue;
    in_place_[i] = (store.column == 1 || columns == 1) && (rows == 1 || store.row == columns || pitched_);
    slots_[store.slot] = in_place_[i] ? buffers_[store.view.buffer] + start * store.bytes : scratch_ + plan_.slots[store.slot];
  }
  int64_t pass = 0;
  for (const TileOp &op : plan_.ops) {
    if (plan_.prefetch && passes_over_tile(op)) prefetch_share(pass++, plan_.passes, rows * columns);
    execute(op, rows, columns);
  }
  for (int64_t i = 0; i < plan_.stores.size(); i++) {
    const TileStore &store = plan_.stores[i];
    if (!in_place_[i]) finish_store(store, i < 4 ? starts[i] : element(store.view, index, plan_.rank), rows, columns);
  }
}

namespace {

struct Job {
  const TilePlan *plan;
  const RunContext *run;
  int64_t tasks;
};

void run_blocks(void *context, int64_t task, int worker) {
  const Job &job = *static_cast<const Job *>(context);
  const TilePlan &plan = *job.plan;
  const int n = plan.rank;
  const int64_t begin = plan.blocks * task / job.tasks, end = plan.blocks * (task + 1) / job.tasks;
  Frame frame(plan, job.run->buffers, job.run->scratch + worker * job.run->scratch_step);
  frame.start();
  int64_t count[kMaxRank], index[kMaxRank];
  const int64_t step_rows = plan.block_rows, step_columns = plan.block_columns;
  int64_t rest = begin;
  for (int i = n - 1; i >= 0; i--) {
    count[i] = rest % plan.counts[i];
    rest /= plan.counts[i];
    index[i] = count[i] * (i == n - 1 ? step_columns : i == n - 2 ? step_rows : 1);
  }
  for (int64_t block = begin; block < end; block++) {
    const int64_t rows = n < 2 ? 1 : plan.dims[n - 2] - index[n - 2] < step_rows ? plan.dims[n - 2] - index[n - 2] : step_rows;
    const int64_t columns = plan.dims[n - 1] - index[n - 1] < step_columns ? plan.dims[n - 1] - index[n - 1] : step_columns;
    frame.block(index, rows, columns);
    for (int i = n - 1; i >= 0; i--) {
      index[i] += i == n - 1 ? step_columns : i == n - 2 ? step_rows : 1;
      if (++count[i] < plan.counts[i]) break;
      count[i] = index[i] = 0;
    }
  }
  if (plan.past_caches) kernels().publish();
}

}  // namespace

void run_tiles(const TilePlan &plan, const RunContext &run) {
  if (plan.mode == kReduce) return run_tiles_reduce(plan, run);
  if (plan.blocks == 0) return;
  const int threads = threads_for(run, plan.nanoseconds);
  Job job = {&plan, &run, 1};
  if (threads > 1) job.tasks = plan.blocks < threads * 8 ? plan.blocks : threads * 8;
  parallel_for(job.tasks, threads, run_blocks, &job);
}

}  // namespace sinter
