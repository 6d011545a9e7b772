// half.h: float16 and bfloat16 as 32-bit integer arithmetic on vectors. Rounds to nearest even; NaN stays NaN. Subnormal float16 values survive
// flushing of float32 subnormals, because they are normal numbers there.
#pragma once
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {

// U, F: vectors of uint32_t and float with the same number of lanes. The 16 bits are in the low half of each lane.
template <class F, class U>
inline F from_half(U h) {
  const U magnitude = (h & 0x7fffu) << 13, exponent = magnitude & 0x0f800000u;
  const U shifted = magnitude + (112u << 23);
  const U normal = exponent == 0x0f800000u ? shifted + (112u << 23) : shifted;  // inf and NaN
  const F tiny = bits<F>(shifted + (1u << 23)) - bits<F>(U{} + (113u << 23));   // subnormal
  const U result = exponent == 0 ? bits<U>(tiny) : normal;
  return bits<F>(result | ((h & 0x8000u) << 16));
}

template <class U, class F>
inline U to_half(F f) {
  const U u = bits<U>(f), sign = u & 0x80000000u, magnitude = u ^ sign;
  // Below 2^-14: adding 0.5 moves the 10 bits to the bottom of the mantissa and rounds them.
  const U tiny = bits<U>(bits<F>(magnitude) + 0.5f) - 0x3f000000u;
  const U normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1)) >> 13;
  const U special = magnitude > 0x7f800000u ? (U{} + 0x7e00u) : (U{} + 0x7c00u);
  const U result = magnitude >= 0x47800000u ? special : (magnitude < 0x38800000u ? tiny : normal);
  return result | (sign >> 16);
}

template <class F, class U>
inline F from_brain(U h) {
  return bits<F>(h << 16);
}

template <class U, class F>
inline U to_brain(F f) {
  const U u = bits<U>(f);
  const U rounded = (u + 0x7fffu + ((u >> 16) & 1)) >> 16;
  return (u & 0x7fffffffu) > 0x7f800000u ? ((u >> 16) | 0x40u) : rounded;
}

}  // namespace SINTER_ISA
}  // namespace sinter
