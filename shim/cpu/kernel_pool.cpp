// kernel_pool.cpp: maxima and averages of windows. A row of windows is worked out in two passes: over the rows of x that its windows reach, then along the row.
#include "memory.h"
#include "windows.h"

namespace sinter {

void read_windows(Reader &reader, Windows *windows) {
  windows->rows = reader.size("rows");
  const int32_t rank = reader.ranged("window dimensions", 1, kWindowAxes);
  for (int d = 0; d < kWindowAxes; d++) {
    WindowAxis &axis = windows->axis[d];
    axis = {1, 1, 1, 1, 1, 0, 0};
    if (d < kWindowAxes - rank) continue;
    for (int64_t *field : {&axis.size, &axis.out, &axis.kernel, &axis.stride, &axis.dilation, &axis.low, &axis.high}) {
      *field = reader.size("window field");
      if (*field > INT32_MAX) reader.reject("window field %lld is too large", (long long)*field);
    }
    if (!reader.ok()) return;
    if (!axis.size || !axis.out || !axis.kernel || !axis.stride || !axis.dilation) return reader.reject("a window field is 0");
    const int64_t span = (axis.kernel - 1) * axis.dilation + 1;
    if (axis.low >= span || axis.high >= span) reader.reject("padding is not smaller than the windows");
    // The last window starts in x or in the padding before it, or ends in the padding after it.
    const int64_t start = (axis.out - 1) * axis.stride;
    if (start >= axis.size + axis.low && start + span > axis.low + axis.size + axis.high) reader.reject("there is no room for %lld windows", (long long)axis.out);
  }
  const WindowAxis *a = windows->axis;
  windows->source_count = count_of(reader, {a[0].size, a[1].size, a[2].size, a[3].size});
  windows->window_count = count_of(reader, {a[0].out, a[1].out, a[2].out, a[3].out});
  count_of(reader, {a[0].kernel, a[1].kernel, a[2].kernel, a[3].kernel});
  if (windows->source_count > INT32_MAX) reader.reject("positions do not fit int32");
}

namespace {

enum { kPoolMax, kPoolMaxIndices, kPoolAverage };
enum { kCountInside, kCountPadded, kCountKernel };

struct Pool {
  int32_t dtype, op, count;
  Windows windows;
  int32_t source, target, indices;
};

void parse_windows(Reader &reader, Pool *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 2);
  step->count = reader.ranged("count", 0, 2);
  if (step->op == kPoolAverage && step->dtype > kBfloat16) reader.reject("averages of dtype %d", step->dtype);
  read_windows(reader, &step->windows);
}

void parse_pool(Reader &reader, const Program &program, Pool *step) {
  parse_windows(reader, step);
  const Windows &w = step->windows;
  const int64_t results = count_of(reader, {w.rows, w.window_count});
  const int bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {w.rows, w.source_count}), bytes, false);
  step->target = read_buffer(reader, program, "target", results, bytes, true);
  step->indices = step->op == kPoolMaxIndices ? read_buffer(reader, program, "indices", results, 4, true) : reader.ranged("indices", -1, -1);
}

void parse_gradient(Reader &reader, const Program &program, Pool *step) {
  parse_windows(reader, step);
  if (step->op != kPoolAverage) reader.reject("op %d has no gradient here", step->op);
  const Windows &w = step->windows;
  const int bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {w.rows, w.window_count}), bytes, false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {w.rows, w.source_count}), bytes, true);
}

// What the part of a sum along one axis counts for in the divisor.
int64_t counted(const WindowAxis &axis, int64_t out, int count) {
  if (count == kCountKernel) return axis.kernel;
  return count == kCountInside ? taps(axis, out).count : taps_within(axis, out, -axis.low, axis.size + axis.high).count;
}

