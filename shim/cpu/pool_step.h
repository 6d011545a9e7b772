// pool_step.h: what pooling and its gradient share.
#pragma once
#include "shares.h"
#include "windows.h"

namespace sinter {

enum { kPoolMax, kPoolMaxIndices, kPoolAverage };
enum { kCountInside, kCountPadded, kCountKernel };

struct Pool {
  int32_t dtype, op, count;
  Windows windows;
  int32_t source, target, indices;
};

// The words that both start with.
void read_pool(Reader &reader, Pool *step);

// About how many vectors of elements are combined.
int64_t pool_work(const Pool &step);

// What the part of a sum along one axis counts for in the divisor.
inline int64_t counted(const WindowAxis &axis, int64_t out, int count) {
  if (count == kCountKernel) return axis.kernel;
  return count == kCountInside ? taps(axis, out).count : taps_within(axis, out, -axis.low, axis.size + axis.high).count;
}

template <class M, class C>
void write_pooled_row(const C *__restrict from, M *__restrict to, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = Work<M>::write(from[i]);
}

// The same divisor for all windows but those at the ends.
template <class C>
void divide_by_counts(C *out, const WindowAxis &axis, int64_t outer, int count) {
  const Interior inside = count == kCountKernel ? Interior{0, axis.out} : interior(axis);
  for (int64_t o = 0; o < inside.begin; o++) out[o] /= C(outer * counted(axis, o, count));
  for (int64_t o = inside.end; o < axis.out; o++) out[o] /= C(outer * counted(axis, o, count));
  const C divisor = C(outer * axis.kernel);
  for (int64_t o = inside.begin; o < inside.end; o++) out[o] /= divisor;
}

// Calls f(row of windows, scratch of its worker) for all rows of windows. False without memory for `bytes` of scratch per worker.
template <class F>
bool each_pooled_row(const RunContext &run, int64_t count, int64_t work, uint64_t bytes, const F &f) {
  if (count <= 0) return true;
  return each_with_scratch(kScratchWindows, count, threads_for(run, work), bytes, f);
}

}  // namespace sinter
