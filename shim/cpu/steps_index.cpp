// steps_index.cpp: reading and adding by index. Indices from -axis to -1 count from the end; others out of range read as 0 and are not added.
#include "plain.h"

namespace sinter {

namespace {

template <int kBytes>
void take_along(const PlainStep &step, const RunContext &run) {
  const char *source = run.buffers[step.source], *indices = run.buffers[step.indices];
  char *target = run.buffers[step.target];
  const bool wide = step.index_dtype == kInt64;
  share(run, step.outer * step.count, step.outer * step.count * step.inner * 2, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t outer = row / step.count;
      for (int64_t n = 0; n < step.inner; n++) {
        const int64_t at = row * step.inner + n, index = index_at(indices, at, wide, step.axis);
        if (index < 0) {
          memset(target + at * kBytes, 0, kBytes);
        } else {
          memcpy(target + at * kBytes, source + ((outer * step.axis + index) * step.inner + n) * kBytes, kBytes);
        }
      }
    }
  });
}

void take_rows(const PlainStep &step, const RunContext &run) {
  const char *source = run.buffers[step.source], *indices = run.buffers[step.indices];
  char *target = run.buffers[step.target];
  const bool wide = step.index_dtype == kInt64;
  const int64_t bytes = step.inner * step.dtype;
  share(run, step.outer * step.count, step.outer * step.count * (4 + bytes / 16), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t outer = row / step.count, index = index_at(indices, row % step.count, wide, step.axis);
      if (index < 0) {
        memset(target + row * bytes, 0, size_t(bytes));
      } else {
        memcpy(target + row * bytes, source + (outer * step.axis + index) * bytes, size_t(bytes));
      }
    }
  });
}

constexpr int64_t kColumns = 64;  // several threads share a wide inner axis in strips of this many elements

// Each strip of columns of one outer index belongs to one task, so the order of additions is that of the indices.
template <class M>
void index_add(const PlainStep &step, const RunContext &run, bool along) {
  using W = Work<M>;
  const M *base = reinterpret_cast<const M *>(run.buffers[step.source]);
  const M *updates = reinterpret_cast<const M *>(run.buffers[step.updates]);
  const char *indices = run.buffers[step.indices];
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const bool wide = step.index_dtype == kInt64;
  const int64_t strips = (step.inner + kColumns - 1) / kColumns;
  share(run, step.outer * strips, step.outer * (step.axis + step.count) * step.inner, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t outer = task / strips, first = task % strips * kColumns;
      const int64_t columns = step.inner - first < kColumns ? step.inner - first : kColumns;
      if (target != base) {
        for (int64_t i = 0; i < step.axis; i++) {
          const int64_t at = (outer * step.axis + i) * step.inner + first;
          memmove(static_cast<void *>(target + at), base + at, size_t(columns) * sizeof(M));
        }
      }
      for (int64_t i = 0; i < step.count; i++) {
        const int64_t from = (outer * step.count + i) * step.inner + first;
        const int64_t row = along ? 0 : index_at(indices, i, wide, step.axis);
        for (int64_t j = 0; j < columns && row >= 0; j++) {
          const int64_t index = along ? index_at(indices, from + j, wide, step.axis) : row;
          if (index < 0) continue;
          M &cell = target[(outer * step.axis + index) * step.inner + first + j];
          cell = W::write(wrapping_add(W::read(cell), W::read(updates[from + j])));
        }
      }
    }
  });
}

}  // namespace

void run_take(const PlainStep &step, const RunContext &run, bool along) {
  if (step.outer == 0 || step.count == 0 || step.inner == 0) return;
  if (!along) return take_rows(step, run);
  switch (step.dtype) {
    case 1: return take_along<1>(step, run);
    case 2: return take_along<2>(step, run);
    case 4: return take_along<4>(step, run);
    default: return take_along<8>(step, run);
  }
}

void run_index_add(const PlainStep &step, const RunContext &run, bool along) {
  if (step.outer == 0 || step.inner == 0) return;
  with_dtype(step.dtype, [&](auto memory) { index_add<decltype(memory)>(step, run, along); });
}

}  // namespace sinter
