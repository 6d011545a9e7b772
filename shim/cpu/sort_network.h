// sort_network.h: up to sixteen AVX-512 vectors of keys sorted without a branch, by a bitonic network (K. E. Batcher, "Sorting networks and their applications",
// AFIPS 1968). Every lane's column is sorted first, with comparisons of whole vectors; only then do lanes meet, so that most comparisons move no lane.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace sinter {
namespace SINTER_ISA {

using V512 = __m512i;

// Operations on lanes of a key type. Those with a mask of all lanes are the plain ones, which some compilers warn of: their headers build them on a value that is
// not initialised.
template <class K>
struct Lanes;

template <>
struct Lanes<uint32_t> {
  using Mask = __mmask16;
  static constexpr int n = 16;
  static V512 all(uint32_t key) { return _mm512_set1_epi32(int(key)); }
  static V512 load(const void *p) { return _mm512_loadu_si512(p); }
  static void store(void *p, V512 v) { _mm512_storeu_si512(p, v); }
  static V512 load_some(Mask mask, const void *p) { return _mm512_mask_loadu_epi32(all(~uint32_t(0)), mask, p); }
  static void store_some(void *p, Mask mask, V512 v) { _mm512_mask_storeu_epi32(p, mask, v); }
  static V512 least(V512 a, V512 b) { return _mm512_maskz_min_epu32(Mask(~0), a, b); }
  static V512 most(V512 a, V512 b) { return _mm512_maskz_max_epu32(Mask(~0), a, b); }
  static V512 most_where(V512 otherwise, Mask mask, V512 a, V512 b) { return _mm512_mask_max_epu32(otherwise, mask, a, b); }
  static Mask below(V512 a, V512 b) { return _mm512_cmplt_epu32_mask(a, b); }
  static V512 packed(Mask mask, V512 v) { return _mm512_maskz_compress_epi32(mask, v); }
  static V512 moved(V512 v, V512 from) { return _mm512_maskz_permutexvar_epi32(Mask(~0), from, v); }
  static V512 moved(V512 a, V512 from, V512 b) { return _mm512_permutex2var_epi32(a, from, b); }
};

template <>
struct Lanes<uint64_t> {
  using Mask = __mmask8;
  static constexpr int n = 8;
  static V512 all(uint64_t key) { return _mm512_set1_epi64(int64_t(key)); }
  static V512 load(const void *p) { return _mm512_loadu_si512(p); }
  static void store(void *p, V512 v) { _mm512_storeu_si512(p, v); }
  static V512 load_some(Mask mask, const void *p) { return _mm512_mask_loadu_epi64(all(~uint64_t(0)), mask, p); }
  static void store_some(void *p, Mask mask, V512 v) { _mm512_mask_storeu_epi64(p, mask, v); }
  static V512 least(V512 a, V512 b) { return _mm512_maskz_min_epu64(Mask(~0), a, b); }
  static V512 most(V512 a, V512 b) { return _mm512_maskz_max_epu64(Mask(~0), a, b); }
  static V512 most_where(V512 otherwise, Mask mask, V512 a, V512 b) { return _mm512_mask_max_epu64(otherwise, mask, a, b); }
  static Mask below(V512 a, V512 b) { return _mm512_cmplt_epu64_mask(a, b); }
  static V512 packed(Mask mask, V512 v) { return _mm512_maskz_compress_epi64(mask, v); }
  static V512 moved(V512 v, V512 from) { return _mm512_maskz_permutexvar_epi64(Mask(~0), from, v); }
  static V512 moved(V512 a, V512 from, V512 b) { return _mm512_permutex2var_epi64(a, from, b); }
};

// The first `count` lanes, all of them when it is larger.
template <class K>
inline typename Lanes<K>::Mask first_lanes(int64_t count) {
  return count >= Lanes<K>::n ? typename Lanes<K>::Mask(~0) : typename Lanes<K>::Mask((1u << (count < 0 ? 0 : count)) - 1);
}

// from[lane] = f(lane), and the lanes that have a bit.
template <class K, class F>
inline V512 lanes_from(F f) {
  alignas(64) K from[Lanes<K>::n];
#pragma GCC unroll 16
  for (int lane = 0; lane < Lanes<K>::n; lane++) from[lane] = K(f(lane));
  return Lanes<K>::load(from);
}
template <class K, int kBit>
constexpr typename Lanes<K>::Mask lanes_with() {
  unsigned mask = 0;
  for (int lane = 0; lane < Lanes<K>::n; lane++) mask |= unsigned((lane & kBit) != 0) << lane;
  return typename Lanes<K>::Mask(mask);
}

template <class K>
inline void exchange(V512 &low, V512 &high) {
  const V512 least = Lanes<K>::least(low, high);
  high = Lanes<K>::most(low, high);
  low = least;
}

// Vectors with their neighbours `kBy` on, kBy / 2, ... 1.
template <class K, int V, int kBy>
inline void vectors_apart(V512 *v) {
  if constexpr (kBy > 0) {
#pragma GCC unroll 16
    for (int i = 0; i < V; i++) {
      if ((i & kBy) == 0) exchange<K>(v[i], v[i + kBy]);
    }
    vectors_apart<K, V, kBy / 2>(v);
  }
}

// Sorts every lane's column in groups of kSize vectors, from sorted groups of half of it.
template <class K, int V, int kSize>
inline void sort_columns(V512 *v) {
  if constexpr (kSize <= V) {
#pragma GCC unroll 16
    for (int i = 0; i < V; i++) {
      if (i % kSize < kSize / 2) exchange<K>(v[i], v[i - i % kSize + kSize - 1 - i % kSize]);
    }
    vectors_apart<K, V, kSize / 4>(v);
    sort_columns<K, V, kSize * 2>(v);
  }
}

// Lanes with their neighbours `kBy` on, kBy / 2, ... 1.
template <class K, int V, int kBy>
inline void lanes_apart(V512 *v) {
  if constexpr (kBy > 0) {
    const V512 from = lanes_from<K>([](int lane) { return lane ^ kBy; });
#pragma GCC unroll 16
    for (int i = 0; i < V; i++) {
      const V512 other = Lanes<K>::moved(v[i], from);
      v[i] = Lanes<K>::most_where(Lanes<K>::least(v[i], other), lanes_with<K, kBy>(), v[i], other);
    }
    lanes_apart<K, V, kBy / 2>(v);
  }
}

// Merges the columns of kLanes lanes, from those of half as many; the columns of such a group follow each other in order.
template <class K, int V, int kLanes>
inline void merge_columns(V512 *v) {
  if constexpr (kLanes <= Lanes<K>::n) {
    using L = Lanes<K>;
    const V512 mirrored = lanes_from<K>([](int lane) { return lane ^ (kLanes - 1); });
    constexpr auto upper = lanes_with<K, kLanes / 2>();
#pragma GCC unroll 16
    for (int i = 0; i < (V + 1) / 2; i++) {
      const V512 a = v[i], b = v[V - 1 - i], for_a = L::moved(b, mirrored), for_b = L::moved(a, mirrored);
      v[i] = L::most_where(L::least(a, for_a), upper, a, for_a);
      v[V - 1 - i] = L::most_where(L::least(b, for_b), upper, b, for_b);
    }
    lanes_apart<K, V, kLanes / 4>(v);
    vectors_apart<K, V, V / 2>(v);
    merge_columns<K, V, kLanes * 2>(v);
  }
}

// From order by lane to order by vector: interleaves the first half of the vectors with the second, log2(V) times.
template <class K, int V, int kRounds>
inline void interleave(V512 *v) {
  if constexpr (kRounds > 1) {
    const V512 low = lanes_from<K>([](int lane) { return lane / 2 + lane % 2 * Lanes<K>::n; });
    const V512 high = lanes_from<K>([](int lane) { return Lanes<K>::n / 2 + lane / 2 + lane % 2 * Lanes<K>::n; });
    V512 next[V];
#pragma GCC unroll 16
    for (int i = 0; i < V / 2; i++) {
      next[2 * i] = Lanes<K>::moved(v[i], low, v[i + V / 2]);
      next[2 * i + 1] = Lanes<K>::moved(v[i], high, v[i + V / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < V; i++) v[i] = next[i];
    interleave<K, V, kRounds / 2>(v);
  }
}

// Sorts n keys, at most V vectors of them: the largest key fills up the rest, and stays behind.
template <class K, int V>
inline void sort_vectors(K *keys, int64_t n) {
  using L = Lanes<K>;
  V512 v[V];
#pragma GCC unroll 16
  for (int i = 0; i < V; i++) v[i] = L::load_some(first_lanes<K>(n - i * L::n), keys + i * L::n);
  sort_columns<K, V, 2>(v);
  merge_columns<K, V, 2>(v);
  interleave<K, V, V>(v);
#pragma GCC unroll 16
  for (int i = 0; i < V; i++) L::store_some(keys + i * L::n, first_lanes<K>(n - i * L::n), v[i]);
}

template <class K>
constexpr int64_t kNetwork = 16 * Lanes<K>::n;

// Sorts at most kNetwork keys.
template <class K>
inline void sort_few(K *keys, int64_t n) {
  constexpr int64_t lanes = Lanes<K>::n;
  if (n <= lanes) return sort_vectors<K, 1>(keys, n);
  if (n <= 2 * lanes) return sort_vectors<K, 2>(keys, n);
  if (n <= 4 * lanes) return sort_vectors<K, 4>(keys, n);
  if (n <= 8 * lanes) return sort_vectors<K, 8>(keys, n);
  sort_vectors<K, 16>(keys, n);
}

}  // namespace SINTER_ISA
}  // namespace sinter
