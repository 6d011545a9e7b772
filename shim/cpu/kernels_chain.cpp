// kernels_chain.cpp (per SINTER_ISA): any number of cheap float32 instructions in one pass. A group of vectors stays in registers while one instruction
// after the other is applied to all of them, so that choosing the instruction costs little. Each is rounded on its own: results are those of single passes.
#include "functors.h"
#include "rounding.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sinter {
namespace SINTER_ISA {
namespace {

// Vectors of a group: half the registers, or where they are many, as many as leave room for operands and constants.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kGroup = 16;
#else
constexpr int kGroup = 8;
#endif

// Inlined, or the values would be in memory.
#define SINTER_INLINE inline __attribute__((always_inline))

template <int kVectors>
struct Group {
  F32 value[kVectors];

  template <class F>
  SINTER_INLINE void unary() {
    for (int i = 0; i < kVectors; i++) value[i] = F::apply(value[i]);
  }
  // kReversed: the value is the second operand.
  template <class F, bool kReversed>
  SINTER_INLINE void binary(const ChainStep &step, int64_t at) {
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

  SINTER_INLINE void apply(const ChainStep &step, int64_t at) {
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

// Requests the memory that later groups will read, a few lines before each instruction: all at once they would wait for each other.
struct Fetch {
  static constexpr int64_t kAhead = 2048;  // bytes
  const char *streams[kMaxChain + 1];
  int lines = 0, share = 0, next = 0;

  Fetch(const char *a, const ChainStep *steps, int64_t count) {
    int used = 0;
    streams[used++] = a;
    for (int64_t s = 0; s < count; s++) {
      bool known = steps[s].splat;
      for (int i = 0; i < used; i++) known |= streams[i] == steps[s].operand;
      if (!known) streams[used++] = steps[s].operand;
    }
    lines = used * kGroup;
    share = (lines + int(count) - 1) / int(count);
  }
  void start() { next = 0; }
  void some(int64_t at) {
    for (const int end = next + share < lines ? next + share : lines; next < end; next++) {
      __builtin_prefetch(streams[next / kGroup] + at + kAhead + next % kGroup * kVectorBytes);
    }
  }
};

// Writes an aligned vector past the caches: memory is not read first, and nothing that will be needed makes room for it.
SINTER_INLINE void store_past_caches(char *to, F32 value) {
#if defined(__AVX512F__)
  _mm512_stream_ps(reinterpret_cast<float *>(to), (__m512)value);
#elif defined(__AVX2__)
  _mm256_stream_ps(reinterpret_cast<float *>(to), (__m256)value);
#elif defined(__x86_64__)
  _mm_stream_ps(reinterpret_cast<float *>(to), (__m128)value);
#else
  store(to, value);
#endif
}

void publish() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

// Does as many whole groups as `bytes` has room for from `at` on.
template <int kVectors, bool kFetch = false, bool kPastCaches = false>
int64_t groups(char *d, const char *a, const ChainStep *steps, int64_t count, int64_t at, int64_t bytes, Fetch *fetch = nullptr) {
  constexpr int64_t kBytes = int64_t(kVectors) * kVectorBytes;
  for (; at + kBytes <= bytes; at += kBytes) {
    Group<kVectors> group;
    for (int i = 0; i < kVectors; i++) group.value[i] = load<F32>(a + at + i * kVectorBytes);
    if constexpr (kFetch) fetch->start();
    for (int64_t s = 0; s < count; s++) {
      if constexpr (kFetch) fetch->some(at);
      group.apply(steps[s], at);
    }
    for (int i = 0; i < kVectors; i++) {
      if constexpr (kPastCaches) {
        store_past_caches(d + at + i * kVectorBytes, group.value[i]);
      } else {
        store(d + at + i * kVectorBytes, group.value[i]);
      }
    }
  }
  return at;
}

void chain(void *d, const void *a, const ChainStep *steps, int64_t count, int64_t n, ChainMemory memory) {
  char *target = static_cast<char *>(d);
  const char *source = static_cast<const char *>(a);
  const int64_t bytes = (n + kLanes<float> - 1) / kLanes<float> * kVectorBytes;
  int64_t at = 0;
  const bool past_caches = memory != kNear && reinterpret_cast<uintptr_t>(target) % 64 == 0;  // whole lines
  if (memory == kFar) {
    Fetch fetch(source, steps, count);
    at = past_caches ? groups<kGroup, true, true>(target, source, steps, count, at, bytes, &fetch)
                     : groups<kGroup, true>(target, source, steps, count, at, bytes, &fetch);
  } else if (past_caches) {
    at = groups<kGroup, false, true>(target, source, steps, count, at, bytes);
  } else {
    at = groups<kGroup>(target, source, steps, count, at, bytes);
  }
  at = groups<kGroup / 4>(target, source, steps, count, at, bytes);
  groups<1>(target, source, steps, count, at, bytes);
}

}  // namespace

void fill_chain(KernelSet &set) {
  set.chain = chain;
  set.publish = publish;
}

}  // namespace SINTER_ISA
}  // namespace sinter
