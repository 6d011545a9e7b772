// conv_planes.cpp: convolutions of few channels per group, depthwise above all, with neighbouring places in vectors. An image and group is one task.
#include <string.h>

#include "conv.h"
#include "gemm_scratch.h"

namespace sinter {
namespace {

// Elements behind a field, and values computed at a time.
constexpr int64_t slack = 64, stretch = 2048;

// Rows of results are computed as one where what lies between them is little: how many.
struct Rows {
  int64_t at_once, pitch;
};

Rows rows_of(const Grid &grid, int lanes) {
  const int64_t pitch = grid.step[1], n = grid.n[2];
  if (pitch >= n && pitch - n <= n / 4 + lanes) return {most(1, least(grid.n[1], stretch / pitch)), pitch};
  return {1, round_up(n, lanes)};
}

void fill_field(const ConvRun &run, const Field &field, int64_t unit, char *to) {
  const int element = run.kernels.element;
  const int64_t plane = volume(field.size);
  for (int64_t i = 0; i < field.planes; i++) {
    fill_plane(run.kernels, field, run.first + (unit * field.planes + i) * plane * element, to + i * field.plane() * element);
  }
  memset(to + field.elements() * element, 0, static_cast<size_t>(slack * element));
}

// Calls f(z, y, rows) for pieces of a grid.
template <class F>
void for_pieces(const Grid &grid, int64_t at_once, const F &f) {
  for (int64_t z = 0; z < grid.n[0]; z++) {
    for (int64_t y = 0; y < grid.n[1]; y += at_once) f(z, y, least(at_once, grid.n[1] - y));
  }
}

// Rows of results to where they belong.
void store_rows(const ConvKernels &kernels, const Grid &grid, const char *from, int64_t pitch, int64_t rows, char *to) {
  const int64_t element = kernels.element;
  if (grid.target[2] == 1) {
    kernels.place(from, pitch, to, grid.target[1], rows, grid.n[2], 0);
    return;
  }
  for (int64_t row = 0; row < rows; row++, from += pitch * element, to += grid.target[1] * element) {
    for (int64_t x = 0; x < grid.n[2]; x++) memcpy(to + x * grid.target[2] * element, from + x * element, static_cast<size_t>(element));
  }
}

void run_unit(const ConvRun &run, const Plan &plan, int64_t unit, char *field, char *weights, char *values) {
  const ConvKernels &kernels = run.kernels;
  const int element = kernels.element;
  const int64_t group_weights = run.conv.filters * run.conv.channels * volume(run.conv.kernel);
  fill_field(run, plan.field, unit, field);
  for (int64_t g = 0; g < plan.grids; g++) {
    const Grid &grid = plan.grid[g];
    const Rows rows = rows_of(grid, kernels.lanes);
    for (int64_t result = 0; result < plan.results; result++) {
      const char *own = run.second + (unit % run.conv.groups * group_weights + result * plan.weight_step) * element;
      for (int64_t tap = 0; tap < grid.taps; tap++) memcpy(weights + tap * element, own + grid.weights[tap] * element, static_cast<size_t>(element));
      char *target = run.target + ((unit * plan.results + result) * plan.result_plane + grid.start) * element;
      for_pieces(grid, rows.at_once, [&](int64_t z, int64_t y, int64_t count) {
        const char *from = field + (z * grid.step[0] + y * grid.step[1]) * element;
        kernels.taps(from, grid.offsets, weights, grid.taps, values, (count - 1) * rows.pitch + grid.n[2]);
        store_rows(kernels, grid, values, rows.pitch, count, target + (z * grid.target[0] + y * grid.target[1]) * element);
      });
    }
  }
}

int64_t values_of(const Plan &plan, int lanes) {
  int64_t longest = 0;
  for (int64_t g = 0; g < plan.grids; g++) {
    const Rows rows = rows_of(plan.grid[g], lanes);
    longest = most(longest, rows.at_once * rows.pitch);
  }
  return longest + slack;
}

double sum_of(const char *sums, int lanes, int element) {
  double total = 0;
  for (int i = 0; i < lanes; i++) total += element == 4 ? double(reinterpret_cast<const float *>(sums)[i]) : reinterpret_cast<const double *>(sums)[i];
  return total;
}

}  // namespace

bool conv_planes(const ConvRun &run) {
  const Convolution &conv = run.conv;
  const int element = run.kernels.element;
  const int64_t tables = plan_bytes(conv);
  char *table = static_cast<char *>(scratch_take(static_cast<size_t>(tables)));
  if (!table) return false;
  const Plan plan = make_plan(conv, true, table);
  const int64_t field_bytes = round_up((plan.field.elements() + slack) * element, 64);
  const int64_t values_bytes = round_up(values_of(plan, run.kernels.lanes) * element, 64);
  const int64_t taps = volume(conv.kernel) * (conv.mode == kConvData ? conv.filters : conv.channels), weights_bytes = round_up(taps * element, 64);
  const int64_t own = field_bytes + values_bytes + weights_bytes;
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(own * run.threads)));
  if (scratch) {
    parallel_items(conv.images * conv.groups, run.threads, plan.result_plane * plan.results * taps, [&](int64_t unit, int worker) {
      char *field = scratch + worker * own;
      run_unit(run, plan, unit, field, field + field_bytes, field + field_bytes + weights_bytes);
    });
    scratch_give(scratch);
  }
  scratch_give(table);
  return scratch != nullptr;
}

