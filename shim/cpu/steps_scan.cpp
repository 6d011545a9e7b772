// steps_scan.cpp: running sums, products, maxima and minima along an axis.
#include "plain.h"

namespace sinter {

namespace {

enum { kScanSum, kScanProd, kScanMax, kScanMin };

template <class C, int kOp>
constexpr C identity() {
  if (kOp == kScanSum) return C(0);
  if (kOp == kScanProd) return C(1);
  if constexpr (std::is_floating_point<C>::value) {
    return kOp == kScanMax ? -C(__builtin_inff()) : C(__builtin_inff());
  } else {
    constexpr C top = C(std::is_signed<C>::value ? (uint64_t(1) << (sizeof(C) * 8 - 1)) - 1 : ~uint64_t(0));
    return kOp == kScanMax ? C(std::is_signed<C>::value ? -top - 1 : 0) : top;
  }
}

template <class C, int kOp>
inline C combine(C a, C b) {
  if constexpr (kOp == kScanSum) return wrapping_add(a, b);
  if constexpr (kOp == kScanProd) return wrapping_multiply(a, b);
  if constexpr (kOp == kScanMax) return a != a ? a : (a > b ? a : b);
  return a != a ? a : (a < b ? a : b);
}

constexpr int64_t kColumns = 64;  // neighbouring lines scanned together

// float32 sums are carried in float64.
template <class M, int kOp>
void scan(const PlainStep &step, const RunContext &run) {
  using W = Work<M>;
  using A = typename std::conditional<kOp == kScanSum && std::is_same<typename W::C, float>::value, double, typename W::C>::type;
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const int64_t strips = (step.inner + kColumns - 1) / kColumns;
  share(run, step.outer * strips, step.outer * step.axis * step.inner, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const int64_t first = line % strips * kColumns, columns = step.inner - first < kColumns ? step.inner - first : kColumns;
      const int64_t base = line / strips * step.axis * step.inner + first;
      A carried[kColumns];
      for (A &a : carried) a = identity<A, kOp>();
      for (int64_t i = 0; i < step.axis; i++) {
        const int64_t at = base + (step.reverse ? step.axis - 1 - i : i) * step.inner;
        for (int64_t j = 0; j < columns; j++) {
          const A next = combine<A, kOp>(carried[j], A(W::read(source[at + j])));
          target[at + j] = W::write(typename W::C(step.exclusive ? carried[j] : next));
          carried[j] = next;
        }
      }
    }
  });
}

}  // namespace

void run_scan(const PlainStep &step, const RunContext &run) {
  with_dtype(step.dtype, [&](auto memory) {
    using M = decltype(memory);
    switch (step.op) {
      case kScanSum: return scan<M, kScanSum>(step, run);
      case kScanProd: return scan<M, kScanProd>(step, run);
      case kScanMax: return scan<M, kScanMax>(step, run);
      default: return scan<M, kScanMin>(step, run);
    }
  });
}

}  // namespace sinter
