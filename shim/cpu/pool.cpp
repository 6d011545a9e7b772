// pool.cpp: worker threads that spin briefly between runs and then sleep.
//
// A run is published in one 64-bit ticket: epoch | open bit | number of workers inside. A worker joins by compare-and-swap on the ticket
// it has seen, so it cannot enter a run that has been closed, and the caller waits only for workers that have entered: one that wakes up
// late is not waited for.
//
// Every thread has a share of the tasks, the same part of them in each run, and takes from the others' shares when its own is done: the
// steps of a program work on the same rows one after the other, and a line that another core has written takes a quarter of a microsecond
// to come over.
#include "pool.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "pool_limits.h"

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sinter {
namespace {

constexpr int64_t spin_nanoseconds = 50000;
constexpr uint64_t open_bit = 1u << 16;
constexpr uint64_t inside_mask = open_bit - 1;
constexpr uint64_t epoch_one = open_bit << 1;
constexpr size_t worker_stack = 2u << 20;
#if defined(__linux__)
constexpr int futex_wait_private = 128;  // the kernel's header is not installed everywhere
constexpr int futex_wake_private = 129;
#endif

// One per worker; a cache line apart because its worker polls it while others write theirs.
struct alignas(128) Slot {
  std::atomic<int32_t> asleep{0};
#if !defined(__linux__)
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
#endif
};

// One cache line: a worker that sees the ticket has the rest as well.
struct alignas(128) Run {
  std::atomic<uint64_t> ticket{0};
  // Written by the caller while no worker is inside.
  TaskFn fn = nullptr;
  void *context = nullptr;
  int64_t tasks = 0;
  std::atomic<int> participants{1};
  std::atomic<int> caller_cpu{-1};
};

// The tasks of one thread's share taken so far: low bits of the epoch | count. A count of another epoch means none, so that a run need not
// write to the lines of all threads before it starts.
struct alignas(128) Share {
  std::atomic<uint64_t> taken{0};
};
constexpr int count_bits = 40;
constexpr uint64_t share_epochs = uint64_t(1) << (64 - count_bits), count_mask = (uint64_t(1) << count_bits) - 1;

Run run;
Share shares[max_threads];
Slot slots[max_threads];
int created = 1;                                   // workers 1..created-1 exist; guarded by `turn`
pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;  // held by the caller of the current run
thread_local int current_worker = -1;              // index of this thread while it runs tasks

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t(1000000000) + time.tv_nsec;
}

int current_cpu() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

void flush_denormals() {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t fpcr;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  __asm__ volatile("msr fpcr, %0" ::"r"(fpcr | (uint64_t(1) << 24)));
#endif
}

void wake(Slot &slot) {
  if (!slot.asleep.load(std::memory_order_seq_cst)) return;
#if defined(__linux__)
  slot.asleep.store(0, std::memory_order_seq_cst);
  syscall(SYS_futex, &slot.asleep, futex_wake_private, 1, nullptr, nullptr, 0);
#else
  pthread_mutex_lock(&slot.mutex);
  slot.asleep.store(0, std::memory_order_seq_cst);
  pthread_cond_signal(&slot.condition);
  pthread_mutex_unlock(&slot.mutex);
#endif
}

// Sleeps unless the ticket has moved on from `seen`. Publishing stores the ticket and then reads `asleep`; this stores `asleep` and then
// reads the ticket: with sequential consistency one of the two sees the other.
void sleep_until_woken(Slot &slot, uint64_t seen) {
#if defined(__linux__)
  slot.asleep.store(1, std::memory_order_seq_cst);
  if ((run.ticket.load(std::memory_order_seq_cst) ^ seen) < epoch_one) {
    syscall(SYS_futex, &slot.asleep, futex_wait_private, 1, nullptr, nullptr, 0);
  }
  slot.asleep.store(0, std::memory_order_seq_cst);
#else
  pthread_mutex_lock(&slot.mutex);
  slot.asleep.store(1, std::memory_order_seq_cst);
  while (slot.asleep.load(std::memory_order_seq_cst) && (run.ticket.load(std::memory_order_seq_cst) ^ seen) < epoch_one) {
    pthread_cond_wait(&slot.condition, &slot.mutex);
  }
  slot.asleep.store(0, std::memory_order_seq_cst);
  pthread_mutex_unlock(&slot.mutex);
#endif
}

// Each worker that was woken wakes two more, so that the caller pays for two wakes however many threads there are.
void wake_children(int worker) {
  int participants = run.participants.load(std::memory_order_relaxed);
  for (int child = 2 * worker + 1; child <= 2 * worker + 2 && child < participants; child++) wake(slots[child]);
}

// A wake-up often places the worker on the caller's own CPU, where it would only run in the caller's place: forbid it that CPU.
void leave_cpu(int cpu) {
#if defined(__linux__)
  static thread_local cpu_set_t allowed;
  static thread_local bool known = false;
  if (cpu < 0 || cpu >= CPU_SETSIZE || cpu != sched_getcpu()) return;
  if (!known && sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  known = true;
  cpu_set_t others = allowed;
  CPU_CLR(cpu, &others);
  if (CPU_COUNT(&others) > 0) sched_setaffinity(0, sizeof others, &others);
#else
  (void)cpu;
#endif
}

// The number of the share's next task, or -1 when all are taken.
int64_t take(Share &share, uint64_t epoch, int64_t tasks) {
  const uint64_t fresh = epoch % share_epochs << count_bits;
  uint64_t taken = share.taken.load(std::memory_order_relaxed);
  for (;;) {
    const uint64_t now = (taken & ~count_mask) == fresh ? taken : fresh;
    const int64_t task = static_cast<int64_t>(now & count_mask);
    if (task >= tasks) return -1;
    if (share.taken.compare_exchange_weak(taken, now + 1, std::memory_order_relaxed)) return task;
  }
}

// Works on the worker's own share, then on what is left of the others'.
void take_tasks(uint64_t ticket, int worker) {
  const TaskFn fn = run.fn;
  void *const context = run.context;
  const int64_t tasks = run.tasks;
  const int threads = run.participants.load(std::memory_order_relaxed);
  for (int i = 0; i < threads; i++) {
    const int owner = worker + i < threads ? worker + i : worker + i - threads;
    const int64_t begin = tasks * owner / threads, count = tasks * (owner + 1) / threads - begin;
    for (int64_t task; (task = take(shares[owner], ticket / epoch_one, count)) >= 0;) fn(context, begin + task, worker);
  }
}

// Enters the run of ticket `seen` if it is still open, and works in it.
void join(uint64_t seen, int worker) {
  uint64_t ticket = seen;
  while ((ticket & open_bit) && (ticket ^ seen) < epoch_one) {
    if (run.ticket.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
      current_worker = worker;
      take_tasks(seen, worker);
      current_worker = -1;
      run.ticket.fetch_sub(1, std::memory_order_release);
      return;
    }
  }
}

void *work(void *argument) {
  int worker = static_cast<int>(reinterpret_cast<intptr_t>(argument));
  Slot &slot = slots[worker];
  flush_denormals();
  uint64_t seen = 0;
  for (;;) {
    int64_t deadline = 0;
    uint64_t ticket;
    for (int turns = 0;; turns++) {
      ticket = run.ticket.load(std::memory_order_acquire);
      if ((ticket ^ seen) >= epoch_one) break;
      relax();
      if (turns % 64 != 63) continue;
      int64_t time = now();
      if (!deadline) {
        deadline = time + spin_nanoseconds;
      } else if (time > deadline) {
        sleep_until_woken(slot, seen);
        deadline = 0;
      }
    }
    seen = ticket;
    wake_children(worker);
    // Count and CPU may belong to a newer run than the ticket; the compare-and-swap then rejects the ticket.
    if (worker >= run.participants.load(std::memory_order_relaxed)) continue;
    leave_cpu(run.caller_cpu.load(std::memory_order_relaxed));
    join(ticket, worker);
  }
  return nullptr;
}

// Only the forking thread lives on in the child: forget the workers and whatever run was in progress.
void after_fork_in_child() {
  pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
  turn = fresh;
  created = 1;
  run.ticket.store(0);
  for (Share &share : shares) share.taken.store(0);
  for (Slot &slot : slots) {
    slot.asleep.store(0);
#if !defined(__linux__)
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    slot.mutex = fresh;
    slot.condition = condition;
#endif
  }
}

// The workers never end, so the library must stay mapped when its user unloads it.
void prepare_process() {
  pthread_atfork(nullptr, nullptr, after_fork_in_child);
  Dl_info info;
  if (dladdr(reinterpret_cast<void *>(&run), &info)) dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

// Creates workers up to `threads` in all; fewer if the system refuses. Called with `turn` held. Returns how many there are.
int create_workers(int threads) {
  static bool prepared = false;
  if (!prepared) prepare_process();
  prepared = true;
  if (threads > max_threads) threads = max_threads;
  if (created >= threads) return threads;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, worker_stack);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  while (created < threads) {
    if (pthread_create(&thread, &attributes, work, reinterpret_cast<void *>(static_cast<intptr_t>(created))) != 0) break;
    created++;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return created < threads ? created : threads;
}

}  // namespace

void parallel_for(int64_t tasks, int threads, TaskFn fn, void *context) {
  if (threads > tasks) threads = static_cast<int>(tasks);
  if (threads <= 1 || current_worker >= 0) {
    int worker = current_worker >= 0 ? current_worker : 0;
    for (int64_t task = 0; task < tasks; task++) fn(context, task, worker);
    return;
  }
  pthread_mutex_lock(&turn);
  threads = create_workers(threads);
  run.fn = fn;
  run.context = context;
  run.tasks = tasks;
  run.participants.store(threads, std::memory_order_relaxed);
  run.caller_cpu.store(current_cpu(), std::memory_order_relaxed);
  uint64_t ticket = (run.ticket.load(std::memory_order_relaxed) & ~(epoch_one - 1)) + (epoch_one | open_bit);
  if (ticket / epoch_one % share_epochs == 0) {  // counts of so many runs ago would pass for this run's
    for (Share &share : shares) share.taken.store(0, std::memory_order_relaxed);
  }
  run.ticket.store(ticket, std::memory_order_seq_cst);
  wake_children(0);
  current_worker = 0;
  take_tasks(ticket, 0);
  current_worker = -1;
  uint64_t state = run.ticket.fetch_and(~open_bit, std::memory_order_acq_rel) & ~open_bit;
  // A worker inside may sit on this CPU: after a short wait, let it have it.
  for (int turns = 0; state & inside_mask; turns++) {
    if (turns % 256 == 255) {
      sched_yield();
    } else {
      relax();
    }
    state = run.ticket.load(std::memory_order_acquire);
  }
  pthread_mutex_unlock(&turn);
}

}  // namespace sinter
