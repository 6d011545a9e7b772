// kernels_math.cpp (per SINTER_ISA): the float32 functions that are worth their own vector code.
#include "math_f32.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

struct Sqrt {
  static F32 apply(F32 x) {
    return each(x, [](float v) { return __builtin_sqrtf(v); });
  }
};
struct Rsqrt {
  static F32 apply(F32 x) { return 1.0f / Sqrt::apply(x); }
};

}  // namespace

void fill_math_hot(KernelSet &set) {
  auto at = [&](int code) -> Elementwise & {
    set.lanes[code][kF32] = kLanes<float>;
    return set.elementwise[code][kF32];
  };
  at(kOp_exp) = map1<Exp, float, float>;
  at(kOp_exp2) = map1<Exp2, float, float>;
  at(kOp_log) = map1<Log, float, float>;
  at(kOp_tanh) = map1<Tanh, float, float>;
  at(kOp_sigmoid) = map1<Sigmoid, float, float>;
  at(kOp_erf) = map1<Erf, float, float>;
  at(kOp_gelu) = map1<Gelu, float, float>;
  at(kOp_gelu_tanh) = map1<GeluTanh, float, float>;
  at(kOp_sqrt) = map1<Sqrt, float, float>;
  at(kOp_rsqrt) = map1<Rsqrt, float, float>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
