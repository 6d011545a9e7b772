// kernels_reduce.cpp (per SINTER_ISA): reductions of contiguous values, of tile rows and of tile columns.
#include "reductions.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

template <class R>
void identity(void *accumulators, int64_t count) {
  for (int64_t i = 0; i < count; i++) static_cast<typename R::A *>(accumulators)[i] = typename R::A(R::start());
}

template <class R>
void block(const void *values, int64_t n, void *accumulator) {
  typename R::A *a = static_cast<typename R::A *>(accumulator);
  *a = R::apply(*a, whole<R>(Values<typename R::T>{static_cast<const typename R::T *>(values)}, n));
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
  for (int64_t i = 0; i < rows; i++) static_cast<T *>(destination)[i] = T(whole<R>(Values<T>{static_cast<const T *>(values) + i * columns}, columns));
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
