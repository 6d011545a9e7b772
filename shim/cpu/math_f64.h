// math_f64.h: float64 vector functions for float32 results: about 1e-12 relative, so that rounding to float32 is the only error that counts.
// Arguments are finite float32 values unless said otherwise. Polynomials are Remez fits made for this library.
#pragma once
#include "rounding.h"

namespace sinter {
namespace SINTER_ISA {

inline F64 splat64(double value) { return F64{} + value; }

inline F64 sqrt64(F64 a) {
  return each(a, [](double v) { return __builtin_sqrt(v); });
}

template <int kCount>
inline F64 polynomial(F64 x, const double (&c)[kCount]) {
  F64 p = splat64(c[kCount - 1]);
  for (int i = kCount - 2; i >= 0; i--) p = p * x + c[i];
  return p;
}

// e^x = power (1 + rest), with 2^-1022 <= power, for x within -700..700; NaN goes to both parts.
struct Exponential {
  F64 power, rest;
};
inline Exponential exponential(F64 x) {
  constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
  const F64 shifted = x * 1.4426950408889634 + magic;
  const F64 n = shifted - magic;
  const F64 r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  static constexpr double c[] = {0.499999999996576091,   0.166666666672830317,    0.0416666669669104294,   0.00833333308958784679,
                                 0.00138888103075802049, 0.000198415436947426549, 0.0000248812410819840701, 2.74921653604451731e-6};
  const U64 e = bits<U64>(shifted) - bits<U64>(splat64(magic));
  return {bits<F64>((e + 1023) << 52), polynomial(r, c) * r * r + r};
}

// Cuts an exponent to a range whose ends are beyond float32; NaN stays.
inline F64 cut(F64 x) {
  x = x > 200.0 ? splat64(200.0) : x;
  return x < -200.0 ? splat64(-200.0) : x;
}
inline F64 exp_64(F64 x) {
  const Exponential e = exponential(cut(x));
  return e.power * e.rest + e.power;
}
inline F64 expm1_64(F64 x) {
  const Exponential e = exponential(cut(x));
  return e.power * e.rest + (e.power - 1.0);
}

// ln x for positive normal x, 1e-15.
inline F64 log_64(F64 x) {
  const U64 offset = bits<U64>(x) - 0x3fe6a09e667f3bcdu;  // sqrt(1/2)
  const U64 exponent = offset >> 52;                      // in two's complement of 12 bits
  const F64 e = bits<F64>((exponent ^ 0x800u) | 0x4330000000000000u) - (4503599627370496.0 + 2048.0);
  const F64 m = bits<F64>((offset & 0xfffffffffffffu) + 0x3fe6a09e667f3bcdu);
  const F64 s = (m - 1.0) / (m + 1.0), z = s * s;
  static constexpr double c[] = {0.666666666665868774, 0.400000000524679675, 0.285714170930999869, 0.222233746374219876, 0.181235370768973499, 0.16821196416781694};
  return e * 0.693147180559945309417 + (s + s + polynomial(z, c) * z * s);
}

// ln(1 + y) for y > -1, accurate for small y.
inline F64 log1p_64(F64 y) {
  const F64 u = 1.0 + y;
  return log_64(u) + (y - (u - 1.0)) / u;
}

// atan x for x >= 0, infinity included.
inline F64 atan_64(F64 x) {
  const F64 large = x > 1.0 ? 1.0 / x : x;
  const I64 reduce = large > 0.41421356237309503;
  const F64 t = reduce ? (large - 1.0) / (large + 1.0) : large, z = t * t;
  static constexpr double c[] = {-0.333333333333301892, 0.199999999990973378,   -0.142857141958854846, 0.111111066762022984,   -0.090907828720550744,
                                 0.0769007388480793672, -0.0664116247846523343, 0.0569272008841180783, -0.0435952544338841784, 0.0212640652571379863};
  F64 a = polynomial(z, c) * z * t + t;
  a = reduce ? a + 0.78539816339744830962 : a;
  return x > 1.0 ? 1.57079632679489661923 - a : a;
}

// The quadrant and remainder of x by pi/2, for |x| < 2^20.
struct Angle {
  F64 sine, cosine;
  U64 quadrant;
};
inline Angle angle_64(F64 x) {
  constexpr double magic = 6755399441055744.0;
  const F64 shifted = x * 0.63661977236758134308 + magic;
  const F64 n = shifted - magic;
  // pi/2 in three parts of 33, 33 and 53 bits: the first two products are exact
  const F64 r = ((x - n * 1.57079632673412561417) - n * 6.07710050630396597660e-11) - n * 2.02226624879595063154e-21;
  const F64 z = r * r;
  static constexpr double s[] = {-0.166666666666666317,   0.00833333333332232714,  -0.000198412698297330742,
                                 2.75573136642358365e-6, -2.50507535306554458e-8, 1.58965167171741919e-10};
  static constexpr double c[] = {0.041666666666601625, -0.00138888888781903766, 0.0000248015809339717744, -2.75555601620616018e-7, 2.06472825349709002e-9};
  Angle angle;
  angle.sine = polynomial(z, s) * z * r + r;
  angle.cosine = polynomial(z, c) * z * z + (1.0 - 0.5 * z);
  angle.quadrant = bits<U64>(shifted) - bits<U64>(splat64(magic));
  return angle;
}

}  // namespace SINTER_ISA
}  // namespace sinter
