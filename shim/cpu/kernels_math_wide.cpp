// kernels_math_wide.cpp (per SINTER_ISA): float32 functions computed in float64 vectors, within 0.51 ulp unless said otherwise.
#include "math_f64.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

constexpr int kHalf = kLanes<double>;
using Narrow = Vector<float, kHalf>;

template <class F>
void wide1(void *d, const void *a, const void *, const void *, int64_t n, const Call *call) {
  for (int64_t i = 0; i < n; i += kHalf) {
    const F64 x = __builtin_convertvector(load<Narrow>(static_cast<const float *>(a) + i * call->step[0]), F64);
    store(static_cast<float *>(d) + i, __builtin_convertvector(F::apply(x), Narrow));
  }
}
template <class F>
void wide2(void *d, const void *a, const void *b, const void *, int64_t n, const Call *call) {
  for (int64_t i = 0; i < n; i += kHalf) {
    const F64 x = __builtin_convertvector(load<Narrow>(static_cast<const float *>(a) + i * call->step[0]), F64);
    const F64 y = __builtin_convertvector(load<Narrow>(static_cast<const float *>(b) + i * call->step[1]), F64);
    store(static_cast<float *>(d) + i, __builtin_convertvector(F::apply(x, y), Narrow));
  }
}

inline F64 infinity() { return splat64(__builtin_inf()); }
inline F64 nan() { return splat64(__builtin_nan("")); }

// ln of any float32: the special values settled.
inline F64 log_any(F64 x) {
  F64 y = log_64(x);
  y = x == 0 ? -infinity() : y;
  y = x < 0 ? nan() : y;
  return ((x != x) | (x == infinity())) ? x : y;
}
inline F64 log1p_any(F64 x) {
  F64 y = log1p_64(x);
  y = x == -1.0 ? -infinity() : y;
  y = x < -1.0 ? nan() : y;
  return ((x != x) | (x == infinity()) | (x == 0)) ? x : y;
}

struct Log2 {
  static F64 apply(F64 x) { return log_any(x) * 1.44269504088896340736; }
};
struct Log10 {
  static F64 apply(F64 x) { return log_any(x) * 0.43429448190325182765; }
};
struct Log1p {
  static F64 apply(F64 x) { return log1p_any(x); }
};
struct Exp10 {
  static F64 apply(F64 x) { return exp_64(x * 2.30258509299404568402); }
};
struct Expm1 {
  static F64 apply(F64 x) {
    return x == 0 ? x : expm1_64(x);
  }
};
struct Sinh {
  static F64 apply(F64 x) {
    const F64 e = expm1_64(abs_of(x));
    const F64 y = 0.5 * (e + e / (e + 1.0));
    return x != x ? x : with_sign(y, sign_of(x));
  }
};
struct Cosh {
  static F64 apply(F64 x) {
    const F64 e = exp_64(abs_of(x));
    return 0.5 * (e + 1.0 / e);
  }
};
struct Asinh {
  static F64 apply(F64 x) {
    const F64 m = abs_of(x), s = m * m;
    const F64 y = log1p_64(m + s / (1.0 + sqrt64(1.0 + s)));
    return ((x != x) | (m == infinity())) ? x : with_sign(abs_of(y), sign_of(x));
  }
};
struct Acosh {
  static F64 apply(F64 x) {
    const F64 y = log1p_64((x - 1.0) + sqrt64((x - 1.0) * (x + 1.0)));
    return x < 1.0 ? nan() : (((x != x) | (x == infinity())) ? x : y);
  }
};
struct Atanh {
  static F64 apply(F64 x) {
    const F64 m = abs_of(x);
    F64 y = 0.5 * log1p_64((m + m) / (1.0 - m));
    y = m == 1.0 ? infinity() : y;
    y = with_sign(abs_of(y), sign_of(x));
    return m > 1.0 ? nan() : (x != x ? x : y);
  }
};
struct Atan {
  static F64 apply(F64 x) { return x != x ? x : with_sign(atan_64(abs_of(x)), sign_of(x)); }
};
struct Asin {
  static F64 apply(F64 x) {
    const F64 m = abs_of(x);
    const F64 y = atan_64(m / sqrt64(1.0 - m * m));
    return m > 1.0 ? nan() : (x != x ? x : with_sign(y, sign_of(x)));
  }
};
struct Acos {
  static F64 apply(F64 x) {
    const F64 m = abs_of(x);
    const F64 y = atan_64(sqrt64((1.0 - m) * (1.0 + m)) / m);
    return m > 1.0 ? nan() : (x != x ? x : (x < 0 ? 3.14159265358979323846 - y : y));
  }
};
struct Atan2 {
  static F64 apply(F64 y, F64 x) {
    const F64 ay = abs_of(y), ax = abs_of(x);
    const I64 steep = ay > ax;
    F64 t = (steep ? ax : ay) / (steep ? ay : ax);
    t = (ax == ay) ? (ax == 0 ? ax : splat64(1.0)) : t;  // 0 / 0 and inf / inf
    F64 a = atan_64(t);
    a = steep ? 1.57079632679489661923 - a : a;
    a = bits<I64>(x) < 0 ? 3.14159265358979323846 - a : a;
    return ((x != x) | (y != y)) ? x + y : with_sign(a, sign_of(y));
  }
};

