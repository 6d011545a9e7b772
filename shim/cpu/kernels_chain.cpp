// kernels_chain.cpp (per SINTER_ISA): any number of cheap float32 instructions in one pass. A group of vectors stays in registers while one instruction
// after the other is applied to all of them, so that choosing the instruction costs little. Each is rounded on its own: results are those of single passes.
#include "functors.h"
#include "rounding.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

// Vectors of a group: half the registers, or where they are many, as many as leave room for operands and constants.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kGroup = 16;
#else
constexpr int kGroup = 8;
#endif

template <int kVectors>
struct Group {
  F32 value[kVectors];

  template <class F>
  void unary() {
    for (int i = 0; i < kVectors; i++) value[i] = F::apply(value[i]);
  }
  // kReversed: the value is the second operand.
  template <class F, bool kReversed>
  void binary(const ChainStep &step, int64_t at) {
    if (step.splat) {
      const F32 other = load<F32>(step.operand);
      for (int i = 0; i < kVectors; i++) value[i] = kReversed ? F::apply(other, value[i]) : F::apply(value[i], other);
    } else {
      const char *operand = step.operand + at;
      for (int i = 0; i < kVectors; i++) {
        const F32 other = load<F32>(operand + i * kVectorBytes);
        value[i] = kReversed ? F::apply(other, value[i]) : F::apply(value[i], other);
      }
    }
  }

  void apply(const ChainStep &step, int64_t at) {
    switch (step.code) {
      case kChainAdd: binary<Add, false>(step, at); break;
      case kChainSub: binary<Sub, false>(step, at); break;
      case kChainSubFrom: binary<Sub, true>(step, at); break;
      case kChainMul: binary<Mul, false>(step, at); break;
      case kChainMax: binary<Max, false>(step, at); break;
      case kChainMaxOf: binary<Max, true>(step, at); break;
      case kChainMin: binary<Min, false>(step, at); break;
      case kChainMinOf: binary<Min, true>(step, at); break;
      case kChainNeg: unary<Neg>(); break;
      case kChainAbs: unary<Abs>(); break;
      case kChainSquare: unary<Square>(); break;
      case kChainRelu: unary<Relu>(); break;
    }
  }
};

// Does as many whole groups as `bytes` has room for from `at` on.
template <int kVectors>
inline int64_t groups(char *d, const char *a, const ChainStep *steps, int64_t count, int64_t at, int64_t bytes) {
  constexpr int64_t kBytes = int64_t(kVectors) * kVectorBytes;
  for (; at + kBytes <= bytes; at += kBytes) {
    Group<kVectors> group;
    for (int i = 0; i < kVectors; i++) group.value[i] = load<F32>(a + at + i * kVectorBytes);
    for (int64_t s = 0; s < count; s++) group.apply(steps[s], at);
    for (int i = 0; i < kVectors; i++) store(d + at + i * kVectorBytes, group.value[i]);
  }
  return at;
}

void chain(void *d, const void *a, const ChainStep *steps, int64_t count, int64_t n) {
  char *target = static_cast<char *>(d);
  const char *source = static_cast<const char *>(a);
  const int64_t bytes = (n + kLanes<float> - 1) / kLanes<float> * kVectorBytes;
  int64_t at = groups<kGroup>(target, source, steps, count, 0, bytes);
  at = groups<kGroup / 4>(target, source, steps, count, at, bytes);
  groups<1>(target, source, steps, count, at, bytes);
}

}  // namespace

void fill_chain(KernelSet &set) { set.chain = chain; }

}  // namespace SINTER_ISA
}  // namespace sinter
