// kernels_float.cpp (per SINTER_ISA): float32 and float64 arithmetic, comparisons, predicates, rounding.
#include "functors.h"
#include "rounding.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

struct Sign {
  template <class V> static V apply(V a) {
    const V one = V{} + 1;
    return a > 0 ? one : (a < 0 ? -one : a);
  }
};
struct Div {
  template <class V> static V apply(V a, V b) { return a / b; }
};
struct Recip {
  template <class V> static V apply(V a) { return 1 / a; }
};
struct Ceil {
  template <class V> static V apply(V a) { return ceil_of(a); }
};
struct Floor {
  template <class V> static V apply(V a) { return floor_of(a); }
};
struct Round {
  template <class V> static V apply(V a) { return round_even(a); }
};
struct Trunc {
  template <class V> static V apply(V a) { return trunc_of(a); }
};

// A mask (all ones or zero per lane) as int32 0 / 1.
template <class M>
inline auto truth(M mask) {
  constexpr int N = int(sizeof(M) / sizeof(mask[0]));
  return __builtin_convertvector(mask, Vector<int32_t, N>) & 1;
}
struct Eq {
  template <class V> static auto apply(V a, V b) { return truth(a == b); }
};
struct Ne {
  template <class V> static auto apply(V a, V b) { return truth(a != b); }
};
struct Lt {
  template <class V> static auto apply(V a, V b) { return truth(a < b); }
};
struct Le {
  template <class V> static auto apply(V a, V b) { return truth(a <= b); }
};
struct IsNan {
  template <class V> static auto apply(V a) { return truth(a != a); }
};
struct IsInf {
  template <class V> static auto apply(V a) { return truth(bits<BitsOf<V>>(abs_of(a)) == FloatFacts<Element<V>>::kExponent); }
};
struct IsFinite {
  template <class V> static auto apply(V a) { return truth(bits<BitsOf<V>>(abs_of(a)) < FloatFacts<Element<V>>::kExponent); }
};
struct SignBit {
  template <class V> static auto apply(V a) { return truth(bits<BitsOf<V>>(a) > FloatFacts<Element<V>>::kSign - 1); }
};
struct Gt {
  template <class V> static auto apply(V a, V b) { return truth(a > b); }
};
struct Ge {
  template <class V> static auto apply(V a, V b) { return truth(a >= b); }
};

template <class T>
void fill(KernelSet &set, int k) {
  auto at = [&](int code) -> Elementwise & {
    set.lanes[code][k] = kLanes<T>;
    return set.elementwise[code][k];
  };
  at(kOp_copy) = map1<Copy, T, T>;
  at(kOp_neg) = map1<Neg, T, T>;
  at(kOp_abs) = map1<Abs, T, T>;
  at(kOp_sign) = map1<Sign, T, T>;
  at(kOp_square) = map1<Square, T, T>;
  at(kOp_add) = map2<Add, T, T>;
  at(kOp_sub) = map2<Sub, T, T>;
  at(kOp_mul) = map2<Mul, T, T>;
  at(kOp_div) = map2<Div, T, T>;
  at(kOp_min) = map2<Min, T, T>;
  at(kOp_max) = map2<Max, T, T>;
  at(kOp_fmin) = map2<Fmin, T, T>;
  at(kOp_fmax) = map2<Fmax, T, T>;
  at(kOp_fma) = at(kOp_muladd) = map3<MulAdd, T, T, T>;
  at(kOp_addmul) = map3<AddMul, T, T, T>;
  at(kOp_relu) = map1<Relu, T, T>;
  at(kOp_recip) = map1<Recip, T, T>;
  at(kOp_ceil) = map1<Ceil, T, T>;
  at(kOp_floor) = map1<Floor, T, T>;
  at(kOp_round) = map1<Round, T, T>;
  at(kOp_trunc) = map1<Trunc, T, T>;
  at(kOp_eq) = map2<Eq, int32_t, T>;
  at(kOp_ne) = map2<Ne, int32_t, T>;
  at(kOp_lt) = map2<Lt, int32_t, T>;
  at(kOp_le) = map2<Le, int32_t, T>;
  at(kOp_gt) = map2<Gt, int32_t, T>;
  at(kOp_ge) = map2<Ge, int32_t, T>;
  at(kOp_isnan) = map1<IsNan, int32_t, T>;
  at(kOp_isinf) = map1<IsInf, int32_t, T>;
  at(kOp_isfinite) = map1<IsFinite, int32_t, T>;
  at(kOp_signbit) = map1<SignBit, int32_t, T>;
}

}  // namespace

void fill_float(KernelSet &set) {
  fill<float>(set, kF32);
  fill<double>(set, kF64);
}

}  // namespace SINTER_ISA
}  // namespace sinter
