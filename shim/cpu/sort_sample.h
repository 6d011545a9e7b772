// sort_sample.h: a row sorted with vectors by several threads. Its keys are dealt to ranges, every one of which is sorted by itself. G. E. Blelloch et al.,
// "A comparison of sorting algorithms for the Connection Machine CM-2", SPAA 1991 (sample sort).
#pragma once
#include "random_places.h"
#include "sort_row.h"
#include "sort_table.h"

namespace sinter {

constexpr int kSortParts = 64;  // at most
constexpr int64_t kSortBlock = 2048, kSortSamples = 128;

template <class M>
struct SampleSort {
  using K = typename SortRow<M>::K;
  const SortRow<M> *row;
  const SortLoops<K> *loops;
  int splits;
  K splitters[kSplitters];
  int64_t counts[kSortParts][kSplitters + 1];
  int64_t begin[kSplitters + 2];  // of ranges

  // Keys at random places of parts of the row, sorted; equally far apart in that order are the splitters.
  void split() {
    const int count = (splits + 1) * int(kSortSamples);
    K *sample = row->keys, *spare = row->other;
    const uint64_t part = uint64_t(row->n / count);
    uint64_t state = 0;
    for (int i = 0; i < count; i++) {
      state = random_state(state);
      sample[i] = row->key(int64_t(random_place(state, part, uint64_t(i))));
    }
    loops->sort(sample, spare, count);
    for (int s = 0; s < splits; s++) splitters[s] = sample[(s + 1) * kSortSamples];
  }

  void read(int64_t part) {
    const int64_t end = row->begin(part + 1);
    for (int64_t i = row->begin(part); i < end; i += kSortBlock) {
      const int64_t stop = i + kSortBlock < end ? i + kSortBlock : end;
      row->read(i, stop);
      loops->count(row->keys + i, stop - i, splitters, splits, counts[part]);
    }
  }

  // From counts of each part and range to where the part's first key of that range goes.
  void sum() {
    int64_t at = 0;
    for (int range = 0; range <= splits; range++) {
      begin[range] = at;
      for (int64_t part = 0; part < row->parts; part++) {
        const int64_t count = counts[part][range];
        counts[part][range] = at;
        at += count;
      }
    }
    begin[splits + 1] = at;
  }

  void deal(int64_t part) const {
    K *to[kSplitters + 1], *ends[kSplitters + 1];
    for (int range = 0; range <= splits; range++) {
      to[range] = row->other + counts[part][range];
      ends[range] = row->other + (part + 1 < row->parts ? counts[part + 1][range] : begin[range + 1]);
    }
    const int64_t from = row->begin(part);
    loops->deal(row->keys + from, row->begin(part + 1) - from, splitters, splits, to, ends);
  }

  // All keys are in row->other by now: row->keys is spare, with room for what a range may write behind its end.
  void sort(int64_t range) const {
    const int64_t from = begin[range], end = begin[range + 1];
    loops->sort(row->other + from, row->keys + from + range * kSortSlack, end - from);
    row->write(row->other, from, end);
  }
};

// The row has at least as many keys as are sampled: (kSplitters + 1) * kSortSamples. Behind its keys is room for as many ranges' slack.
template <class M>
void sort_by_sample(const SortRow<M> &row, const SortLoops<typename SortRow<M>::K> &loops, int threads) {
  using Job = SampleSort<M>;
  Job job = {};
  job.row = &row;
  job.loops = &loops;
  job.splits = (threads * 2 < kSplitters + 1 ? threads * 2 : kSplitters + 1) - 1;  // dealing to more costs more than it saves
  job.split();
  parallel_for(row.parts, threads, [](void *opaque, int64_t part, int) { static_cast<Job *>(opaque)->read(part); }, &job);
  job.sum();
  parallel_for(row.parts, threads, [](void *opaque, int64_t part, int) { static_cast<const Job *>(opaque)->deal(part); }, &job);
  parallel_for(job.splits + 1, threads, [](void *opaque, int64_t range, int) { static_cast<const Job *>(opaque)->sort(range); }, &job);
}

}  // namespace sinter
