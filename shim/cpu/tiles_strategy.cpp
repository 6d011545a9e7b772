// tiles_strategy.cpp: what the planned operations as a whole allow: operands by row, rows of a larger matrix, stores past the caches, larger blocks.
#include "tiles.h"

namespace sinter {

namespace {

constexpr int64_t kLargeBlock = 16384, kFairBlocks = 64;

void find_by_row(TilePlan *plan) {
  for (TileOp &op : plan->ops) {
    if (op.what != TileOp::kElementwise && op.what != TileOp::kChain) continue;
    for (int i = 0; i < 4; i++) op.by_row = op.by_row || (op.source_bytes[i] && is_by_row(op.source_kind[i]));
    for (int32_t i = op.first_link; i < op.first_link + op.links; i++) op.by_row = op.by_row || is_by_row(plan->links[i].kind);
  }
}

void survey(TilePlan *plan) {
  bool chain_stores = false;
  for (const TileOp &op : plan->ops) {
    plan->passes += passes_over_tile(op);
    chain_stores = chain_stores || (op.what == TileOp::kChain && op.store >= 0);
  }
  plan->past_caches = plan->past_caches && chain_stores;
}

// Whether all operations are elementwise, and so may take the rows of a tile one by one.
bool may_be_pitched(const TilePlan &plan) {
  for (const TileOp &op : plan.ops) {
    const bool elementwise = op.what == TileOp::kElementwise || op.what == TileOp::kChain;
    if (!elementwise || op.domain == kRow || op.uses_all) return false;
  }
  return true;
}

// A single pass from memory to memory keeps nothing in the cache: larger blocks only save the work between them. The number of blocks stays large
// enough to share them fairly.
void enlarge_blocks(TilePlan *plan, int64_t traffic) {
  TilePlan &p = *plan;
  if (p.mode != kMap || !p.fixed_blocks || p.rank != 1 || p.ops.size() != 1 || p.ops[0].store < 0) return;
  for (const TileLoad &load : p.loads) {
    if (load.kind == kTile && !load.in_place) return;
  }
  p.prefetch = false;  // the processor sees the streams of plain kernels itself, and a chain fetches them
  p.far = traffic > kCached;
  p.past_caches = p.far && p.ops[0].what == TileOp::kChain;
  while (p.block_columns <= kLargeBlock / 2 && p.counts[0] >= 2 * kFairBlocks) {
    p.block_columns *= 2;
    p.counts[0] = (p.counts[0] + 1) / 2;
  }
  p.blocks = p.counts[0];
  p.block_values = p.block_columns;
}

}  // namespace

void choose_strategies(TilePlan *plan, bool epilogue, int64_t traffic) {
  find_by_row(plan);
  plan->pitched = epilogue && may_be_pitched(*plan);
  survey(plan);
  enlarge_blocks(plan, traffic);
}

}  // namespace sinter
