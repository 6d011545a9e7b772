// reductions.h: what a reduction does to two values, and the loop that reduces contiguous values.
#pragma once
#include "functors.h"

// Inlined even where it is large: a source must stay in registers.
#define SINTER_INLINE inline __attribute__((always_inline))

namespace sinter {
namespace SINTER_ISA {

template <class T>
constexpr T highest() {
  if constexpr (std::is_floating_point<T>::value) {
    return T(__builtin_inff());
  } else {
    return std::is_signed<T>::value ? T((typename std::make_unsigned<T>::type(~T(0))) >> 1) : T(~T(0));
  }
}
template <class T>
constexpr T lowest() {
  if constexpr (std::is_floating_point<T>::value) {
    return -T(__builtin_inff());
  } else {
    return std::is_signed<T>::value ? T(-highest<T>() - 1) : T(0);
  }
}

// F combines, T is the value type, A the accumulator type.
template <class F, class T_, class A_>
struct Plain {
  using T = T_;
  using A = A_;
  template <class V> static V apply(V a, V b) { return F::apply(a, b); }
};
template <class T, class A>
struct SumOf : Plain<Add, T, A> {
  static constexpr T start() { return T(0); }
};
template <class T>
struct ProdOf : Plain<Mul, T, T> {
  static constexpr T start() { return T(1); }
};
template <class F, class T>
struct MaxOf : Plain<F, T, T> {
  static constexpr T start() { return lowest<T>(); }
};
template <class F, class T>
struct MinOf : Plain<F, T, T> {
  static constexpr T start() { return highest<T>(); }
};
// NaN is the identity of fmax and fmin, so that only all-NaN input gives NaN. Empty reductions use max and min instead.
template <class F, class T>
struct IgnoreNan : Plain<F, T, T> {
  static constexpr T start() { return T(__builtin_nanf("")); }
};
template <class T>
struct AndOf : Plain<And, T, T> {
  static constexpr T start() { return T(~T(0)); }
};
template <class T>
struct OrOf : Plain<Or, T, T> {
  static constexpr T start() { return T(0); }
};
template <class T>
struct XorOf : Plain<Xor, T, T> {
  static constexpr T start() { return T(0); }
};

// The vector with its lanes moved down by kBy, cyclically.
template <int kBy, class V, int... kLane>
inline V rotated(V v, std::integer_sequence<int, kLane...>) {
  constexpr int N = int(sizeof...(kLane));
#if defined(__clang__)
  return __builtin_shufflevector(v, v, (kLane + kBy) % N...);
#else
  using I = typename std::conditional<sizeof(v[0]) == 4, int32_t, int64_t>::type;
  return __builtin_shuffle(v, Vector<I, N>{(kLane + kBy) % N...});
#endif
}

// Reduces the lanes of a vector, halving their number.
template <class R, int kBy, class V>
inline V folded(V v) {
  v = R::apply(v, rotated<kBy>(v, std::make_integer_sequence<int, int(sizeof(V) / sizeof(v[0]))>()));
  if constexpr (kBy > 1) return folded<R, kBy / 2>(v);
  return v;
}

// A source of values: `at(i)` is the vector that begins at value i, `last(i, count)` one of which only the first `count` values count.
// kVectors vectors are reduced side by side, which hides the latency of the operation.
template <class T>
struct Values {
  static constexpr int kVectors = 8;
  const T *p;
  SINTER_INLINE Full<T> at(int64_t i) const { return load<Full<T>>(p + i); }
  SINTER_INLINE Full<T> last(int64_t i, int) const { return at(i); }
};

// Values reduced in T before they go to a wider accumulator.
constexpr int64_t kPiece = 4096;

template <class R, class Source>
SINTER_INLINE typename R::A piece(const Source source, int64_t begin, int64_t end) {
  using T = typename R::T;
  using A = typename R::A;
  using V = Full<T>;
  constexpr int N = kLanes<T>, kVectors = Source::kVectors;
  A result = A(R::start());
  int64_t i = begin;
  if (end - begin >= N) {
    V v[kVectors];
#pragma GCC unroll 8
    for (int k = 0; k < kVectors; k++) v[k] = V{} + T(R::start());
    for (; i + kVectors * N <= end; i += kVectors * N) {
#pragma GCC unroll 8
      for (int k = 0; k < kVectors; k++) v[k] = R::apply(v[k], source.at(i + k * N));
    }
#pragma GCC unroll 8
    for (int k = 0; k < kVectors / 2; k++) v[k] = R::apply(v[k], v[k + kVectors / 2]);
#pragma GCC unroll 8
    for (int k = 1; k < kVectors / 2; k++) v[0] = R::apply(v[0], v[k]);
    for (; i + N <= end; i += N) v[0] = R::apply(v[0], source.at(i));
    result = A(folded<R, N / 2>(v[0])[0]);
  }
  if (i < end) {
    const V rest = source.last(i, int(end - i));
    for (int lane = 0; lane < int(end - i); lane++) result = R::apply(result, A(rest[lane]));
  }
  return result;
}

template <class R, class Source>
SINTER_INLINE typename R::A whole(const Source source, int64_t n) {
  using A = typename R::A;
  A result = A(R::start());
  for (int64_t i = 0; i < n; i += kPiece) result = R::apply(result, piece<R>(source, i, n - i < kPiece ? n : i + kPiece));
  return result;
}

}  // namespace SINTER_ISA
}  // namespace sinter
