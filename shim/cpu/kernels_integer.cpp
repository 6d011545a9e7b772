// kernels_integer.cpp (per SINTER_ISA): integer arithmetic that has vector forms. Signed classes share the unsigned kernels where the bits agree,
// so that overflow wraps.
#include <algorithm>

#include "functors.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

struct Neg {
  template <class V> static V apply(V a) { return -a; }
};
struct Square {
  template <class V> static V apply(V a) { return a * a; }
};
struct Not {
  template <class V> static V apply(V a) { return ~a; }
};

template <class T>  // T: the signed type; works on its unsigned counterpart
struct Signed {
  using U = typename std::make_unsigned<T>::type;
  template <class V> using AsSigned = Vector<T, int(sizeof(V) / sizeof(T))>;
  struct Abs {
    template <class V> static V apply(V a) { return bits<AsSigned<V>>(a) < 0 ? -a : a; }
  };
  struct Sign {
    template <class V> static V apply(V a) {
      const auto s = bits<AsSigned<V>>(a);
      return bits<V>((s < 0) - (s > 0));  // a true lane is -1
    }
  };
};
struct UnsignedSign {
  template <class V> static V apply(V a) { return bits<V>(a != 0) & 1; }
};

template <class M>
inline auto truth(M mask) {
  constexpr int N = int(sizeof(M) / sizeof(mask[0]));
  return __builtin_convertvector(mask, Vector<int32_t, N>) & 1;
}
struct Eq {
  template <class V> static auto apply(V a, V b) { return truth(a == b); }
};
struct Ne {
  template <class V> static auto apply(V a, V b) { return truth(a != b); }
};
struct Lt {
  template <class V> static auto apply(V a, V b) { return truth(a < b); }
};
struct Le {
  template <class V> static auto apply(V a, V b) { return truth(a <= b); }
};
struct Gt {
  template <class V> static auto apply(V a, V b) { return truth(a > b); }
};
struct Ge {
  template <class V> static auto apply(V a, V b) { return truth(a >= b); }
};

// Shift counts are compared unsigned, so that negative ones count as too large.
template <class T>
struct Shift {
  using U = typename std::make_unsigned<T>::type;
  static constexpr U kWidth = sizeof(T) * 8;
  struct Left {
    template <class V> static V apply(V a, V b) {
      const V zero = {};
      return b < kWidth ? a << (b & (kWidth - 1)) : zero;
    }
  };
  struct Right {
    template <class V> static V apply(V a, V b) {
      const V zero = {};
      return b < kWidth ? a >> (b & (kWidth - 1)) : zero;
    }
  };
  struct SignedRight {
    template <class V> static V apply(V a, V b) {
      using S = Vector<T, int(sizeof(V) / sizeof(T))>;
      const V count = b < kWidth ? b : (b & 0) + (kWidth - 1);
      return bits<V>(bits<S>(a) >> bits<S>(count));
    }
  };
};

struct Popcount {
  template <class V> static V apply(V a) {
    using U = typename std::remove_reference<decltype(a[0])>::type;
    const U ones = ~U(0);
    a -= (a >> 1) & (ones / 3);
    a = (a & (ones / 5)) + ((a >> 2) & (ones / 5));
    a = (a + (a >> 4)) & (ones / 17);
    return (a * (ones / 255)) >> U(sizeof(U) * 8 - 8);
  }
};

template <int kBits>
struct SignExtend {
  template <class V> static V apply(V a) { return bits<V>(bits<U32>(a) << (32 - kBits)) >> (32 - kBits); }
};
template <int kBits>
struct ZeroExtend {
  template <class V> static V apply(V a) { return a & ((1 << kBits) - 1); }
};

struct Select {
  template <class M, class V> static V apply(M a, V b, V c) {
    using T = Vector<typename std::conditional<sizeof(b[0]) == 8, int64_t, int32_t>::type, int(sizeof(M) / 4)>;
    return __builtin_convertvector(a != 0, T) ? b : c;
  }
};

// The upper halves of products. The compiler has a vector form for loops like these, and none for vectors.
void mul_high(void *d, const void *a, const void *b, const void *, int64_t n, const Call *call) {
  const auto high = [](uint32_t x, uint32_t y) { return uint32_t(uint64_t(x) * y >> 32); };
  uint32_t *to = static_cast<uint32_t *>(d);
  const uint32_t *x = static_cast<const uint32_t *>(a), *y = static_cast<const uint32_t *>(b);
  if (call->step[0] == 0) std::swap(x, y);
  if (call->step[0] != 0 && call->step[1] != 0) {
    for (int64_t i = 0; i < n; i++) to[i] = high(x[i], y[i]);
  } else {
    const bool same = call->step[0] == call->step[1];
    const uint32_t factor = *y;
    if (same) std::fill_n(to, n, high(*x, factor));
    else for (int64_t i = 0; i < n; i++) to[i] = high(x[i], factor);
  }
}

