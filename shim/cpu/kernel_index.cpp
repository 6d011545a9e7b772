// kernel_index.cpp: reading by index. Indices from -axis to -1 count from the end; others out of range read as 0.
#include "kernel.h"

namespace sinter {

namespace {

// take: the same slices for every outer index; take_along: indices of their own for every element.
struct Take {
  int32_t bytes, index_dtype;
  AxisSizes sizes;
  int64_t count;
  int32_t source, indices, target;
};

void parse(Reader &reader, const Program &program, Take *step, bool along) {
  step->bytes = reader.word("element bytes");
  if (reader.ok() && step->bytes != 1 && step->bytes != 2 && step->bytes != 4 && step->bytes != 8) reader.reject("element bytes is %d", step->bytes);
  step->index_dtype = read_index_dtype(reader);
  step->sizes = read_axis_sizes(reader);
  step->count = reader.size("count");
  const auto &[outer, axis, inner] = step->sizes;
  const int64_t result = count_of(reader, {outer, step->count, inner});
  step->source = read_buffer(reader, program, "source", count_of(reader, {outer, axis, inner}), step->bytes, false);
  step->indices = read_buffer(reader, program, "indices", along ? result : step->count, step->index_dtype == kInt64 ? 8 : 4, false);
  step->target = read_buffer(reader, program, "target", result, step->bytes, true);
}

template <int kBytes>
void take_along(const Take &step, const RunContext &run) {
  const char *source = run.buffers[step.source], *indices = run.buffers[step.indices];
  char *target = run.buffers[step.target];
  const bool wide = step.index_dtype == kInt64;
  const int64_t outer_size = step.sizes.outer, axis = step.sizes.axis, inner = step.sizes.inner;
  share(run, outer_size * step.count, outer_size * step.count * inner * 2, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t outer = row / step.count;
      for (int64_t n = 0; n < inner; n++) {
        const int64_t at = row * inner + n, index = index_at(indices, at, wide, axis);
        if (index < 0) {
          memset(target + at * kBytes, 0, kBytes);
        } else {
          memcpy(target + at * kBytes, source + ((outer * axis + index) * inner + n) * kBytes, kBytes);
        }
      }
    }
  });
}

void take_rows(const Take &step, const RunContext &run) {
  const char *source = run.buffers[step.source], *indices = run.buffers[step.indices];
  char *target = run.buffers[step.target];
  const bool wide = step.index_dtype == kInt64;
  const int64_t outer_size = step.sizes.outer, axis = step.sizes.axis, inner = step.sizes.inner;
  const int64_t bytes = inner * step.bytes;
  share(run, outer_size * step.count, outer_size * step.count * (4 + bytes / 16), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t outer = row / step.count, index = index_at(indices, row % step.count, wide, axis);
      if (index < 0) {
        memset(target + row * bytes, 0, size_t(bytes));
      } else {
        memcpy(target + row * bytes, source + (outer * axis + index) * bytes, size_t(bytes));
      }
    }
  });
}

template <bool kAlong>
void parse_take(Reader &reader, const Program &program, Take *step) {
  parse(reader, program, step, kAlong);
}

template <bool kAlong>
bool run_take(const Take &step, const RunContext &run) {
  if (step.sizes.outer == 0 || step.count == 0 || step.sizes.inner == 0) return true;
  if (!kAlong) {
    take_rows(step, run);
    return true;
  }
  switch (step.bytes) {
    case 1: take_along<1>(step, run); break;
    case 2: take_along<2>(step, run); break;
    case 4: take_along<4>(step, run); break;
    default: take_along<8>(step, run);
  }
  return true;
}

}  // namespace

SINTER_KERNEL(take, Take, parse_take<false>, run_take<false>);
SINTER_KERNEL(take_along, Take, parse_take<true>, run_take<true>);

}  // namespace sinter
