// compare.h: the greater and the smaller of two values, as the instruction sets have them: gcc 12 makes two masks and a blend of the plain expressions.
#pragma once
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {

#if defined(__x86_64__) && !defined(__clang__)
#if defined(__AVX512F__)
#define SINTER_NATIVE_COMPARE(name, ps, pd)                                                \
  inline F32 name(F32 a, F32 b) { return __builtin_ia32_##ps##512_mask(a, b, a, -1, 4); } \
  inline F64 name(F64 a, F64 b) { return __builtin_ia32_##pd##512_mask(a, b, a, -1, 4); }
#elif defined(__AVX2__)
#define SINTER_NATIVE_COMPARE(name, ps, pd)                                \
  inline F32 name(F32 a, F32 b) { return __builtin_ia32_##ps##256(a, b); } \
  inline F64 name(F64 a, F64 b) { return __builtin_ia32_##pd##256(a, b); }
#else
#define SINTER_NATIVE_COMPARE(name, ps, pd)                           \
  inline F32 name(F32 a, F32 b) { return __builtin_ia32_##ps(a, b); } \
  inline F64 name(F64 a, F64 b) { return __builtin_ia32_##pd(a, b); }
#endif
#else
#define SINTER_NATIVE_COMPARE(name, ps, pd)
#endif

// a > b ? a : b and a < b ? a : b: where either is NaN, and for zeros of either sign, b.
template <class V>
inline V greater(V a, V b) {
  return a > b ? a : b;
}
template <class V>
inline V smaller(V a, V b) {
  return a < b ? a : b;
}
SINTER_NATIVE_COMPARE(greater, maxps, maxpd)
SINTER_NATIVE_COMPARE(smaller, minps, minpd)
#undef SINTER_NATIVE_COMPARE

// a where it is NaN, else other.
template <class V>
inline V nan_or(V a, V other) {
  return a != a ? a : other;
}
#if defined(__AVX512F__) && !defined(__clang__)
// The table says by the class of a: quiet (bits 0-3) and signalling NaN (4-7) are taken, all others leave `other`.
inline F32 nan_or(F32 a, F32 other) { return __builtin_ia32_fixupimmps512_mask(other, a, I32{} + 0x11, 0, -1, 4); }
inline F64 nan_or(F64 a, F64 other) { return __builtin_ia32_fixupimmpd512_mask(other, a, Full<long long>{} + 0x11, 0, -1, 4); }
#endif

}  // namespace SINTER_ISA
}  // namespace sinter
