// kernel_top_k.cpp: the k largest or smallest elements of rows, in order, with their positions.
#include <algorithm>

#include "kernel.h"
#include "sort_key.h"

namespace sinter {

namespace {

struct TopK {
  int32_t dtype, largest;
  int64_t rows, length, k;
  int32_t source, values, positions;
};

void parse_top_k(Reader &reader, const Program &program, TopK *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->largest = reader.ranged("largest", 0, 1);
  step->rows = reader.size("rows");
  step->length = reader.size("length");
  step->k = reader.size("k");
  if (step->length > INT32_MAX) reader.reject("length %lld does not fit int32", (long long)step->length);
  if (step->k > step->length) reader.reject("k is %lld of %lld elements", (long long)step->k, (long long)step->length);
  const int bytes = kDtypeSizes[step->dtype];
  const int64_t found = count_of(reader, {step->rows, step->k});
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->rows, step->length}), bytes, false);
  step->values = read_buffer(reader, program, "values", found, bytes, true);
  step->positions = read_buffer(reader, program, "positions", found, 4, true);
}

// Key and position as one number: the better element has the larger one, and no two are equal.
template <class M>
using Rank = typename std::conditional<sizeof(typename SortKey<M>::K) == 8, unsigned __int128, uint64_t>::type;

template <class M, bool kLargest>
Rank<M> rank_of(M memory, int64_t position) {
  using K = typename SortKey<M>::K;
  const K key = SortKey<M>::of_value(memory);
  return Rank<M>(kLargest ? key : K(~key)) << 32 | uint32_t(~uint32_t(position));
}

constexpr int64_t kBlock = 64, kSlack = 64;

// Whether an element of a block may be better than one of the given value.
template <class M, bool kLargest>
bool any_better(const M *block, typename Work<M>::C least) {
  using C = typename Work<M>::C;
  if constexpr (std::is_same<M, C>::value) {
    typedef C Wide __attribute__((vector_size(16)));
    constexpr int64_t lanes = 16 / sizeof(C);
    const Wide bound = least - Wide{};
    auto better = bound < bound;
    for (int64_t i = 0; i < kBlock; i += lanes) {
      Wide part;
      memcpy(&part, block + i, sizeof part);
      if constexpr (kLargest) better |= ~(part <= bound);
      else better |= ~(part >= bound);
    }
    int64_t words[2], any = 0;
    memcpy(words, &better, sizeof words);
    for (int64_t word : words) any |= word;
    return any != 0;
  } else {
    int better = 0;
    for (int64_t i = 0; i < kBlock; i++) {
      const C value = Work<M>::read(block[i]);
      better |= kLargest ? !(value <= least) : !(value >= least);
    }
    return better != 0;
  }
}

// The best so far are kept among at most `capacity` candidates; a new one must be better than the k-th of them when they were last thinned out.
template <class M, bool kLargest>
void top_of_row(const TopK &step, const M *row, Rank<M> *candidates, int64_t capacity, M *values, int32_t *positions) {
  using C = typename Work<M>::C;
  int64_t count = 0;
  Rank<M> least = 0;
  C least_value = 0;
  bool bounded = false;
  const auto thin = [&] {
    std::nth_element(candidates, candidates + step.k - 1, candidates + count, [](Rank<M> a, Rank<M> b) { return a > b; });
    count = step.k;
    least = candidates[count - 1];
    least_value = Work<M>::read(row[uint32_t(~uint32_t(least))]);
    bounded = true;
  };
  for (int64_t start = 0; start < step.length; start += kBlock) {
    const int64_t end = step.length - start < kBlock ? step.length : start + kBlock;
    if (bounded && end - start == kBlock && !any_better<M, kLargest>(row + start, least_value)) continue;
    for (int64_t i = start; i < end; i++) {
      const C value = Work<M>::read(row[i]);
      if (bounded && (kLargest ? value <= least_value : value >= least_value)) continue;
      const Rank<M> rank = rank_of<M, kLargest>(row[i], i);
      if (bounded && rank < least) continue;
      candidates[count++] = rank;
      if (count == capacity || (!bounded && count == 2 * step.k)) thin();
    }
  }
  if (count > step.k) thin();
  std::sort(candidates, candidates + step.k, [](Rank<M> a, Rank<M> b) { return a > b; });
  for (int64_t i = 0; i < step.k; i++) {
    const int32_t position = int32_t(~uint32_t(candidates[i]));
    positions[i] = position;
    values[i] = row[position];
  }
}

template <class M>
bool top_of_rows(const TopK &step, const RunContext &run) {
  const M *source = reinterpret_cast<const M *>(run.buffers[step.source]);
  M *values = reinterpret_cast<M *>(run.buffers[step.values]);
  int32_t *positions = reinterpret_cast<int32_t *>(run.buffers[step.positions]);
  const int threads = step.rows > 1 ? threads_for(run, step.rows * step.length) : 1;
  const int64_t capacity = step.k + (step.k > kSlack ? step.k : kSlack);
  const auto top = step.largest ? top_of_row<M, true> : top_of_row<M, false>;
  return each_with_scratch(kScratchSort, step.rows, threads, uint64_t(capacity) * sizeof(Rank<M>), [&](int64_t row, char *scratch) {
    top(step, source + row * step.length, reinterpret_cast<Rank<M> *>(scratch), capacity, values + row * step.k, positions + row * step.k);
  });
}

bool run_top_k(const TopK &step, const RunContext &run) {
  if (step.rows == 0 || step.k == 0) return true;
  return with_dtype(step.dtype, [&](auto memory) { return top_of_rows<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(top_k, TopK, parse_top_k, run_top_k);

}  // namespace sinter
