// kernel_scatter.cpp: writing by index. Indices from -axis to -1 count from the end; updates of others out of range are dropped.
#include "kernel.h"

namespace sinter {

namespace {

enum Mode { kAdd, kMul, kDiv, kMin, kMax, kSet, kModes };

// scatter_slices: the same positions for every outer index; scatter_along: indices of their own for every element.
struct Scatter {
  int32_t dtype, index_dtype, mode;
  AxisSizes sizes;
  int64_t count;
  int32_t base, indices, updates, target;
};

template <bool kAlong>
void parse_scatter(Reader &reader, const Program &program, Scatter *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->index_dtype = read_index_dtype(reader);
  step->mode = reader.ranged("mode", 0, kModes - 1);
  step->sizes = read_axis_sizes(reader);
  step->count = reader.size("count");
  const auto &[outer, axis, inner] = step->sizes;
  const int bytes = kDtypeSizes[step->dtype];
  const int64_t result = count_of(reader, {outer, axis, inner}), updates = count_of(reader, {outer, step->count, inner});
  step->base = read_buffer(reader, program, "base", result, bytes, false);
  step->indices = read_buffer(reader, program, "indices", kAlong ? updates : step->count, step->index_dtype == kInt64 ? 8 : 4, false);
  step->updates = read_buffer(reader, program, "updates", updates, bytes, false);
  step->target = read_buffer(reader, program, "target", result, bytes, true);
}

template <int kMode, class C>
inline C combined(C a, C b) {
  if constexpr (kMode == kAdd) return wrapping_add(a, b);
  if constexpr (kMode == kMul) return wrapping_multiply(a, b);
  if constexpr (kMode == kSet) return b;
  if constexpr (kMode == kDiv) {
    if constexpr (std::is_integral<C>::value) {
      if (b == 0) return 0;
      if (std::is_signed<C>::value && b == C(-1)) return C(0 - uint64_t(a));
    }
    return C(a / b);
  }
  if constexpr (kMode == kMax) return a != a ? a : b != b ? b : (a > b ? a : b);
  return a != a ? a : b != b ? b : (a < b ? a : b);
}

constexpr int64_t kColumns = 16;  // strips of the inner axis are multiples of this many elements wide

// Each strip of columns of one outer index belongs to one task, so the order of updates is that of the indices, however wide the strips are.
template <class M, int kMode, bool kAlong>
void scatter(const Scatter &step, const RunContext &run) {
  using W = Work<M>;
  const M *base = reinterpret_cast<const M *>(run.buffers[step.base]);
  const M *updates = reinterpret_cast<const M *>(run.buffers[step.updates]);
  const char *indices = run.buffers[step.indices];
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const bool wide = step.index_dtype == kInt64;
  const int64_t outer_size = step.sizes.outer, axis = step.sizes.axis, inner = step.sizes.inner, count = step.count;
  const int64_t work = outer_size * ((target == base ? 0 : axis) + count) * inner;
  const int64_t threads = threads_for(run, work), parts = outer_size < threads ? (threads + outer_size - 1) / outer_size : 1;
  const int64_t width = ((inner + parts - 1) / parts + kColumns - 1) / kColumns * kColumns, strips = (inner + width - 1) / width;
  share(run, outer_size * strips, work, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t outer = task / strips, first = task % strips * width;
      const int64_t columns = inner - first < width ? inner - first : width;
      if (target != base) {
        for (int64_t i = 0; i < axis; i++) {
          const int64_t at = (outer * axis + i) * inner + first;
          memmove(static_cast<void *>(target + at), base + at, size_t(columns) * sizeof(M));
        }
      }
      for (int64_t i = 0; i < count; i++) {
        const int64_t from = (outer * count + i) * inner + first;
        if constexpr (kAlong) {
          for (int64_t j = 0; j < columns; j++) {
            const int64_t index = index_at(indices, from + j, wide, axis);
            if (index < 0) continue;
            M &cell = target[(outer * axis + index) * inner + first + j];
            cell = W::write(combined<kMode>(W::read(cell), W::read(updates[from + j])));
          }
        } else {
          const int64_t index = index_at(indices, i, wide, axis);
          if (index < 0) continue;
          M *row = target + (outer * axis + index) * inner + first;
          if constexpr (kMode == kSet) {
            memmove(static_cast<void *>(row), updates + from, size_t(columns) * sizeof(M));
          } else {
            for (int64_t j = 0; j < columns; j++) row[j] = W::write(combined<kMode>(W::read(row[j]), W::read(updates[from + j])));
          }
        }
      }
    }
  });
}

template <class M, bool kAlong>
void scatter_in_mode(const Scatter &step, const RunContext &run) {
  switch (step.mode) {
    case kAdd: return scatter<M, kAdd, kAlong>(step, run);
    case kMul: return scatter<M, kMul, kAlong>(step, run);
    case kDiv: return scatter<M, kDiv, kAlong>(step, run);
    case kMin: return scatter<M, kMin, kAlong>(step, run);
    case kMax: return scatter<M, kMax, kAlong>(step, run);
    default: return scatter<M, kSet, kAlong>(step, run);
  }
}

template <bool kAlong>
bool run_scatter(const Scatter &step, const RunContext &run) {
  if (step.sizes.outer == 0 || step.sizes.inner == 0) return true;
  with_dtype(step.dtype, [&](auto memory) { scatter_in_mode<decltype(memory), kAlong>(step, run); });
  return true;
}

}  // namespace

SINTER_KERNEL(scatter_slices, Scatter, parse_scatter<false>, run_scatter<false>);
SINTER_KERNEL(scatter_along, Scatter, parse_scatter<true>, run_scatter<true>);

}  // namespace sinter
