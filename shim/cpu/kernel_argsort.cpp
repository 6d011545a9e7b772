// kernel_argsort.cpp: stable sorting of rows, NaN last in both directions.
#include "sort_key.h"
#include "sort_step.h"

namespace sinter {

namespace {

void parse_argsort(Reader &reader, const Program &program, SortStep *step) { read_sort(reader, program, true, step); }

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

template <class M>
void argsort_row(const M *source, int32_t *target, int64_t n, bool descending, Item *items) {
  for (int64_t i = 0; i < n; i++) {
    const auto key = SortKey<M>::of_value(source[i]);
    items[i] = {descending ? SortKey<M>::turned(key) : key, uint32_t(i)};
  }
  const Item *sorted = sort_items(items, items + n, n, int(sizeof(typename Work<M>::C)));
  for (int64_t i = 0; i < n; i++) target[i] = int32_t(sorted[i].position);
}

bool run_argsort(const SortStep &step, const RunContext &run) {
  if (step.rows == 0 || step.length == 0) return true;
  const int64_t n = step.length;
  const int threads = step.rows > 1 ? threads_for(run, step.rows * n * 20) : 1;
  int32_t *target = reinterpret_cast<int32_t *>(run.buffers[step.target]);
  return with_dtype(step.dtype, [&](auto memory) {
    const auto *source = reinterpret_cast<const decltype(memory) *>(run.buffers[step.source]);
    return each_with_scratch(kScratchSort, step.rows, threads, uint64_t(n) * 2 * sizeof(Item), [&](int64_t row, char *scratch) {
      argsort_row(source + row * n, target + row * n, n, step.descending != 0, reinterpret_cast<Item *>(scratch));
    });
  });
}

}  // namespace

SINTER_KERNEL(argsort, SortStep, parse_argsort, run_argsort);

}  // namespace sinter
