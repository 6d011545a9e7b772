// plain.h: what kernels share: element access of every dtype.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dtype.h"

namespace sinter {

struct HalfBits {
  uint16_t bits;
};
struct BrainBits {
  uint16_t bits;
};
struct Truth {
  uint8_t byte;
};

inline float half_to_float(uint16_t h) {
  const uint32_t magnitude = h & 0x7fffu, sign = uint32_t(h & 0x8000u) << 16;
  uint32_t bits = magnitude >= 0x7c00u ? 0x7f800000u | (magnitude & 0x3ffu) << 13 : (magnitude << 13) + (112u << 23);
  float result;
  if (magnitude < 0x400u) {
    result = float(magnitude) * 5.9604644775390625e-8f;  // subnormal: units of 2^-24
    memcpy(&bits, &result, 4);
  }
  bits |= sign;
  memcpy(&result, &bits, 4);
  return result;
}

inline uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return uint16_t(sign | 0x7e00u);
  if (magnitude >= 0x47800000u) return uint16_t(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {
    float positive;
    memcpy(&positive, &magnitude, 4);
    positive += 0.5f;  // moves the bits to the bottom of the mantissa and rounds them
    memcpy(&bits, &positive, 4);
    return uint16_t(sign | (bits - 0x3f000000u));
  }
  return uint16_t(sign | (magnitude + 0xc8000fffu + (magnitude >> 13 & 1)) >> 13);
}

// C: the type a memory type M is worked with.
template <class M>
struct Work {
  using C = M;
  static C read(M m) { return m; }
  static M write(C c) { return c; }
};
template <>
struct Work<HalfBits> {
  using C = float;
  static C read(HalfBits m) { return half_to_float(m.bits); }
  static HalfBits write(C c) { return {float_to_half(c)}; }
};
template <>
struct Work<BrainBits> {
  using C = float;
  static C read(BrainBits m) {
    const uint32_t bits = uint32_t(m.bits) << 16;
    float f;
    memcpy(&f, &bits, 4);
    return f;
  }
  static BrainBits write(C c) {
    uint32_t bits;
    memcpy(&bits, &c, 4);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return {uint16_t(bits >> 16 | 0x40u)};
    return {uint16_t((bits + 0x7fffu + (bits >> 16 & 1)) >> 16)};
  }
};
template <>
struct Work<Truth> {
  using C = uint8_t;
  static C read(Truth m) { return m.byte != 0; }
  static Truth write(C c) { return {uint8_t(c != 0)}; }
};

// Integer sums and products wrap: they are worked out unsigned.
template <class C>
inline C wrapping_add(C a, C b) {
  if constexpr (std::is_integral<C>::value) return C(uint64_t(a) + uint64_t(b));
  return a + b;
}
template <class C>
inline C wrapping_multiply(C a, C b) {
  if constexpr (std::is_integral<C>::value) return C(uint64_t(a) * uint64_t(b));
  return a * b;
}

// Calls f with a value of the dtype's memory type, which must be that of a float.
template <class F>
auto with_float_dtype(int dtype, F f) {
  switch (dtype) {
    case kFloat32: return f(float());
    case kFloat64: return f(double());
    case kFloat16: return f(HalfBits());
    default: return f(BrainBits());
  }
}

// Calls f with a value of the dtype's memory type.
template <class F>
auto with_dtype(int dtype, F f) {
  switch (dtype) {
    case kInt8: return f(int8_t());
    case kInt16: return f(int16_t());
    case kInt32: return f(int32_t());
    case kInt64: return f(int64_t());
    case kUint8: return f(uint8_t());
    case kUint16: return f(uint16_t());
    case kUint32: return f(uint32_t());
    case kUint64: return f(uint64_t());
    case kBool: return f(Truth());
    default: return with_float_dtype(dtype, f);
  }
}

// The index at position i; -1 when out of range. Negative ones count from the end.
inline int64_t index_at(const char *indices, int64_t i, bool wide, int64_t axis) {
  int64_t value;
  if (wide) {
    value = reinterpret_cast<const int64_t *>(indices)[i];
  } else {
    value = reinterpret_cast<const int32_t *>(indices)[i];
  }
  if (value < 0) value = value < -axis ? -1 : value + axis;
  return value < axis ? value : -1;
}

}  // namespace sinter
