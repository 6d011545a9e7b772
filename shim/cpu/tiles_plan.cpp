// tiles_plan.cpp: from a validated tiles step to slots, operations and load and store strategies.
#include <initializer_list>
#include <new>

#include "tiles.h"

namespace sinter {

namespace {

constexpr int64_t kPrefetchTraffic = 10 << 20;  // bytes a step must move before prefetching pays
constexpr int64_t kByRowColumns = 128;  // shorter rows have their operands spread over a tile
constexpr int64_t round_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

class Planner {
 public:
  Planner(const TilesStep &step, const Program &program, bool epilogue, TilePlan *plan) : step_(step), program_(program), epilogue_(epilogue), plan_(plan) {}

  bool run() {
    shape();
    if (!registers() || !loads() || !instructions() || !stores()) return false;
    fuse_sweeps(plan_);
    if (!fuse_chains(plan_)) return false;
    fuse_pairs(plan_);
    settle_aliases();
    choose_strategies(plan_, epilogue_, traffic_);
    lay_out();
    return true;
  }

 private:
  void shape() {
    TilePlan &p = *plan_;
    const int n = p.rank = step_.rank;
    p.mode = step_.mode;
    p.nanoseconds = step_.nanoseconds;
    p.reduced = step_.reduced;
    p.block_rows = step_.block_rows;
    p.block_columns = step_.block_columns;
    p.block_values = p.block_rows * p.block_columns;
    p.fixed_blocks = !epilogue_;
    p.single_row = p.block_rows == 1 && !epilogue_;
    p.by_rows = p.mode == kRows && !p.single_row && p.block_columns >= kByRowColumns && p.block_columns % kSplat == 0;
    p.blocks = p.outputs = p.rounds = 1;
    for (int i = 0; i < n; i++) {
      const int64_t per_block = i == n - 1 ? p.block_columns : i == n - 2 ? p.block_rows : 1;
      p.dims[i] = step_.dims[i];
      p.counts[i] = per_block ? (p.dims[i] + per_block - 1) / per_block : 1;
      if (p.mode == kRows && i == n - 1) p.counts[i] = 1;
      p.blocks *= p.counts[i];
      (p.reduced >> i & 1 ? p.rounds : p.outputs) *= p.counts[i];
    }
    // Few outputs: cut the reduction into shares of at least 64 blocks. Depends on sizes only.
    p.splits = 1;
    if (p.mode == kReduce && p.outputs > 0 && p.outputs < 128) {
      const int64_t shares = (p.rounds + 63) / 64, limit = 512 / p.outputs;
      p.splits = shares < 1 ? 1 : shares < limit ? shares : limit;
    }
    p.chain = kernels().chain;
    p.iota32 = kernels().iota32;
    p.iota64 = kernels().iota64;
  }

  // Tiles lie a power of two or whole pages apart, and behind each other from a page on: see aligned_allocate. Kernels write at most to the end of
  // the last vector, which is part of the slot, and read less than a vector more, which is part of the next.
  int64_t slot_bytes(int slot) const {
    const int64_t size = kClassSizes[classes_[slot]];
    if (kinds_[slot] == kSplatKind) return kSplat * size;
    const int64_t rows = plan_->block_rows, columns = plan_->block_columns;
    const int kind = kinds_[slot];
    const int64_t values = kind == kTile ? plan_->block_values : kind == kRepeatedRow ? columns : kind == kRowSplats ? rows * kSplat : rows;
    const int64_t bytes = round_up(values, kSplat) * size;
    if (bytes >= 4096) return round_up(bytes, 4096);
    int64_t power = 64;
    while (power < bytes) power *= 2;
    return power;
  }
  void lay_out() {
    int64_t at = 0;
    for (int kind : {int(kTile), int(kRepeatedRow), int(kRow), int(kRowSplats), int(kSplatKind)}) {
      for (int slot = 0; slot < int(plan_->slots.size()); slot++) {
        if (kinds_[slot] != kind) continue;
        plan_->slots[slot] = at;
        at += slot_bytes(slot);
      }
    }
    plan_->frame_offset = round_up(at + kPadding, 64);
    plan_->scratch_bytes = round_up(plan_->frame_offset + frame_bytes(plan_->slots.size(), plan_->loads.size(), plan_->stores.size()), 4096);
  }
  // Row registers of single rows hold their value like splats.
  int held_kind(int kind) const { return kind == kRow && plan_->single_row ? int(kSplatKind) : kind; }

