// sort_key.h: keys whose unsigned order is the wanted order of elements.
#pragma once
#include <cstring>
#include <type_traits>

#include "plain.h"

namespace sinter {

// An unsigned integer of a size.
template <int kBytes>
struct UnsignedOf {
  using type = uint64_t;
};
template <>
struct UnsignedOf<1> {
  using type = uint8_t;
};
template <>
struct UnsignedOf<2> {
  using type = uint16_t;
};
template <>
struct UnsignedOf<4> {
  using type = uint32_t;
};

// Keys of a memory type M, as wide as the type it is worked with. NaN has the largest key.
template <class M>
struct SortKey {
  using C = typename Work<M>::C;
  using K = typename UnsignedOf<int(sizeof(C))>::type;
  static constexpr bool kFloat = std::is_floating_point<C>::value;
  static constexpr K kAll = K(~K(0)), kSign = K(K(1) << (sizeof(C) * 8 - 1));

  // -0 is just below 0.
  static K of(M memory) {
    const C value = Work<M>::read(memory);
    K key;
    memcpy(&key, &value, sizeof key);
    if constexpr (kFloat) {
      // Without branches and unsigned comparisons, so that loops over it become vector instructions everywhere.
      using S = typename std::conditional<sizeof(C) == 4, int32_t, int64_t>::type;
      constexpr S infinity = sizeof(C) == 4 ? S(0x7f800000) : S(int64_t(0x7ff) << 52);
      const K nan = K(-S(S(key & K(kSign - 1)) > infinity)), negative = K(S(key) >> (sizeof(C) * 8 - 1));
      return (key ^ (negative | kSign)) | nan;
    } else {
      return std::is_signed<C>::value ? K(key ^ kSign) : key;
    }
  }
  // Both zeros alike.
  static K of_value(M memory) {
    const K key = of(memory);
    return kFloat && key == K(kSign - 1) ? kSign : key;
  }
  // The keys turned over, but that of NaN.
  static K turned(K key) { return kFloat && key == kAll ? key : K(~key); }

  static M back(K key) {
    if constexpr (kFloat) {
      key = key & kSign ? K(key ^ kSign) : K(~key);
    } else if (std::is_signed<C>::value) {
      key ^= kSign;
    }
    C value;
    memcpy(&value, &key, sizeof value);
    return Work<M>::write(value);
  }
};

}  // namespace sinter
