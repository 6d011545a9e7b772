// kernel_sort.cpp: rows of values sorted, by their keys, digit by digit from the lowest. NaN last in both directions.
#include "kernel.h"
#include "memory.h"
#include "sort_key.h"

namespace sinter {

namespace {

struct Sort {
  int32_t dtype, descending;
  int64_t rows, length;
  int32_t source, target;
};

void parse_sort(Reader &reader, const Program &program, Sort *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->descending = reader.ranged("descending", 0, 1);
  step->rows = reader.size("rows");
  step->length = reader.size("length");
  if (step->length > INT32_MAX) reader.reject("length %lld does not fit int32", (long long)step->length);
  const int64_t count = count_of(reader, {step->rows, step->length});
  step->source = read_buffer(reader, program, "source", count, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count, kDtypeSizes[step->dtype], true);
}

constexpr int kMostBits = 11, kBuckets = 1 << kMostBits;
constexpr int64_t kInsertion = 32, kWideDigits = 4096, kMostParts = 64;

// One row on its way: `keys` and `other` hold its keys, in scratch memory, so that nothing that is written elsewhere changes them.
template <class M>
struct Row {
  using K = typename SortKey<M>::K;
  const M *source;
  M *target;
  K *keys, *other;
  int64_t n;
  bool descending;
  // Parts that threads count and move by themselves; the order within a digit is that of the parts, whatever their number.
  int64_t parts;
  int shift, bits;
  uint32_t (*counts)[kBuckets];
  K *differences;
};

template <class M>
void read_keys(void *opaque, int64_t part, int) {
  const Row<M> &row = *static_cast<const Row<M> *>(opaque);
  using Key = SortKey<M>;
  using K = typename Key::K;
  const int64_t begin = row.n * part / row.parts, end = row.n * (part + 1) / row.parts;
  K differences = 0;
  const K first = row.descending ? Key::turned(Key::of(row.source[0])) : Key::of(row.source[0]);
  if (row.descending) {
    for (int64_t i = begin; i < end; i++) differences |= K((row.keys[i] = Key::turned(Key::of(row.source[i]))) ^ first);
  } else {
    for (int64_t i = begin; i < end; i++) differences |= K((row.keys[i] = Key::of(row.source[i])) ^ first);
  }
  row.differences[part] = differences;
}

template <class M>
void count_digits(void *opaque, int64_t part, int) {
  const Row<M> &row = *static_cast<const Row<M> *>(opaque);
  const int64_t begin = row.n * part / row.parts, end = row.n * (part + 1) / row.parts;
  uint32_t *counts = row.counts[part];
  const uint32_t mask = (1u << row.bits) - 1;
  const auto *keys = row.keys;
  const int shift = row.shift;
  memset(counts, 0, sizeof(uint32_t) << row.bits);
  if (row.n < kWideDigits) {
    for (int64_t i = begin; i < end; i++) counts[uint32_t(keys[i] >> shift) & mask]++;
    return;
  }
  // Two tables, so that neighbours with the same digit need not wait for each other.
  uint32_t others[kBuckets];
  memset(others, 0, sizeof(uint32_t) << row.bits);
  for (int64_t i = begin; i + 1 < end; i += 2) {
    counts[uint32_t(keys[i] >> shift) & mask]++;
    others[uint32_t(keys[i + 1] >> shift) & mask]++;
  }
  if ((end - begin) % 2 != 0) counts[uint32_t(keys[end - 1] >> shift) & mask]++;
  for (uint32_t digit = 0; digit <= mask; digit++) counts[digit] += others[digit];
}

template <class M>
void move_digits(void *opaque, int64_t part, int) {
  const Row<M> &row = *static_cast<const Row<M> *>(opaque);
  const int64_t begin = row.n * part / row.parts, end = row.n * (part + 1) / row.parts;
  uint32_t *at = row.counts[part];
  const uint32_t mask = (1u << row.bits) - 1;
  const auto *keys = row.keys;
  auto *other = row.other;
  const int shift = row.shift;
  for (int64_t i = begin; i < end; i++) {
    const auto key = keys[i];
    other[at[uint32_t(key >> shift) & mask]++] = key;
  }
}

template <class M>
void write_values(void *opaque, int64_t part, int) {
  const Row<M> &row = *static_cast<const Row<M> *>(opaque);
  using Key = SortKey<M>;
  const int64_t begin = row.n * part / row.parts, end = row.n * (part + 1) / row.parts;
  if (row.descending) {
    for (int64_t i = begin; i < end; i++) row.target[i] = Key::back(Key::turned(row.keys[i]));
  } else {
    for (int64_t i = begin; i < end; i++) row.target[i] = Key::back(row.keys[i]);
  }
}

// From counts of each part and digit to where the part's first key with that digit goes.
void sum_counts(uint32_t (*counts)[kBuckets], int64_t parts, int bits) {
  uint32_t at = 0;
  for (int digit = 0; digit < 1 << bits; digit++) {
    for (int64_t part = 0; part < parts; part++) {
      const uint32_t count = counts[part][digit];
      counts[part][digit] = at;
      at += count;
    }
  }
}

template <class K>
void insertion_sort(K *keys, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    const K key = keys[i];
    int64_t j = i;
    for (; j > 0 && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

// `each(fn)` runs fn on every part of the row.
template <class M, class Each>
void sort_row(Row<M> &row, const Each &each) {
  using K = typename SortKey<M>::K;
  each(read_keys<M>);
  if (row.n <= kInsertion) {
    insertion_sort(row.keys, row.n);
  } else {
    K differences = 0;
    for (int64_t part = 0; part < row.parts; part++) differences |= row.differences[part];
    constexpr int width = int(sizeof(K)) * 8;
    const int bits = row.n < kWideDigits || width < kMostBits ? 8 : kMostBits;
    for (row.shift = 0; row.shift < width; row.shift += bits) {
      row.bits = width - row.shift < bits ? width - row.shift : bits;
      if ((uint64_t(differences) >> row.shift & ((uint64_t(1) << row.bits) - 1)) == 0) continue;
      each(count_digits<M>);
      sum_counts(row.counts, row.parts, row.bits);
      each(move_digits<M>);
      K *swap = row.keys;
      row.keys = row.other;
      row.other = swap;
    }
  }
  each(write_values<M>);
}

// Scratch memory: keys for each line of work, counts and differences for each thread.
template <class M>
struct SortJob {
  using K = typename SortKey<M>::K;
  const Sort *step;
  const M *source;
  M *target;
  char *keys, *counts, *differences;
  uint64_t line_bytes;
  int64_t tasks;

  Row<M> row(int64_t index, int64_t line, int64_t parts) const {
    const int64_t n = step->length;
    K *own = reinterpret_cast<K *>(keys + uint64_t(line) * line_bytes);
    return {source + index * n, target + index * n, own, own + n, n, step->descending != 0, parts, 0, 0,
            reinterpret_cast<uint32_t(*)[kBuckets]>(counts) + line, reinterpret_cast<K *>(differences) + line};
  }
};

template <class M>
void sort_some(void *opaque, int64_t task, int worker) {
  const SortJob<M> &job = *static_cast<const SortJob<M> *>(opaque);
  for (int64_t index = job.step->rows * task / job.tasks; index < job.step->rows * (task + 1) / job.tasks; index++) {
    Row<M> row = job.row(index, worker, 1);
    sort_row(row, [&](TaskFn fn) { fn(&row, 0, 0); });
  }
}

template <class M>
bool sort_rows(const Sort &step, const RunContext &run) {
  using K = typename SortKey<M>::K;
  int threads = threads_for(run, step.rows * step.length * 10);
  if (threads > kMostParts) threads = int(kMostParts);
  const bool together = step.rows < threads;  // threads share each row instead of the rows
  const uint64_t line_bytes = (uint64_t(step.length) * 2 * sizeof(K) + 63) / 64 * 64, lines = line_bytes * uint64_t(together ? 1 : threads);
  const uint64_t counts = uint64_t(threads) * sizeof(uint32_t[kBuckets]);
  char *scratch = run_scratch(kScratchSort, lines + counts + uint64_t(threads) * sizeof(K));
  if (!scratch) return false;
  SortJob<M> job = {&step, reinterpret_cast<const M *>(run.buffers[step.source]), reinterpret_cast<M *>(run.buffers[step.target]), scratch,
                    scratch + lines, scratch + lines + counts, line_bytes, 1};
  if (together) {
    for (int64_t index = 0; index < step.rows; index++) {
      Row<M> row = job.row(index, 0, threads);
      sort_row(row, [&](TaskFn fn) { parallel_for(threads, threads, fn, &row); });
    }
  } else {
    job.tasks = threads > 1 ? (step.rows < threads * 4 ? step.rows : threads * 4) : 1;
    parallel_for(job.tasks, threads, sort_some<M>, &job);
  }
  return true;
}

bool run_sort(const Sort &step, const RunContext &run) {
  if (step.rows == 0 || step.length == 0) return true;
  bool ok = true;
  with_dtype(step.dtype, [&](auto memory) { ok = sort_rows<decltype(memory)>(step, run); });
  return ok;
}

}  // namespace

SINTER_KERNEL(sort, Sort, parse_sort, run_sort);

}  // namespace sinter