  int new_slot(int k, int kind) {
    const int slot = int(plan_->slots.size());
    return plan_->slots.push(0) && kinds_.push(uint8_t(kind)) && classes_.push(uint8_t(k)) && variable_.push(0) ? slot : -1;
  }

  // How a block holds a tile register that is loaded.
  int tile_kind(const TileLoad &load) const {
    const bool rows_agree = load.row == 0, columns_agree = load.column == 0;
    if (columns_agree && (rows_agree || plan_->single_row)) return kSplatKind;
    return plan_->by_rows && rows_agree ? int(kRepeatedRow) : plan_->by_rows && columns_agree ? int(kRowSplats) : int(kTile);
  }

  bool registers() {
    if (!current_.resize(step_.registers.size()) || !written_.resize(step_.registers.size()) || !own_.resize(step_.registers.size())) return false;
    for (const InstructionWords &in : step_.instructions) {
      written_[in.destination]++;
      if (in.second >= 0) written_[in.second]++;
    }
    for (int64_t i = 0; i < step_.registers.size(); i++) own_[i] = current_[i] = -1;
    return true;
  }
  // The slot that instructions write for a register.
  int own_slot(int32_t reg) {
    if (own_[reg] < 0) own_[reg] = new_slot(step_.registers[reg].k, held_kind(step_.registers[reg].kind));
    return own_[reg];
  }

  bool aliases_store(int32_t buffer) const {
    if (buffer < 0) return false;
    for (const View &store : step_.stores) {
      if (may_overlap(program_.buffers[buffer], program_.buffers[store.buffer])) return true;
    }
    return false;
  }

  bool loads() {
    const int n = step_.rank;
    int64_t space = 1;
    for (int i = 0; i < n; i++) space *= step_.dims[i];
    for (const View &view : step_.loads) {
      TileLoad load = {};
      load.view = view;
      const RegisterDecl &reg = step_.registers[view.reg];
      load.bytes = kDtypeSizes[view.dtype];
      load.row = n >= 2 ? view.stride[n - 2] : 0;
      load.column = view.stride[n - 1];
      load.kernels = kernels().dtypes[view.dtype];
      const bool alias = aliases_store(view.buffer);
      load.kind = uint8_t(reg.kind == kTile ? tile_kind(load) : held_kind(reg.kind));
      load.tile = reg.kind == kTile;
      bool same = step_.mode == kRows && (load.kind == kRepeatedRow || (plan_->single_row && load.kind == kTile)) && step_.dims[n - 1] > 0;  // always the same row
      for (int i = 0; i < n - 1; i++) same = same && view.stride[i] == 0;
      load.once = (reg.kind == kSplatKind || same) && !alias;
      load.keep = !alias;
      load.in_place = (load.kind == kTile || (load.kind == kRepeatedRow && !alias)) && view.buffer >= 0 && kDtypeClass[view.dtype] == view.dtype;
      load.slot = new_slot(reg.k, load.kind);
      if (load.slot < 0 || !plan_->loads.push(load)) return false;
      variable_[load.slot] = !load.once;
      current_[view.reg] = load.slot;
      if (load.kind == kTile) traffic_ += space * load.bytes;
    }
    for (const View &view : step_.stores) traffic_ += step_.mode != kReduce ? space * kDtypeSizes[view.dtype] : 0;
    plan_->prefetch = (plan_->single_row || plan_->by_rows) && step_.mode != kReduce && traffic_ > kPrefetchTraffic;
    plan_->past_caches = step_.mode == kRows && plan_->block_columns % kSplat == 0 && traffic_ >= kCached;
    return true;
  }

  bool push(const TileOp &op) { return plan_->ops.push(op); }

  TileOp elementwise(int code, int k, int domain, int destination) const {
    TileOp op = {};
    op.what = TileOp::kElementwise;
    op.domain = uint8_t(domain);
    op.store = -1;
    op.pair = op.sweep_code = op.reduction = -1;
    op.kept[0] = op.kept[1] = -1;
    op.destination = destination;
    op.run = kernels().elementwise[code][k];
    op.fills_splat = kernels().lanes[code][k] >= kSplat;
    op.bytes = kClassSizes[k];
    return op;
  }
  void set_source(TileOp *op, int i, int slot) const {
    op->source[i] = slot;
    op->source_bytes[i] = kClassSizes[classes_[slot]];
    op->source_kind[i] = kinds_[slot];
    op->call.step[i] = kinds_[slot] == kSplatKind || kinds_[slot] == kRowSplats ? 0 : 1;
  }
  // A slot that holds a whole tile of the slot's value.
  int as_tile(int slot) {
    if (kinds_[slot] != kSplatKind && !is_by_row(kinds_[slot])) return slot;
    const int tile = new_slot(classes_[slot], kTile);
    if (tile < 0) return -1;
    TileOp op = elementwise(kOp_copy, classes_[slot], kTile, tile);
    set_source(&op, 0, slot);
    return push(op) ? tile : -1;
  }

