// kernel_pool.cpp: maxima and averages of windows. A row of windows is worked out in two passes: over the rows of x that its windows reach, then along the row.
#include "image_rows.h"
#include "pool_step.h"

namespace sinter {

namespace {

void parse_pool(Reader &reader, const Program &program, Pool *step) {
  read_pool(reader, step);
  const Windows &w = step->windows;
  const int64_t results = count_of(reader, {w.rows, w.window_count});
  const int bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {w.rows, w.source_count}), bytes, false);
  step->target = read_buffer(reader, program, "target", results, bytes, true);
  step->indices = step->op == kPoolMaxIndices ? read_buffer(reader, program, "indices", results, 4, true) : reader.ranged("indices", -1, -1);
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
    } else if constexpr (std::is_same<M, float>::value) {
      image_rows().raise(row, int32_t(at), best, where, n);
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
  Interior fast = {0, 0};
  if constexpr (std::is_same<M, float>::value) {
    if (any) fast = interior(axis);
    const int64_t count = fast.end - fast.begin;
    const int64_t first = fast.begin * axis.stride - axis.low;
    if (count > 0) image_rows().raise_along(best + first, where + first, axis.kernel, axis.stride, axis.dilation, out + fast.begin, indices + fast.begin, count);
  }
  for (int64_t o = 0; o < axis.out; o++) {
    if (o == fast.begin && fast.end > o) o = fast.end;
    if (o == axis.out) break;
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
  return each_pooled_row(run, w.rows * outer, pool_work(step), bytes, [&](int64_t row, char *scratch) {
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
      if constexpr (std::is_floating_point<C>::value) divide_by_counts(result, w.last(), divisor, step.count);
    }
    if constexpr (!std::is_same<M, C>::value) write_pooled_row(result, to, out);
  });
}

bool run_pool(const Pool &step, const RunContext &run) {
  return with_dtype(step.dtype, [&](auto memory) { return pool<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(pool, Pool, parse_pool, run_pool);

}  // namespace sinter
