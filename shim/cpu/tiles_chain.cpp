// tiles_chain.cpp: joins runs of cheap instructions of which each uses the one before, so that one pass over the tile does the work of all.
#include "tiles.h"

namespace sinter {

namespace {

constexpr int64_t kLeast = 3;  // shorter runs are left to fuse_pairs, except that only chains write past the caches

bool may_chain(const TileOp &op) { return op.pair >= 0 && op.pair != kPairGelu; }

// The code of `pair` when the value is its operand number `position`.
int32_t chain_code(int pair, int position) {
  switch (pair) {
    case kPairAdd: return kChainAdd;
    case kPairSub: return position == 0 ? kChainSub : kChainSubFrom;
    case kPairMul: return kChainMul;
    case kPairMax: return position == 0 ? kChainMax : kChainMaxOf;
    case kPairMin: return position == 0 ? kChainMin : kChainMinOf;
    case kPairNeg: return kChainNeg;
    case kPairAbs: return kChainAbs;
    case kPairSquare: return kChainSquare;
    default: return kChainRelu;
  }
}

ChainLink link_of(const TileOp &op, int position) {
  ChainLink link = {chain_code(op.pair, position), -1, 1, kSplatKind};
  if (!is_unary_pair(op.pair)) {
    link.slot = op.source[1 - position];
    link.splat = op.call.step[1 - position] == 0;
    link.kind = op.source_kind[1 - position];
  }
  return link;
}

// Which operand of the second operation is the first's result, if nothing else needs that; else -1.
int joint(const TilePlan &plan, const TileOp &first, const TileOp &second, int64_t second_index) {
  if (first.store >= 0 || !may_chain(second)) return -1;
  const bool unary = is_unary_pair(second.pair);
  const bool at_first = second.source[0] == first.destination, at_second = !unary && second.source[1] == first.destination;
  if (at_first == at_second) return -1;
  if (second.destination != first.destination && !dead_after(plan, first.destination, second_index)) return -1;
  return at_first ? 0 : 1;
}

}  // namespace

bool fuse_chains(TilePlan *plan) {
  Array<TileOp> &ops = plan->ops;
  int64_t kept = 0;
  for (int64_t i = 0; i < ops.size();) {
    TileOp op = ops[i];
    int64_t end = i + 1;
    // The value that the run starts with fills a tile; a splat may only be the other operand.
    const int start = op.call.step[0] ? 0 : 1;
    if (may_chain(op) && (start == 0 || (!is_unary_pair(op.pair) && op.call.step[1]))) {
      const int32_t first_link = int32_t(plan->links.size());
      if (!plan->links.push(link_of(op, start))) return false;
      for (int position; end < ops.size() && end - i < kMaxChain && (position = joint(*plan, ops[end - 1], ops[end], end)) >= 0; end++) {
        if (!plan->links.push(link_of(ops[end], position))) return false;
      }
      if (end - i >= (plan->past_caches && ops[end - 1].store >= 0 ? 1 : kLeast)) {
        const int32_t source = op.source[start];
        const uint8_t kind = op.source_kind[start];
        op = ops[end - 1];
        op.what = TileOp::kChain;
        op.pair = -1;
        op.first_link = first_link;
        op.links = int32_t(end - i);
        for (int s = 0; s < 4; s++) op.source[s] = op.source_bytes[s] = 0;
        op.source[0] = source;
        op.source_bytes[0] = op.bytes;
        op.source_kind[0] = kind;
      } else {
        plan->links.resize(first_link);
        end = i + 1;
      }
    }
    ops[kept++] = op;
    i = end;
  }
  ops.resize(kept);
  return true;
}

}  // namespace sinter
