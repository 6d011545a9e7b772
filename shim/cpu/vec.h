// vec.h: vector types of the instruction set being compiled, and the loops that apply a function to whole registers.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "kernels.h"

#if defined(__AVX512F__)
#define SINTER_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define SINTER_VECTOR_BYTES 32
#else
#define SINTER_VECTOR_BYTES 16
#endif

namespace sinter {
namespace SINTER_ISA {

constexpr int kVectorBytes = SINTER_VECTOR_BYTES;

template <class T, int N>
struct VectorOf {
  typedef T type __attribute__((vector_size(sizeof(T) * N)));
};
template <class T, int N>
using Vector = typename VectorOf<T, N>::type;

template <class T>
constexpr int kLanes = kVectorBytes / int(sizeof(T));
template <class T>
using Full = Vector<T, kLanes<T>>;

using F32 = Full<float>;
using F64 = Full<double>;
using I32 = Full<int32_t>;
using I64 = Full<int64_t>;
using U32 = Full<uint32_t>;
using U64 = Full<uint64_t>;

template <class V>
inline V load(const void *p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class V>
inline void store(void *p, V v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// Reinterprets the bits of a value as another type of the same size.
template <class To, class From>
inline To bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

template <class T, class U>
constexpr int kWidest = int(sizeof(T) > sizeof(U) ? sizeof(T) : sizeof(U));

// F::apply on vectors. D, A, B, C: element types of the destination and of the operands.
template <class F, class D, class A>
void map1(void *d, const void *a, const void *, const void *, int64_t n, const Call *call) {
  constexpr int N = kVectorBytes / kWidest<D, A>;
  char *pd = static_cast<char *>(d);
  const char *pa = static_cast<const char *>(a);
  const int64_t sa = call->step[0] * N * int64_t(sizeof(A));
  for (int64_t i = 0; i < n; i += N) {
    store(pd, F::apply(load<Vector<A, N>>(pa)));
    pd += N * sizeof(D);
    pa += sa;
  }
}

template <class F, class D, class A>
void map2(void *d, const void *a, const void *b, const void *, int64_t n, const Call *call) {
  constexpr int N = kVectorBytes / kWidest<D, A>;
  char *pd = static_cast<char *>(d);
  const char *pa = static_cast<const char *>(a), *pb = static_cast<const char *>(b);
  const int64_t sa = call->step[0] * N * int64_t(sizeof(A)), sb = call->step[1] * N * int64_t(sizeof(A));
  for (int64_t i = 0; i < n; i += N) {
    store(pd, F::apply(load<Vector<A, N>>(pa), load<Vector<A, N>>(pb)));
    pd += N * sizeof(D);
    pa += sa;
    pb += sb;
  }
}

template <class F, class D, class A, class B>
void map3(void *d, const void *a, const void *b, const void *c, int64_t n, const Call *call) {
  constexpr int N = kVectorBytes / kWidest<D, A>;
  char *pd = static_cast<char *>(d);
  const char *pa = static_cast<const char *>(a), *pb = static_cast<const char *>(b), *pc = static_cast<const char *>(c);
  const int64_t sa = call->step[0] * N * int64_t(sizeof(A)), sb = call->step[1] * N * int64_t(sizeof(B)), sc = call->step[2] * N * int64_t(sizeof(B));
  for (int64_t i = 0; i < n; i += N) {
    store(pd, F::apply(load<Vector<A, N>>(pa), load<Vector<B, N>>(pb), load<Vector<B, N>>(pc)));
    pd += N * sizeof(D);
    pa += sa;
    pb += sb;
    pc += sc;
  }
}

// F::apply on single values, for what has no vector form.
template <class F, class D, class A>
void loop1(void *d, const void *a, const void *, const void *, int64_t n, const Call *call) {
  const int64_t sa = call->step[0];
  for (int64_t i = 0; i < n; i++) static_cast<D *>(d)[i] = F::apply(static_cast<const A *>(a)[i * sa]);
}

template <class F, class D, class A>
void loop2(void *d, const void *a, const void *b, const void *, int64_t n, const Call *call) {
  const int64_t sa = call->step[0], sb = call->step[1];
  for (int64_t i = 0; i < n; i++) static_cast<D *>(d)[i] = F::apply(static_cast<const A *>(a)[i * sa], static_cast<const A *>(b)[i * sb]);
}

// Functions of one vector built from a function of one value; the compiler vectorises what it can.
template <class V, class Fn>
inline V each(V v, Fn fn) {
  V r;
  for (unsigned i = 0; i < sizeof(V) / sizeof(v[0]); i++) r[i] = fn(v[i]);
  return r;
}

void fill_float(KernelSet &set);
void fill_pairs(KernelSet &set);
void fill_chain(KernelSet &set);
void fill_sweeps(KernelSet &set);
void fill_integer(KernelSet &set);
void fill_integer_division(KernelSet &set);
void fill_convert(KernelSet &set);
void fill_math_hot(KernelSet &set);
void fill_math_rest(KernelSet &set);
void fill_math_double(KernelSet &set);
void fill_reductions(KernelSet &set);
void fill_movement(KernelSet &set);
void fill_attention(KernelSet &set);
void fill_recurrent(KernelSet &set);
void fill_fourier(KernelSet &set);
void fill_sparse(KernelSet &set);

}  // namespace SINTER_ISA
}  // namespace sinter
