// shares.h: slices that do not depend on each other shared by threads, with scratch memory for each thread.
#pragma once
#include "memory.h"
#include "pool.h"
#include "run.h"

namespace sinter {

// Tasks that `count` slices make: a few for each thread, so that the others go on when one is late.
inline int64_t tasks_of(int64_t count, int threads) {
  if (threads <= 1) return 1;
  return count < threads * 4 ? count : threads * 4;
}

// Calls f(begin, end, worker) for shares of 0..count-1.
template <class F>
void each_share(int64_t count, int threads, const F &f) {
  if (count <= 0) return;
  struct Context {
    const F *f;
    int64_t count, tasks;
  } context = {&f, count, tasks_of(count, threads)};
  parallel_for(
      context.tasks, threads,
      [](void *opaque, int64_t task, int worker) {
        const Context &c = *static_cast<const Context *>(opaque);
        (*c.f)(c.count * task / c.tasks, c.count * (task + 1) / c.tasks, worker);
      },
      &context);
}

// Calls f(begin, end) for shares of 0..count-1; work: about how many element operations the whole is.
template <class F>
void share(const RunContext &run, int64_t count, int64_t work, const F &f) {
  if (count <= 0) return;
  each_share(count, threads_for(run, work), [&](int64_t begin, int64_t end, int) { f(begin, end); });
}

// Bytes of scratch that start and end with a cache line, so that workers share none; never 0.
constexpr uint64_t whole_lines(uint64_t bytes) { return (bytes / 64 + 1) * 64; }

// Calls f(index, scratch of its worker) for 0..count-1; `bytes`, which are whole lines, of `scratch` are each worker's.
template <class F>
void each_with_scratch(int64_t count, int threads, char *scratch, uint64_t bytes, const F &f) {
  each_share(count, threads, [&](int64_t begin, int64_t end, int worker) {
    for (int64_t index = begin; index < end; index++) f(index, scratch + uint64_t(worker) * bytes);
  });
}

// The same with scratch memory of a slot. False when there is none.
template <class F>
bool each_with_scratch(int slot, int64_t count, int threads, uint64_t bytes, const F &f) {
  if (count <= 0) return true;
  char *scratch = run_scratch(slot, uint64_t(threads) * whole_lines(bytes));
  if (!scratch) return false;
  each_with_scratch(count, threads, scratch, whole_lines(bytes), f);
  return true;
}

}  // namespace sinter
