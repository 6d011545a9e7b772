// reductions.h: what a reduction does to two values, and the loop that reduces contiguous values.
#pragma once
#include "functors.h"

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

// A source of values: `at(i)` is the vector that begins at value i, of which the first `count` count.
template <class T>
struct Values {
  const T *p;
  Full<T> at(int64_t i) const { return load<Full<T>>(p + i); }
  Full<T> last(int64_t i, int) const { return at(i); }
};

// Values reduced in T, by eight vectors, before they go to a wider accumulator.
constexpr int64_t kPiece = 4096;

template <class R, class Source>
inline typename R::A piece(const Source &source, int64_t begin, int64_t end) {
  using T = typename R::T;
  using A = typename R::A;
  using V = Full<T>;
  constexpr int N = kLanes<T>;
  A result = A(R::start());
  int64_t i = begin;
  if (end - begin >= N) {
    V v0;
    if (end - begin >= 8 * N) {
      const auto next = [&] {
        const V v = source.at(i);
        i += N;
        return v;
      };
      v0 = next();
      V v1 = next(), v2 = next(), v3 = next(), v4 = next(), v5 = next(), v6 = next(), v7 = next();
      while (i + 8 * N <= end) {
        v0 = R::apply(v0, next());
        v1 = R::apply(v1, next());
        v2 = R::apply(v2, next());
        v3 = R::apply(v3, next());
        v4 = R::apply(v4, next());
        v5 = R::apply(v5, next());
        v6 = R::apply(v6, next());
        v7 = R::apply(v7, next());
      }
      v0 = R::apply(R::apply(R::apply(v0, v1), R::apply(v2, v3)), R::apply(R::apply(v4, v5), R::apply(v6, v7)));
    } else {
      v0 = source.at(i);
      i += N;
    }
    for (; i + N <= end; i += N) v0 = R::apply(v0, source.at(i));
    result = A(folded<R, N / 2>(v0)[0]);
  }
  if (i < end) {
    const V rest = source.last(i, int(end - i));
    for (int lane = 0; lane < int(end - i); lane++) result = R::apply(result, A(rest[lane]));
  }
  return result;
}

template <class R, class Source>
inline typename R::A whole(const Source &source, int64_t n) {
  using A = typename R::A;
  if (n <= kPiece) return piece<R>(source, 0, n);
  A result = A(R::start());
  for (int64_t i = 0; i < n; i += kPiece) result = R::apply(result, piece<R>(source, i, n - i < kPiece ? n : i + kPiece));
  return result;
}

}  // namespace SINTER_ISA
}  // namespace sinter
