// triad.cpp: target[i] = a[i] * s + b[i], the measure of what memory allows: two streams in, one out, on the library's own thread pool.
#include <algorithm>
#include <cstdint>

#include "../../shim/cpu/pool.h"

namespace {

struct Job {
  float *target;
  const float *a, *b;
  float s;
  int64_t count, share;
};

void part(void *context, int64_t task, int) {
  const Job &job = *static_cast<const Job *>(context);
  int64_t end = std::min(job.count, (task + 1) * job.share);
  float *__restrict target = job.target;
  const float *__restrict a = job.a, *__restrict b = job.b;
  for (int64_t i = task * job.share; i < end; i++) target[i] = a[i] * job.s + b[i];
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void bench_triad(float *target, const float *a, const float *b, float s, int64_t count,
                                                                   int threads) {
  int64_t parts = std::max<int64_t>(1, std::min<int64_t>(threads, count / 4096));
  Job job = {target, a, b, s, count, (count + parts - 1) / parts};
  sinter::parallel_for(parts, threads, part, &job);
}
