// kernel_sort.cpp: rows of values sorted, by their keys. NaN last in both directions. Elements with equal keys are the same, so the order of equals does not
// show: where vectors can sort, they do, and digits elsewhere.
#include "sort_radix.h"
#include "sort_sample.h"
#include "sort_step.h"

namespace sinter {

namespace {

void parse_sort(Reader &reader, const Program &program, SortStep *step) { read_sort(reader, program, false, step); }

// A row that threads split among them has this many keys at least.
constexpr int64_t kWorthSplitting = 16384;
static_assert(kWorthSplitting >= (kSplitters + 1) * kSortSamples, "the sample is part of the row");

template <class K>
const SortLoops<K> *vector_loops() {
  if constexpr (sizeof(K) == 4) {
    return sort_table().narrow.sort ? &sort_table().narrow : nullptr;
  } else if constexpr (sizeof(K) == 8) {
    return sort_table().wide.sort ? &sort_table().wide : nullptr;
  } else {
    return nullptr;  // at most two digits
  }
}

// A row by digits. each(fn, context) runs fn on every part.
template <class M, class Each>
void sort_by_digits(const SortRow<M> &row, uint32_t (*counts)[kBuckets], const Each &each) {
  using K = typename SortRow<M>::K;
  struct Context {
    const SortRow<M> *row;
    const K *sorted;
    K differences[kSortParts];
  } context = {&row, nullptr, {}};
  each(
      [](void *opaque, int64_t part, int) {
        Context &c = *static_cast<Context *>(opaque);
        c.differences[part] = c.row->read(c.row->begin(part), c.row->begin(part + 1));
      },
      &context);
  K differences = 0;
  for (int64_t part = 0; part < row.parts; part++) differences |= context.differences[part];
  RadixSort<K> sort = {row.keys, row.other, row.n, row.parts, counts, 0, 0};
  radix_sort(sort, differences, each);
  context.sorted = sort.keys;
  each(
      [](void *opaque, int64_t part, int) {
        const Context &c = *static_cast<const Context *>(opaque);
        c.row->write(c.sorted, c.row->begin(part), c.row->begin(part + 1));
      },
      &context);
}

// A row, with its keys in scratch memory.
template <class M>
SortRow<M> row_of(const SortStep &step, const RunContext &run, int64_t index, int64_t parts, char *scratch) {
  using K = typename SortKey<M>::K;
  const int64_t n = step.length;
  K *keys = reinterpret_cast<K *>(scratch);
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]) + index * n;
  return {source, reinterpret_cast<M *>(run.buffers[step.target]) + index * n, keys, keys + n + (kSplitters + 1) * kSortSlack, n, step.descending != 0, parts};
}

template <class M>
bool sort_rows(const SortStep &step, const RunContext &run) {
  using K = typename SortKey<M>::K;
  const SortLoops<K> *loops = vector_loops<K>();
  int threads = threads_for(run, step.rows * step.length * (loops ? 3 : 10));
  if (threads > kSortParts) threads = kSortParts;
  // Scratch memory: keys, and behind them counts of digits for each thread at work on them.
  const uint64_t keys = whole_lines((uint64_t(step.length) * 2 + (kSplitters + 2) * kSortSlack) * sizeof(K));
  const auto counts = [&](char *scratch) { return reinterpret_cast<uint32_t(*)[kBuckets]>(scratch + keys); };
  if (step.rows >= threads || (loops && step.length < kWorthSplitting)) {
    return each_with_scratch(kScratchSort, step.rows, threads, keys + (loops ? 0 : sizeof(uint32_t[kBuckets])), [&](int64_t index, char *scratch) {
      const SortRow<M> row = row_of<M>(step, run, index, 1, scratch);
      if (!loops) return sort_by_digits(row, counts(scratch), [](TaskFn fn, void *context) { fn(context, 0, 0); });
      row.read(0, row.n);
      loops->sort(row.keys, row.other, row.n);
      row.write(row.keys, 0, row.n);
    });
  }
  // Threads share each row instead of the rows.
  char *scratch = run_scratch(kScratchSort, keys + (loops ? 0 : uint64_t(threads) * sizeof(uint32_t[kBuckets])));
  if (!scratch) return false;
  for (int64_t index = 0; index < step.rows; index++) {
    const SortRow<M> row = row_of<M>(step, run, index, threads, scratch);
    if (loops) {
      sort_by_sample(row, *loops, threads);
    } else {
      sort_by_digits(row, counts(scratch), [&](TaskFn fn, void *context) { parallel_for(threads, threads, fn, context); });
    }
  }
  return true;
}

bool run_sort(const SortStep &step, const RunContext &run) {
  if (step.rows == 0 || step.length == 0) return true;
  return with_dtype(step.dtype, [&](auto memory) { return sort_rows<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(sort, SortStep, parse_sort, run_sort);

}  // namespace sinter