// Sine, cosine, tangent. Vectors with an argument of 2^20 or more take libm's double functions, one by one.
template <class Vectorised, double (*kSlow)(double)>
struct Angular {
  static F64 apply(F64 x) {
    bool far = false;
    for (int i = 0; i < kHalf; i++) far |= !(__builtin_fabs(x[i]) < 1048576.0);
    if (__builtin_expect(far, 0)) return each(x, [](double v) { return kSlow(v); });
    return Vectorised::value(x, angle_64(x));
  }
};
struct SinValue {
  static F64 value(F64 x, const Angle &a) {
    const F64 y = (a.quadrant & 1) != 0 ? a.cosine : a.sine;
    return x == 0 ? x : ((a.quadrant & 2) != 0 ? -y : y);
  }
};
struct CosValue {
  static F64 value(F64, const Angle &a) {
    const F64 y = (a.quadrant & 1) != 0 ? a.sine : a.cosine;
    return ((a.quadrant + 1) & 2) != 0 ? -y : y;
  }
};
struct TanValue {
  static F64 value(F64 x, const Angle &a) {
    const I64 odd = (a.quadrant & 1) != 0;
    const F64 y = (odd ? -a.cosine : a.sine) / (odd ? a.sine : a.cosine);
    return x == 0 ? x : y;
  }
};

// x to the power y, with C's special cases.
struct Pow {
  static F64 apply(F64 x, F64 y) {
    const F64 m = abs_of(x);
    const F64 l = log_any(m) * y;  // 0 * inf is NaN: settled below
    F64 r = exp_64(l);
    const I64 whole = (trunc_of(y) == y);
    const F64 halved = y * 0.5;
    const I64 odd = whole & (trunc_of(halved) != halved) & (abs_of(y) < 9007199254740992.0);
    r = (odd & (bits<I64>(x) < 0)) ? -r : r;
    r = ((x < 0) & (m != infinity()) & ~whole) ? nan() : r;
    r = ((m == 1.0) & (abs_of(y) == infinity())) ? splat64(1.0) : r;
    r = ((x != x) | (y != y)) ? x + y : r;
    return ((y == 0) | (x == 1.0)) ? splat64(1.0) : r;
  }
};

// Remainders: exact in float64 while the quotient is below 2^28; libm for vectors beyond.
template <bool kFloor>
struct Remainder {
  static double slow(double a, double b) {
    const double r = ::fmod(a, b);
    if (!kFloor) return r;
    return r != 0 ? ((r < 0) != (b < 0) ? r + b : r) : __builtin_copysign(0.0, b);
  }
  static F64 apply(F64 a, F64 b) {
    const F64 q = a / b;
    bool far = false;
    for (int i = 0; i < kHalf; i++) far |= !(__builtin_fabs(q[i]) < 268435456.0) || __builtin_isinf(b[i]);
    if (__builtin_expect(far, 0)) {
      F64 r;
      for (int i = 0; i < kHalf; i++) r[i] = slow(a[i], b[i]);
      return r;
    }
    F64 r = a - (kFloor ? floor_of(q) : trunc_of(q)) * b;
    // The quotient may have been rounded up to a whole number.
    const F64 sign = kFloor ? b : a;
    r = ((r != 0) & ((r < 0) != (sign < 0))) ? r + (((r < 0) == (b < 0)) ? -b : b) : r;
    return r == 0 ? bits<F64>(bits<U64>(sign) & FloatFacts<double>::kSign) : r;
  }
};

// The floor of the exact quotient, as Python and NumPy define it: infinity over a number is NaN, a number over infinity 0 or -1.
struct FloorDivide {
  static F64 apply(F64 a, F64 b) {
    const F64 q = a / b;
    F64 f = floor_of(q);
    const F64 r = a - f * b;
    f = ((r != 0) & ((r < 0) != (b < 0))) ? f - 1.0 : f;  // the quotient was rounded up to a whole number
    f = ((b == infinity()) | (b == -infinity())) ? (((a != 0) & ((a < 0) != (b < 0))) ? splat64(-1.0) : q) : f;
    f = ((a == infinity()) | (a == -infinity())) ? nan() : f;
    return ((q != q) | (b == 0)) ? q : f;
  }
};

}  // namespace

void fill_math_rest(KernelSet &set) {
  auto at = [&](int code) -> Elementwise & { return set.elementwise[code][kF32]; };
  at(kOp_exp10) = wide1<Exp10>;
  at(kOp_expm1) = wide1<Expm1>;
  at(kOp_log2) = wide1<Log2>;
  at(kOp_log10) = wide1<Log10>;
  at(kOp_log1p) = wide1<Log1p>;
  at(kOp_sin) = wide1<Angular<SinValue, ::sin>>;
  at(kOp_cos) = wide1<Angular<CosValue, ::cos>>;
  at(kOp_tan) = wide1<Angular<TanValue, ::tan>>;
  at(kOp_sinh) = wide1<Sinh>;
  at(kOp_cosh) = wide1<Cosh>;
  at(kOp_asin) = wide1<Asin>;
  at(kOp_acos) = wide1<Acos>;
  at(kOp_atan) = wide1<Atan>;
  at(kOp_asinh) = wide1<Asinh>;
  at(kOp_acosh) = wide1<Acosh>;
  at(kOp_atanh) = wide1<Atanh>;
  at(kOp_atan2) = wide2<Atan2>;
  at(kOp_pow) = wide2<Pow>;
  at(kOp_floordiv) = wide2<FloorDivide>;
  at(kOp_mod) = wide2<Remainder<true>>;
  at(kOp_rem) = wide2<Remainder<false>>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