// Calls f(first element) for every row of x that windows at `outer` reach, in order; returns what these dimensions count for in the divisor.
template <class F>
int64_t each_source_row(const Windows &w, int64_t outer, int count, const F &f) {
  const int64_t at[3] = {outer / (w.axis[1].out * w.axis[2].out), outer / w.axis[2].out % w.axis[1].out, outer % w.axis[2].out};
  Taps own[3];
  int64_t divisor = 1;
  for (int d = 0; d < 3; d++) {
    own[d] = taps(w.axis[d], at[d]);
    divisor *= counted(w.axis[d], at[d], count);
  }
  for (int64_t i = 0; i < own[0].count; i++) {
    for (int64_t j = 0; j < own[1].count; j++) {
      for (int64_t k = 0; k < own[2].count; k++) {
        const int64_t a = own[0].first + i * w.axis[0].dilation, b = own[1].first + j * w.axis[1].dilation, c = own[2].first + k * w.axis[2].dilation;
        f(((a * w.axis[1].size + b) * w.axis[2].size + c) * w.last().size);
      }
    }
  }
  return divisor;
}

template <class C>
constexpr C lowest() {
  if constexpr (std::is_floating_point<C>::value) {
    return -C(__builtin_inff());
  } else {
    return std::is_signed<C>::value ? C(uint64_t(1) << (sizeof(C) * 8 - 1)) : C(0);
  }
}

struct Maximum {
  template <class C>
  static C combine(C a, C b) {
    return (b > a) | (b != b) ? b : a;
  }
};
struct Sum {
  template <class C>
  static C combine(C a, C b) {
    return a + b;
  }
};

// Combines `kernel` elements for each of `count` windows; `x` is the first element of the first. A stride of 0 stands for one that is not known.
template <class O, int kStride, class C>
void along_inside(const C *__restrict x, C *__restrict out, int64_t count, const WindowAxis &axis) {
  const int64_t stride = kStride ? kStride : axis.stride;
  if (axis.kernel == 2) {
    const C *y = x + axis.dilation;
    for (int64_t o = 0; o < count; o++) out[o] = O::combine(x[o * stride], y[o * stride]);
    return;
  }
  if (axis.kernel == 3) {
    const C *y = x + axis.dilation, *z = y + axis.dilation;
    for (int64_t o = 0; o < count; o++) out[o] = O::combine(O::combine(x[o * stride], y[o * stride]), z[o * stride]);
    return;
  }
  for (int64_t o = 0; o < count; o++) out[o] = x[o * stride];
  for (int64_t k = 1; k < axis.kernel; k++) {
    const C *y = x + k * axis.dilation;
    for (int64_t o = 0; o < count; o++) out[o] = O::combine(out[o], y[o * stride]);
  }
}

template <class O, class C>
void along(const C *x, C *out, const WindowAxis &axis, C empty) {
  const Interior inside = interior(axis);
  const auto edge = [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      const Taps own = taps(axis, o);
      C value = own.count ? x[own.first] : empty;
      for (int64_t k = 1; k < own.count; k++) value = O::combine(value, x[own.first + k * axis.dilation]);
      out[o] = value;
    }
  };
  edge(0, inside.begin);
  edge(inside.end, axis.out);
  const int64_t count = inside.end - inside.begin;
  if (count == 0) return;
  const C *first = x + (inside.begin * axis.stride - axis.low);
  switch (axis.stride) {
    case 1: return along_inside<O, 1>(first, out + inside.begin, count, axis);
    case 2: return along_inside<O, 2>(first, out + inside.begin, count, axis);
    default: return along_inside<O, 0>(first, out + inside.begin, count, axis);
  }
}

template <class M, class C>
void read_row(const M *__restrict from, C *__restrict to, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = Work<M>::read(from[i]);
}

