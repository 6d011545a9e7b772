// pool_test.cpp: the thread pool under many short runs, sleeping workers, nesting, two callers at once and fork. Exits 1 at the first
// fault; an alarm ends it if it hangs. Build: link with the object of shim/cpu/pool.cpp.
#include "../cpu/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <vector>

namespace {

[[noreturn]] void fail(const char *what) {
  printf("FAILED: %s\n", what);
  _exit(1);
}

constexpr int max_workers = 64;

// Counts every task and checks the promises about `worker`.
struct Check {
  int threads = 0;
  std::vector<std::atomic<int>> done;
  std::atomic<int> busy[max_workers] = {};
  void (*body)(Check &, int64_t task, int worker) = nullptr;
  explicit Check(int64_t tasks) : done(static_cast<size_t>(tasks)) {}
};

void task(void *context, int64_t index, int worker) {
  Check &check = *static_cast<Check *>(context);
  if (worker < 0 || worker >= check.threads) fail("worker index out of range");
  if (check.busy[worker].exchange(1) != 0) fail("two threads share a worker index");
  check.done[static_cast<size_t>(index)]++;
  if (check.body) check.body(check, index, worker);
  check.busy[worker].store(0);
}

void run(int64_t tasks, int threads, void (*body)(Check &, int64_t, int) = nullptr) {
  Check check(tasks);
  check.threads = threads < 1 ? 1 : threads;
  check.body = body;
  sinter::parallel_for(tasks, threads, task, &check);
  for (auto &count : check.done) {
    if (count != 1) fail("a task was not run exactly once");
  }
}

void sometimes_sleep(Check &, int64_t index, int) {
  if (index % 5 == 0) usleep(static_cast<useconds_t>(index % 7 * 30));
}

void nest(Check &, int64_t, int worker) {
  struct Inner {
    int worker;
    int64_t sum;
  } inner = {worker, 0};
  sinter::parallel_for(
      10, 4,
      [](void *context, int64_t index, int inner_worker) {
        Inner &seen = *static_cast<Inner *>(context);
        if (inner_worker != seen.worker) fail("a nested run changed the worker index");
        seen.sum += index;
      },
      &inner);
  if (inner.sum != 45) fail("a nested run lost tasks");
}

void test_shapes() {
  for (int64_t tasks : {0, 1, 2, 3, 7, 64, 1000}) {
    for (int threads : {-1, 0, 1, 2, 3, 8, 32}) run(tasks, threads);
  }
  run(50, 4, nest);
  sinter::parallel_for(
      -5, 4, [](void *, int64_t, int) { fail("a negative number of tasks ran"); }, nullptr);
}

void test_many(int rounds) {
  std::atomic<int64_t> sum{0};
  for (int round = 0; round < rounds; round++) {
    sinter::parallel_for(
        4, 2 + round % 3, [](void *context, int64_t index, int) { static_cast<std::atomic<int64_t> *>(context)->fetch_add(index); }, &sum);
    if (sum != 6 * int64_t(round + 1)) fail("a short run returned before its tasks were done");
  }
}

void test_sleep() {
  for (int round = 0; round < 60; round++) {
    usleep(static_cast<useconds_t>(round % 6 * 50));  // around the time at which workers stop spinning
    run(40, 1 + round % 5, sometimes_sleep);
  }
}

void *other_caller(void *) {
  for (int round = 0; round < 2000; round++) run(6, 2 + round % 2);
  return nullptr;
}

void test_callers() {
  pthread_t thread;
  if (pthread_create(&thread, nullptr, other_caller, nullptr) != 0) fail("no thread");
  other_caller(nullptr);
  pthread_join(thread, nullptr);
}

#if !defined(__SANITIZE_THREAD__)  // which does not follow a fork of several threads
void test_fork() {
  run(10, 3);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(20);
    for (int round = 0; round < 100; round++) run(20, 3);
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) fail("the pool does not work after fork");
  run(10, 3);
}
#endif

void test_denormals() {
  struct Seen {
    std::atomic<int> kept_by_workers{0}, lost_by_caller{0};
  } seen;
  for (int round = 0; round < 50; round++) {
    sinter::parallel_for(
        20, 2,
        [](void *context, int64_t, int worker) {
          volatile float tiny = 1e-40f;
          float product = tiny * 1.0f;
          Seen &counts = *static_cast<Seen *>(context);
          if (worker > 0 && product != 0) counts.kept_by_workers++;
          if (worker == 0 && product == 0) counts.lost_by_caller++;
          usleep(20);
        },
        &seen);
  }
  if (seen.kept_by_workers) fail("a worker keeps denormals");
  if (seen.lost_by_caller) fail("the caller's floating-point state was changed");
}

void test_counts() {
  setenv("SINTER_THREADS", "3", 1);
  if (sinter::pool_threads() != 3) fail("SINTER_THREADS is not read");
  sinter::pool_set_threads(5);
  if (sinter::pool_threads() != 5) fail("pool_set_threads has no effect");
  sinter::pool_set_threads(0);
  if (sinter::pool_threads() != 1) fail("a thread count below 1 is not corrected");
  sinter::pool_set_threads(1000000);
  if (sinter::pool_threads() != 256) fail("a huge thread count is not corrected");
}

}  // namespace

int main(int count, char **arguments) {
  bool quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
  alarm(300);
  test_counts();
  test_shapes();
  test_many(quick ? 20000 : 100000);
  test_sleep();
  test_callers();
  test_denormals();
#if !defined(__SANITIZE_THREAD__)
  test_fork();
#endif
  printf("pool: ok\n");
  return 0;
}