// A group is one task: its images are added in order.
bool conv_planes_weights(const ConvRun &run) {
  const Convolution &conv = run.conv;
  const ConvKernels &kernels = run.kernels;
  const int element = kernels.element;
  char *table = static_cast<char *>(scratch_take(static_cast<size_t>(plan_bytes(conv))));
  if (!table) return false;
  const Plan plan = make_plan(conv, true, table);
  const Grid &grid = *plan.grid;
  const Rows rows = rows_of(grid, kernels.lanes);
  const int64_t places = volume(conv.counts), sums_step = int64_t(kernels.lanes) * element;
  const int64_t field_bytes = round_up((plan.field.elements() + slack) * element, 64);
  const int64_t values_bytes = round_up(values_of(plan, kernels.lanes) * element, 64);
  const int64_t sums_bytes = conv.filters * grid.taps * sums_step, own = field_bytes + values_bytes + sums_bytes;
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(own * run.threads)));
  if (scratch) {
    parallel_items(conv.groups, run.threads, conv.images * places * conv.filters * grid.taps, [&](int64_t group, int worker) {
      char *field = scratch + worker * own, *values = field + field_bytes, *sums = values + values_bytes;
      memset(sums, 0, static_cast<size_t>(sums_bytes));
      for (int64_t image = 0; image < conv.images; image++) {
        const int64_t unit = image * conv.groups + group;
        fill_field(run, plan.field, unit, field);
        for (int64_t filter = 0; filter < conv.filters; filter++) {
          const char *grad = run.second + (unit * conv.filters + filter) * places * element;
          for_pieces(grid, rows.at_once, [&](int64_t z, int64_t y, int64_t count) {
            const int64_t n = round_up((count - 1) * rows.pitch + grid.n[2], kernels.lanes);
            const char *rows_of_grad = grad + (z * grid.target[0] + y * grid.target[1]) * element;
            kernels.place(rows_of_grad, grid.target[1], values, rows.pitch, count, grid.n[2], rows.pitch - grid.n[2]);
            const int64_t end = count * rows.pitch;
            if (n > end) memset(values + end * element, 0, static_cast<size_t>((n - end) * element));
            const char *from = field + (z * grid.step[0] + y * grid.step[1]) * element;
            kernels.dots(from, grid.offsets, grid.taps, values, n, sums + filter * grid.taps * sums_step);
          });
        }
      }
      for (int64_t i = 0; i < conv.filters * grid.taps; i++) {
        const double total = sum_of(sums + i * sums_step, kernels.lanes, element);
        char *to = run.target + (group * conv.filters * grid.taps + i) * element;
        if (element == 4) {
          *reinterpret_cast<float *>(to) = static_cast<float>(total);
        } else {
          *reinterpret_cast<double *>(to) = total;
        }
      }
    });
    scratch_give(scratch);
  }
  scratch_give(table);
  return scratch != nullptr;
}

}  // namespace sinter
