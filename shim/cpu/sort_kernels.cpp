// sort_kernels.cpp: quicksort of unsigned keys with vectors, compiled once per instruction set. C. A. R. Hoare, "Quicksort", The Computer Journal 5 (1962).
#include "sort_table.h"

#if defined(__AVX512F__)
#include "random_places.h"
#include "sort_network.h"

namespace sinter {
namespace SINTER_ISA {

namespace {

// Moves the keys for which `low` holds to the front of keys and the others behind them; returns how many are low.
template <class K, class Low>
inline int64_t partition(K *keys, K *spare, int64_t n, const Low &low) {
  using L = Lanes<K>;
  using Mask = typename L::Mask;
  int64_t lows = 0, highs = 0;
  // What is written to the front has been read: the low keys are never more than those that were looked at.
  const auto put = [&](V512 v, Mask chosen, int64_t lanes) {
    const int count = __builtin_popcount(chosen);
    L::store(spare + highs, L::packed(Mask(~chosen), v));
    L::store(keys + lows, L::packed(chosen, v));
    lows += count;
    highs += lanes - count;
  };
  int64_t i = 0;
  for (; i + 4 * L::n <= n; i += 4 * L::n) {
    const V512 a = L::load(keys + i), b = L::load(keys + i + L::n), c = L::load(keys + i + 2 * L::n), d = L::load(keys + i + 3 * L::n);
    const Mask low_a = low(a), low_b = low(b), low_c = low(c), low_d = low(d);
    put(a, low_a, L::n);
    put(b, low_b, L::n);
    put(c, low_c, L::n);
    put(d, low_d, L::n);
  }
  for (; i < n; i += L::n) {
    const Mask there = first_lanes<K>(n - i);
    const V512 v = L::load_some(there, keys + i);
    const Mask chosen = Mask(low(v) & there), other = Mask(~chosen & there);
    const int count = __builtin_popcount(chosen), rest = __builtin_popcount(other);
    L::store_some(keys + lows, first_lanes<K>(count), L::packed(chosen, v));
    L::store_some(spare + highs, first_lanes<K>(rest), L::packed(other, v));
    lows += count;
    highs += rest;
  }
  K *to = keys + lows;
  for (i = 0; i + L::n <= highs; i += L::n) L::store(to + i, L::load(spare + i));
  L::store_some(to + i, first_lanes<K>(highs - i), L::load(spare + i));
  return lows;
}

// The median of some keys, each from a random place of its own part, so that no pattern of the keys is met by a pattern of places.
template <class K>
K pivot_of(const K *keys, int64_t n) {
  constexpr int kFew = 15, kMany = 63;
  K sample[kMany];
  const int taken = n < 2048 ? kFew : kMany;
  const uint64_t part = uint64_t(n / taken);
  uint64_t state = uint64_t(n);
  for (int i = 0; i < taken; i++) {
    state = random_state(state);
    sample[i] = keys[random_place(state, part, uint64_t(i))];
  }
  sort_few(sample, taken);
  return sample[taken / 2];
}

template <class K>
void sift(K *keys, int64_t root, int64_t n) {
  const K key = keys[root];
  for (int64_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && keys[child] < keys[child + 1]) child++;
    if (keys[child] <= key) break;
    keys[root] = keys[child];
  }
  keys[root] = key;
}

// J. W. J. Williams, "Algorithm 232: Heapsort", CACM 7 (1964).
template <class K>
void heapsort(K *keys, int64_t n) {
  for (int64_t root = n / 2 - 1; root >= 0; root--) sift(keys, root, n);
  for (int64_t last = n - 1; last > 0; last--) {
    const K largest = keys[0];
    keys[0] = keys[last];
    keys[last] = largest;
    sift(keys, 0, last);
  }
}

// depth: how many more times the keys may be split before heapsort, whose time has a bound, takes over.
template <class K>
void quicksort(K *keys, K *spare, int64_t n, int depth) {
  using L = Lanes<K>;
  while (n > kNetwork<K>) {
    if (depth-- == 0) return heapsort(keys, n);
    const V512 pivot = L::all(pivot_of(keys, n));
    int64_t lows = partition<K>(keys, spare, n, [&](V512 v) { return L::below(v, pivot); });
    if (lows > 0) {
      quicksort(keys, spare, lows, depth);
    } else {  // the pivot is the least key: all that are equal to it are in their places
      lows = partition<K>(keys, spare, n, [&](V512 v) { return typename L::Mask(~L::below(pivot, v)); });
    }
    keys += lows;
    n -= lows;
  }
  if (n > 1) sort_few(keys, n);
}

template <class K>
void sort(K *keys, K *spare, int64_t n) {
  quicksort(keys, spare, n, 2 * (64 - __builtin_clzll(uint64_t(n) | 1)));
}

template <class K>
void count(const K *keys, int64_t n, const K *splitters, int splits, int64_t *counts) {
  using L = Lanes<K>;
  using Mask = typename L::Mask;
  V512 at[kSplitters];
  int64_t above[kSplitters] = {};
  for (int s = 0; s < splits; s++) at[s] = L::all(splitters[s]);
  for (int64_t i = 0; i < n; i += L::n) {
    const Mask there = first_lanes<K>(n - i);
    const V512 v = L::load_some(there, keys + i);
    for (int s = 0; s < splits; s++) above[s] += __builtin_popcount(Mask(~L::below(v, at[s]) & there));
  }
  for (int b = 0; b <= splits; b++) counts[b] += (b == 0 ? n : above[b - 1]) - (b == splits ? 0 : above[b]);
}

template <class K>
void deal(const K *keys, int64_t n, const K *splitters, int splits, K **to, K *const *ends) {
  using L = Lanes<K>;
  using Mask = typename L::Mask;
  V512 at[kSplitters];
  for (int s = 0; s < splits; s++) at[s] = L::all(splitters[s]);
  for (int64_t i = 0; i < n; i += L::n) {
    Mask rest = first_lanes<K>(n - i);
    const V512 v = L::load_some(rest, keys + i);
    for (int b = 0; b <= splits; b++) {
      const Mask chosen = b == splits ? rest : Mask(L::below(v, at[b]) & rest);
      const int count = __builtin_popcount(chosen);
      // Whole vectors are faster, and what they write too much is overwritten, but the last ones would reach into the next range.
      if (ends[b] - to[b] >= L::n) {
        L::store(to[b], L::packed(chosen, v));
      } else {
        L::store_some(to[b], first_lanes<K>(count), L::packed(chosen, v));
      }
      to[b] += count;
      rest = Mask(rest & ~chosen);
    }
  }
}

}  // namespace

const SortTable sort_table = {{sort<uint32_t>, count<uint32_t>, deal<uint32_t>}, {sort<uint64_t>, count<uint64_t>, deal<uint64_t>}};

}  // namespace SINTER_ISA
}  // namespace sinter

#else

namespace sinter {
namespace SINTER_ISA {

const SortTable sort_table = {};

}  // namespace SINTER_ISA
}  // namespace sinter

#endif
