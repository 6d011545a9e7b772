// test_sort.cpp: sorted rows against std::sort, on every instruction set, of lengths around those at which the way of sorting changes.
#include <algorithm>
#include <cmath>

#include "../cpu/isa.h"
#include "../cpu/pool.h"
#include "builder.h"

namespace test {

using namespace sinter;

namespace {

enum Pattern { kRandom, kFew, kAscending, kDescending, kSame, kSaw, kPatterns };

// Zeros of both signs, infinities and NaN are among the floats.
template <class T>
T value(int pattern, int64_t i, int64_t n, Random &random) {
  if (pattern == kFew) return T(random.below(5));
  if (pattern == kSame) return T(7);
  if (pattern == kAscending) return T(i);
  if (pattern == kDescending) return T(n - i);
  if (pattern == kSaw) return T(i % 256);
  if constexpr (std::is_floating_point<T>::value) {
    const int64_t kind = random.below(40);
    if (kind < 5) return kind == 0 ? T(NAN) : kind == 1 ? T(-0.0) : kind == 2 ? T(0) : kind == 3 ? T(INFINITY) : T(-INFINITY);
    return T(random.uniform() * 1000 - 500);
  } else {
    return T(random.next());
  }
}

// Whether a comes before b: NaN last, -0 below 0.
template <class T>
bool before(T a, T b, bool descending) {
  if (a != a || b != b) return a == a && b != b;
  if (a == b) return descending ? std::signbit(double(b)) && !std::signbit(double(a)) : std::signbit(double(a)) && !std::signbit(double(b));
  return descending ? a > b : a < b;
}

template <class T>
void sort(int dtype, int64_t rows, int64_t length, int pattern, bool descending) {
  const int64_t n = rows * length;
  Array<T> x, y;
  x.resize(n);
  y.resize(n);
  Random random(26);
  for (int64_t i = 0; i < n; i++) x[i] = value<T>(pattern, i % length, length, random);
  const uint64_t buffers[2] = {make_buffer(x.data(), uint64_t(n) * sizeof(T)), make_buffer(nullptr, uint64_t(n) * sizeof(T))};
  const int64_t bytes[2] = {n * int64_t(sizeof(T)), n * int64_t(sizeof(T))}, fields[] = {dtype, descending, rows, length, 0, 1};
  run_step("sort", fields, "wwqqww", buffers, bytes, 2);
  sinter_buffer_read(buffers[1], 0, y.data(), uint64_t(n) * sizeof(T));
  int wrong = 0;
  for (int64_t r = 0; r < rows; r++) {
    std::sort(x.data() + r * length, x.data() + (r + 1) * length, [&](T a, T b) { return before(a, b, descending); });
  }
  for (int64_t i = 0; i < n; i++) wrong += x[i] != x[i] ? y[i] == y[i] : memcmp(&x[i], &y[i], sizeof(T)) != 0;
  CHECK(wrong == 0, "sort %s [%lld, %lld] pattern %d on %s: %d wrong", kDtypeNames[dtype], (long long)rows, (long long)length, pattern, isa_name(active_isa()), wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

}  // namespace

void test_sort() {
  const Isa before = active_isa();
  const int threads = pool_threads();
  for (Isa isa : {Isa::base, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (!set_isa(isa_name(isa))) continue;
    for (int pattern = 0; pattern < kPatterns; pattern++) {
      for (bool descending : {false, true}) {
        for (int64_t length : {1, 2, 15, 16, 17, 33, 64, 100, 128, 129, 255, 256, 257, 1000, 2047, 5000}) {
          sort<float>(kFloat32, 3, length, pattern, descending);
          sort<double>(kFloat64, 2, length, pattern, descending);
          sort<int64_t>(kInt64, 2, length, pattern, descending);
        }
        sort<uint32_t>(kUint32, 20, 3000, pattern, descending);
        sort<int8_t>(kInt8, 3, 6000, pattern, descending);
        sort<uint16_t>(kUint16, 2, 6000, pattern, descending);
        for (int count : {1, 2, 3, 9}) {
          pool_set_threads(count);
          sort<float>(kFloat32, 1, 70001, pattern, descending);
          sort<int64_t>(kInt64, 1, 40000, pattern, descending);
        }
        pool_set_threads(threads);
      }
    }
  }
  set_isa(isa_name(before));
}

}  // namespace test
