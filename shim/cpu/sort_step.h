// sort_step.h: what sorting and argsort share: the words of their steps.
#pragma once
#include "kernel.h"

namespace sinter {

struct SortStep {
  int32_t dtype, descending;
  int64_t rows, length;
  int32_t source, target;
};

// positions: whether the result is the positions of elements, int32, instead of the elements.
inline void read_sort(Reader &reader, const Program &program, bool positions, SortStep *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->descending = reader.ranged("descending", 0, 1);
  step->rows = reader.size("rows");
  step->length = reader.size("length");
  if (step->length > INT32_MAX) reader.reject("length %lld does not fit int32", (long long)step->length);
  const int64_t count = count_of(reader, {step->rows, step->length});
  step->source = read_buffer(reader, program, "source", count, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count, positions ? 4 : kDtypeSizes[step->dtype], true);
}

}  // namespace sinter
