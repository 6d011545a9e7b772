// math_f32.h: float32 functions computed in float32 vectors. Polynomials are Remez fits made for this library (relative error in the comments).
// `selftest --accuracy n` (shim/test/accuracy.cpp) holds the error of each against double-precision libm over every n-th float32 argument.
#pragma once
#include "rounding.h"

namespace sinter {
namespace SINTER_ISA {

// a * b + c, fused where the instruction set can.
inline F32 fused(F32 a, F32 b, F32 c) {
#if defined(__has_builtin)
#if __has_builtin(__builtin_elementwise_fma)
#define SINTER_ELEMENTWISE_FMA 1
#endif
#endif
#if defined(SINTER_ELEMENTWISE_FMA)
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
#elif defined(__AVX512F__)
  return __builtin_ia32_vfmaddps512_mask(a, b, c, -1, 4);
#elif defined(__FMA__)
  return __builtin_ia32_vfmaddps256(a, b, c);
#elif defined(__aarch64__)
  asm("fmla %0.4s, %1.4s, %2.4s" : "+w"(c) : "w"(a), "w"(b));
  return c;
#else
  return a * b + c;
#endif
}

// The rounding error of a * b.
inline F32 product_error(F32 a, F32 b, F32 product) {
#if defined(__FMA__) || defined(__aarch64__)
  return fused(a, b, -product);
#else  // Dekker's splitting: 12 + 12 bits
  const F32 ah = bits<F32>(bits<U32>(a) & 0xfffff000u), bh = bits<F32>(bits<U32>(b) & 0xfffff000u);
  const F32 al = a - ah, bl = b - bh;
  return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
}

inline F32 splat(float value) { return F32{} + value; }

// 1.5 * 2^23: adding it rounds to whole numbers, which the low bits of the sum then hold.
constexpr float kRounder = 12582912.0f;

// p 2^n for p within 0.7..1.5 and the sum n + kRounder: n is added to p's exponent. Right while the result is a normal number.
inline F32 scale(F32 p, F32 shifted) {
  return bits<F32>(bits<U32>(p) + (bits<U32>(shifted) << 23));
}

// e^(x + low) = (1 + rest) 2^n for a small correction `low`; `shifted` is n + kRounder.
struct Exponential32 {
  F32 rest, shifted;
};
inline Exponential32 exponential32(F32 x, F32 low) {
  const F32 shifted = fused(x, splat(1.44269504f), splat(kRounder));
  const F32 n = shifted - kRounder;
  F32 r = fused(n, splat(-0.693145751953125f), x);  // ln 2 in two parts, the first with few bits
  r = fused(n, splat(-1.42860677e-06f), r) + low;
  F32 p = splat(0.001381420495f);  // 3.1e-9
  p = fused(p, r, splat(0.008368913501f));
  p = fused(p, r, splat(0.0416684069f));
  p = fused(p, r, splat(0.1666651901f));
  p = fused(p, r, splat(0.4999999334f));
  return {fused(p * r, r, r), shifted};
}

// e^(x + low), overflowing above `top`; NaN stays.
inline F32 exp_parts(F32 x, F32 low, float top) {
  const Exponential32 e = exponential32(x, low);
  F32 y = scale(e.rest + 1.0f, e.shifted);
  y = x < -87.33654f ? F32{} : y;                       // would be subnormal
  return x <= top ? y : x + splat(__builtin_inff());    // infinity, or NaN
}
inline F32 exp_sum(F32 x, F32 low) { return exp_parts(x, low, 88.7227f); }
inline F32 exp_of(F32 x) { return exp_parts(x, splat(-0.0f), 88.72283172607422f); }

struct Exp {
  static F32 apply(F32 x) { return exp_of(x); }
};

struct Exp2 {
  static F32 apply(F32 x) {
    const F32 shifted = x + kRounder;
    const F32 r = x - (shifted - kRounder);
    F32 p = splat(0.0001499212708f);  // 1.5e-8
    p = fused(p, r, splat(0.001338377576f));
    p = fused(p, r, splat(0.009619350831f));
    p = fused(p, r, splat(0.05550370381f));
    p = fused(p, r, splat(0.2402264386f));
    p = fused(p, r, splat(0.6931471858f));
    F32 y = scale(fused(p, r, splat(1.0f)), shifted);
    y = x < -126.0f ? F32{} : y;
    return x < 128.0f ? y : x + splat(__builtin_inff());
  }
};

struct Log {
  static F32 apply(F32 x) {
    const U32 offset = bits<U32>(x) - 0x3f3504f3u;  // sqrt(1/2)
    const I32 exponent = bits<I32>(offset) >> 23;
    const F32 f = bits<F32>((offset & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    const F32 e = __builtin_convertvector(exponent, F32);
    F32 q = splat(0.06747590302f);  // 7.5e-10
    q = fused(q, f, splat(-0.1167615824f));
    q = fused(q, f, splat(0.1188799434f));
    q = fused(q, f, splat(-0.1240549997f));
    q = fused(q, f, splat(0.1421956713f));
    q = fused(q, f, splat(-0.166680006f));
    q = fused(q, f, splat(0.2000211782f));
    q = fused(q, f, splat(-0.2500000953f));
    q = fused(q, f, splat(0.3333331262f));
    const F32 f2 = f * f;
    F32 y = fused(q * f, f2, e * -2.12194440e-4f);  // ln 2 = 0.693359375 - 2.12194440e-4
    y = fused(f2, splat(-0.5f), y) + f;
    y = fused(e, splat(0.693359375f), y);
    y = x == 0 ? splat(-__builtin_inff()) : y;
    y = x < 0 ? splat(__builtin_nanf("")) : y;
    y = x == __builtin_inff() ? x : y;
    return x != x ? x : y;
  }
};

struct Tanh {
  static F32 apply(F32 x) {
    const F32 m = abs_of(x), s = x * x;
    F32 p = splat(-0.005717151395f);  // 4.1e-9
    p = fused(p, s, splat(0.02065074377f));
    p = fused(p, s, splat(-0.05374357097f));
    p = fused(p, s, splat(0.1333149254f));
    p = fused(p, s, splat(-0.3333328399f));
    const F32 near = fused(p * s, m, m);
    const F32 far = 1.0f - 2.0f / (exp_of(m + m) + 1.0f);
    return x != x ? x : with_sign(m < 0.625f ? near : far, sign_of(x));
  }
};

struct Sigmoid {
  static F32 apply(F32 x) { return 1.0f / (1.0f + exp_of(-x)); }
};

struct Erf {
  static F32 apply(F32 x) {
    const F32 s = x * x;
    F32 p = splat(8.267454863e-5f);  // 5.1e-10
    p = fused(p, s, splat(-0.0008118081911f));
    p = fused(p, s, splat(0.005198831522f));
    p = fused(p, s, splat(-0.02685849845f));
    p = fused(p, s, splat(0.1128367901f));
    p = fused(p, s, splat(-0.3761263264f));
    p = fused(p, s, splat(0.1283791665f));
    const F32 near = fused(p, x, x);
    F32 t = abs_of(x);
    const F32 m = t;
    t = t > 4.0f ? splat(4.0f) : t;
    F32 l = splat(-2.109523483e-5f);  // log(erfc), 4.6e-11 of erf
    l = fused(l, t, splat(0.0004344645787f));
    l = fused(l, t, splat(-0.004171071708f));
    l = fused(l, t, splat(0.02511944811f));
    l = fused(l, t, splat(-0.1082801183f));
    l = fused(l, t, splat(-0.6333468829f));
    l = fused(l, t, splat(-1.129514941f));
    l = fused(l, t, splat(0.0001746863384f));
    const F32 far = with_sign(1.0f - exp_of(l), sign_of(x));
    return m < 0.92f ? near : (x != x ? x : far);
  }
};

// x times the normal distribution function, as max(x, 0) - |x| Phi(-|x|). The tail Phi(-a) is exp(-a^2/2) R(a), which keeps its relative accuracy.
// 1 / R(a) is close to sqrt(2 pi) a where a is large: as a multiple of a and a rest, with the numerator in both, rounding errors of the numerator cancel.
struct Gelu {
  static F32 apply(F32 x) {
    const F32 a = abs_of(x);
    F32 p = a + 9.58893681f;  // a R = a p / (2.5066359 a p + s), 3.0e-8 up to where the tail becomes subnormal
    p = fused(p, a, splat(42.1881332f));
    p = fused(p, a, splat(98.7184296f));
    p = fused(p, a, splat(109.135139f));
    F32 s = splat(2.4954133f);
    s = fused(s, a, splat(24.2759991f));
    s = fused(s, a, splat(98.0293579f));
    s = fused(s, a, splat(218.270279f));
    const F32 numerator = a * p, ratio = numerator / fused(numerator, splat(2.5066359f), s);
    const F32 half = a * -0.5f, square = half * a;
    const Exponential32 e = exponential32(square, product_error(half, a, square));
    F32 tail = scale(fused(ratio, e.rest, ratio), e.shifted);
    tail = a > 13.146246f ? F32{} : tail;  // would be subnormal
    return greater(splat(-0.0f), x) - tail;
  }
};

// x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3); the exponent is carried with its rounding error, which matters in the left tail.
struct GeluTanh {
  static F32 apply(F32 x) {
    F32 a = x < -14.0f ? splat(-14.0f) : x;
    a = a > 14.0f ? splat(14.0f) : a;
    const F32 s = a * a, s_low = product_error(a, a, s);
    const F32 c = splat(0.0713548164f), c_low = splat(2.39883247e-09f);  // 2 sqrt(2/pi) 0.044715
    const F32 k = splat(1.59576917f), k_low = splat(-4.53406805e-08f);
    const F32 cs = c * s;
    F32 cs_low = product_error(c, s, cs) + fused(c, s_low, c_low * s);
    const F32 sum = k + cs, back = sum - k;  // k + cs, both positive
    cs_low += (cs - back) + (k - (sum - back)) + k_low;
    const F32 u = a * sum, u_low = fused(a, cs_low, product_error(a, sum, u));
    const F32 y = x / (1.0f + exp_sum(-u, -u_low));
    return x < -14.0f ? sign_of(x) : y;
  }
};

}  // namespace SINTER_ISA
}  // namespace sinter