  bool instructions() {
    for (const InstructionWords &in : step_.instructions) {
      const RegisterDecl &to = step_.registers[in.destination];
      const InstructionFacts &facts = kInstructionFacts[in.code];
      int sources[4];
      for (int i = 0; i < facts.operands; i++) {
        sources[i] = current_[in.operand[i]];
        const bool dense = is_row_reduction(in.code) || (is_by_row(kinds_[sources[i]]) && (in.second >= 0 || facts.operands > 3));
        if (dense && (sources[i] = as_tile(sources[i])) < 0) return false;
      }
      const bool splats = in.code == kOp_expand && plan_->by_rows;
      const int destination = splats ? new_slot(to.k, kRowSplats) : own_slot(in.destination);
      if (destination < 0) return false;
      TileOp op = elementwise(in.code, in.k, held_kind(to.kind), destination);
      op.bytes = kClassSizes[to.k];
      if (in.k == kF32 && to.kind == kTile) {
        op.pair = int8_t(pair_code(in.code));
        op.sweep_code = int8_t(sweep_code(in.code));
      }
      for (int i = 0; i < facts.operands; i++) set_source(&op, i, sources[i]);
      current_[in.destination] = destination;
      if (is_row_reduction(in.code)) {
        const int64_t last = step_.dims[step_.rank - 1];
        const int reduction = in.code - kOp_row_sum;
        const int chosen = last == 0 && reduction == kFmax ? int(kMax) : last == 0 && reduction == kFmin ? int(kMin) : reduction;
        op.what = TileOp::kRowReduce;
        if (in.k == kF32) op.reduction = int8_t(chosen);
        op.rows = kernels().reductions[chosen][in.k].rows;
      } else if (in.code == kOp_expand) {
        if (plan_->single_row) {
          op.run = kernels().elementwise[kOp_copy][in.k];
        } else {
          op.what = splats ? (op.bytes == 4 ? TileOp::kSplats4 : TileOp::kSplats8) : op.bytes == 4 ? TileOp::kExpand4 : TileOp::kExpand8;
        }
      }
      op.uses_all = in.second >= 0;
      if (in.second >= 0) {
        op.second = own_slot(in.second);
        if (op.second < 0) return false;
        current_[in.second] = op.second;
      }
      // What depends on nothing that varies is computed once per task. Its registers must not be written twice.
      bool constant = op.what == TileOp::kElementwise && to.kind == kSplatKind && written_[in.destination] == 1 && (in.second < 0 || written_[in.second] == 1);
      for (int i = 0; i < facts.operands; i++) constant = constant && !variable_[sources[i]];
      if (!constant) {
        variable_[destination] = 1;
        if (op.uses_all) variable_[op.second] = 1;
      }
      if (!(constant ? plan_->once.push(op) : push(op))) return false;
    }
    return true;
  }

  bool stores() {
    const int n = step_.rank;
    for (const View &view : step_.stores) {
      TileStore store = {};
      store.view = view;
      store.bytes = kDtypeSizes[view.dtype];
      store.row = n >= 2 ? view.stride[n - 2] : 0;
      store.column = view.stride[n - 1];
      store.kernels = kernels().dtypes[view.dtype];
      const RegisterDecl &reg = step_.registers[view.reg];
      store.slot = current_[view.reg];
      if (is_by_row(kinds_[store.slot]) && (store.slot = as_tile(store.slot)) < 0) return false;
      store.kind = uint8_t(reg.kind == kRow && step_.mode == kRows ? int(kRow) : int(kTile));
      if (step_.mode == kReduce) {
        store.slot = as_tile(store.slot);
        store.reduction = kernels().reductions[view.reduction][reg.k];
        const int other = view.reduction == kFmax ? int(kMax) : view.reduction == kFmin ? int(kMin) : view.reduction;
        store.empty_identity = kernels().reductions[other][reg.k].identity;
      } else if (store.kind == kTile) {
        if (!plan_store(&store, view, reg)) return false;
      }
      if (store.slot < 0 || !plan_->stores.push(store)) return false;
    }
    return true;
  }

