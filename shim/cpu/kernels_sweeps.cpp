// kernels_sweeps.cpp (per SINTER_ISA): float32 row reductions of values that are computed on the way, in one pass over the tile. Each instruction is
// rounded on its own, so results are those of single passes.
#include "math_f32.h"
#include "reductions.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

inline F32 broadcast(float value) { return value - F32{}; }  // exact for -0, unlike a sum with 0

struct None {};
template <class F>
constexpr bool kIs = !std::is_same<F, None>::value;

// The values Second(First(a, b), c) of one row as a source to reduce. Where kRowB is set, b is one value; c is when c_step is 0.
template <class First, class Second, bool kSecondBinary, bool kRowB>
struct Swept {
  static constexpr int kVectors = 4;
  const float *a, *b, *c;
  int64_t c_step;
  float *first_kept, *second_kept;
  F32 row_b, row_c;

  template <class Keep>
  SINTER_INLINE F32 compute(int64_t i, Keep keep) const {
    F32 value = load<F32>(a + i);
    if constexpr (kIs<First>) {
      if constexpr (kRowB) {
        value = First::apply(value, row_b);
      } else {
        value = First::apply(value, load<F32>(b + i));
      }
      if constexpr (kIs<Second>) {
        if (first_kept) keep(first_kept + i, value);
      }
    }
    if constexpr (kSecondBinary) {
      value = Second::apply(value, c_step ? load<F32>(c + i) : row_c);
    } else if constexpr (kIs<Second>) {
      value = Second::apply(value);
    }
    if (second_kept) keep(second_kept + i, value);
    return value;
  }
  SINTER_INLINE F32 at(int64_t i) const {
    return compute(i, [](float *to, F32 value) { store(to, value); });
  }
  // Writes exactly `count` values: they may lie in a buffer.
  SINTER_INLINE F32 last(int64_t i, int count) const {
    return compute(i, [count](float *to, F32 value) { __builtin_memcpy(to, &value, size_t(count) * sizeof(float)); });
  }
};

template <class R, class First, class Second, bool kSecondBinary, bool kRowB>
void sweep(void *destination, const SweepOperands *operands, int64_t rows, int64_t columns) {
  const SweepOperands &o = *operands;
  const auto at = [&](int operand, int64_t row) { return static_cast<const float *>(o.source[operand]) + row * o.row[operand]; };
  const auto kept = [&](int which, int64_t row) { return o.kept[which] ? static_cast<float *>(o.kept[which]) + row * columns : nullptr; };
  for (int64_t i = 0; i < rows; i++) {
    Swept<First, Second, kSecondBinary, kRowB> values = {at(0, i), nullptr, nullptr, 0, kept(0, i), kept(1, i), F32{}, F32{}};
    if constexpr (kIs<First>) values.b = at(1, i);
    if constexpr (kIs<First> && kRowB) values.row_b = broadcast(*values.b);
    if constexpr (kSecondBinary) {
      values.c = at(2, i);
      values.c_step = o.column[2];
      if (!values.c_step) values.row_c = broadcast(*values.c);
    }
    static_cast<float *>(destination)[i] = float(whole<R>(values, columns));
  }
}

using Sum = SumOf<float, double>;
using Peak = MaxOf<Max, float>;

template <class R, class First, class Second, bool kSecondBinary>
void put(KernelSet &set, int first, int second, int reduction) {
  Sweep *to = set.sweeps[first][second][reduction];
  to[0] = sweep<R, First, Second, kSecondBinary, false>;
  if constexpr (kIs<First>) to[1] = sweep<R, First, Second, kSecondBinary, true>;
}

template <class First>
void after(KernelSet &set, int first) {
  put<Sum, First, Exp, false>(set, first, kSweepExp, 0);
  put<Sum, First, Square, false>(set, first, kSweepSquare, 0);
  put<Sum, First, Neg, false>(set, first, kSweepNeg, 0);
  put<Sum, First, Abs, false>(set, first, kSweepAbs, 0);
  put<Peak, First, Abs, false>(set, first, kSweepAbs, 1);
  if constexpr (kIs<First>) {
    put<Sum, First, None, false>(set, first, kSweepNone, 0);
    put<Peak, First, None, false>(set, first, kSweepNone, 1);
    put<Sum, First, Add, true>(set, first, kSweepAdd, 0);
    put<Peak, First, Add, true>(set, first, kSweepAdd, 1);
    put<Sum, First, Sub, true>(set, first, kSweepSub, 0);
    put<Sum, First, Mul, true>(set, first, kSweepMul, 0);
  }
}

}  // namespace

void fill_sweeps(KernelSet &set) {
  after<None>(set, kSweepNone);
  after<Add>(set, kSweepAdd);
  after<Sub>(set, kSweepSub);
  after<Mul>(set, kSweepMul);
}

}  // namespace SINTER_ISA
}  // namespace sinter
