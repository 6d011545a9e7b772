// kernels_division.cpp (per SINTER_ISA): integer division, remainders and powers, total on every input.
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

// x / 0 is 0 and the most negative value over -1 wraps to itself.
template <class T>
struct Integer {
  using U = typename std::make_unsigned<T>::type;
  static constexpr bool kSigned = std::is_signed<T>::value;
  static bool minus_one(T b) { return kSigned && b == T(-1); }

  struct Div {
    static T apply(T a, T b) { return b == 0 ? T(0) : minus_one(b) ? T(U(0) - U(a)) : T(a / b); }
  };
  struct Rem {
    static T apply(T a, T b) { return b == 0 || minus_one(b) ? T(0) : T(a % b); }
  };
  struct Mod {
    static T apply(T a, T b) {
      const T r = Rem::apply(a, b);
      return kSigned && r != 0 && (r < 0) != (b < 0) ? T(r + b) : r;
    }
  };
  struct FloorDiv {
    static T apply(T a, T b) {
      const T q = Div::apply(a, b);
      return kSigned && Rem::apply(a, b) != 0 && (a < 0) != (b < 0) ? T(q - 1) : q;
    }
  };
  struct Pow {
    static T apply(T a, T b) {
      if (kSigned && b < 0) return a == 1 ? T(1) : minus_one(a) ? T(b & 1 ? -1 : 1) : T(0);
      U result = 1, base = U(a);
      for (U e = U(b); e; e >>= 1) {
        if (e & 1) result *= base;
        base *= base;
      }
      return T(result);
    }
  };
};

// 32-bit quotients are exact in float64, which has vector division.
template <class T>
struct Through64 {
  template <bool kFloor>
  static void divide(void *d, const void *a, const void *b, const void *, int64_t n, const Call *call) {
    const T *pa = static_cast<const T *>(a), *pb = static_cast<const T *>(b);
    T *pd = static_cast<T *>(d);
    constexpr int N = kLanes<double>;
    using W = Vector<T, N>;
    using L = Vector<int64_t, N>;
    for (int64_t i = 0; i < n; i += N) {
      const F64 x = __builtin_convertvector(load<W>(pa + i * call->step[0]), F64);
      const F64 y = __builtin_convertvector(load<W>(pb + i * call->step[1]), F64);
      const L none = y == 0;
      F64 q = x / (none ? y + 1 : y);
      constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to whole numbers
      F64 whole = (q + magic) - magic;
      if (kFloor) {
        whole = whole > q ? whole - 1 : whole;
      } else {
        const F64 up = whole + 1, down = whole - 1;
        whole = ((q >= 0) & (whole > q)) ? down : (((q < 0) & (whole < q)) ? up : whole);
      }
      const L integer = bits<L>(bits<U64>(whole + magic) - bits<U64>(F64{} + magic));  // low bits of the sum hold the integer
      const W result = __builtin_convertvector(none ? L{} : integer, W);
      store(pd + i, result);
    }
  }
};

template <class T>
void fill(KernelSet &set, int k) {
  auto at = [&](int code) -> Elementwise & { return set.elementwise[code][k]; };
  if constexpr (sizeof(T) == 4) {
    at(kOp_div) = Through64<T>::template divide<false>;
    at(kOp_floordiv) = Through64<T>::template divide<true>;
  } else {
    at(kOp_div) = loop2<typename Integer<T>::Div, T, T>;
    at(kOp_floordiv) = loop2<typename Integer<T>::FloorDiv, T, T>;
  }
  at(kOp_mod) = loop2<typename Integer<T>::Mod, T, T>;
  at(kOp_rem) = loop2<typename Integer<T>::Rem, T, T>;
  at(kOp_pow) = loop2<typename Integer<T>::Pow, T, T>;
}

}  // namespace

void fill_integer_division(KernelSet &set) {
  fill<int32_t>(set, kI32);
  fill<int64_t>(set, kI64);
  fill<uint32_t>(set, kU32);
  fill<uint64_t>(set, kU64);
}

}  // namespace SINTER_ISA
}  // namespace sinter
