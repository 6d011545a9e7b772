// gemm_pack.h: packing of A into row panels and of B into column strips, converting 16-bit floats on the way. Per-ISA files only.
#pragma once
#include "gemm_simd.h"

namespace sinter {
namespace SINTER_ISA {

struct Half {
  uint16_t bits;
};
struct Brain {
  uint16_t bits;
};

// Four elements of a source dtype, converted, from contiguous or strided memory.
template <class S, class T>
struct Source {
  using Quad = typename Simd<T>::Quad;
  static inline Quad quad(const S *from) { return load<Quad>(from); }
  static inline T one(const S *from) { return *from; }
};

typedef uint16_t Short4 __attribute__((vector_size(8)));
typedef uint32_t Word4 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));
typedef float Float4 __attribute__((vector_size(16)));

static inline Float4 widen(Brain, Short4 bits) { return (Float4)(__builtin_convertvector(bits, Word4) << 16); }

#if defined(__aarch64__)
typedef __fp16 Half4 __attribute__((vector_size(8)));

static inline Float4 widen(Half, Short4 bits) { return __builtin_convertvector((Half4)bits, Float4); }
#elif defined(__F16C__) && !defined(__clang__)
typedef int16_t Short8 __attribute__((vector_size(16)));
typedef int64_t Long2 __attribute__((vector_size(16)));

static inline Float4 widen(Half, Short4 bits) {
  int64_t four;
  __builtin_memcpy(&four, &bits, sizeof four);
  return (Float4)__builtin_ia32_vcvtph2ps((Short8)Long2{four, 0});
}
#else
// Subnormal halves are computed from their integer value: as shifted bits they would be subnormal floats, which flush to zero.
static inline Float4 widen(Half, Short4 halves) {
  Word4 bits = __builtin_convertvector(halves, Word4);
  Word4 sign = (bits & 0x8000u) << 16;
  Word4 magnitude = bits & 0x7fffu;
  Word4 normal = (magnitude << 13) + (112u << 23);
  normal = magnitude >= 0x7c00u ? normal + (112u << 23) : normal;
  Float4 small = __builtin_convertvector((Int4)magnitude, Float4) * 5.9604644775390625e-8f;
  return (Float4)((magnitude < 0x400u ? (Word4)small : normal) | sign);
}
#endif

template <class S>
struct Source16 {
  static inline Float4 quad(const S *from) { return widen(S{}, load<Short4>(from)); }
  static inline float one(const S *from) { return widen(S{}, Short4{from->bits, 0, 0, 0})[0]; }
};
template <>
struct Source<Half, float> : Source16<Half> {};
template <>
struct Source<Brain, float> : Source16<Brain> {};

// Transposes the 4 x 4 elements at `from` (rows `stride` apart) to `to` (rows `step` apart).
template <class S, class T>
static inline void transpose4(const S *from, int64_t stride, T *to, int64_t step) {
  using Quad = typename Simd<T>::Quad;
  using Load = Source<S, T>;
  Quad a = Load::quad(from), b = Load::quad(from + stride), c = Load::quad(from + 2 * stride), d = Load::quad(from + 3 * stride);
#if defined(__clang__)
  Quad ac = __builtin_shufflevector(a, c, 0, 4, 1, 5), bd = __builtin_shufflevector(b, d, 0, 4, 1, 5);
  Quad ac2 = __builtin_shufflevector(a, c, 2, 6, 3, 7), bd2 = __builtin_shufflevector(b, d, 2, 6, 3, 7);
  store(to, __builtin_shufflevector(ac, bd, 0, 4, 1, 5));
  store(to + step, __builtin_shufflevector(ac, bd, 2, 6, 3, 7));
  store(to + 2 * step, __builtin_shufflevector(ac2, bd2, 0, 4, 1, 5));
  store(to + 3 * step, __builtin_shufflevector(ac2, bd2, 2, 6, 3, 7));
#else
  using Mask = decltype(a < a);
  const Mask low = {0, 4, 1, 5}, high = {2, 6, 3, 7};
  Quad ac = __builtin_shuffle(a, c, low), bd = __builtin_shuffle(b, d, low);
  Quad ac2 = __builtin_shuffle(a, c, high), bd2 = __builtin_shuffle(b, d, high);
  store(to, __builtin_shuffle(ac, bd, low));
  store(to + step, __builtin_shuffle(ac, bd, high));
  store(to + 2 * step, __builtin_shuffle(ac2, bd2, low));
  store(to + 3 * step, __builtin_shuffle(ac2, bd2, high));
#endif
}

// Writes to[k * step + i] = from[i * outer + k * inner] for i < count, k < depth.
template <class S, class T>
static void pack(const S *from, int64_t outer, int64_t inner, int64_t count, int64_t depth, T *to, int64_t step) {
  using Load = Source<S, T>;
  int64_t quads = outer == 1 || inner == 1 ? count & ~int64_t(3) : 0;
  if (outer == 1) {
    for (int64_t k = 0; k < depth; k++) {
      for (int64_t i = 0; i < quads; i += 4) store(to + k * step + i, Load::quad(from + k * inner + i));
    }
  } else if (inner == 1) {
    constexpr int64_t chunk = 64;
    for (int64_t k0 = 0; k0 < depth; k0 += chunk) {
      int64_t end = k0 + chunk < depth ? k0 + chunk : depth;
      for (int64_t i = 0; i < quads; i += 4) {
        const S *row = from + i * outer;
        int64_t k = k0;
        for (; k + 4 <= end; k += 4) transpose4(row + k, outer, to + k * step + i, step);
        for (; k < end; k++) {
          for (int64_t r = 0; r < 4; r++) to[k * step + i + r] = Load::one(row + r * outer + k);
        }
      }
    }
  }
  for (int64_t i = quads; i < count; i++) {
    for (int64_t k = 0; k < depth; k++) to[k * step + i] = Load::one(from + i * outer + k * inner);
  }
}

template <class S, class T>
static void pack_a(const void *a, int64_t a_row, int64_t a_col, int64_t rows, int64_t depth, void *out) {
  Panels panels(rows);
  for (int64_t panel = 0; panel < panels.count; panel++) {
    int64_t start = panels.start(panel), height = panels.height(panel);
    pack(static_cast<const S *>(a) + start * a_row, a_row, a_col, height, depth, static_cast<T *>(out) + start * depth, height);
  }
}

template <class S, class T>
static void pack_b(const void *b, int64_t b_row, int64_t b_col, int64_t depth, int64_t width, void *out) {
  constexpr int64_t columns = Simd<T>::width;
  const S *from = static_cast<const S *>(b);
  T *to = static_cast<T *>(out);
  constexpr int step = columns % 4 == 0 ? 4 : Simd<T>::lanes;
  if (width == columns && b_col == 1 && (step == 4 || sizeof(S) == sizeof(T))) {
    for (int64_t k = 0; k < depth; k++) {
      for (int64_t j = 0; j < columns; j += step) {
        if constexpr (step == 4) {
          store(to + k * columns + j, Source<S, T>::quad(from + k * b_row + j));
        } else {
          __builtin_memcpy(to + k * columns + j, from + k * b_row + j, step * sizeof(T));
        }
      }
    }
    return;
  }
  using Vector = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  for (int64_t at = width / lanes * lanes; at < columns; at += lanes) {
    for (int64_t k = 0; k < depth; k++) store(to + k * columns + at, Vector{});
  }
  pack(from, b_col, b_row, width, depth, to, columns);
}

}  // namespace SINTER_ISA
}  // namespace sinter
