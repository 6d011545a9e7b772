// kernel_sort.cpp: rows of values sorted, by their keys. NaN last in both directions. Elements with equal keys are the same, so the order of equals does not
// show: where vectors can sort, they do, and digits elsewhere.
#include "kernel.h"
#include "memory.h"
#include "sort_radix.h"
#include "sort_sample.h"

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

// Scratch memory: keys for each line of work, counts for each thread.
template <class M>
struct SortJob {
  using K = typename SortKey<M>::K;
  const Sort *step;
  const M *source;
  M *target;
  const SortLoops<K> *loops;
  char *keys, *counts;
  uint64_t line_bytes;
  int64_t tasks;

  SortRow<M> row(int64_t index, int64_t line, int64_t parts) const {
    const int64_t n = step->length;
    K *own = reinterpret_cast<K *>(keys + uint64_t(line) * line_bytes);
    return {source + index * n, target + index * n, own, own + n + (kSplitters + 1) * kSortSlack, n, step->descending != 0, parts};
  }
  uint32_t (*counts_of(int line) const)[kBuckets] { return reinterpret_cast<uint32_t(*)[kBuckets]>(counts) + line; }
};

template <class M>
void sort_some(void *opaque, int64_t task, int worker) {
  const SortJob<M> &job = *static_cast<const SortJob<M> *>(opaque);
  for (int64_t index = job.step->rows * task / job.tasks; index < job.step->rows * (task + 1) / job.tasks; index++) {
    const SortRow<M> row = job.row(index, worker, 1);
    if (job.loops) {
      row.read(0, row.n);
      job.loops->sort(row.keys, row.other, row.n);
      row.write(row.keys, 0, row.n);
    } else {
      sort_by_digits(row, job.counts_of(worker), [](TaskFn fn, void *context) { fn(context, 0, 0); });
    }
  }
}

template <class M>
bool sort_rows(const Sort &step, const RunContext &run) {
  using K = typename SortKey<M>::K;
  const SortLoops<K> *loops = vector_loops<K>();
  int threads = threads_for(run, step.rows * step.length * (loops ? 3 : 10));
  if (threads > kSortParts) threads = int(kSortParts);
  const bool together = step.rows < threads && !(loops && step.length < kWorthSplitting);  // threads share each row instead of the rows
  const uint64_t keys = uint64_t(step.length) * 2 + (kSplitters + 2) * kSortSlack, line_bytes = (keys * sizeof(K) + 63) / 64 * 64;
  const uint64_t lines = line_bytes * uint64_t(together ? 1 : threads);
  char *scratch = run_scratch(kScratchSort, lines + (loops ? 0 : uint64_t(threads) * sizeof(uint32_t[kBuckets])));
  if (!scratch) return false;
  SortJob<M> job = {&step, reinterpret_cast<const M *>(run.buffers[step.source]), reinterpret_cast<M *>(run.buffers[step.target]), loops,
                    scratch, scratch + lines, line_bytes, 1};
  if (together) {
    for (int64_t index = 0; index < step.rows; index++) {
      const SortRow<M> row = job.row(index, 0, threads);
      if (loops) {
        sort_by_sample(row, *loops, threads);
      } else {
        sort_by_digits(row, job.counts_of(0), [&](TaskFn fn, void *context) { parallel_for(threads, threads, fn, context); });
      }
    }
  } else {
    job.tasks = threads > 1 ? (step.rows < threads * 4 ? step.rows : threads * 4) : 1;
    parallel_for(job.tasks, threads, sort_some<M>, &job);
  }
  return true;
}

bool run_sort(const Sort &step, const RunContext &run) {
  if (step.rows == 0 || step.length == 0) return true;
  return with_dtype(step.dtype, [&](auto memory) { return sort_rows<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(sort, Sort, parse_sort, run_sort);

}  // namespace sinter
