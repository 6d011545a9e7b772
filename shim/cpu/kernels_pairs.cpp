// kernels_pairs.cpp (per SINTER_ISA): two cheap float32 instructions in one pass. Each is rounded on its own, so results are those of single passes.
#include "functors.h"
#include "math_f32.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

template <class First, class Second, int kPosition>
struct BinaryBinary {
  template <class V> static V apply(V a, V b, V c) {
    const V t = First::apply(a, b);
    return kPosition == 0 ? Second::apply(t, c) : Second::apply(c, t);
  }
};
template <class First, class Second>
struct BinaryUnary {
  template <class V> static V apply(V a, V b) { return Second::apply(First::apply(a, b)); }
};
template <class First, class Second, int kPosition>
struct UnaryBinary {
  template <class V> static V apply(V a, V c) {
    const V t = First::apply(a);
    return kPosition == 0 ? Second::apply(t, c) : Second::apply(c, t);
  }
};

template <class First, class Second, bool kCommutes>
void binary_binary(KernelSet &set, int first, int second) {
  set.pairs[first][second][0] = map3<BinaryBinary<First, Second, 0>, float, float, float>;
  if constexpr (kCommutes) {
    set.pairs[first][second][1] = set.pairs[first][second][0];
  } else {
    set.pairs[first][second][1] = map3<BinaryBinary<First, Second, 1>, float, float, float>;
  }
}

template <class First>
void after_binary(KernelSet &set, int first) {
  binary_binary<First, Add, true>(set, first, kPairAdd);
  binary_binary<First, Sub, false>(set, first, kPairSub);
  binary_binary<First, Mul, true>(set, first, kPairMul);
  binary_binary<First, Max, false>(set, first, kPairMax);
  binary_binary<First, Min, false>(set, first, kPairMin);
  set.pairs[first][kPairNeg][0] = map2<BinaryUnary<First, Neg>, float, float>;
  set.pairs[first][kPairAbs][0] = map2<BinaryUnary<First, Abs>, float, float>;
  set.pairs[first][kPairSquare][0] = map2<BinaryUnary<First, Square>, float, float>;
  set.pairs[first][kPairRelu][0] = map2<BinaryUnary<First, Relu>, float, float>;
}

template <class First, class Second, bool kCommutes>
void unary_binary(KernelSet &set, int first, int second) {
  set.pairs[first][second][0] = map2<UnaryBinary<First, Second, 0>, float, float>;
  if constexpr (kCommutes) {
    set.pairs[first][second][1] = set.pairs[first][second][0];
  } else {
    set.pairs[first][second][1] = map2<UnaryBinary<First, Second, 1>, float, float>;
  }
}

template <class First>
void after_unary(KernelSet &set, int first) {
  unary_binary<First, Add, true>(set, first, kPairAdd);
  unary_binary<First, Sub, false>(set, first, kPairSub);
  unary_binary<First, Mul, true>(set, first, kPairMul);
  unary_binary<First, Max, false>(set, first, kPairMax);
  unary_binary<First, Min, false>(set, first, kPairMin);
}

}  // namespace

void fill_pairs(KernelSet &set) {
  after_binary<Add>(set, kPairAdd);
  set.pairs[kPairAdd][kPairGelu][0] = map2<BinaryUnary<Add, Gelu>, float, float>;
  after_binary<Sub>(set, kPairSub);
  after_binary<Mul>(set, kPairMul);
  after_binary<Max>(set, kPairMax);
  after_binary<Min>(set, kPairMin);
  after_unary<Neg>(set, kPairNeg);
  after_unary<Abs>(set, kPairAbs);
  after_unary<Square>(set, kPairSquare);
  after_unary<Relu>(set, kPairRelu);
}

}  // namespace SINTER_ISA
}  // namespace sinter
