// tiles_reduce.cpp: reduce mode. A share is one output block and a fixed part of its reduction; shares are independent, and partial results are
// combined in their order, so the outcome does not depend on the number of threads.
#include <cstring>

#include "pool.h"
#include "tiles.h"

namespace sinter {

namespace {

struct Job {
  const TilePlan *plan;
  const RunContext *run;
  int64_t shares, tasks;
};

bool inner(const TilePlan &plan) { return plan.reduced >> (plan.rank - 1) & 1; }
int64_t accumulators_per_share(const TilePlan &plan) { return inner(plan) ? 8 : (plan.block_columns + kSplat - 1) / kSplat * kSplat + kSplat; }

// Sets the index of the kept (or reduced) dimensions from a block number.
void place(const TilePlan &plan, int64_t number, bool reduced, int64_t *index) {
  const int n = plan.rank;
  for (int i = n - 1; i >= 0; i--) {
    if (bool(plan.reduced >> i & 1) != reduced) continue;
    index[i] = number % plan.counts[i] * (i == n - 1 ? plan.block_columns : i == n - 2 ? plan.block_rows : 1);
    number /= plan.counts[i];
  }
}

int64_t extent(const TilePlan &plan, const int64_t *index, int i, int64_t block) {
  return i < 0 ? 1 : plan.dims[i] - index[i] < block ? plan.dims[i] - index[i] : block;
}

void write_output(const TilePlan &plan, const RunContext &run, const TileStore &store, const int64_t *index, const char *accumulators) {
  const int64_t columns = inner(plan) ? 1 : extent(plan, index, plan.rank - 1, plan.block_columns);
  int64_t start = store.view.offset;
  for (int i = 0; i < plan.rank; i++) {
    if (!(plan.reduced >> i & 1)) start += index[i] * store.view.stride[i];
  }
  char *target = run.buffers[store.view.buffer] + start * store.bytes;
  alignas(64) char values[64 * 8];
  for (int64_t j = 0; j < columns; j += 64) {
    const int64_t n = columns - j < 64 ? columns - j : 64;
    store.reduction.finish(accumulators + j * store.reduction.accumulator_bytes, n, values);
    store.kernels.store_strided(target + j * store.column * store.bytes, values, 1, n, 0, store.column);
  }
}

void run_share(const TilePlan &plan, const RunContext &run, Frame &frame, int64_t share, char *accumulators) {
  const int n = plan.rank;
  const bool in = inner(plan);
  const int64_t output = share / plan.splits, split = share % plan.splits;
  const int64_t begin = plan.rounds * split / plan.splits, end = plan.rounds * (split + 1) / plan.splits;
  const int64_t room = accumulators_per_share(plan);
  int64_t index[kMaxRank] = {};
  place(plan, output, false, index);
  for (int64_t s = 0; s < plan.stores.size(); s++) {
    const TileStore &store = plan.stores[s];
    (plan.rounds == 0 ? store.empty_identity : store.reduction.identity)(accumulators + s * room * 8, in ? 1 : room);
  }
  for (int64_t round = begin; round < end; round++) {
    place(plan, round, true, index);
    const int64_t rows = extent(plan, index, n - 2, plan.block_rows), columns = extent(plan, index, n - 1, plan.block_columns);
    frame.block(index, rows, columns);
    for (int64_t s = 0; s < plan.stores.size(); s++) {
      const TileStore &store = plan.stores[s];
      if (in) {
        store.reduction.block(frame.slot(store.slot), rows * columns, accumulators + s * room * 8);
      } else {
        store.reduction.columns(frame.slot(store.slot), rows, columns, accumulators + s * room * 8);
      }
    }
  }
  if (plan.splits > 1) return;
  for (int64_t s = 0; s < plan.stores.size(); s++) write_output(plan, run, plan.stores[s], index, accumulators + s * room * 8);
}

void run_shares(void *context, int64_t task, int worker) {
  const Job &job = *static_cast<const Job *>(context);
  const TilePlan &plan = *job.plan;
  const int64_t bytes = accumulators_per_share(plan) * plan.stores.size() * 8;
  Frame frame(plan, job.run->buffers, job.run->scratch + worker * job.run->scratch_step);
  frame.start();
  const int64_t begin = job.shares * task / job.tasks, end = job.shares * (task + 1) / job.tasks;
  for (int64_t share = begin; share < end; share++) {
    char *accumulators = job.run->partials + (plan.splits > 1 ? share : worker) * bytes;
    run_share(plan, *job.run, frame, share, accumulators);
  }
}

}  // namespace

int64_t partial_bytes(const TilePlan &plan, int threads) {
  if (plan.mode != kReduce) return 0;
  return (plan.splits > 1 ? plan.outputs * plan.splits : threads) * accumulators_per_share(plan) * plan.stores.size() * 8;
}

void run_tiles_reduce(const TilePlan &plan, const RunContext &run) {
  Job job = {&plan, &run, plan.outputs * plan.splits, 1};
  if (job.shares == 0) return;
  const int threads = threads_for(run, plan.nanoseconds);
  if (threads > 1) job.tasks = job.shares < threads * 8 ? job.shares : threads * 8;
  parallel_for(job.tasks, threads, run_shares, &job);
  if (plan.splits == 1) return;
  const int64_t room = accumulators_per_share(plan), stores = plan.stores.size();
  for (int64_t output = 0; output < plan.outputs; output++) {
    int64_t index[kMaxRank] = {};
    place(plan, output, false, index);
    for (int64_t s = 0; s < stores; s++) {
      const TileStore &store = plan.stores[s];
      char *first = run.partials + (output * plan.splits * stores + s) * room * 8;
      for (int64_t split = 1; split < plan.splits; split++) {
        store.reduction.combine(first, first + split * stores * room * 8, inner(plan) ? 1 : plan.block_columns);
      }
      write_output(plan, run, store, index, first);
    }
  }
}

}  // namespace sinter
