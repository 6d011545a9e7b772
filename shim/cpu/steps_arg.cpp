// steps_arg.cpp: positions of extremes (first index of ties, the first NaN wins) and stable sorting.
#include "memory.h"
#include "plain.h"

namespace sinter {

namespace {

template <class M, bool kMin>
void arg_reduce(const PlainStep &step, const RunContext &run) {
  using W = Work<M>;
  using C = typename W::C;
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  int32_t *target = reinterpret_cast<int32_t *>(run.buffers[step.target]);
  share(run, step.outer * step.inner, step.outer * step.axis * step.inner, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const M *at = source + line / step.inner * step.axis * step.inner + line % step.inner;
      C best = W::read(*at);
      int32_t position = 0;
      for (int64_t i = 1; i < step.axis && best == best; i++) {
        const C value = W::read(at[i * step.inner]);
        if ((kMin ? value < best : value > best) || value != value) {
          best = value;
          position = int32_t(i);
        }
      }
      target[line] = position;
    }
  });
}

// A key whose unsigned order is the wanted order: both zeros alike, NaN last in both directions.
template <class M>
uint64_t sort_key(M memory, bool descending) {
  using C = typename Work<M>::C;
  constexpr int width = sizeof(C) * 8;
  constexpr uint64_t all = ~uint64_t(0) >> (64 - width), sign = uint64_t(1) << (width - 1);
  const C value = Work<M>::read(memory);
  uint64_t key = 0;
  if constexpr (std::is_floating_point<C>::value) {
    if (value != value) return all;
    const C clean = value == 0 ? C(0) : value;
    memcpy(&key, &clean, sizeof clean);
    key = key & sign ? ~key & all : key | sign;
  } else {
    key = uint64_t(value) & all;
    if (std::is_signed<C>::value) key ^= sign;
  }
  return descending ? ~key & all : key;
}

struct Item {
  uint64_t key;
  uint32_t position;
};

// Byte by byte from the lowest, skipping bytes that all keys share; short rows by insertion.
Item *sort_items(Item *items, Item *other, int64_t n, int key_bytes) {
  if (n <= 32) {
    for (int64_t i = 1; i < n; i++) {
      const Item item = items[i];
      int64_t j = i;
      for (; j > 0 && items[j - 1].key > item.key; j--) items[j] = items[j - 1];
      items[j] = item;
    }
    return items;
  }
  for (int byte = 0; byte < key_bytes; byte++) {
    int64_t counts[256] = {};
    for (int64_t i = 0; i < n; i++) counts[items[i].key >> (byte * 8) & 255]++;
    if (counts[items[0].key >> (byte * 8) & 255] == n) continue;
    int64_t at = 0;
    for (int64_t &count : counts) {
      const int64_t next = at + count;
      count = at;
      at = next;
    }
    for (int64_t i = 0; i < n; i++) other[counts[items[i].key >> (byte * 8) & 255]++] = items[i];
    Item *swap = items;
    items = other;
    other = swap;
  }
  return items;
}

struct SortJob {
  const PlainStep *step;
  const RunContext *run;
  Item *scratch;
  int64_t tasks;
};

template <class M>
void sort_rows(void *opaque, int64_t task, int worker) {
  const SortJob &job = *static_cast<const SortJob *>(opaque);
  const int64_t n = job.step->axis;
  const M *source = reinterpret_cast<const M *>(job.run->buffers[job.step->source]);
  int32_t *target = reinterpret_cast<int32_t *>(job.run->buffers[job.step->target]);
  Item *items = job.scratch + worker * n * 2;
  for (int64_t row = job.step->outer * task / job.tasks; row < job.step->outer * (task + 1) / job.tasks; row++) {
    for (int64_t i = 0; i < n; i++) items[i] = {sort_key(source[row * n + i], job.step->op != 0), uint32_t(i)};
    const Item *sorted = sort_items(items, items + n, n, int(sizeof(typename Work<M>::C)));
    for (int64_t i = 0; i < n; i++) target[row * n + i] = int32_t(sorted[i].position);
  }
}

}  // namespace

void run_arg_reduce(const PlainStep &step, const RunContext &run) {
  with_dtype(step.dtype, [&](auto memory) {
    using M = decltype(memory);
    if (step.op) {
      arg_reduce<M, true>(step, run);
    } else {
      arg_reduce<M, false>(step, run);
    }
  });
}

bool run_argsort(const PlainStep &step, const RunContext &run) {
  if (step.outer == 0 || step.axis == 0) return true;
  const int threads = step.outer > 1 ? threads_for(run, step.outer * step.axis * 20) : 1;
  SortJob job = {&step, &run, nullptr, threads > 1 ? (step.outer < threads * 4 ? step.outer : threads * 4) : 1};
  job.scratch = reinterpret_cast<Item *>(run_scratch(kScratchSort, uint64_t(threads) * uint64_t(step.axis) * 2 * sizeof(Item)));
  if (!job.scratch) return false;
  with_dtype(step.dtype, [&](auto memory) { parallel_for(job.tasks, threads, sort_rows<decltype(memory)>, &job); });
  return true;
}

}  // namespace sinter
