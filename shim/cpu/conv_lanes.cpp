// conv_lanes.cpp: convolutions with channels of the result in vectors. No columns are made of the data: tiles read it through the offsets of the taps.
#include <string.h>

#include "conv.h"
#include "gemm_scratch.h"

namespace sinter {
namespace {

constexpr int64_t most_rows = 12, block_tiles = 8, chunk_bytes = 24 << 10, panel_bytes = 8 << 20, cached_bytes = 512 << 10;

// Runs of k that keep a strip of the right operand in the first-level cache: their length.
int64_t chunk_of(const ConvKernels &kernels, int64_t depth) {
  const int64_t longest = chunk_bytes / (kernels.columns * kernels.element);
  return most(1, ceil_div(depth, most(1, ceil_div(depth, longest))));
}

// The weights of one group and grid for result channels from `first` on, tap by tap.
void pack_weights(const ConvRun &run, const Plan &plan, const Grid &grid, int64_t group, int64_t first, int64_t width, char *to) {
  const int element = run.kernels.element;
  const int64_t columns = run.kernels.columns, group_weights = run.conv.filters * run.conv.channels * volume(run.conv.kernel);
  const char *from = run.second + (group * group_weights + first * plan.weight_step) * element;
  if (run.conv.mode == kConvForward) {
    float_kernels(element == 4 ? kFloat32 : kFloat64).pack_b(from, 1, plan.weight_step, grid.taps, width, to);
    return;
  }
  for (int64_t tap = 0; tap < grid.taps; tap++, to += columns * element) {
    memset(to, 0, static_cast<size_t>(columns * element));
    for (int64_t j = 0; j < width; j++) memcpy(to + j * element, from + (grid.weights[tap] + j * plan.weight_step) * element, static_cast<size_t>(element));
  }
}

// Fills the fields of `count` units (an image and a group each) from the first on.
void fill_fields(const ConvRun &run, const Field &field, int64_t first, int64_t count, char *fields) {
  const int element = run.kernels.element;
  const int64_t plane = volume(field.size);
  parallel_items(count * field.planes, run.threads, field.plane() * 4, [&](int64_t item, int) {
    fill_plane(run.kernels, field, run.first + (first * field.planes + item) * plane * element, fields + item * field.plane() * element);
  });
}

template <class T>
void scatter(const T *from, int64_t columns, const int64_t *targets, int64_t count, int64_t width, T *to, int64_t plane) {
  const bool dense = targets[count - 1] - targets[0] == count - 1;
  for (int64_t j = 0; j < width; j++, to += plane) {
    if (dense) {
      for (int64_t i = 0; i < count; i++) to[targets[0] + i] = from[i * columns + j];
    } else {
      for (int64_t i = 0; i < count; i++) to[targets[i]] = from[i * columns + j];
    }
  }
}

// One block of places of a unit, one strip of result channels.
void run_block(const ConvRun &run, const Plan &plan, const Grid &grid, const char *field, const char *weights, int64_t block, int64_t width, char *target) {
  const ConvKernels &kernels = run.kernels;
  const int64_t block_rows = kernels.rows * block_tiles, begin = block * block_rows, count = least(block_rows, volume(grid.n) - begin);
  const void *rows[most_rows * block_tiles];
  int64_t targets[most_rows * block_tiles];
  alignas(64) char sums[most_rows * block_tiles * 256];
  int64_t x = begin % grid.n[2], y = begin / grid.n[2] % grid.n[1], z = begin / grid.n[2] / grid.n[1];
  for (int64_t i = 0; i < count; i++) {
    rows[i] = field + (z * grid.step[0] + y * grid.step[1] + x * grid.step[2]) * kernels.element;
    targets[i] = grid.start + z * grid.target[0] + y * grid.target[1] + x * grid.target[2];
    if (++x == grid.n[2]) {
      x = 0;
      if (++y == grid.n[1]) y = 0, z++;
    }
  }
  const int64_t chunk = chunk_of(kernels, grid.taps), row_bytes = kernels.columns * kernels.element;
  const int64_t height = ceil_div(count, ceil_div(count, kernels.rows));  // no low tile is left over
  int64_t k = 0;
  do {
    const int64_t depth = least(chunk, grid.taps - k);
    for (int64_t i = 0; i < count; i += height) {
      kernels.tile(rows + i, least(height, count - i), grid.offsets + k, depth, weights + k * row_bytes, width, sums + i * row_bytes, k > 0);
    }
    k += depth;
  } while (k < grid.taps);
  if (kernels.element == 4) {
    scatter(reinterpret_cast<const float *>(sums), kernels.columns, targets, count, width, reinterpret_cast<float *>(target), plan.result_plane);
  } else {
    scatter(reinterpret_cast<const double *>(sums), kernels.columns, targets, count, width, reinterpret_cast<double *>(target), plan.result_plane);
  }
}

}  // namespace

bool conv_lanes(const ConvRun &run) {
  const Convolution &conv = run.conv;
  const ConvKernels &kernels = run.kernels;
  const int element = kernels.element;
  const int64_t tables = plan_bytes(conv);
  char *table = static_cast<char *>(scratch_take(static_cast<size_t>(tables)));
  if (!table) return false;
  const Plan plan = make_plan(conv, false, table);
  int64_t taps = 0, blocks = 0;
  const int64_t block_rows = kernels.rows * block_tiles;
  for (int64_t i = 0; i < plan.grids; i++) {
    taps += plan.grid[i].taps;
    blocks += ceil_div(volume(plan.grid[i].n), block_rows);
  }
  const int64_t units = conv.images * conv.groups, strips = ceil_div(plan.results, kernels.columns), row_bytes = kernels.columns * element;
  const int64_t field_bytes = plan.field.direct ? 0 : plan.field.elements() * element;
  const int64_t panel = field_bytes ? most(1, least(units, panel_bytes / field_bytes)) : units;
  const int64_t weights_bytes = round_up(conv.groups * strips * taps * row_bytes, 64);
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(weights_bytes + panel * field_bytes)));
  if (!scratch) {
    scratch_give(table);
    return false;
  }
  char *fields = scratch + weights_bytes;
  // Weights that do not stay in the cache are used strip by strip, each for all places.
  const bool strips_first = weights_bytes > cached_bytes;
  parallel_items(conv.groups * strips, run.threads, taps * kernels.columns * 4, [&](int64_t item, int) {
    const int64_t group = item / strips, first = item % strips * kernels.columns;
    char *to = scratch + item * taps * row_bytes;
    for (int64_t i = 0; i < plan.grids; to += plan.grid[i++].taps * row_bytes) {
      pack_weights(run, plan, plan.grid[i], group, first, least(kernels.columns, plan.results - first), to);
    }
  });
  for (int64_t unit = 0; unit < units; unit += panel) {
    const int64_t count = least(panel, units - unit);
    if (field_bytes) fill_fields(run, plan.field, unit, count, fields);
    const int64_t work = block_rows * kernels.columns * most(1, taps / plan.grids);
    parallel_items(count * blocks * strips, run.threads, work, [&](int64_t item, int) {
      const int64_t strip = strips_first ? item / (count * blocks) : item % strips, place = strips_first ? item % (count * blocks) : item / strips;
      const int64_t own = place / blocks, first = strip * kernels.columns;
      int64_t block = place % blocks;
      const char *weights = scratch + ((unit + own) % conv.groups * strips + strip) * taps * row_bytes;
      const Grid *grid = plan.grid;
      for (int64_t here; block >= (here = ceil_div(volume(grid->n), block_rows)); block -= here) weights += grid++->taps * row_bytes;
      const char *field = field_bytes ? fields + own * field_bytes : run.first + (unit + own) * plan.field.elements() * element;
      run_block(run, plan, *grid, field, weights, block, least(kernels.columns, plan.results - first),
                run.target + ((unit + own) * plan.results + first) * plan.result_plane * element);
    });
  }
  scratch_give(scratch);
  scratch_give(table);
  return true;
}

