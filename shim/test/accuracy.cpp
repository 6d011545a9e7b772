// accuracy.cpp: float32 functions of every instruction set against double-precision libm.
#include "../cpu/fpstate.h"
#include "../cpu/isa.h"
#include "../cpu/kernels.h"
#include "check.h"

namespace test {

using namespace sinter;

namespace {

double sigmoid(double x) { return 1 / (1 + exp(-x)); }
double gelu(double x) { return x == -INFINITY ? -0.0 : x * (0.5 * erfc(-x * 0.70710678118654752440)); }
double gelu_tanh(double x) { return x == -INFINITY ? -0.0 : x / (1 + exp(-2 * 0.79788456080286535588 * (x + 0.044715 * x * x * x))); }
double rsqrt(double x) { return 1 / sqrt(x); }
double exp10_of(double x) { return pow(10, x); }

struct Function {
  int code;
  double (*reference)(double);
  double limit;  // ulp
};
const Function functions[] = {
    {kOp_exp, exp, 1.1},       {kOp_exp2, exp2, 1.1},   {kOp_exp10, exp10_of, 0.51}, {kOp_expm1, expm1, 0.51}, {kOp_log, log, 1.1},
    {kOp_log2, log2, 0.51},    {kOp_log10, log10, 0.51}, {kOp_log1p, log1p, 0.51},   {kOp_sqrt, sqrt, 0.51},   {kOp_rsqrt, rsqrt, 1.6},
    {kOp_sin, sin, 0.51},      {kOp_cos, cos, 0.51},    {kOp_tan, tan, 0.51},        {kOp_sinh, sinh, 0.51},   {kOp_cosh, cosh, 0.51},
    {kOp_tanh, tanh, 1.6},     {kOp_asin, asin, 0.51},  {kOp_acos, acos, 0.51},      {kOp_atan, atan, 0.51},   {kOp_asinh, asinh, 0.51},
    {kOp_acosh, acosh, 0.51},  {kOp_atanh, atanh, 0.51}, {kOp_erf, erf, 1.5},        {kOp_sigmoid, sigmoid, 2}, {kOp_gelu, gelu, 3.6},
    {kOp_gelu_tanh, gelu_tanh, 3},
};

// Distance in units in the last place of the wanted value; 0 where flushing a subnormal explains it, that is below `floor`.
// gelu_tanh divides by an exponential that overflows when the result is still ten times the smallest normal number.
double distance(float got, double want, double floor) {
  const float rounded = float(want);
  if (rounded != rounded) return got != got ? 0 : INFINITY;
  if (std::isinf(rounded)) return got == rounded ? 0 : (std::fabs(got) > 3.402e38f && (got > 0) == (rounded > 0)) ? 1 : INFINITY;
  if (std::fabs(double(got) - want) < floor) return 0;
  if (got != got || (std::isinf(got) && std::fabs(want) < 3.4028230e38)) return INFINITY;
  int exponent;
  frexp(want, &exponent);
  return std::fabs(double(got) - want) / ldexp(1.0, exponent - 24);
}

void sweep(const Function &f, uint64_t stride, bool print) {
  alignas(64) float x[1024], y[1024 + 16];
  double worst = 0;
  float worst_at = 0;
  uint64_t pattern = 0;
  const Call call = {{1, 1, 1, 1}, nullptr, nullptr};
  while (pattern < (uint64_t(1) << 32)) {
    int n = 0;
    for (; n < 1024 && pattern < (uint64_t(1) << 32); pattern += stride) {
      const uint32_t bits = uint32_t(pattern);
      if ((bits & 0x7f800000u) == 0 && (bits & 0x7fffffffu)) continue;  // subnormal arguments count as zero
      memcpy(&x[n++], &bits, 4);
    }
    {
      FloatState state;
      kernels().elementwise[f.code][kF32](y, x, x, x, n, &call);
    }
    for (int i = 0; i < n; i++) {
      const double d = distance(y[i], f.reference(x[i]), f.code == kOp_gelu_tanh ? 1.3e-37 : 1.18e-38);
      if (d > worst) {
        worst = d;
        worst_at = x[i];
      }
    }
  }
  if (print) printf("  %-10s %-7s max %.3f ulp at %a (%g)\n", kInstructionFacts[f.code].name, isa_name(active_isa()), worst, double(worst_at), double(worst_at));
  CHECK(worst <= f.limit, "%s (%s) is %.3f ulp off at %a (%g)", kInstructionFacts[f.code].name, isa_name(active_isa()), worst, double(worst_at), double(worst_at));
  // Signed zero: odd functions keep it.
  alignas(64) const float zeros[16] = {0.0f, -0.0f};
  alignas(64) float out[32];
  kernels().elementwise[f.code][kF32](out, zeros, zeros, zeros, 2, &call);
  const double wanted = f.reference(-0.0);
  CHECK(wanted != wanted || std::signbit(out[1]) == std::signbit(wanted), "%s(-0) is %g", kInstructionFacts[f.code].name, double(out[1]));
}

}  // namespace

void test_accuracy(uint64_t stride, bool print) {
  for (Isa isa : {Isa::base, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (!isa_available(isa)) continue;
    set_isa(isa_name(isa));
    for (const Function &f : functions) sweep(f, stride, print);
  }
}

}  // namespace test
