// test_values.cpp: instructions against scalar definitions written out here, on edge values and random ones, for every instruction set.
#include "../cpu/fpstate.h"
#include "../cpu/isa.h"
#include "../cpu/kernels.h"
#include "check.h"

namespace test {

using namespace sinter;

namespace {

constexpr int kCount = 4096;

template <class T>
struct Inputs {
  alignas(64) T a[kCount + 64], b[kCount + 64], c[kCount + 64];
};

template <class T>
T random_value(Random &random) {
  const int64_t kind = random.below(8);
  if constexpr (std::is_floating_point<T>::value) {
    static const double edges[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, INFINITY, -INFINITY, NAN, 2147483648.0, -2147483648.0, 4294967296.0,
                                   9223372036854775808.0, -9223372036854775808.0, 1e30, -1e30, 8388607.5, 3};
    if (kind < 2) return T(edges[random.below(sizeof edges / sizeof *edges)]);
    if (kind < 6) return T((random.uniform() - 0.5) * 20);
    return T((random.uniform() - 0.5) * 1e10);
  } else {
    using L = std::numeric_limits<T>;
    const T edges[] = {0, 1, 2, 3, T(-1), T(-2), L::min(), L::max(), T(L::max() - 1), 31, 32, 33, 63, 64, 65, T(-31)};
    if (kind < 3) return edges[random.below(16)];
    if (kind < 5) return T(random.below(40) - 20);
    return T(random.next());
  }
}

// Subnormal results are flushed.
bool same(double a, double b) { return a == b || (a != a && b != b) || (a == 0 && std::fabs(b) < 2.2250738585072014e-308); }
bool same(float a, float b) { return a == b || (a != a && b != b) || (a == 0 && std::fabs(b) < 1.17549435e-38f); }
template <class T>
bool same(T a, T b) { return a == b; }

// Runs a kernel on all inputs, with each operand in turn as a splat, and compares with `want`.
template <class D, class T, class F>
void check(int code, int k, const Inputs<T> &in, F want, double tolerance = 0) {
  const Elementwise kernel = kernels().elementwise[code][k];
  CHECK(kernel != nullptr, "%s has no kernel for class %d", kInstructionFacts[code].name, k);
  if (!kernel) return;
  static D out[kCount + 64];
  for (int splat = 0; splat <= kInstructionFacts[code].operands && splat < 4; splat++) {
    Call call = {{1, 1, 1, 1}, nullptr, nullptr};
    Inputs<T> used = in;
    if (splat > 0) {
      T *operand = splat == 1 ? used.a : splat == 2 ? used.b : used.c;
      for (int i = 0; i < kCount; i++) operand[i] = operand[7];
      call.step[splat - 1] = 0;
    }
    int wrong = 0, first = -1;
    for (int n : {kCount, 1, 13}) {
      {
        FloatState state;
        kernel(out, used.a, used.b, used.c, n, &call);
      }
      for (int i = 0; i < n; i++) {
        const D expected = want(used.a[i], used.b[i], used.c[i]);
        const bool fine = same(out[i], expected) || (tolerance > 0 && std::fabs(double(out[i]) - double(expected)) <= tolerance * std::fabs(double(expected)));
        if (!fine && first < 0) first = i;
        wrong += !fine;
      }
    }
    CHECK(wrong == 0, "%s class %d (%s, splat %d): %d wrong, first f(%.9g, %.9g, %.9g) = %.9g", kInstructionFacts[code].name, k, isa_name(active_isa()), splat, wrong,
          double(used.a[first]), double(used.b[first]), double(used.c[first]), double(out[first]));
  }
}

template <class T>
T floor_mod(T a, T b) {
  T r = T(fmod(double(a), double(b)));
  if (sizeof(T) == 4) r = T(fmod(double(a), double(b)));
  if (r != 0 && (r < 0) != (b < 0)) return T(double(r) + double(b));
  return r == 0 ? T(copysign(0.0, double(b))) : r;
}

// The floor of the exact quotient, by NumPy's definition.
template <class T>
T floor_divide(T a, T b) {
  if (b == 0) return a / b;
  const T r = T(std::fmod(a, b));
  T q = (a - r) / b;
  if (r != 0 && (r < 0) != (b < 0)) q -= 1;
  if (q == 0) return T(std::copysign(0.0, double(a / b)));
  const T f = std::floor(q);
  return q - f > T(0.5) ? f + 1 : f;
}

template <class T>
void float_values(int k) {
  static Inputs<T> in;
  Random random(11);
  for (int i = 0; i < kCount; i++) {
    in.a[i] = random_value<T>(random);
    in.b[i] = random_value<T>(random);
    in.c[i] = random_value<T>(random);
  }
  check<T>(kOp_add, k, in, [](T a, T b, T) { return a + b; });
  check<T>(kOp_sub, k, in, [](T a, T b, T) { return a - b; });
  check<T>(kOp_mul, k, in, [](T a, T b, T) { return a * b; });
  check<T>(kOp_div, k, in, [](T a, T b, T) { return a / b; });
  check<T>(kOp_neg, k, in, [](T a, T, T) { return -a; });
  check<T>(kOp_abs, k, in, [](T a, T, T) { return std::fabs(a); });
  check<T>(kOp_sign, k, in, [](T a, T, T) { return a > 0 ? T(1) : a < 0 ? T(-1) : a; });
  check<T>(kOp_min, k, in, [](T a, T b, T) { return a != a || b != b ? T(NAN) : a < b ? a : b; });
  check<T>(kOp_max, k, in, [](T a, T b, T) { return a != a || b != b ? T(NAN) : a > b ? a : b; });
  check<T>(kOp_fmin, k, in, [](T a, T b, T) { return std::fmin(a, b); });
  check<T>(kOp_fmax, k, in, [](T a, T b, T) { return std::fmax(a, b); });
  check<T>(kOp_fma, k, in, [](T a, T b, T c) { volatile T p = a * b; return T(p + c); });
  check<T>(kOp_addmul, k, in, [](T a, T b, T c) { volatile T s = a + b; return T(s * c); });
  check<T>(kOp_relu, k, in, [](T a, T, T) { return a != a ? a : a > 0 ? a : T(0); });
  check<T>(kOp_floor, k, in, [](T a, T, T) { return std::floor(a); });
  check<T>(kOp_ceil, k, in, [](T a, T, T) { return std::ceil(a); });
  check<T>(kOp_trunc, k, in, [](T a, T, T) { return std::trunc(a); });
  check<T>(kOp_round, k, in, [](T a, T, T) { return std::nearbyint(a); });
  check<T>(kOp_floordiv, k, in, [](T a, T b, T) { return T(floor_divide(double(a), double(b))); });
  check<T>(kOp_rem, k, in, [](T a, T b, T) { return T(std::fmod(a, b)); });
  check<T>(kOp_mod, k, in, [](T a, T b, T) { return floor_mod(a, b); }, 1e-7);
  check<T>(kOp_pow, k, in, [](T a, T b, T) { return T(pow(double(a), double(b))); }, 1e-7);
  check<T>(kOp_atan2, k, in, [](T a, T b, T) { return T(atan2(double(a), double(b))); }, 1e-7);
  check<int32_t>(kOp_eq, k, in, [](T a, T b, T) { return int32_t(a == b); });
  check<int32_t>(kOp_ne, k, in, [](T a, T b, T) { return int32_t(a != b); });
  check<int32_t>(kOp_lt, k, in, [](T a, T b, T) { return int32_t(a < b); });
  check<int32_t>(kOp_ge, k, in, [](T a, T b, T) { return int32_t(a >= b); });
  check<int32_t>(kOp_isnan, k, in, [](T a, T, T) { return int32_t(a != a); });
  check<int32_t>(kOp_isinf, k, in, [](T a, T, T) { return int32_t(std::isinf(a)); });
  check<int32_t>(kOp_isfinite, k, in, [](T a, T, T) { return int32_t(std::isfinite(a)); });
  check<int32_t>(kOp_signbit, k, in, [](T a, T, T) { return int32_t(std::signbit(a)); });
  check<int32_t>(kOp_to_i32, k, in, [](T a, T, T) { return a != a ? 0 : a >= T(2147483648.0) ? INT32_MAX : a <= T(-2147483648.0) ? INT32_MIN : int32_t(a); });
  check<uint32_t>(kOp_to_u32, k, in, [](T a, T, T) { return !(a > 0) ? 0u : a >= T(4294967296.0) ? UINT32_MAX : uint32_t(a); });
  check<int64_t>(kOp_to_i64, k, in, [](T a, T, T) { return a != a ? 0 : a >= T(9223372036854775808.0) ? INT64_MAX : a <= T(-9223372036854775808.0) ? INT64_MIN : int64_t(a); });
  check<uint64_t>(kOp_to_u64, k, in, [](T a, T, T) { return !(a > 0) ? 0u : a >= T(18446744073709551616.0) ? UINT64_MAX : uint64_t(a); });
  check<float>(kOp_to_f32, k, in, [](T a, T, T) { return float(a); });
  check<double>(kOp_to_f64, k, in, [](T a, T, T) { return double(a); });
}

template <class T>
T power(T a, T b) {
  if (b < 0) return a == 1 ? 1 : a == T(-1) ? (b % 2 ? T(-1) : T(1)) : 0;
  uint64_t r = 1, base = uint64_t(a);
  for (uint64_t e = uint64_t(b); e; e >>= 1, base *= base) r = e & 1 ? r * base : r;
  return T(r);
}

template <class T>
void integer_values(int k) {
  static Inputs<T> in;
  constexpr bool is_signed = std::is_signed<T>::value;
  constexpr int width = sizeof(T) * 8;
  Random random(12);
  for (int i = 0; i < kCount; i++) {
    in.a[i] = random_value<T>(random);
    in.b[i] = random_value<T>(random);
    in.c[i] = random_value<T>(random);
  }
  const auto zero_or = [](T b) { return b == 0; };
  const auto overflow = [](T a, T b) { return is_signed && b == T(-1) && a == std::numeric_limits<T>::min(); };
  const auto divide = [=](T a, T b) { return zero_or(b) ? T(0) : overflow(a, b) ? a : T(a / b); };
  const auto remain = [=](T a, T b) { return zero_or(b) || overflow(a, b) ? T(0) : T(a % b); };
  const auto outside = [](T b) { return is_signed ? b < 0 || b >= width : b >= T(width); };
  check<T>(kOp_add, k, in, [](T a, T b, T) { return T(uint64_t(a) + uint64_t(b)); });
  check<T>(kOp_sub, k, in, [](T a, T b, T) { return T(uint64_t(a) - uint64_t(b)); });
  check<T>(kOp_mul, k, in, [](T a, T b, T) { return T(uint64_t(a) * uint64_t(b)); });
  check<T>(kOp_fma, k, in, [](T a, T b, T c) { return T(uint64_t(a) * uint64_t(b) + uint64_t(c)); });
  check<T>(kOp_neg, k, in, [](T a, T, T) { return T(-uint64_t(a)); });
  check<T>(kOp_abs, k, in, [](T a, T, T) { return T(is_signed && a < 0 ? -uint64_t(a) : uint64_t(a)); });
  check<T>(kOp_sign, k, in, [](T a, T, T) { return T(is_signed && a < 0 ? -1 : a != 0); });
  check<T>(kOp_div, k, in, [=](T a, T b, T) { return divide(a, b); });
  check<T>(kOp_rem, k, in, [=](T a, T b, T) { return remain(a, b); });
  check<T>(kOp_mod, k, in, [=](T a, T b, T) { const T r = remain(a, b); return is_signed && r != 0 && (r < 0) != (b < 0) ? T(r + b) : r; });
  check<T>(kOp_floordiv, k, in, [=](T a, T b, T) { return T(divide(a, b) - (is_signed && remain(a, b) != 0 && (a < 0) != (b < 0))); });
  check<T>(kOp_pow, k, in, [](T a, T b, T) { return power(a, b); });
  check<T>(kOp_min, k, in, [](T a, T b, T) { return a < b ? a : b; });
  check<T>(kOp_fmax, k, in, [](T a, T b, T) { return a > b ? a : b; });
  check<T>(kOp_and, k, in, [](T a, T b, T) { return T(a & b); });
  check<T>(kOp_or, k, in, [](T a, T b, T) { return T(a | b); });
  check<T>(kOp_xor, k, in, [](T a, T b, T) { return T(a ^ b); });
  check<T>(kOp_not, k, in, [](T a, T, T) { return T(~a); });
  check<T>(kOp_shl, k, in, [=](T a, T b, T) { return outside(b) ? T(0) : T(uint64_t(a) << b); });
  check<T>(kOp_shr, k, in, [=](T a, T b, T) { return outside(b) ? T(is_signed && a < 0 ? -1 : 0) : T(a >> b); });
  check<T>(kOp_popcount, k, in, [](T a, T, T) { return T(__builtin_popcountll(typename std::make_unsigned<T>::type(a))); });
  check<int32_t>(kOp_eq, k, in, [](T a, T b, T) { return int32_t(a == b); });
  check<int32_t>(kOp_lt, k, in, [](T a, T b, T) { return int32_t(a < b); });
  check<int32_t>(kOp_ge, k, in, [](T a, T b, T) { return int32_t(a >= b); });
  check<float>(kOp_to_f32, k, in, [](T a, T, T) { return float(a); });
  check<double>(kOp_to_f64, k, in, [](T a, T, T) { return double(a); });
  check<int32_t>(kOp_to_i32, k, in, [](T a, T, T) { return int32_t(a); });
  check<uint64_t>(kOp_to_u64, k, in, [](T a, T, T) { return uint64_t(a); });
  if (k == kU32) check<uint32_t>(kOp_mul_high, k, in, [](T a, T b, T) { return uint32_t(uint64_t(uint32_t(a)) * uint32_t(b) >> 32); });
  if (k == kI32) {
    check<int32_t>(kOp_wrap_i8, k, in, [](T a, T, T) { return int32_t(int8_t(a)); });
    check<int32_t>(kOp_wrap_u16, k, in, [](T a, T, T) { return int32_t(uint16_t(a)); });
  }
}

// float16 and bfloat16: every pattern there and back; every float32 rounds like the nearest neighbour does.
void half_values() {
  static int32_t patterns[65536 + 64], back[65536 + 64];
  static float values[65536 + 64];
  const Call call = {{1, 1, 1, 1}, nullptr, nullptr};
  for (int i = 0; i < 65536; i++) patterns[i] = i;
  for (int brain = 0; brain < 2; brain++) {
    FloatState state;
    kernels().elementwise[brain ? kOp_bf16_from : kOp_f16_from][kI32](values, patterns, patterns, patterns, 65536, &call);
    kernels().elementwise[brain ? kOp_bf16_bits : kOp_f16_bits][kF32](back, values, values, values, 65536, &call);
    int wrong = 0;
    for (int i = 0; i < 65536; i++) wrong += values[i] == values[i] ? back[i] != i : (back[i] & 0x7fff) <= (brain ? 0x7f80 : 0x7c00);
    CHECK(wrong <= (brain ? 0 : 0), "16-bit round trip (%d): %d wrong", brain, wrong);
    // Halfway between neighbours goes to the even one, anything else to the nearer one.
    for (int i = 1024; i < (brain ? 0x7f7f : 0x7bfe); i++) {
      const float middle = float((double(values[i]) + values[i + 1]) / 2);
      const float probes[16] = {middle, std::nextafterf(middle, 0.0f), std::nextafterf(middle, INFINITY)};
      int32_t got[16];
      if (middle == values[i]) continue;
      kernels().elementwise[brain ? kOp_bf16_bits : kOp_f16_bits][kF32](got, probes, probes, probes, 3, &call);
      wrong += got[0] != i + (i & 1) || got[1] != i || got[2] != i + 1;
    }
    CHECK(wrong == 0, "16-bit rounding (%d): %d wrong", brain, wrong);
  }
}

// Known answers of threefry2x32 with 20 rounds, from the Random123 distribution (kat_vectors).
void threefry_values() {
  struct Known {
    uint32_t counter[2], key[2], result[2];
  };
  const Known known[] = {
      {{0, 0}, {0, 0}, {0x6b200159, 0x99ba4efe}},
      {{0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x1cb996fc, 0xbb002be7}},
      {{0x243f6a88, 0x85a308d3}, {0x13198a2e, 0x03707344}, {0xc4923a9c, 0x483df7a0}},
  };
  for (const Known &k : known) {
    uint32_t a[16], b[16], c[16], d[16], x[16], y[16];
    for (int i = 0; i < 16; i++) {
      a[i] = k.key[0];
      b[i] = k.key[1];
      c[i] = k.counter[0];
      d[i] = k.counter[1];
    }
    const Call call = {{0, 0, 1, 1}, y, d};
    kernels().elementwise[kOp_threefry][kU32](x, a, b, c, 16, &call);
    CHECK(x[0] == k.result[0] && y[0] == k.result[1] && x[15] == k.result[0], "threefry: %08x %08x", x[0], y[0]);
  }
}

}  // namespace

void test_values() {
  for (Isa isa : {Isa::base, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (!isa_available(isa)) continue;
    set_isa(isa_name(isa));
    float_values<float>(kF32);
    float_values<double>(kF64);
    integer_values<int32_t>(kI32);
    integer_values<int64_t>(kI64);
    integer_values<uint32_t>(kU32);
    integer_values<uint64_t>(kU64);
    half_values();
    threefry_values();
    for (int code = 0; code < kInstructions; code++) {
      for (int k = 0; k < kClasses; k++) {
        const bool row = is_row_reduction(code), expand = code == kOp_expand;
        if (!row && !expand && (kInstructionFacts[code].classes >> k & 1)) CHECK(kernels().elementwise[code][k], "%s lacks class %d", kInstructionFacts[code].name, k);
        if (row && (kInstructionFacts[code].classes >> k & 1)) CHECK(kernels().reductions[code - kOp_row_sum][k].rows, "%s lacks class %d", kInstructionFacts[code].name, k);
      }
    }
  }
}

}  // namespace test