// One row of windows of values: into `out`, by way of `line`. False when none of them reaches x along the outer dimensions.
template <class O, class M, class C>
bool pool_row(const Windows &w, const M *source, int64_t outer, int count, C *line, C *out, int64_t *divisor) {
  const int64_t n = w.last().size;
  const M *first = nullptr;
  bool combined = false;
  *divisor = each_source_row(w, outer, count, [&](int64_t at) {
    const M *__restrict row = source + at;
    C *__restrict to = line;
    if (!first) {
      first = row;
    } else if (!combined) {
      combined = true;
      for (int64_t i = 0; i < n; i++) to[i] = O::combine(Work<M>::read(first[i]), Work<M>::read(row[i]));
    } else {
      for (int64_t i = 0; i < n; i++) to[i] = O::combine(to[i], Work<M>::read(row[i]));
    }
  });
  if (!first) return false;
  const C *from = line;
  if constexpr (std::is_same<M, C>::value) {
    if (!combined) from = first;
  } else {
    if (!combined) read_row(first, line, n);
  }
  along<O>(from, out, w.last(), std::is_same<O, Sum>::value ? C(0) : lowest<C>());
  return true;
}

template <class M, class C>
void write_row(const C *__restrict from, M *__restrict to, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = Work<M>::write(from[i]);
}

// The same divisor for all windows but those at the ends.
template <class C>
void divide(C *out, const WindowAxis &axis, int64_t outer, int count) {
  const Interior inside = count == kCountKernel ? Interior{0, axis.out} : interior(axis);
  for (int64_t o = 0; o < inside.begin; o++) out[o] /= C(outer * counted(axis, o, count));
  for (int64_t o = inside.end; o < axis.out; o++) out[o] /= C(outer * counted(axis, o, count));
  const C divisor = C(outer * axis.kernel);
  for (int64_t o = inside.begin; o < inside.end; o++) out[o] /= divisor;
}

// Whether b at position j replaces a at position i as the maximum: NaN is above all, the first of equals stays.
template <class C>
inline bool replaces(C b, int32_t j, C a, int32_t i) {
  const bool above = (b > a) | ((b != b) & (a == a));
  const bool tied = (b == a) | ((b != b) & (a != a));
  return above | (tied & (j < i));
}

template <class M, class C>
void pool_row_indices(const Windows &w, const M *source, int64_t outer, C *best, int32_t *where, M *out, int32_t *indices) {
  const WindowAxis &axis = w.last();
  const int64_t n = axis.size;
  bool any = false;
  each_source_row(w, outer, kCountKernel, [&](int64_t at) {
    const M *__restrict row = source + at;
    if (!any) {
      for (int64_t i = 0; i < n; i++) {
        best[i] = Work<M>::read(row[i]);
        where[i] = int32_t(at + i);
      }
    } else {
      for (int64_t i = 0; i < n; i++) {
        const C value = Work<M>::read(row[i]), old = best[i];
        const bool above = (value > old) | ((value != value) & (old == old));
        best[i] = above ? value : old;
        where[i] = above ? int32_t(at + i) : where[i];
      }
    }
    any = true;
  });
  for (int64_t o = 0; o < axis.out; o++) {
    const Taps own = any ? taps(axis, o) : Taps{0, 0};
    C value = own.count ? best[own.first] : lowest<C>();
    int32_t at = own.count ? where[own.first] : int32_t(w.source_count);
    for (int64_t k = 1; k < own.count; k++) {
      const int64_t i = own.first + k * axis.dilation;
      const bool better = replaces(best[i], where[i], value, at);
      value = better ? best[i] : value;
      at = better ? where[i] : at;
    }
    out[o] = Work<M>::write(value);
    indices[o] = at;
  }
}

