// pool.h: a spinning thread pool shared by all steps of a run.
#pragma once
#include <cstdint>

namespace sinter {

// One share of a step. `worker` is 0..threads-1 and indexes per-worker scratch.
using TaskFn = void (*)(void *context, int64_t task, int worker);

// Runs fn(context, 0..tasks-1, worker), in any order, on at most `threads` threads (the caller is worker 0), and returns when all are done.
// threads <= 1 runs inline. Not reentrant: runs are serialized by their tickets. Sets FTZ/DAZ in workers; the caller's state is set around the whole run.
void parallel_for(int64_t tasks, int threads, TaskFn fn, void *context);

// The number of threads a run may use (SINTER_THREADS or sinter_set_threads).
int pool_threads();
void pool_set_threads(int count);

}  // namespace sinter