  // Lets the slot's last instruction write the buffer itself where dtype and layout allow.
  bool plan_store(TileStore *store, const View &view, const RegisterDecl &reg) {
    const bool same_dtype = kDtypeClass[view.dtype] == view.dtype;
    const bool contiguous = (store->column == 1 || step_.dims[step_.rank - 1] == 1) &&
                            (plan_->single_row || step_.rank < 2 || store->row == step_.dims[step_.rank - 1] || step_.dims[step_.rank - 2] == 1);
    const int index = int(plan_->stores.size());
    int64_t writer = -1;
    for (int64_t i = plan_->ops.size() - 1; i >= 0 && writer < 0; i--) {
      const TileOp &op = plan_->ops[i];
      if (op.destination == store->slot || (op.uses_all && op.second == store->slot)) writer = i;
    }
    const bool splat = kinds_[store->slot] == kSplatKind;
    if (same_dtype && !splat && writer >= 0 && plan_->ops[writer].what == TileOp::kElementwise && !plan_->ops[writer].uses_all && plan_->ops[writer].store < 0) {
      // Only what follows the last write sees the new slot, so that earlier values of a reused register stay in scratch memory.
      const int slot = new_slot(reg.k, kTile), old = store->slot;
      if (slot < 0) return false;
      plan_->ops[writer].destination = slot;
      plan_->ops[writer].store = index;
      for (int64_t i = writer + 1; i < plan_->ops.size(); i++) {
        for (int s = 0; s < 4; s++) {
          if (plan_->ops[i].source_bytes[s] && plan_->ops[i].source[s] == old) plan_->ops[i].source[s] = slot;
        }
      }
      for (int64_t i = 0; i < current_.size(); i++) {
        if (current_[i] == old) current_[i] = slot;
      }
      for (TileStore &other : plan_->stores) {
        if (other.slot == old) other.slot = slot;
      }
      store->slot = slot;
      store->in_place = true;
    } else if (splat || (same_dtype && contiguous && writer < 0)) {  // a fill, or a copy of a load
      const int slot = new_slot(reg.k, kTile);
      if (slot < 0) return false;
      TileOp op = elementwise(kOp_copy, reg.k, kTile, slot);
      set_source(&op, 0, store->slot);
      if (same_dtype) {
        op.store = index;
        store->in_place = true;
      }
      store->slot = slot;
      return push(op);
    }
    return true;
  }

  // A load that shares memory with a store written in place must be read before, or be copied.
  void settle_aliases() {
    for (TileLoad &load : plan_->loads) {
      if (!load.in_place || !aliases_store(load.view.buffer)) continue;
      int64_t last_read = -1, first_write = plan_->ops.size();
      for (int64_t i = 0; i < plan_->ops.size(); i++) {
        const TileOp &op = plan_->ops[i];
        if (reads_slot(*plan_, op, load.slot)) last_read = i;
        if (op.store >= 0 && i < first_write && may_overlap(program_.buffers[load.view.buffer], program_.buffers[plan_->stores[op.store].view.buffer])) first_write = i;
      }
      for (const TileStore &store : plan_->stores) {
        if (store.slot == load.slot) last_read = plan_->ops.size();
      }
      // Even when only copying stores write, a second copying store could read what the first has overwritten.
      if (last_read > first_write || last_read == plan_->ops.size()) load.in_place = false;
    }
  }

  const TilesStep &step_;
  const Program &program_;
  const bool epilogue_;
  TilePlan *plan_;
  int64_t traffic_ = 0;  // bytes of tiles that the step loads and stores
  Array<uint8_t> kinds_, classes_, variable_;  // per slot
  Array<int32_t> current_, own_, written_;     // per register
};

}  // namespace

TilePlan *plan_tiles(const TilesStep &step, const Program &program, bool epilogue) {
  void *memory = plain_resize(nullptr, sizeof(TilePlan));
  if (!memory) return nullptr;
  TilePlan *plan = new (memory) TilePlan();
  if (!Planner(step, program, epilogue, plan).run()) {
    release_tiles(plan);
    return nullptr;
  }
  return plan;
}

void release_tiles(TilePlan *plan) {
  if (!plan) return;
  plan->~TilePlan();
  plain_release(plan);
}

}  // namespace sinter
