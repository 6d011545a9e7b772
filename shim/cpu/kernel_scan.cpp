// kernel_scan.cpp: running sums, products, maxima and minima along an axis.
#include "kernel.h"

namespace sinter {

namespace {

enum { kScanSum, kScanProd, kScanMax, kScanMin };

struct Scan {
  int32_t dtype, op, exclusive, reverse;
  AxisSizes sizes;
  int32_t source, target;
};

void parse_scan(Reader &reader, const Program &program, Scan *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 3);
  step->exclusive = reader.ranged("exclusive", 0, 1);
  step->reverse = reader.ranged("reverse", 0, 1);
  step->sizes = read_axis_sizes(reader);
  const int64_t count = count_of(reader, {step->sizes.outer, step->sizes.axis, step->sizes.inner});
  step->source = read_buffer(reader, program, "source", count, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count, kDtypeSizes[step->dtype], true);
}

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
void scan(const Scan &step, const RunContext &run) {
  using W = Work<M>;
  using A = typename std::conditional<kOp == kScanSum && std::is_same<typename W::C, float>::value, double, typename W::C>::type;
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const auto [outer, axis, inner] = step.sizes;
  const int64_t strips = (inner + kColumns - 1) / kColumns;
  share(run, outer * strips, outer * axis * inner, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const int64_t first = line % strips * kColumns, columns = inner - first < kColumns ? inner - first : kColumns;
      const int64_t base = line / strips * axis * inner + first;
      A carried[kColumns];
      for (A &a : carried) a = identity<A, kOp>();
      for (int64_t i = 0; i < axis; i++) {
        const int64_t at = base + (step.reverse ? axis - 1 - i : i) * inner;
        for (int64_t j = 0; j < columns; j++) {
          const A next = combine<A, kOp>(carried[j], A(W::read(source[at + j])));
          target[at + j] = W::write(typename W::C(step.exclusive ? carried[j] : next));
          carried[j] = next;
        }
      }
    }
  });
}

bool run_scan(const Scan &step, const RunContext &run) {
  with_dtype(step.dtype, [&](auto memory) {
    using M = decltype(memory);
    switch (step.op) {
      case kScanSum: return scan<M, kScanSum>(step, run);
      case kScanProd: return scan<M, kScanProd>(step, run);
      case kScanMax: return scan<M, kScanMax>(step, run);
      default: return scan<M, kScanMin>(step, run);
    }
  });
  return true;
}

}  // namespace

SINTER_KERNEL(scan, Scan, parse_scan, run_scan);

}  // namespace sinter
