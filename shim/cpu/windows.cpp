// windows.cpp: reading the words of windows and of pooling.
#include "windows.h"

#include "pool_step.h"

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

void read_pool(Reader &reader, Pool *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 2);
  step->count = reader.ranged("count", 0, 2);
  if (step->op == kPoolAverage && step->dtype > kBfloat16) reader.reject("averages of dtype %d", step->dtype);
  read_windows(reader, &step->windows);
}

int64_t pool_work(const Pool &step) {
  const WindowAxis *a = step.windows.axis;
  const double rows = double(step.windows.rows) * double(step.windows.outer_windows()) * double(a[0].kernel) * double(a[1].kernel) * double(a[2].kernel);
  const double work = rows * double(a[3].size) / 4 + double(step.windows.rows) * double(step.windows.window_count);
  return work < 1e15 ? int64_t(work) : int64_t(1e15);
}

}  // namespace sinter
