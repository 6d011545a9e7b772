// rounding.h: signs of floats, and rounding to integers without rounding instructions (SSE2 has none): adding and subtracting 2^mantissa bits rounds
// half to even.
#pragma once
#include "compare.h"

namespace sinter {
namespace SINTER_ISA {

template <class T> struct FloatFacts;
template <> struct FloatFacts<float> {
  using Bits = uint32_t;
  static constexpr float kWhole = 8388608.0f;  // from here on every value is whole
  static constexpr uint32_t kSign = 0x80000000u, kExponent = 0x7f800000u;
};
template <> struct FloatFacts<double> {
  using Bits = uint64_t;
  static constexpr double kWhole = 4503599627370496.0;
  static constexpr uint64_t kSign = 0x8000000000000000u, kExponent = 0x7ff0000000000000u;
};

template <class V>
using Element = typename std::remove_reference<decltype(std::declval<V &>()[0])>::type;
template <class V>
using BitsOf = Vector<typename FloatFacts<Element<V>>::Bits, int(sizeof(V) / sizeof(Element<V>))>;

template <class V>
inline V sign_of(V a) {
  return bits<V>(bits<BitsOf<V>>(a) & FloatFacts<Element<V>>::kSign);
}
template <class V>
inline V abs_of(V a) {
  return bits<V>(bits<BitsOf<V>>(a) & ~FloatFacts<Element<V>>::kSign);
}
template <class V>
inline V with_sign(V magnitude, V sign) {  // magnitude must be positive
  return bits<V>(bits<BitsOf<V>>(magnitude) | bits<BitsOf<V>>(sign));
}

struct Neg {
  template <class V> static V apply(V a) { return -a; }
};
struct Abs {
  template <class V> static V apply(V a) { return abs_of(a); }
};
struct Square {
  template <class V> static V apply(V a) { return a * a; }
};
struct Relu {  // max(a, 0), NaN stays
  template <class V> static V apply(V a) {
    return greater(V{}, a);
  }
};

template <class V>
inline V round_even(V a) {
  constexpr Element<V> whole = FloatFacts<Element<V>>::kWhole;
  const V m = abs_of(a);
  const V r = (m + whole) - whole;
  return m < whole ? with_sign(r, sign_of(a)) : a;
}
template <class V>
inline V floor_of(V a) {
  constexpr Element<V> whole = FloatFacts<Element<V>>::kWhole;
  const V m = abs_of(a);
  V r = with_sign((m + whole) - whole, sign_of(a));
  r = r > a ? r - Element<V>(1) : r;
  return m < whole ? r : a;
}
template <class V>
inline V ceil_of(V a) {
  return -floor_of(-a);
}
template <class V>
inline V trunc_of(V a) {
  return with_sign(floor_of(abs_of(a)), sign_of(a));
}

}  // namespace SINTER_ISA
}  // namespace sinter