// Calls f(row of windows, scratch of its worker) for all rows of windows. False without memory for `bytes` of scratch per worker.
template <class F>
bool each_row(const RunContext &run, int64_t count, int64_t work, uint64_t bytes, const F &f) {
  if (count <= 0) return true;
  const int threads = threads_for(run, work);
  struct Context {
    const F *f;
    char *scratch;
    uint64_t bytes;
    int64_t count, tasks;
  } context = {&f, nullptr, (bytes + 63) / 64 * 64, count, threads > 1 ? (count < threads * 4 ? count : threads * 4) : 1};
  context.scratch = run_scratch(kScratchWindows, uint64_t(threads) * context.bytes);
  if (!context.scratch) return false;
  parallel_for(
      context.tasks, threads,
      [](void *opaque, int64_t task, int worker) {
        const Context &c = *static_cast<const Context *>(opaque);
        for (int64_t row = c.count * task / c.tasks; row < c.count * (task + 1) / c.tasks; row++) (*c.f)(row, c.scratch + uint64_t(worker) * c.bytes);
      },
      &context);
  return true;
}

// About how many vectors of elements are combined.
int64_t work_of(const Pool &step) {
  const WindowAxis *a = step.windows.axis;
  const double rows = double(step.windows.rows) * double(step.windows.outer_windows()) * double(a[0].kernel) * double(a[1].kernel) * double(a[2].kernel);
  const double work = rows * double(a[3].size) / 4 + double(step.windows.rows) * double(step.windows.window_count);
  return work < 1e15 ? int64_t(work) : int64_t(1e15);
}

template <class M>
bool pool(const Pool &step, const RunContext &run) {
  using C = typename Work<M>::C;
  const Windows &w = step.windows;
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  int32_t *indices = step.indices < 0 ? nullptr : reinterpret_cast<int32_t *>(run.buffers[step.indices]);
  const int64_t outer = w.outer_windows(), size = w.last().size, out = w.last().out;
  const uint64_t line_bytes = (uint64_t(size) * sizeof(C) + 63) / 64 * 64;
  const uint64_t bytes = line_bytes + uint64_t(indices ? size : out) * (indices ? sizeof(int32_t) : sizeof(C));
  return each_row(run, w.rows * outer, work_of(step), bytes, [&](int64_t row, char *scratch) {
    const M *from = source + row / outer * w.source_count;
    M *to = target + row * out;
    C *line = reinterpret_cast<C *>(scratch);
    if (indices) return pool_row_indices(w, from, row % outer, line, reinterpret_cast<int32_t *>(scratch + line_bytes), to, indices + row * out);
    C *result = reinterpret_cast<C *>(scratch + line_bytes);
    if constexpr (std::is_same<M, C>::value) result = to;
    int64_t divisor = 1;
    if (step.op == kPoolMax) {
      if (!pool_row<Maximum>(w, from, row % outer, step.count, line, result, &divisor)) for (int64_t o = 0; o < out; o++) result[o] = lowest<C>();
    } else {
      if (!pool_row<Sum>(w, from, row % outer, step.count, line, result, &divisor)) for (int64_t o = 0; o < out; o++) result[o] = C(0);
      if constexpr (std::is_floating_point<C>::value) divide(result, w.last(), divisor, step.count);
    }
    if constexpr (!std::is_same<M, C>::value) write_row(result, to, out);
  });
}

bool run_pool(const Pool &step, const RunContext &run) {
  bool done = true;
  with_dtype(step.dtype, [&](auto memory) { done = pool<decltype(memory)>(step, run); });
  return done;
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
  return each_row(run, w.rows * outer, work_of(step) + w.rows * w.source_count, uint64_t(axis.size + axis.out) * sizeof(C), [&](int64_t row, char *scratch) {
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
    divide(line, axis, 1, step.count);
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
    write_row(x, target + row * axis.size, axis.size);
  });
}

bool run_gradient(const Pool &step, const RunContext &run) {
  switch (step.dtype) {
    case kFloat32: return pool_gradient<float>(step, run);
    case kFloat64: return pool_gradient<double>(step, run);
    case kFloat16: return pool_gradient<HalfBits>(step, run);
    default: return pool_gradient<BrainBits>(step, run);
  }
}

}  // namespace

SINTER_KERNEL(pool, Pool, parse_pool, run_pool);
SINTER_KERNEL(pool_gradient, Pool, parse_gradient, run_gradient);

}  // namespace sinter
