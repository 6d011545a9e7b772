// kernel_pool_gradient.cpp: the transpose of averages of windows. A row is worked out as pooling does it: over the rows of windows that reach it, then along itself.
#include "pool_step.h"

namespace sinter {

namespace {

void parse_gradient(Reader &reader, const Program &program, Pool *step) {
  read_pool(reader, step);
  if (step->op != kPoolAverage) reader.reject("op %d has no gradient here", step->op);
  const Windows &w = step->windows;
  const int bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {w.rows, w.window_count}), bytes, false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {w.rows, w.source_count}), bytes, true);
}

// Calls f(window) for the windows along an axis that hold element i, in order.
template <class F>
void each_window(const WindowAxis &axis, int64_t i, const F &f) {
  const int64_t from = i + axis.low, reach = from / axis.dilation;
  for (int64_t k = reach < axis.kernel ? reach : axis.kernel - 1; k >= 0; k--) {
    const int64_t start = from - k * axis.dilation;
    if (start >= axis.out * axis.stride) break;
    if (start % axis.stride == 0) f(start / axis.stride);
  }
}

template <int kStride, class C>
void spread_inside(const C *__restrict line, C *__restrict x, int64_t count, const WindowAxis &axis) {
  const int64_t stride = kStride ? kStride : axis.stride;
  for (int64_t k = 0; k < axis.kernel; k++) {
    C *__restrict to = x + k * axis.dilation;
    for (int64_t o = 0; o < count; o++) to[o * stride] += line[o];
  }
}

// Each row of x: what its windows along the outer dimensions have, summed, then spread along the row.
template <class M>
bool pool_gradient(const Pool &step, const RunContext &run) {
  using C = typename Work<M>::C;
  const Windows &w = step.windows;
  const WindowAxis &axis = w.last();
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const int64_t outer = w.outer_sources();
  return each_pooled_row(run, w.rows * outer, pool_work(step) + w.rows * w.source_count, uint64_t(axis.size + axis.out) * sizeof(C), [&](int64_t row, char *scratch) {
    C *line = reinterpret_cast<C *>(scratch), *x = line + axis.out;
    for (int64_t o = 0; o < axis.out; o++) line[o] = C(0);
    for (int64_t i = 0; i < axis.size; i++) x[i] = C(0);
    const int64_t at = row % outer, last = w.axis[2].size, middle = w.axis[1].size;
    const M *grads = source + row / outer * w.window_count;
    each_window(w.axis[0], at / (middle * last), [&](int64_t a) {
      each_window(w.axis[1], at / last % middle, [&](int64_t b) {
        each_window(w.axis[2], at % last, [&](int64_t c) {
          const M *__restrict grad = grads + ((a * w.axis[1].out + b) * w.axis[2].out + c) * axis.out;
          const C divisor = C(counted(w.axis[0], a, step.count) * counted(w.axis[1], b, step.count) * counted(w.axis[2], c, step.count));
          for (int64_t o = 0; o < axis.out; o++) line[o] += Work<M>::read(grad[o]) / divisor;
        });
      });
    });
    divide_by_counts(line, axis, 1, step.count);
    const Interior inside = interior(axis);
    for (int64_t o = 0; o < axis.out; o++) {
      if (o == inside.begin && inside.end > o) o = inside.end;
      if (o == axis.out) break;
      const Taps own = taps(axis, o);
      for (int64_t k = 0; k < own.count; k++) x[own.first + k * axis.dilation] += line[o];
    }
    const int64_t count = inside.end - inside.begin;
    if (count > 0) {
      C *first = x + (inside.begin * axis.stride - axis.low);
      if (axis.stride == 1) spread_inside<1>(line + inside.begin, first, count, axis);
      else if (axis.stride == 2) spread_inside<2>(line + inside.begin, first, count, axis);
      else spread_inside<0>(line + inside.begin, first, count, axis);
    }
    write_pooled_row(x, target + row * axis.size, axis.size);
  });
}

bool run_gradient(const Pool &step, const RunContext &run) {
  return with_float_dtype(step.dtype, [&](auto memory) { return pool_gradient<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(pool_gradient, Pool, parse_gradient, run_gradient);

}  // namespace sinter
