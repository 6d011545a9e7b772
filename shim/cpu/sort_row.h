// sort_row.h: a row of elements and its keys.
#pragma once
#include "sort_key.h"

namespace sinter {

// One row on its way: `keys` and `other` hold its keys, in scratch memory, so that nothing that is written elsewhere changes them.
template <class M>
struct SortRow {
  using Key = SortKey<M>;
  using K = typename Key::K;
  const M *source;
  M *target;
  K *keys, *other;
  int64_t n;
  bool descending;
  int64_t parts;  // for threads

  int64_t begin(int64_t part) const { return n * part / parts; }

  K key(int64_t i) const { return descending ? Key::turned(Key::of(source[i])) : Key::of(source[i]); }

  // Returns the bits in which any of the keys differs from the row's first one.
  K read(int64_t from, int64_t end) const {
    K differences = 0;
    const K first = key(0);
    if (descending) {
      for (int64_t i = from; i < end; i++) differences |= K((keys[i] = Key::turned(Key::of(source[i]))) ^ first);
    } else {
      for (int64_t i = from; i < end; i++) differences |= K((keys[i] = Key::of(source[i])) ^ first);
    }
    return differences;
  }

  void write(const K *sorted, int64_t from, int64_t end) const {
    if (descending) {
      for (int64_t i = from; i < end; i++) target[i] = Key::back(Key::turned(sorted[i]));
    } else {
      for (int64_t i = from; i < end; i++) target[i] = Key::back(sorted[i]);
    }
  }
};

}  // namespace sinter
