// sort_radix.h: keys sorted digit by digit from the lowest, by any number of threads.
#pragma once
#include <cstdint>
#include <cstring>

#include "pool.h"

namespace sinter {

constexpr int kMostBits = 11, kBuckets = 1 << kMostBits;
constexpr int64_t kInsertion = 32, kWideDigits = 4096;

// Keys on their way from `keys` to `other` and back.
template <class K>
struct RadixSort {
  K *keys, *other;
  int64_t n;
  // Parts that threads count and move by themselves; the order within a digit is that of the parts, whatever their number.
  int64_t parts;
  uint32_t (*counts)[kBuckets];
  int shift, bits;

  int64_t begin(int64_t part) const { return n * part / parts; }
};

template <class K>
void count_digits(void *opaque, int64_t part, int) {
  const RadixSort<K> &sort = *static_cast<const RadixSort<K> *>(opaque);
  const int64_t begin = sort.begin(part), end = sort.begin(part + 1);
  uint32_t *counts = sort.counts[part];
  const uint32_t mask = (1u << sort.bits) - 1;
  const K *keys = sort.keys;
  const int shift = sort.shift;
  memset(counts, 0, sizeof(uint32_t) << sort.bits);
  if (sort.n < kWideDigits) {
    for (int64_t i = begin; i < end; i++) counts[uint32_t(keys[i] >> shift) & mask]++;
    return;
  }
  // Two tables, so that neighbours with the same digit need not wait for each other.
  uint32_t others[kBuckets];
  memset(others, 0, sizeof(uint32_t) << sort.bits);
  for (int64_t i = begin; i + 1 < end; i += 2) {
    counts[uint32_t(keys[i] >> shift) & mask]++;
    others[uint32_t(keys[i + 1] >> shift) & mask]++;
  }
  if ((end - begin) % 2 != 0) counts[uint32_t(keys[end - 1] >> shift) & mask]++;
  for (uint32_t digit = 0; digit <= mask; digit++) counts[digit] += others[digit];
}

template <class K>
void move_digits(void *opaque, int64_t part, int) {
  const RadixSort<K> &sort = *static_cast<const RadixSort<K> *>(opaque);
  const int64_t end = sort.begin(part + 1);
  uint32_t *at = sort.counts[part];
  const uint32_t mask = (1u << sort.bits) - 1;
  const K *keys = sort.keys;
  K *other = sort.other;
  const int shift = sort.shift;
  for (int64_t i = sort.begin(part); i < end; i++) {
    const K key = keys[i];
    other[at[uint32_t(key >> shift) & mask]++] = key;
  }
}

// From counts of each part and digit to where the part's first key with that digit goes.
inline void sum_counts(uint32_t (*counts)[kBuckets], int64_t parts, int bits) {
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

// Leaves the sorted keys in sort.keys, which may be what was sort.other. `differences` has the bits in which any keys differ; each(fn) runs fn on every part.
template <class K, class Each>
void radix_sort(RadixSort<K> &sort, K differences, const Each &each) {
  if (sort.n <= kInsertion) return insertion_sort(sort.keys, sort.n);
  constexpr int width = int(sizeof(K)) * 8;
  const int bits = sort.n < kWideDigits || width < kMostBits ? 8 : kMostBits;
  for (sort.shift = 0; sort.shift < width; sort.shift += bits) {
    sort.bits = width - sort.shift < bits ? width - sort.shift : bits;
    if ((uint64_t(differences) >> sort.shift & ((uint64_t(1) << sort.bits) - 1)) == 0) continue;
    each(count_digits<K>, &sort);
    sum_counts(sort.counts, sort.parts, sort.bits);
    each(move_digits<K>, &sort);
    K *swap = sort.keys;
    sort.keys = sort.other;
    sort.other = swap;
  }
}

}  // namespace sinter
