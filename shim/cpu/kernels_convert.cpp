// kernels_convert.cpp (per SINTER_ISA): conversions between classes. Float to integer truncates and saturates, NaN gives 0.
#include "functors.h"
#include "half.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

template <class D>
struct Convert {  // widening, narrowing and integer to float
  template <class V> static auto apply(V a) {
    constexpr int N = int(sizeof(V) / sizeof(a[0]));
    return __builtin_convertvector(a, Vector<D, N>);
  }
};

template <class D>
struct Saturate {
  template <class A> static D apply(A a) {
    constexpr bool is_signed = std::is_signed<D>::value;
    constexpr int width = int(sizeof(D)) * 8 - (is_signed ? 1 : 0);
    constexpr A top = A(D(1) << (width - 1)) * 2;
    constexpr A bottom = is_signed ? -top : A(0);
    constexpr D highest = D(((D(1) << (width - 1)) - 1) * 2 + 1), lowest = D(-highest - 1);
    if (!(a > bottom)) return a != a || !is_signed ? D(0) : lowest;
    return a >= top ? highest : D(a);
  }
};

// float32 to int32, the common case.
struct ToInt32 {
  static I32 apply(F32 a) {
    const F32 inside = a < 2147483648.0f ? a : F32{};
    const F32 clamped = inside > -2147483648.0f ? inside : (F32{} - 2147483648.0f);
    const I32 whole = __builtin_convertvector(clamped, I32);
    const I32 saturated = a >= 2147483648.0f ? (I32{} + 2147483647) : whole;
    return a != a ? I32{} : saturated;
  }
};

struct HalfBits {
  static I32 apply(F32 a) { return bits<I32>(to_half<U32>(a)); }
};
struct HalfFrom {
  static F32 apply(I32 a) { return from_half<F32>(bits<U32>(a)); }
};
struct BrainBits {
  static I32 apply(F32 a) { return bits<I32>(to_brain<U32>(a)); }
};
struct BrainFrom {
  static F32 apply(I32 a) { return from_brain<F32>(bits<U32>(a)); }
};

constexpr int code_to(int k) {
  return k == kF32 ? kOp_to_f32 : k == kF64 ? kOp_to_f64 : k == kI32 ? kOp_to_i32 : k == kI64 ? kOp_to_i64 : k == kU32 ? kOp_to_u32 : kOp_to_u64;
}

template <class D, class A>
void between(KernelSet &set, int to, int from) {
  Elementwise &kernel = set.elementwise[code_to(to)][from];
  if constexpr (std::is_floating_point<A>::value && !std::is_floating_point<D>::value) {
    kernel = loop1<Saturate<D>, D, A>;
  } else {
    kernel = map1<Convert<D>, D, A>;
  }
}

template <class A>
void from(KernelSet &set, int k) {
  between<float, A>(set, kF32, k);
  between<double, A>(set, kF64, k);
  between<int32_t, A>(set, kI32, k);
  between<int64_t, A>(set, kI64, k);
  between<uint32_t, A>(set, kU32, k);
  between<uint64_t, A>(set, kU64, k);
}

}  // namespace

void fill_convert(KernelSet &set) {
  from<float>(set, kF32);
  from<double>(set, kF64);
  from<int32_t>(set, kI32);
  from<int64_t>(set, kI64);
  from<uint32_t>(set, kU32);
  from<uint64_t>(set, kU64);
  set.elementwise[kOp_to_i32][kF32] = map1<ToInt32, int32_t, float>;
  for (int code : {kOp_bits_i32, kOp_bits_f32, kOp_bits_u32}) {
    for (int k : {kF32, kI32, kU32}) set.elementwise[code][k] = map1<Copy, uint32_t, uint32_t>;
  }
  for (int code : {kOp_bits_i64, kOp_bits_f64, kOp_bits_u64}) {
    for (int k : {kF64, kI64, kU64}) set.elementwise[code][k] = map1<Copy, uint64_t, uint64_t>;
  }
  set.elementwise[kOp_f16_bits][kF32] = map1<HalfBits, int32_t, float>;
  set.elementwise[kOp_f16_from][kI32] = map1<HalfFrom, float, int32_t>;
  set.elementwise[kOp_bf16_bits][kF32] = map1<BrainBits, int32_t, float>;
  set.elementwise[kOp_bf16_from][kI32] = map1<BrainFrom, float, int32_t>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
