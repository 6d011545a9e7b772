// pool_count.cpp: how many threads a run may use.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

#include "pool.h"
#include "pool_limits.h"

namespace sinter {
namespace {

std::atomic<int> thread_count{0};  // 0: not yet read from the environment

// CPUs that a container's quota pays for; spinning on more of them only gets the process throttled.
int quota_cpus() {
  long quota = 0, period = 0;
#if defined(__linux__)
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (!file) return max_threads;
  if (fscanf(file, "%ld %ld", &quota, &period) != 2) quota = 0;
  fclose(file);
#endif
  return quota > 0 && period > 0 ? static_cast<int>((quota + period - 1) / period) : max_threads;
}

int clamp_threads(long count) { return count < 1 ? 1 : count > max_threads ? max_threads : static_cast<int>(count); }

int default_threads() {
  const char *text = getenv("SINTER_THREADS");
  if (text && *text) {
    char *end;
    long count = strtol(text, &end, 10);
    if (*end == 0 && count >= 1) return clamp_threads(count);
  }
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) cores = CPU_COUNT(&allowed);
#endif
  int quota = quota_cpus();
  return clamp_threads(cores < quota ? cores : quota);
}

}  // namespace

int pool_threads() {
  int count = thread_count.load(std::memory_order_relaxed);
  if (count > 0) return count;
  count = default_threads();
  int unset = 0;
  return thread_count.compare_exchange_strong(unset, count) ? count : unset;
}

void pool_set_threads(int count) { thread_count.store(clamp_threads(count), std::memory_order_relaxed); }

}  // namespace sinter
