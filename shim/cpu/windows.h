// windows.h: the words of windows that slide over the last dimensions, and which elements lie in each.
#pragma once
#include "kernel.h"

namespace sinter {

constexpr int kWindowAxes = 4;

// The windows along one dimension.
struct WindowAxis {
  int64_t size, out, kernel, stride, dilation, low, high;
};

// Elements first, first + dilation, ... of one window that lie in x.
struct Taps {
  int64_t first, count;
};

inline int64_t ceil_divide(int64_t a, int64_t b) { return a <= 0 ? -(-a / b) : (a - 1) / b + 1; }

// How many of the window's elements lie in [from, to), and the first of them.
inline Taps taps_within(const WindowAxis &axis, int64_t out, int64_t from, int64_t to) {
  const int64_t start = out * axis.stride - axis.low;
  const int64_t skipped = start >= from ? 0 : ceil_divide(from - start, axis.dilation);
  const int64_t end = to <= start ? 0 : ceil_divide(to - start, axis.dilation);
  const int64_t count = (end < axis.kernel ? end : axis.kernel) - skipped;
  return {start + skipped * axis.dilation, count > 0 ? count : 0};
}
inline Taps taps(const WindowAxis &axis, int64_t out) { return taps_within(axis, out, 0, axis.size); }

// Windows whose elements all lie in x: from `begin` to `end`.
struct Interior {
  int64_t begin, end;
};
inline Interior interior(const WindowAxis &axis) {
  const int64_t last = axis.size - 1 - (axis.kernel - 1) * axis.dilation + axis.low;
  Interior result = {ceil_divide(axis.low, axis.stride), last < 0 ? 0 : last / axis.stride + 1};
  if (result.end > axis.out) result.end = axis.out;
  if (result.begin > result.end) result.begin = result.end;
  return result;
}

// Rows of windows over up to four dimensions; those that are missing come first and are 1.
struct Windows {
  int64_t rows;
  WindowAxis axis[kWindowAxes];
  int64_t source_count, window_count;  // of one row

  // The dimension along which memory runs, and how many windows there are along the others.
  const WindowAxis &last() const { return axis[kWindowAxes - 1]; }
  int64_t outer_windows() const { return axis[0].out * axis[1].out * axis[2].out; }
  int64_t outer_sources() const { return axis[0].size * axis[1].size * axis[2].size; }
};

void read_windows(Reader &reader, Windows *windows);

}  // namespace sinter
