// test_abi.cpp: handles, tickets, errors, counters and the caller's floating-point state.
#include <pthread.h>

#include "builder.h"

namespace test {

using namespace sinter;

namespace {

void fails(int64_t status, const char *expected) {
  CHECK(status == -1 || status == 0, "status %lld", (long long)status);
  CHECK(strstr(sinter_last_error(), expected) != nullptr, "\"%s\" lacks \"%s\"", sinter_last_error(), expected);
}

void handles() {
  const int64_t buffers = sinter_counter(0), bytes = sinter_counter(1);
  const uint64_t a = sinter_buffer_alloc(100);
  CHECK(a && a < (uint64_t(1) << 53), "handle %llu", (unsigned long long)a);
  CHECK(sinter_buffer_address(a) % 64 == 0, "alignment");
  CHECK(sinter_counter(0) == buffers + 1 && sinter_counter(1) == bytes + 100, "counters");
  char data[100];
  memset(data, 7, sizeof data);
  CHECK(sinter_buffer_write(a, 0, data, 100) == 0, "write");
  fails(sinter_buffer_write(a, 1, data, 100), "outside");
  fails(sinter_buffer_read(a, ~uint64_t(0), data, 2), "outside");
  fails(sinter_buffer_read(a, 0, nullptr, 2), "null");
  CHECK(sinter_buffer_free(a) == 0, "free");
  fails(sinter_buffer_free(a), "not a live buffer");
  fails(sinter_buffer_read(a, 0, data, 1), "not a live buffer");
  CHECK(sinter_buffer_address(a) == 0, "stale address");
  const uint64_t b = sinter_buffer_alloc(0);
  CHECK(b != 0 && b != a, "a new handle differs from the stale one");
  CHECK(sinter_buffer_free(b) == 0, "free");
  Random random(31);
  for (int i = 0; i < 10000; i++) {
    const uint64_t invented = i < 100 ? uint64_t(i) : random.next() >> random.below(64);
    CHECK(sinter_buffer_address(invented) == 0, "invented handle %llu", (unsigned long long)invented);
    CHECK(sinter_plan_release(invented) == -1, "invented plan %llu", (unsigned long long)invented);
  }
  CHECK(sinter_buffer_alloc(~uint64_t(0)) == 0, "absurd size");
  CHECK(sinter_counter(0) == buffers && sinter_counter(1) == bytes && sinter_counter(99) == -1, "counters after");
}

uint64_t copy_plan(int64_t n) {
  Builder b;
  b.buffer(0, 0, n * 4);
  b.buffer(1, 1, n * 4);
  TilesSpec s;
  s.dims[0] = n;
  const int r = s.reg(kFloat32);
  s.load(0, kFloat32, r, 1);
  s.store(1, kFloat32, r, 1);
  b.tiles(s);
  b.finish();
  return sinter_plan_create(b.words.data(), uint64_t(b.words.size()));
}

void runs() {
  const uint64_t plan = copy_plan(50), a = sinter_buffer_alloc(200), b = sinter_buffer_alloc(200), small = sinter_buffer_alloc(199);
  uint64_t arguments[2] = {a, b};
  uint64_t ticket = sinter_ticket();
  CHECK(sinter_run(plan, arguments, 2, 0, ticket) == 0, "%s", sinter_last_error());
  fails(sinter_run(plan, arguments, 2, 0, ticket), "used already");
  fails(sinter_run(plan, arguments, 2, 0, ticket + 1000), "was not taken");
  fails(sinter_run(plan, arguments, 2, 0, 0), "was not taken");
  ticket = sinter_ticket();
  fails(sinter_run(plan, arguments, 1, 0, ticket), "the plan takes 2");
  fails(sinter_wait(ticket), "the plan takes 2");
  fails(sinter_run(plan, nullptr, 2, 0, sinter_ticket()), "null");
  fails(sinter_run(plan + 1, arguments, 2, 0, sinter_ticket()), "not live");
  arguments[1] = small;
  fails(sinter_run(plan, arguments, 2, 0, sinter_ticket()), "199 bytes");
  arguments[1] = 12345;
  fails(sinter_run(plan, arguments, 2, 0, sinter_ticket()), "not a live buffer");
  arguments[1] = b;
  // A skipped ticket may be given up while earlier ones are outstanding.
  const uint64_t first = sinter_ticket(), second = sinter_ticket(), third = sinter_ticket();
  CHECK(sinter_skip(second) == 0, "skip");
  fails(sinter_skip(second), "used already");
  CHECK(sinter_run(plan, arguments, 2, 0, first) == 0, "%s", sinter_last_error());
  CHECK(sinter_run(plan, arguments, 2, 0, third) == 0, "%s", sinter_last_error());
  CHECK(sinter_wait(third) == 0, "wait");
  fails(sinter_wait(third + 1), "never taken");
  // Steady state allocates nothing.
  const int64_t before = sinter_counter(4), count = sinter_counter(3);
  for (int i = 0; i < 1000; i++) sinter_run(plan, arguments, 2, 0, sinter_ticket());
  CHECK(sinter_counter(4) == before, "%lld allocations in 1000 runs", (long long)(sinter_counter(4) - before));
  CHECK(sinter_counter(3) == count + 1000, "runs");
  CHECK(sinter_plan_release(plan) == 0, "release");
  fails(sinter_plan_release(plan), "not a live plan");
  fails(sinter_run(plan, arguments, 2, 0, sinter_ticket()), "not live");
  for (uint64_t handle : {a, b, small}) sinter_buffer_free(handle);
  fails(sinter_plan_create(nullptr, 10), "null");
  fails(sinter_set_threads(0), "1..256");
  fails(sinter_set_isa("mmx"), "not available");
  fails(sinter_set_isa(nullptr), "not available");
  CHECK(strstr(sinter_info(), "\"isa\":") && strstr(sinter_info(), "\"compiler\":"), "%s", sinter_info());
  CHECK(strncmp(sinter_instructions(), "copy,neg,abs,", 13) == 0, "%s", sinter_instructions());
}

// Threads that run in ticket order: each copies the value its predecessor left behind, plus one.
struct Chain {
  uint64_t plan, buffer, ticket;
};
void *run_link(void *opaque) {
  const Chain &chain = *static_cast<const Chain *>(opaque);
  const uint64_t arguments[2] = {chain.buffer, chain.buffer};
  CHECK(sinter_run(chain.plan, arguments, 2, 0, chain.ticket) == 0, "%s", sinter_last_error());
  return nullptr;
}

void order() {
  Builder b;
  b.buffer(1, 0, 4);
  b.buffer(1, 1, 4);
  TilesSpec s;
  s.dims[0] = 1;
  const int r = s.reg(kInt32);
  s.load(0, kInt32, r, 0);
  s.op(kOp_mul, kInt32, r, r, r);  // squares: the order matters no more than the count, so mix with neg
  s.op(kOp_neg, kInt32, r, r);
  s.store(1, kInt32, r, 0);
  b.tiles(s);
  b.finish();
  const uint64_t plan = sinter_plan_create(b.words.data(), uint64_t(b.words.size()));
  CHECK(plan, "%s", sinter_last_error());
  int32_t value = 3, want = 3;
  const uint64_t buffer = make_buffer(&value, 4);
  pthread_t threads[8];
  Chain chains[8];
  for (int i = 0; i < 8; i++) {
    chains[i] = {plan, buffer, sinter_ticket()};
    want = int32_t(-(uint32_t(want) * uint32_t(want)));
  }
  for (int i = 7; i >= 0; i--) pthread_create(&threads[i], nullptr, run_link, &chains[i]);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  sinter_buffer_read(buffer, 0, &value, 4);
  CHECK(value == want, "%d, not %d", value, want);
  sinter_buffer_free(buffer);
  sinter_plan_release(plan);
}

// Subnormals are flushed inside a run and nowhere else.
void float_state() {
  const uint64_t plan = copy_plan(4);
  volatile float tiny = 1e-40f;
  float data[4] = {tiny, tiny, tiny, tiny};
  const uint64_t arguments[2] = {make_buffer(data, 16), make_buffer(nullptr, 16)};
  CHECK(sinter_run(plan, arguments, 2, 0, sinter_ticket()) == 0, "%s", sinter_last_error());
  volatile float half = tiny * 0.5f;
  CHECK(half > 0, "the caller's subnormals are gone");
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
  sinter_plan_release(plan);
}

}  // namespace

void test_abi() {
  CHECK(sinter_abi_version() == SINTER_ABI_VERSION, "version");
  handles();
  runs();
  order();
  float_state();
}

}  // namespace test
