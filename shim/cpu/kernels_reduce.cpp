// kernels_reduce.cpp (per SINTER_ISA): reductions of contiguous values, of tile rows and of tile columns.
#include "functors.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

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

// Values reduced in T, by four vectors, before they go to a wider accumulator.
constexpr int64_t kPiece = 4096;

template <class R>
typename R::A piece(const typename R::T *p, int64_t n) {
  using T = typename R::T;
  using A = typename R::A;
  using V = Full<T>;
  constexpr int N = kLanes<T>;
  A result = A(R::start());
  int64_t i = 0;
  if (n >= 4 * N) {
    V v0 = load<V>(p), v1 = load<V>(p + N), v2 = load<V>(p + 2 * N), v3 = load<V>(p + 3 * N);
    for (i = 4 * N; i + 4 * N <= n; i += 4 * N) {
      v0 = R::apply(v0, load<V>(p + i));
      v1 = R::apply(v1, load<V>(p + i + N));
      v2 = R::apply(v2, load<V>(p + i + 2 * N));
      v3 = R::apply(v3, load<V>(p + i + 3 * N));
    }
    v0 = R::apply(R::apply(v0, v1), R::apply(v2, v3));
    for (; i + N <= n; i += N) v0 = R::apply(v0, load<V>(p + i));
    T lanes[N];
    store(lanes, v0);
    for (int half = N / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; l++) lanes[l] = R::apply(lanes[l], lanes[l + half]);
    }
    result = A(lanes[0]);
  }
  for (; i < n; i++) result = R::apply(result, A(p[i]));
  return result;
}

template <class R>
typename R::A whole(const typename R::T *p, int64_t n) {
  using A = typename R::A;
  if (n <= kPiece) return piece<R>(p, n);
  A result = A(R::start());
  for (int64_t i = 0; i < n; i += kPiece) result = R::apply(result, piece<R>(p + i, n - i < kPiece ? n - i : kPiece));
  return result;
}

template <class R>
void identity(void *accumulators, int64_t count) {
  for (int64_t i = 0; i < count; i++) static_cast<typename R::A *>(accumulators)[i] = typename R::A(R::start());
}

template <class R>
void block(const void *values, int64_t n, void *accumulator) {
  typename R::A *a = static_cast<typename R::A *>(accumulator);
  *a = R::apply(*a, whole<R>(static_cast<const typename R::T *>(values), n));
}

// Reads and writes whole vectors: the tile and the accumulators are padded.
template <class R>
void columns(const void *values, int64_t rows, int64_t columns, void *accumulators) {
  using T = typename R::T;
  using A = typename R::A;
  constexpr int N = kVectorBytes / kWidest<T, A>;
  using V = Vector<T, N>;
  using W = Vector<A, N>;
  const T *tile = static_cast<const T *>(values);
  A *acc = static_cast<A *>(accumulators);
  for (int64_t j = 0; j < columns; j += N) {
    V sum = load<V>(tile + j);
    for (int64_t i = 1; i < rows; i++) sum = R::apply(sum, load<V>(tile + i * columns + j));
    store(acc + j, R::apply(load<W>(acc + j), __builtin_convertvector(sum, W)));
  }
}

template <class R>
void combine(void *accumulators, const void *others, int64_t count) {
  using A = typename R::A;
  for (int64_t i = 0; i < count; i++) {
    A &a = static_cast<A *>(accumulators)[i];
    a = R::apply(a, static_cast<const A *>(others)[i]);
  }
}

template <class R>
void finish(const void *accumulators, int64_t count, void *values) {
  for (int64_t i = 0; i < count; i++) static_cast<typename R::T *>(values)[i] = typename R::T(static_cast<const typename R::A *>(accumulators)[i]);
}

template <class R>
void rows(void *destination, const void *values, int64_t rows, int64_t columns) {
  using T = typename R::T;
  for (int64_t i = 0; i < rows; i++) static_cast<T *>(destination)[i] = T(whole<R>(static_cast<const T *>(values) + i * columns, columns));
}

template <class R>
void put(KernelSet &set, int reduction, int k) {
  set.reductions[reduction][k] = {int32_t(sizeof(typename R::A)), identity<R>, block<R>, columns<R>, combine<R>, finish<R>, rows<R>};
}

template <class T>
void floats(KernelSet &set, int k) {
  put<SumOf<T, double>>(set, kSum, k);
  put<ProdOf<T>>(set, kProd, k);
  put<MaxOf<Max, T>>(set, kMax, k);
  put<MinOf<Min, T>>(set, kMin, k);
  put<IgnoreNan<Fmax, T>>(set, kFmax, k);
  put<IgnoreNan<Fmin, T>>(set, kFmin, k);
}

template <class T>
void integers(KernelSet &set, int k) {
  using U = typename std::make_unsigned<T>::type;
  put<SumOf<U, U>>(set, kSum, k);
  put<ProdOf<U>>(set, kProd, k);
  put<MaxOf<IntMax, T>>(set, kMax, k);
  put<MinOf<IntMin, T>>(set, kMin, k);
  put<MaxOf<IntMax, T>>(set, kFmax, k);
  put<MinOf<IntMin, T>>(set, kFmin, k);
  put<AndOf<U>>(set, kAnd, k);
  put<OrOf<U>>(set, kOr, k);
  put<XorOf<U>>(set, kXor, k);
}

}  // namespace

void fill_reductions(KernelSet &set) {
  floats<float>(set, kF32);
  floats<double>(set, kF64);
  integers<int32_t>(set, kI32);
  integers<int64_t>(set, kI64);
  integers<uint32_t>(set, kU32);
  integers<uint64_t>(set, kU64);
}

}  // namespace SINTER_ISA
}  // namespace sinter
