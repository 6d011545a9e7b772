// kernel_grid_sample.cpp: images sampled at positions that are data. Where the positions of a row of the result lie is worked out once for all channels.
#include <cmath>

#include "image_rows.h"
#include "kernel.h"

namespace sinter {

namespace {

enum { kPadZeros, kPadBorder, kPadReflection };

struct GridSample {
  int32_t dtype, nearest, padding, align;
  int64_t batch, channels, height, width, rows, columns;
  int32_t source, grid, target;
};

void parse_grid_sample(Reader &reader, const Program &program, GridSample *step) {
  step->dtype = reader.ranged("dtype", 0, kBfloat16);
  step->nearest = reader.ranged("nearest", 0, 1);
  step->padding = reader.ranged("padding", 0, 2);
  step->align = reader.ranged("align corners", 0, 1);
  for (int64_t *size : {&step->batch, &step->channels, &step->height, &step->width, &step->rows, &step->columns}) *size = reader.size("size");
  const int bytes = kDtypeSizes[step->dtype];
  if (count_of(reader, {step->height, step->width}) > INT32_MAX) reader.reject("positions do not fit int32");
  if (step->height == 0 || step->width == 0) reader.reject("the images are empty");
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->batch, step->channels, step->height, step->width}), bytes, false);
  step->grid = read_buffer(reader, program, "grid", count_of(reader, {step->batch, step->rows, step->columns, 2}), bytes, false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {step->batch, step->channels, step->rows, step->columns}), bytes, true);
}

template <class C>
C clip(C position, int64_t n) {
  const C last = C(n - 1);
  return position < 0 ? C(0) : position > last ? last : position;
}

// Where a coordinate from -1 to 1 lies among n elements.
template <class C>
C position_of(C coordinate, int64_t n, const GridSample &step) {
  const C position = step.align ? (coordinate + 1) / 2 * C(n - 1) : ((coordinate + 1) * C(n) - 1) / 2;
  if (step.padding == kPadZeros) return position;
  if (step.padding == kPadBorder) return clip(position, n);
  const C low = step.align ? C(0) : C(-0.5), span = step.align ? C(n - 1) : C(n);
  if (span == 0) return 0;
  const C distance = std::fabs(position - low), turns = std::floor(distance / span);
  const C extra = std::fmod(distance, span);
  return clip(std::fmod(turns, C(2)) == 0 ? extra + low : span - extra + low, n);
}

// Up to four elements of an image for each of n positions, and their weights; -1 where there is none. Element k of position i is at k * n + i.
template <class C>
struct Points {
  int32_t *at;
  C *weight;
  int64_t n;

  void set(int64_t i, int k, int32_t place, C share) {
    at[k * n + i] = place;
    weight[k * n + i] = share;
  }
};

template <class C>
int32_t place(C row, C column, const GridSample &step) {
  // Comparisons with NaN are false: it lies outside.
  if (!(row >= 0 && row <= C(step.height - 1) && column >= 0 && column <= C(step.width - 1))) return -1;
  return int32_t(int64_t(row) * step.width + int64_t(column));
}

template <class C>
void set_point(Points<C> &points, int64_t i, C x, C y, const GridSample &step) {
  if (step.nearest) return points.set(i, 0, place(std::nearbyint(y), std::nearbyint(x), step), C(1));
  const C left = std::floor(x), top = std::floor(y), right = x - left, below = y - top;
  points.set(i, 0, place(top, left, step), (1 - right) * (1 - below));
  points.set(i, 1, place(top, left + 1, step), right * (1 - below));
  points.set(i, 2, place(top + 1, left, step), (1 - right) * below);
  points.set(i, 3, place(top + 1, left + 1, step), right * below);
}

template <class M, class C>
void sample_row(const M *image, M *target, const Points<C> &points, int taps) {
  if constexpr (std::is_same<M, float>::value) {
    image_rows().sample(image, points.at, points.weight, taps, target, points.n);
  } else {
    for (int64_t i = 0; i < points.n; i++) {
      C sum = 0;
      for (int64_t k = i; k < taps * points.n; k += points.n) sum += points.weight[k] * (points.at[k] < 0 ? C(0) : C(Work<M>::read(image[points.at[k]])));
      target[i] = Work<M>::write(sum);
    }
  }
}

template <class M>
bool grid_sample(const GridSample &step, const RunContext &run) {
  using C = typename Work<M>::C;
  const int64_t count = step.batch * step.rows;
  if (count == 0 || step.columns == 0 || step.channels == 0) return true;
  const int threads = threads_for(run, count * step.columns * (10 + 4 * step.channels));
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]), *grids = reinterpret_cast<const M *>(run.buffers[step.grid]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  const uint64_t bytes = uint64_t(step.columns) * 4 * (sizeof(C) + sizeof(int32_t));
  return each_with_scratch(kScratchWindows, count, threads, bytes, [&](int64_t line, char *scratch) {
    C *weights = reinterpret_cast<C *>(scratch);
    Points<C> points = {reinterpret_cast<int32_t *>(weights + 4 * step.columns), weights, step.columns};
    const M *grid = grids + line * step.columns * 2;
    for (int64_t i = 0; i < step.columns; i++) {
      const C x = position_of(C(Work<M>::read(grid[2 * i])), step.width, step), y = position_of(C(Work<M>::read(grid[2 * i + 1])), step.height, step);
      set_point(points, i, x, y, step);
    }
    const int64_t batch = line / step.rows, row = line % step.rows;
    for (int64_t channel = batch * step.channels; channel < (batch + 1) * step.channels; channel++) {
      sample_row(source + channel * step.height * step.width, target + (channel * step.rows + row) * step.columns, points, step.nearest ? 1 : 4);
    }
  });
}

bool run_grid_sample(const GridSample &step, const RunContext &run) {
  return with_float_dtype(step.dtype, [&](auto memory) { return grid_sample<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(grid_sample, GridSample, parse_grid_sample, run_grid_sample);

}  // namespace sinter
