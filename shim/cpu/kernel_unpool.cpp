// kernel_unpool.cpp: zeros with elements set at positions of their row. Indices from -size to -1 count from the end; others out of range set nothing.
#include "kernel.h"

namespace sinter {

namespace {

struct Unpool {
  int32_t bytes, index_dtype;
  int64_t rows, count, size;
  int32_t source, indices, target;
};

void parse_unpool(Reader &reader, const Program &program, Unpool *step) {
  step->bytes = reader.word("element bytes");
  if (reader.ok() && step->bytes != 1 && step->bytes != 2 && step->bytes != 4 && step->bytes != 8) reader.reject("element bytes is %d", step->bytes);
  step->index_dtype = read_index_dtype(reader);
  step->rows = reader.size("rows");
  step->count = reader.size("count");
  step->size = reader.size("size");
  const int64_t elements = count_of(reader, {step->rows, step->count});
  step->source = read_buffer(reader, program, "source", elements, step->bytes, false);
  step->indices = read_buffer(reader, program, "indices", elements, step->index_dtype == kInt64 ? 8 : 4, false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {step->rows, step->size}), step->bytes, true);
}

template <class T>
void unpool(const Unpool &step, const RunContext &run) {
  const T *source = reinterpret_cast<const T *>(run.buffers[step.source]);
  const char *indices = run.buffers[step.indices];
  T *target = reinterpret_cast<T *>(run.buffers[step.target]);
  const bool wide = step.index_dtype == kInt64;
  share(run, step.rows, step.rows * (2 * step.count + step.size), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      T *to = target + row * step.size;
      memset(to, 0, size_t(step.size) * sizeof(T));
      for (int64_t i = row * step.count; i < (row + 1) * step.count; i++) {
        const int64_t at = index_at(indices, i, wide, step.size);
        if (at >= 0) to[at] = source[i];
      }
    }
  });
}

bool run_unpool(const Unpool &step, const RunContext &run) {
  switch (step.bytes) {
    case 1: unpool<uint8_t>(step, run); break;
    case 2: unpool<uint16_t>(step, run); break;
    case 4: unpool<uint32_t>(step, run); break;
    default: unpool<uint64_t>(step, run);
  }
  return true;
}

}  // namespace

SINTER_KERNEL(unpool, Unpool, parse_unpool, run_unpool);

}  // namespace sinter
