// tiles_sweeps.cpp: joins a row reduction with the cheap instructions before it, so that one pass over the tile computes and reduces.
#include <initializer_list>

#include "tiles.h"

namespace sinter {

namespace {

// The operand of the instruction that the sweep begins with: which of its sources is the tile `a`; -1 when neither can be.
int tile_operand(const TileOp &op) {
  const bool commutes = op.sweep_code != kSweepSub;
  return op.source_kind[0] == kTile ? 0 : commutes && op.source_kind[1] == kTile ? 1 : -1;
}

void take_source(TileOp *to, int i, const TileOp &from, int j) {
  to->source[i] = from.source[j];
  to->source_kind[i] = from.source_kind[j];
  to->source_bytes[i] = from.source_bytes[j];
  to->call.step[i] = from.call.step[j];
}

class Sweeper {
 public:
  explicit Sweeper(TilePlan *plan) : plan_(*plan), ops_(plan->ops) {}

  void run() {
    for (int64_t i = 0; i < ops_.size(); i++) {
      TileOp op = ops_[i];
      if (op.what == TileOp::kRowReduce && (op.reduction == kSum || op.reduction == kMax)) join(i, &op);
      ops_[kept_++] = op;
    }
    ops_.resize(kept_);
  }

 private:
  // Whether the operation `back` places before the reduction writes the slot in a way that a sweep can.
  bool computes(int back, int32_t slot) const {
    if (kept_ < back) return false;
    const TileOp &op = ops_[kept_ - back];
    return op.what == TileOp::kElementwise && op.sweep_code >= 0 && op.destination == slot;
  }

  // Joins the row reduction, number `i`, with the one or two instructions right before it.
  void join(int64_t i, TileOp *reduce) {
    const int32_t reduced = reduce->source[0];
    if (!computes(1, reduced)) return;
    const TileOp last = ops_[kept_ - 1];
    TileOp op = *reduce;
    int first = kSweepNone, second = kSweepNone, length = 1;
    const int position = computes(2, last.source[0]) ? 0 : 1;
    const bool binary = is_binary_sweep(last.sweep_code);
    if (position == 0 || (binary && last.sweep_code != kSweepSub && computes(2, last.source[1]))) {
      const TileOp before = ops_[kept_ - 2];
      const bool twice = binary && last.source[1 - position] == before.destination;
      const bool two_stores = before.store >= 0 && last.store >= 0;  // an operation tells of one
      if (!twice && !two_stores && is_binary_sweep(before.sweep_code) && tile_operand(before) >= 0) {
        first = before.sweep_code;
        second = last.sweep_code;
        length = 2;
        begin(&op, before);
        if (binary) take_source(&op, 2, last, 1 - position);
        if (before.destination != reduced && !dead_after(plan_, before.destination, i)) op.kept[0] = before.destination;
        op.store = before.store >= 0 ? before.store : last.store;
      }
    }
    if (length == 1) {
      if (tile_operand(last) < 0) return;
      (binary ? first : second) = last.sweep_code;
      begin(&op, last);
      op.store = last.store;
    }
    const Sweep *kernel = kernels().sweeps[first][second][reduce->reduction == kMax];
    if (!kernel[0]) return;
    if (!dead_after(plan_, reduced, i)) op.kept[1] = reduced;
    kept_ -= length;
    for (int source : {1, 2}) read_row(&op, source, i);
    op.what = TileOp::kSweep;
    op.sweep = kernel[first != kSweepNone && !op.call.step[1]];
    *reduce = op;
  }

  // Takes the operands of the instruction that the sweep begins with.
  static void begin(TileOp *op, const TileOp &from) {
    const int tile = tile_operand(from);
    take_source(op, 0, from, tile);
    if (is_binary_sweep(from.sweep_code)) take_source(op, 1, from, 1 - tile);
  }

  // Reads a row register instead of the tile it was spread over, and drops the spreading where nothing else needs it.
  void read_row(TileOp *op, int source, int64_t i) {
    if (!op->source_bytes[source] || op->source_kind[source] != kTile) return;
    const int32_t tile = op->source[source];
    int64_t at = kept_ - 1;
    while (at >= 0 && !writes_slot(ops_[at], tile)) at--;
    if (at < 0 || ops_[at].what != TileOp::kExpand4) return;
    const int32_t row = ops_[at].source[0];
    bool read = op->kept[0] == tile || op->kept[1] == tile || !dead_after(plan_, tile, i);
    for (int64_t k = at + 1; k < kept_; k++) {
      if (writes_slot(ops_[k], row)) return;
      read = read || reads_slot(plan_, ops_[k], tile);
    }
    op->source[source] = row;
    op->source_kind[source] = kRow;
    op->call.step[source] = 0;
    if (read || reads_slot(plan_, *op, tile)) return;
    for (int64_t k = at + 1; k < kept_; k++) ops_[k - 1] = ops_[k];
    kept_--;
  }

  TilePlan &plan_;
  Array<TileOp> &ops_;
  int64_t kept_ = 0;  // operations settled so far, at the beginning of ops_
};

}  // namespace

void fuse_sweeps(TilePlan *plan) { Sweeper(plan).run(); }

}  // namespace sinter
