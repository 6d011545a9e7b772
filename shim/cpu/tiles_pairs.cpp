// tiles_pairs.cpp: joins neighbouring cheap instructions, so that one pass over the tile does the work of two.
#include "tiles.h"

namespace sinter {

bool reads_slot(const TilePlan &plan, const TileOp &op, int32_t slot) {
  for (int s = 0; s < 4; s++) {
    if (op.source_bytes[s] && op.source[s] == slot) return true;
  }
  for (int32_t i = op.first_link; i < op.first_link + op.links; i++) {
    if (plan.links[i].slot == slot) return true;
  }
  return false;
}

bool writes_slot(const TileOp &op, int32_t slot) {
  return op.destination == slot || (op.uses_all && op.second == slot) || op.kept[0] == slot || op.kept[1] == slot;
}

bool dead_after(const TilePlan &plan, int32_t slot, int64_t i) {
  for (i++; i < plan.ops.size(); i++) {
    const TileOp &op = plan.ops[i];
    if (reads_slot(plan, op, slot)) return false;
    if (writes_slot(op, slot)) return true;
  }
  for (const TileStore &store : plan.stores) {
    if (store.slot == slot) return false;
  }
  return true;
}

namespace {

void copy_source(TileOp *to, int i, const TileOp &from, int j) {
  to->source[i] = from.source[j];
  to->source_kind[i] = from.source_kind[j];
  to->source_bytes[i] = from.source_bytes[j];
  to->call.step[i] = from.call.step[j];
}

// Joins two operations of which the second is the only reader of the first's result. False when they cannot be joined.
bool join(const TilePlan &plan, const TileOp &first, const TileOp &second, int64_t second_index, TileOp *joined) {
  if (first.pair < 0 || second.pair < 0 || first.store >= 0) return false;
  const bool unary = is_unary_pair(second.pair);
  const int position = second.source[0] == first.destination ? 0 : 1;
  if (second.source[position] != first.destination || (unary && position == 1)) return false;
  if (!unary && second.source[0] == second.source[1]) return false;
  if (second.destination != first.destination && !dead_after(plan, first.destination, second_index)) return false;
  const Elementwise run = kernels().pairs[first.pair][second.pair][position];
  if (!run) return false;
  TileOp op = second;
  int operand = 0;
  for (; operand < (is_unary_pair(first.pair) ? 1 : 2); operand++) copy_source(&op, operand, first, operand);
  if (!unary) copy_source(&op, operand++, second, 1 - position);
  for (; operand < 4; operand++) op.source[operand] = op.source_bytes[operand] = 0;
  op.run = run;
  op.pair = -1;
  *joined = op;
  return true;
}

}  // namespace

void fuse_pairs(TilePlan *plan) {
  Array<TileOp> &ops = plan->ops;
  int64_t kept = 0;
  for (int64_t i = 0; i < ops.size(); i++) {
    TileOp op = ops[i];
    if (i + 1 < ops.size() && join(*plan, ops[i], ops[i + 1], i + 1, &op)) i++;
    ops[kept++] = op;
  }
  ops.resize(kept);
}

}  // namespace sinter
