// kernels_math_double.cpp (per SINTER_ISA): float64 functions through libm, value by value.
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

template <double (*kFunction)(double)>
struct Libm {
  static double apply(double x) { return kFunction(x); }
};
template <double (*kFunction)(double, double)>
struct Libm2 {
  static double apply(double x, double y) { return kFunction(x, y); }
};

double exp10_of(double x) {  // libm's pow is within an ulp, and exact for whole x
  return ::pow(10.0, x);
}
double sqrt_of(double x) { return __builtin_sqrt(x); }
double rsqrt_of(double x) { return 1.0 / __builtin_sqrt(x); }
double sigmoid(double x) { return 1.0 / (1.0 + ::exp(-x)); }

// erfc keeps the left tail's relative accuracy.
double gelu(double x) {
  if (x == -__builtin_inf()) return -0.0;
  return x * (0.5 * ::erfc(x * -0.70710678118654752440));
}
double gelu_tanh(double x) {
  if (x == -__builtin_inf()) return -0.0;
  return x / (1.0 + ::exp(-1.5957691216057308 * (x + 0.044715 * x * x * x)));
}

double floor_mod(double a, double b) {
  const double r = ::fmod(a, b);
  if (r == 0) return __builtin_copysign(0.0, b);
  return (r < 0) != (b < 0) ? r + b : r;
}

double floor_divide(double a, double b) {
  if (b == 0) return a / b;
  const double r = ::fmod(a, b);
  double q = (a - r) / b;
  if (r != 0 && (r < 0) != (b < 0)) q -= 1;
  return q == 0 ? __builtin_copysign(0.0, a / b) : ::nearbyint(q);
}

}  // namespace

void fill_math_double(KernelSet &set) {
  auto at = [&](int code) -> Elementwise & { return set.elementwise[code][kF64]; };
#define SINTER_LIBM(name, function) at(kOp_##name) = loop1<Libm<function>, double, double>
  SINTER_LIBM(exp, ::exp);
  SINTER_LIBM(exp2, ::exp2);
  SINTER_LIBM(exp10, exp10_of);
  SINTER_LIBM(expm1, ::expm1);
  SINTER_LIBM(log, ::log);
  SINTER_LIBM(log2, ::log2);
  SINTER_LIBM(log10, ::log10);
  SINTER_LIBM(log1p, ::log1p);
  SINTER_LIBM(sqrt, sqrt_of);
  SINTER_LIBM(rsqrt, rsqrt_of);
  SINTER_LIBM(sin, ::sin);
  SINTER_LIBM(cos, ::cos);
  SINTER_LIBM(tan, ::tan);
  SINTER_LIBM(sinh, ::sinh);
  SINTER_LIBM(cosh, ::cosh);
  SINTER_LIBM(tanh, ::tanh);
  SINTER_LIBM(asin, ::asin);
  SINTER_LIBM(acos, ::acos);
  SINTER_LIBM(atan, ::atan);
  SINTER_LIBM(asinh, ::asinh);
  SINTER_LIBM(acosh, ::acosh);
  SINTER_LIBM(atanh, ::atanh);
  SINTER_LIBM(erf, ::erf);
  SINTER_LIBM(sigmoid, sigmoid);
  SINTER_LIBM(gelu, gelu);
  SINTER_LIBM(gelu_tanh, gelu_tanh);
#undef SINTER_LIBM
  at(kOp_pow) = loop2<Libm2<::pow>, double, double>;
  at(kOp_atan2) = loop2<Libm2<::atan2>, double, double>;
  at(kOp_floordiv) = loop2<Libm2<floor_divide>, double, double>;
  at(kOp_mod) = loop2<Libm2<floor_mod>, double, double>;
  at(kOp_rem) = loop2<Libm2<::fmod>, double, double>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
