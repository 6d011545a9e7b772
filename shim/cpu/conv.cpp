// conv.cpp: where the taps of a convolution read and its results go.
#include "conv.h"

#include <string.h>

namespace sinter {
namespace {

int64_t modulo(int64_t a, int64_t n) { return (a % n + n) % n; }

// One dimension of the transposed convolution: the results at start, start + stride, ... meet the same taps, those of a phase.
struct Phase {
  int64_t start, count, phase;
};

int64_t starts_of(const Convolution &conv, int d) { return least(conv.stride[d], conv.size[d]); }

Phase phase_at(const Convolution &conv, int d, int64_t start) {
  return {start, start < conv.size[d] ? (conv.size[d] - 1 - start) / conv.stride[d] + 1 : 0, (start + conv.low[d]) % conv.stride[d]};
}

bool meets(const Convolution &conv, int d, int64_t phase, int64_t tap) { return tap * conv.dilation[d] % conv.stride[d] == phase; }

// The position that the first result of a phase reads through a tap it meets; may lie outside.
int64_t reach(const Convolution &conv, int d, int64_t start, int64_t tap) {
  return (start + conv.low[d] - tap * conv.dilation[d]) / conv.stride[d];
}

void pad(Field *field, int d, int64_t first, int64_t last) {
  field->before[d] = first < 0 ? -first : 0;
  field->padded[d] = field->before[d] + most(field->size[d], last + 1);
}

void settle(Field *field) {
  field->padded[2] = round_up(field->padded[2], field->phases);
  field->direct = field->phases == 1 && volume(field->padded) == volume(field->size);
}

Field forward_field(const Convolution &conv, bool interleave) {
  Field field = {};
  field.planes = conv.channels;
  field.phases = interleave ? conv.stride[2] : 1;
  for (int d = 0; d < 3; d++) {
    field.size[d] = conv.size[d];
    pad(&field, d, -conv.low[d], (conv.counts[d] - 1) * conv.stride[d] + (conv.kernel[d] - 1) * conv.dilation[d] - conv.low[d]);
  }
  settle(&field);
  return field;
}

Field transposed_field(const Convolution &conv) {
  Field field = {};
  field.planes = conv.filters;
  field.phases = 1;
  for (int d = 0; d < 3; d++) {
    field.size[d] = conv.counts[d];
    int64_t first = 0, last = 0;
    for (int64_t tap = 0; tap < conv.kernel[d]; tap++) {
      const Phase phase = phase_at(conv, d, modulo(tap * conv.dilation[d] - conv.low[d], conv.stride[d]));
      if (phase.count == 0) continue;
      const int64_t at = reach(conv, d, phase.start, tap);
      first = least(first, at);
      last = most(last, at + phase.count - 1);
    }
    pad(&field, d, first, last);
  }
  settle(&field);
  return field;
}

void forward_grid(const Convolution &conv, const Field &field, Grid *grid) {
  const int64_t row = field.padded[2], slice = field.padded[1] * row;
  const int64_t step[3] = {conv.stride[0] * slice, conv.stride[1] * row, field.phases == 1 ? conv.stride[2] : 1};
  const int64_t target[3] = {conv.counts[1] * conv.counts[2], conv.counts[2], 1};
  for (int d = 0; d < 3; d++) {
    grid->n[d] = conv.counts[d];
    grid->step[d] = step[d];
    grid->target[d] = target[d];
  }
  grid->start = 0;
  grid->taps = conv.channels * volume(conv.kernel);
  int64_t tap = 0;
  for (int64_t c = 0; c < conv.channels; c++) {
    for (int64_t z = 0; z < conv.kernel[0]; z++) {
      for (int64_t y = 0; y < conv.kernel[1]; y++) {
        for (int64_t x = 0; x < conv.kernel[2]; x++, tap++) {
          grid->offsets[tap] = c * field.plane() + z * conv.dilation[0] * slice + y * conv.dilation[1] * row + field.column(x * conv.dilation[2]);
          grid->weights[tap] = tap;
        }
      }
    }
  }
}

void transposed_grid(const Convolution &conv, const Field &field, const int64_t *start, Grid *grid) {
  const int64_t row = field.padded[2], slice = field.padded[1] * row, volume_of_kernel = volume(conv.kernel);
  const int64_t step[3] = {slice, row, 1}, target[3] = {conv.size[1] * conv.size[2], conv.size[2], 1};
  int64_t phase[3];
  grid->start = 0;
  for (int d = 0; d < 3; d++) {
    const Phase own = phase_at(conv, d, start[d]);
    phase[d] = own.phase;
    grid->n[d] = own.count;
    grid->step[d] = step[d];
    grid->target[d] = conv.stride[d] * target[d];
    grid->start += start[d] * target[d];
  }
  grid->taps = 0;
  for (int64_t z = 0; z < conv.kernel[0]; z++) {
    for (int64_t y = 0; y < conv.kernel[1]; y++) {
      for (int64_t x = 0; x < conv.kernel[2]; x++) {
        if (!meets(conv, 0, phase[0], z) || !meets(conv, 1, phase[1], y) || !meets(conv, 2, phase[2], x)) continue;
        const int64_t at = (reach(conv, 0, start[0], z) + field.before[0]) * slice + (reach(conv, 1, start[1], y) + field.before[1]) * row +
                           reach(conv, 2, start[2], x) + field.before[2];
        const int64_t weight = (z * conv.kernel[1] + y) * conv.kernel[2] + x;
        for (int64_t f = 0; f < conv.filters; f++, grid->taps++) {
          grid->offsets[grid->taps] = f * field.plane() + at;
          grid->weights[grid->taps] = f * conv.channels * volume_of_kernel + weight;
        }
      }
    }
  }
}

}  // namespace

int64_t plan_bytes(const Convolution &conv) {
  const bool transposed = conv.mode == kConvData;
  const int64_t grids = transposed ? starts_of(conv, 0) * starts_of(conv, 1) * starts_of(conv, 2) : 1;
  const int64_t taps = volume(conv.kernel) * (transposed ? conv.filters : conv.channels);
  return round_up(grids * int64_t(sizeof(Grid)) + 2 * taps * int64_t(sizeof(int64_t)), 64);
}

Plan make_plan(const Convolution &conv, bool interleave, void *tables) {
  Plan plan = {};
  plan.grid = static_cast<Grid *>(tables);
  const bool transposed = conv.mode == kConvData;
  plan.grids = transposed ? starts_of(conv, 0) * starts_of(conv, 1) * starts_of(conv, 2) : 1;
  const int64_t taps = volume(conv.kernel) * (transposed ? conv.filters : conv.channels);
  int64_t *offsets = reinterpret_cast<int64_t *>(plan.grid + plan.grids), *weights = offsets + taps;
  if (!transposed) {
    plan.field = forward_field(conv, interleave);
    plan.results = conv.filters;
    plan.weight_step = taps;
    plan.result_plane = volume(conv.counts);
    plan.grid->offsets = offsets;
    plan.grid->weights = weights;
    forward_grid(conv, plan.field, plan.grid);
    return plan;
  }
  plan.field = transposed_field(conv);
  plan.results = conv.channels;
  plan.weight_step = volume(conv.kernel);
  plan.result_plane = volume(conv.size);
  int64_t start[3], used = 0;
  Grid *grid = plan.grid;
  for (start[0] = 0; start[0] < starts_of(conv, 0); start[0]++) {
    for (start[1] = 0; start[1] < starts_of(conv, 1); start[1]++) {
      for (start[2] = 0; start[2] < starts_of(conv, 2); start[2]++, grid++) {
        grid->offsets = offsets + used;
        grid->weights = weights + used;
        transposed_grid(conv, plan.field, start, grid);
        used += grid->taps;
      }
    }
  }
  return plan;
}

void fill_plane(const ConvKernels &kernels, const Field &field, const char *from, char *to) {
  const int64_t element = kernels.element, row = field.padded[2], left = field.before[2], n = field.size[2];
  const int64_t slice = field.padded[1] * row, rows = field.size[1], above = field.before[1] * row + left;
  if (field.phases > 1) memset(to, 0, static_cast<size_t>(field.plane() * element));
  for (int64_t z = 0; z < field.padded[0]; z++, to += slice * element) {
    const bool inside = z >= field.before[0] && z < field.before[0] + field.size[0];
    if (field.phases > 1) {
      for (int64_t y = 0; inside && y < rows; y++, from += n * element) {
        char *line = to + (field.before[1] + y) * row * element;
        for (int64_t x = 0; x < n; x++) memcpy(line + field.column(x + left) * element, from + x * element, static_cast<size_t>(element));
      }
      continue;
    }
    if (!inside) {
      memset(to, 0, static_cast<size_t>(slice * element));
      continue;
    }
    memset(to, 0, static_cast<size_t>(above * element));
    // What is between the end of a row and the start of the next is zeros; behind the last row the slice may end before.
    const int64_t last = above + (rows - 1) * row, behind = slice - last - n;
    kernels.place(from, n, to + above * element, row, rows - 1, n, row - n);
    kernels.place(from + (rows - 1) * n * element, n, to + last * element, row, 1, n, 0);
    memset(to + (last + n) * element, 0, static_cast<size_t>(behind * element));
    from += rows * n * element;
  }
}

}  // namespace sinter