// 20 rounds of threefry2x32 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011).
void threefry(void *d, const void *a, const void *b, const void *c, int64_t n, const Call *call) {
  static const int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  constexpr int N = kLanes<uint32_t>;
  const uint32_t *key0 = static_cast<const uint32_t *>(a), *key1 = static_cast<const uint32_t *>(b);
  const uint32_t *count0 = static_cast<const uint32_t *>(c), *count1 = static_cast<const uint32_t *>(call->d);
  for (int64_t i = 0; i < n; i += N) {
    const U32 k0 = load<U32>(key0 + i * call->step[0]), k1 = load<U32>(key1 + i * call->step[1]);
    const U32 key[3] = {k0, k1, k0 ^ k1 ^ 0x1bd11bdau};
    U32 x = load<U32>(count0 + i * call->step[2]) + k0, y = load<U32>(count1 + i * call->step[3]) + k1;
    for (uint32_t group = 0; group < 5; group++) {
      for (int r : rotations[group & 1]) {
        x += y;
        y = (y << r) | (y >> (32 - r));
        y ^= x;
      }
      x += key[(group + 1) % 3];
      y += key[(group + 2) % 3] + (group + 1);
    }
    store(static_cast<uint32_t *>(d) + i, x);
    store(static_cast<uint32_t *>(call->second) + i, y);
  }
}

template <class T>
void fill(KernelSet &set, int k) {
  using U = typename std::make_unsigned<T>::type;
  using S = typename std::make_signed<T>::type;
  constexpr bool is_signed = std::is_signed<T>::value;
  auto at = [&](int code) -> Elementwise & { return set.elementwise[code][k]; };
  at(kOp_copy) = map1<Copy, U, U>;
  at(kOp_neg) = map1<Neg, U, U>;
  at(kOp_abs) = is_signed ? map1<typename Signed<S>::Abs, U, U> : map1<Copy, U, U>;
  at(kOp_sign) = is_signed ? map1<typename Signed<S>::Sign, U, U> : map1<UnsignedSign, U, U>;
  at(kOp_square) = map1<Square, U, U>;
  at(kOp_add) = map2<Add, U, U>;
  at(kOp_sub) = map2<Sub, U, U>;
  at(kOp_mul) = map2<Mul, U, U>;
  at(kOp_fma) = map3<MulAdd, U, U, U>;
  at(kOp_min) = at(kOp_fmin) = map2<IntMin, T, T>;
  at(kOp_max) = at(kOp_fmax) = map2<IntMax, T, T>;
  at(kOp_eq) = map2<Eq, int32_t, U>;
  at(kOp_ne) = map2<Ne, int32_t, U>;
  at(kOp_lt) = map2<Lt, int32_t, T>;
  at(kOp_le) = map2<Le, int32_t, T>;
  at(kOp_gt) = map2<Gt, int32_t, T>;
  at(kOp_ge) = map2<Ge, int32_t, T>;
  at(kOp_and) = map2<And, U, U>;
  at(kOp_or) = map2<Or, U, U>;
  at(kOp_xor) = map2<Xor, U, U>;
  at(kOp_not) = map1<Not, U, U>;
  at(kOp_shl) = map2<typename Shift<S>::Left, U, U>;
  at(kOp_shr) = is_signed ? map2<typename Shift<S>::SignedRight, U, U> : map2<typename Shift<S>::Right, U, U>;
  at(kOp_popcount) = map1<Popcount, U, U>;
}

}  // namespace

void fill_integer(KernelSet &set) {
  fill<int32_t>(set, kI32);
  fill<int64_t>(set, kI64);
  fill<uint32_t>(set, kU32);
  fill<uint64_t>(set, kU64);
  set.elementwise[kOp_wrap_i8][kI32] = map1<SignExtend<8>, int32_t, int32_t>;
  set.elementwise[kOp_wrap_i16][kI32] = map1<SignExtend<16>, int32_t, int32_t>;
  set.elementwise[kOp_wrap_u8][kI32] = map1<ZeroExtend<8>, int32_t, int32_t>;
  set.elementwise[kOp_wrap_u16][kI32] = map1<ZeroExtend<16>, int32_t, int32_t>;
  set.elementwise[kOp_threefry][kU32] = threefry;
  set.elementwise[kOp_mul_high][kU32] = mul_high;
  for (int k : {kF32, kI32, kU32}) set.elementwise[kOp_select][k] = map3<Select, uint32_t, int32_t, uint32_t>;
  for (int k : {kF64, kI64, kU64}) set.elementwise[kOp_select][k] = map3<Select, uint64_t, int32_t, uint64_t>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
