// kernel_resample.cpp: sparse linear maps along the last dimensions, as resizing and its gradient are. A row is mapped along itself first and kept for the
// rows of the result that it is blended into.
#include "kernel.h"

namespace sinter {

namespace {

constexpr int kResampleAxes = 3;
constexpr int64_t kKept = 8;       // mapped rows that are kept
constexpr int64_t kBandRows = 32;  // rows of the result that are computed one after the other

// Element i of the result is the sum of weights[k] * x[indices[k]], k from offsets[i] to offsets[i + 1] - 1.
struct MapWords {
  int64_t size, out, taps;
  int32_t offsets, indices, weights;
};

struct Resample {
  int32_t dtype;
  int64_t rows;
  MapWords axis[kResampleAxes];  // those that are missing come first, with buffer -1: they have one element
  int32_t source, target;
};

void parse_resample(Reader &reader, const Program &program, Resample *step) {
  step->dtype = reader.ranged("dtype", 0, kBfloat16);
  step->rows = reader.size("rows");
  const int32_t rank = reader.ranged("resampled dimensions", 1, kResampleAxes);
  const int weight_bytes = step->dtype == kFloat64 ? 8 : 4;
  for (int d = 0; d < kResampleAxes; d++) {
    MapWords &map = step->axis[d];
    map = {1, 1, 1, -1, -1, -1};
    if (d < kResampleAxes - rank) continue;
    map.size = reader.size("size");
    map.out = reader.size("result size");
    map.taps = reader.size("taps");
    if (map.size == 0 || map.out == 0 || map.size > INT32_MAX || map.out > INT32_MAX || map.taps > INT32_MAX) reader.reject("a resampled dimension is empty or too large");
    map.offsets = read_buffer(reader, program, "offsets", map.out + 1, 4, false);
    map.indices = read_buffer(reader, program, "indices", map.taps, 4, false);
    map.weights = read_buffer(reader, program, "weights", map.taps, weight_bytes, false);
  }
  const MapWords *a = step->axis;
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->rows, a[0].size, a[1].size, a[2].size}), kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {step->rows, a[0].out, a[1].out, a[2].out}), kDtypeSizes[step->dtype], true);
}

template <class C>
struct AxisMap {
  int64_t size, out;
  const int32_t *offsets, *indices;
  const C *weights;
  int64_t each;  // taps of every element, 0 when they differ
};

uint64_t table_bytes(const MapWords &map) { return uint64_t(map.out + 1 + map.taps) * 4 + 64; }

// The map with its offsets and indices in range whatever the buffers hold, in memory that no one else writes.
template <class C>
AxisMap<C> checked(const MapWords &words, const RunContext &run, char *memory) {
  static const int32_t one[2] = {0, 1}, first = 0;
  static const C whole = 1;
  if (words.offsets < 0) return {1, 1, one, &first, &whole, 1};
  int32_t *offsets = reinterpret_cast<int32_t *>(memory), *indices = offsets + words.out + 1;
  memcpy(offsets, run.buffers[words.offsets], size_t(words.out + 1) * 4);
  memcpy(indices, run.buffers[words.indices], size_t(words.taps) * 4);
  int32_t least = 0;
  int64_t each = -1;
  for (int64_t i = 0; i <= words.out; i++) {
    offsets[i] = offsets[i] < least ? least : offsets[i] > words.taps ? int32_t(words.taps) : offsets[i];
    if (i == 0 && offsets[0] != 0) each = 0;
    if (i > 0) {
      const int64_t count = offsets[i] - least;
      each = each < 0 || each == count ? count : 0;
    }
    least = offsets[i];
  }
  for (int64_t k = 0; k < words.taps; k++) indices[k] = indices[k] < 0 ? 0 : indices[k] >= words.size ? int32_t(words.size - 1) : indices[k];
  return {words.size, words.out, offsets, indices, reinterpret_cast<const C *>(run.buffers[words.weights]), each};
}

// One row along itself.
template <class M, class C>
void map_row(const M *__restrict x, C *__restrict out, const AxisMap<C> &map) {
  const int32_t *__restrict at = map.indices;
  const C *__restrict weight = map.weights;
  if (map.each == 1) {
    for (int64_t o = 0; o < map.out; o++) out[o] = weight[o] * Work<M>::read(x[at[o]]);
  } else if (map.each == 2) {
    for (int64_t o = 0; o < map.out; o++) out[o] = weight[2 * o] * Work<M>::read(x[at[2 * o]]) + weight[2 * o + 1] * Work<M>::read(x[at[2 * o + 1]]);
  } else {
    for (int64_t o = 0; o < map.out; o++) {
      C sum = 0;
      for (int64_t k = map.offsets[o]; k < map.offsets[o + 1]; k++) sum += weight[k] * Work<M>::read(x[at[k]]);
      out[o] = sum;
    }
  }
}