// Rows are taps, k are places, columns are filters; sums for each group and strip stay in scratch until all images are added.
bool conv_lanes_weights(const ConvRun &run) {
  const Convolution &conv = run.conv;
  const ConvKernels &kernels = run.kernels;
  const int element = kernels.element;
  const int64_t columns = kernels.columns, row_bytes = columns * element, places = volume(conv.counts);
  const int64_t tables = plan_bytes(conv), index_bytes = round_up(places * int64_t(sizeof(int64_t)), 64);
  char *table = static_cast<char *>(scratch_take(static_cast<size_t>(tables + index_bytes)));
  if (!table) return false;
  const Plan plan = make_plan(conv, false, table);
  const Grid &grid = *plan.grid;
  int64_t *index = reinterpret_cast<int64_t *>(table + tables), *next = index;
  for (int64_t z = 0; z < grid.n[0]; z++) {
    for (int64_t y = 0; y < grid.n[1]; y++) {
      for (int64_t x = 0; x < grid.n[2]; x++) *next++ = z * grid.step[0] + y * grid.step[1] + x * grid.step[2];
    }
  }
  const int64_t strips = ceil_div(conv.filters, columns), taps = grid.taps, lines = conv.groups * strips;
  const int64_t field_bytes = plan.field.direct ? 0 : conv.groups * plan.field.elements() * element, grad_bytes = lines * places * row_bytes;
  const int64_t sums_bytes = lines * taps * row_bytes;
  const int64_t panel = most(1, least(conv.images, panel_bytes / (field_bytes + grad_bytes)));
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(sums_bytes + panel * (grad_bytes + field_bytes))));
  if (!scratch) {
    scratch_give(table);
    return false;
  }
  char *grads = scratch + sums_bytes, *fields = grads + panel * grad_bytes;
  memset(scratch, 0, static_cast<size_t>(sums_bytes));
  const int64_t chunk = chunk_of(kernels, places), block_taps = kernels.rows * 4, blocks = ceil_div(taps, block_taps);
  const FloatKernels &packing = float_kernels(element == 4 ? kFloat32 : kFloat64);
  for (int64_t image = 0; image < conv.images; image += panel) {
    const int64_t count = least(panel, conv.images - image);
    if (field_bytes) fill_fields(run, plan.field, image * conv.groups, count * conv.groups, fields);
    parallel_items(count * lines, run.threads, places * columns * 2, [&](int64_t item, int) {
      const int64_t unit = image * conv.groups + item / strips, first = item % strips * columns;
      const char *from = run.second + (unit * conv.filters + first) * places * element;
      packing.pack_b(from, 1, places, places, least(columns, conv.filters - first), grads + item * places * row_bytes);
    });
    parallel_items(lines * blocks, run.threads, count * places * block_taps * columns, [&](int64_t item, int) {
      const int64_t line = item / blocks, group = line / strips, first = item % blocks * block_taps, end = least(taps, first + block_taps);
      const int64_t width = least(columns, conv.filters - line % strips * columns);
      for (int64_t i = 0; i < count; i++) {
        const char *grad = grads + (i * lines + line) * places * row_bytes;
        const char *field = field_bytes ? fields + (i * conv.groups + group) * plan.field.elements() * element
                                        : run.first + ((image + i) * conv.groups + group) * plan.field.elements() * element;
        for (int64_t k = 0; k < places; k += chunk) {
          for (int64_t tap = first; tap < end; tap += kernels.rows) {
            const void *rows[most_rows];
            const int64_t height = least(kernels.rows, end - tap);
            for (int64_t r = 0; r < height; r++) rows[r] = field + grid.offsets[tap + r] * element;
            kernels.tile(rows, height, index + k, least(chunk, places - k), grad + k * row_bytes, width, scratch + (line * taps + tap) * row_bytes, true);
          }
        }
      }
    });
  }
  for (int64_t line = 0; line < lines; line++) {
    const int64_t first = line % strips * columns;
    for (int64_t j = 0; j < least(columns, conv.filters - first); j++) {
      char *to = run.target + (line / strips * conv.filters + first + j) * taps * element;
      const char *from = scratch + line * taps * row_bytes + j * element;
      for (int64_t tap = 0; tap < taps; tap++) memcpy(to + tap * element, from + tap * row_bytes, static_cast<size_t>(element));
    }
  }
  scratch_give(scratch);
  scratch_give(table);
  return true;
}

}  // namespace sinter
