// check.h: what the native self-tests share.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <type_traits>

namespace test {

extern int checks, failures;

#define CHECK(condition, ...)                                        \
  do {                                                               \
    ::test::checks++;                                                \
    if (!(condition) && ++::test::failures <= 40) {                  \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      fprintf(stderr, __VA_ARGS__);                                  \
      fputc('\n', stderr);                                           \
    }                                                                \
  } while (0)

// A small reproducible generator (splitmix64).
struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t limit) { return int64_t(next() % uint64_t(limit)); }
  double uniform() { return double(next() >> 11) * 0x1p-53; }
};

// Checks every stride-th float32 argument.
void test_accuracy(uint64_t stride, bool print);
void test_values();
void test_programs();
void test_sweeps();
void test_steps();
void test_sort();
void test_abi();
void test_mutations(int count);

}  // namespace test