template <class M, class C>
void blend_row(const C *__restrict a, C weight_a, const C *__restrict b, C weight_b, M *__restrict out, int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = Work<M>::write(weight_a * a[i] + weight_b * b[i]);
}

// Mapped rows of one tensor, kept by the numbers of the rows.
template <class M, class C>
struct Rows {
  const M *x;
  const AxisMap<C> *map;
  C *kept;
  int64_t number[kKept];

  const C *row(int64_t at) {
    C *own = kept + at % kKept * map->out;
    if (number[at % kKept] != at) map_row(x + at * map->size, own, *map);
    number[at % kKept] = at;
    return own;
  }
};

template <class M, class C>
void result_row(Rows<M, C> &rows, const AxisMap<C> &outer, const AxisMap<C> &middle, int64_t a, int64_t b, C *sums, M *target) {
  const int64_t n = rows.map->out;
  const int64_t first = outer.offsets[a], count_a = outer.offsets[a + 1] - first, from = middle.offsets[b], count = middle.offsets[b + 1] - from;
  if (count_a == 1 && (count == 1 || (count == 2 && middle.indices[from] % kKept != middle.indices[from + 1] % kKept))) {
    const int64_t base = int64_t(outer.indices[first]) * middle.size;
    const C weight = outer.weights[first];
    const C *x = rows.row(base + middle.indices[from]);
    if (count == 2) return blend_row(x, weight * middle.weights[from], rows.row(base + middle.indices[from + 1]), weight * middle.weights[from + 1], target, n);
    const C own = weight * middle.weights[from];
    for (int64_t i = 0; i < n; i++) target[i] = Work<M>::write(own * x[i]);
    return;
  }
  for (int64_t i = 0; i < n; i++) sums[i] = 0;
  for (int64_t j = first; j < first + count_a; j++) {
    for (int64_t k = from; k < from + count; k++) {
      const C *__restrict x = rows.row(int64_t(outer.indices[j]) * middle.size + middle.indices[k]);
      const C weight = outer.weights[j] * middle.weights[k];
      C *__restrict to = sums;
      for (int64_t i = 0; i < n; i++) to[i] += weight * x[i];
    }
  }
  for (int64_t i = 0; i < n; i++) target[i] = Work<M>::write(sums[i]);
}

template <class M>
bool resample(const Resample &step, const RunContext &run) {
  using C = typename Work<M>::C;
  const MapWords *words = step.axis;
  const int64_t rows = words[0].out * words[1].out, bands = (rows + kBandRows - 1) / kBandRows, count = step.rows * bands;
  if (count == 0) return true;
  const double work = double(step.rows) * double(rows) * double(words[2].out) + double(step.rows) * double(words[0].size) * double(words[1].size) * double(words[2].taps);
  const int threads = threads_for(run, work < 1e15 ? int64_t(work) : int64_t(1e15));
  const uint64_t tables = whole_lines(table_bytes(words[0]) + table_bytes(words[1]) + table_bytes(words[2]));
  const uint64_t own = whole_lines(uint64_t(words[2].out) * (kKept + 1) * sizeof(C));
  char *scratch = run_scratch(kScratchWindows, tables + uint64_t(threads) * own);
  if (!scratch) return false;
  AxisMap<C> maps[kResampleAxes];
  char *memory = scratch;
  for (int d = 0; d < kResampleAxes; d++) {
    maps[d] = checked<C>(words[d], run, memory);
    memory += table_bytes(words[d]) / 4 * 4;
  }
  const AxisMap<C> &outer = maps[0], &middle = maps[1], &last = maps[2];
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *target = reinterpret_cast<M *>(run.buffers[step.target]);
  each_with_scratch(count, threads, scratch + tables, own, [&](int64_t band, char *own_scratch) {
    C *kept = reinterpret_cast<C *>(own_scratch);
    const int64_t tensor = band / bands, begin = band % bands * kBandRows, end = begin + kBandRows < rows ? begin + kBandRows : rows;
    Rows<M, C> mapped = {source + tensor * outer.size * middle.size * last.size, &last, kept, {}};
    for (int64_t &number : mapped.number) number = -1;
    for (int64_t row = begin; row < end; row++) {
      result_row(mapped, outer, middle, row / middle.out, row % middle.out, kept + kKept * last.out, target + (tensor * rows + row) * last.out);
    }
  });
  return true;
}

bool run_resample(const Resample &step, const RunContext &run) {
  return with_float_dtype(step.dtype, [&](auto memory) { return resample<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(resample, Resample, parse_resample, run_resample);

}  // namespace sinter
