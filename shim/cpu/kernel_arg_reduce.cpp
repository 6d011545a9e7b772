// kernel_arg_reduce.cpp: positions of extremes along an axis; the first index of ties, the first NaN wins.
#include "kernel.h"

namespace sinter {

namespace {

struct ArgReduce {
  int32_t dtype, op;
  AxisSizes sizes;
  int32_t source, target;
};

void parse_arg_reduce(Reader &reader, const Program &program, ArgReduce *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 1);
  step->sizes = read_axis_sizes(reader);
  const auto &[outer, axis, inner] = step->sizes;
  if (axis == 0 && outer > 0 && inner > 0) reader.reject("the axis is empty");
  if (axis > INT32_MAX) reader.reject("axis %lld does not fit int32", (long long)axis);
  step->source = read_buffer(reader, program, "source", count_of(reader, {outer, axis, inner}), kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {outer, inner}), 4, true);
}

template <class M, bool kMin>
void arg_reduce(const ArgReduce &step, const RunContext &run) {
  using W = Work<M>;
  using C = typename W::C;
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  int32_t *target = reinterpret_cast<int32_t *>(run.buffers[step.target]);
  const int64_t outer = step.sizes.outer, axis = step.sizes.axis, inner = step.sizes.inner;
  share(run, outer * inner, outer * axis * inner, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const M *at = source + line / inner * axis * inner + line % inner;
      C best = W::read(*at);
      int32_t position = 0;
      for (int64_t i = 1; i < axis && best == best; i++) {
        const C value = W::read(at[i * inner]);
        if ((kMin ? value < best : value > best) || value != value) {
          best = value;
          position = int32_t(i);
        }
      }
      target[line] = position;
    }
  });
}

bool run_arg_reduce(const ArgReduce &step, const RunContext &run) {
  with_dtype(step.dtype, [&](auto memory) {
    using M = decltype(memory);
    if (step.op) {
      arg_reduce<M, true>(step, run);
    } else {
      arg_reduce<M, false>(step, run);
    }
  });
  return true;
}

}  // namespace

SINTER_KERNEL(arg_reduce, ArgReduce, parse_arg_reduce, run_arg_reduce);

}  // namespace sinter
