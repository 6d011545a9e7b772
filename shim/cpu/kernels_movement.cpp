// kernels_movement.cpp (per SINTER_ISA): tiles from memory of every dtype and back, row to tile, iota.
#include "functors.h"
#include "half.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

struct Boolean {};
struct Half {};
struct Brain {};

// How one memory element becomes a value of its class and back.
template <class Memory>
struct Element_ {
  using M = Memory;
  using C = typename std::conditional<(sizeof(Memory) < 4), int32_t, Memory>::type;
  static C read(M m) { return C(m); }
  static M write(C c) { return M(c); }
};
template <>
struct Element_<Boolean> {
  using M = uint8_t;
  using C = int32_t;
  static C read(M m) { return m != 0; }
  static M write(C c) { return c != 0; }
};
template <>
struct Element_<Half> {
  using M = uint16_t;
  using C = float;
  static C read(M m) { return from_half<Vector<float, 1>>(Vector<uint32_t, 1>{m})[0]; }
  static M write(C c) { return M(to_half<Vector<uint32_t, 1>>(Vector<float, 1>{c})[0]); }
};
template <>
struct Element_<Brain> {
  using M = uint16_t;
  using C = float;
  static C read(M m) { return from_brain<Vector<float, 1>>(Vector<uint32_t, 1>{m})[0]; }
  static M write(C c) { return M(to_brain<Vector<uint32_t, 1>>(Vector<float, 1>{c})[0]); }
};

template <class E>
void load_run(void *tile, const void *source, int64_t n) {
  using T = Element_<E>;
  typename T::C *__restrict d = static_cast<typename T::C *>(tile);
  const typename T::M *__restrict s = static_cast<const typename T::M *>(source);
  for (int64_t i = 0; i < n; i++) d[i] = T::read(s[i]);
}

template <class E>
void store_run(void *target, const void *tile, int64_t n) {
  using T = Element_<E>;
  typename T::M *__restrict d = static_cast<typename T::M *>(target);
  const typename T::C *__restrict s = static_cast<const typename T::C *>(tile);
  for (int64_t i = 0; i < n; i++) d[i] = T::write(s[i]);
}

// Half precision by whole vectors, the rest one by one.
template <class E>
void load_half(void *tile, const void *source, int64_t n) {
  float *d = static_cast<float *>(tile);
  const uint16_t *s = static_cast<const uint16_t *>(source);
  constexpr int N = kLanes<float>;
  int64_t i = 0;
  for (; i + N <= n; i += N) {
    const U32 h = __builtin_convertvector((load<Vector<uint16_t, N>>(s + i)), U32);
    store(d + i, std::is_same<E, Half>::value ? from_half<F32>(h) : from_brain<F32>(h));
  }
  for (; i < n; i++) d[i] = Element_<E>::read(s[i]);
}

template <class E>
void store_half(void *target, const void *tile, int64_t n) {
  uint16_t *d = static_cast<uint16_t *>(target);
  const float *s = static_cast<const float *>(tile);
  constexpr int N = kLanes<float>;
  int64_t i = 0;
  for (; i + N <= n; i += N) {
    const F32 f = load<F32>(s + i);
    store(d + i, __builtin_convertvector((std::is_same<E, Half>::value ? to_half<U32>(f) : to_brain<U32>(f)), Vector<uint16_t, N>));
  }
  for (; i < n; i++) d[i] = Element_<E>::write(s[i]);
}

using Quad = Vector<uint32_t, 4>;

// Interleaves the low or high halves of two vectors of four.
inline Quad low_pairs(Quad a, Quad b) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#else
  return __builtin_shuffle(a, b, Quad{0, 4, 1, 5});
#endif
}
inline Quad high_pairs(Quad a, Quad b) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#else
  return __builtin_shuffle(a, b, Quad{2, 6, 3, 7});
#endif
}

constexpr int64_t kAhead = 16;  // columns fetched ahead; they continue in the next block

// A block whose columns are contiguous in memory, by squares of 4 x 4.
void load_transposed(uint32_t *d, const uint32_t *s, int64_t rows, int64_t columns, int64_t column_stride) {
  int64_t j = 0;
  for (; j + 4 <= columns; j += 4) {
    const uint32_t *c0 = s + j * column_stride, *c1 = c0 + column_stride, *c2 = c1 + column_stride, *c3 = c2 + column_stride;
    const char *ahead = reinterpret_cast<const char *>(c0) + kAhead * column_stride * 4;
    for (int64_t i = 0; i < rows; i += 16) {
      for (int64_t k = 0; k < 4; k++) __builtin_prefetch(ahead + (k * column_stride + i) * 4);
    }
    int64_t i = 0;
    for (; i + 4 <= rows; i += 4) {
      const Quad a = load<Quad>(c0 + i), b = load<Quad>(c1 + i), c = load<Quad>(c2 + i), e = load<Quad>(c3 + i);
      const Quad ac_low = low_pairs(a, c), ac_high = high_pairs(a, c), be_low = low_pairs(b, e), be_high = high_pairs(b, e);
      uint32_t *to = d + i * columns + j;
      store(to, low_pairs(ac_low, be_low));
      store(to + columns, high_pairs(ac_low, be_low));
      store(to + 2 * columns, low_pairs(ac_high, be_high));
      store(to + 3 * columns, high_pairs(ac_high, be_high));
    }
    for (; i < rows; i++) {
      for (int64_t k = 0; k < 4; k++) d[i * columns + j + k] = c0[k * column_stride + i];
    }
  }
  for (; j < columns; j++) {
    for (int64_t i = 0; i < rows; i++) d[i * columns + j] = s[j * column_stride + i];
  }
}

template <class E>
void load_strided(void *tile, const void *source, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  using T = Element_<E>;
  typename T::C *__restrict d = static_cast<typename T::C *>(tile);
  const typename T::M *__restrict s = static_cast<const typename T::M *>(source);
  if (column_stride == 0) {
    for (int64_t i = 0; i < rows; i++) {
      const typename T::C value = T::read(s[i * row_stride]);
      for (int64_t j = 0; j < columns; j++) d[i * columns + j] = value;
    }
  } else if (row_stride == 1 && rows > 4) {  // a transposed block: read along the memory, the tile stays in the first cache
    if constexpr (sizeof(typename T::M) == 4 && sizeof(typename T::C) == 4) {
      return load_transposed(static_cast<uint32_t *>(tile), static_cast<const uint32_t *>(source), rows, columns, column_stride);
    }
    for (int64_t j = 0; j < columns; j++) {
      const typename T::M *__restrict column = s + j * column_stride;
      for (int64_t i = 0; i < rows; i++) d[i * columns + j] = T::read(column[i]);
    }
  } else {
    for (int64_t i = 0; i < rows; i++) {
      const typename T::M *__restrict row = s + i * row_stride;
      for (int64_t j = 0; j < columns; j++) d[i * columns + j] = T::read(row[j * column_stride]);
    }
  }
}

template <class E>
void store_strided(void *target, const void *tile, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  using T = Element_<E>;
  typename T::M *__restrict d = static_cast<typename T::M *>(target);
  const typename T::C *__restrict s = static_cast<const typename T::C *>(tile);
  if (row_stride == 1 && rows > 4) {
    for (int64_t j = 0; j < columns; j++) {
      for (int64_t i = 0; i < rows; i++) d[j * column_stride + i] = T::write(s[i * columns + j]);
    }
  } else {
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++) d[i * row_stride + j * column_stride] = T::write(s[i * columns + j]);
    }
  }
}

template <class T>
void copy_run(void *d, const void *s, int64_t n) {
  __builtin_memcpy(d, s, size_t(n) * sizeof(T));
}

template <class E>
void fill(KernelSet &set, int dtype) {
  using T = Element_<E>;
  DtypeKernels &k = set.dtypes[dtype];
  k.load_strided = load_strided<E>;
  k.store_strided = store_strided<E>;
  if constexpr (std::is_same<E, Half>::value || std::is_same<E, Brain>::value) {
    k.load = load_half<E>;
    k.store = store_half<E>;
  } else if constexpr (std::is_same<typename T::M, typename T::C>::value) {
    k.load = k.store = copy_run<typename T::C>;
  } else {
    k.load = load_run<E>;
    k.store = store_run<E>;
  }
}

template <class T>
void expand(void *tile, const void *row, int64_t rows, int64_t columns) {
  T *__restrict d = static_cast<T *>(tile);
  const T *__restrict s = static_cast<const T *>(row);
  for (int64_t i = 0; i < rows; i++) {
    const T value = s[i];
    for (int64_t j = 0; j < columns; j++) d[i * columns + j] = value;
  }
}

// Stored in whole vectors, as it is read next: narrower stores would have to reach the cache before.
template <class T>
void spread(void *splat) {
  const Full<T> value = Full<T>{} + *static_cast<const T *>(splat);
  for (int64_t i = 0; i < kSplat; i += kLanes<T>) store(static_cast<T *>(splat) + i, value);
}

template <class T>
void iota(void *tile, int64_t start, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step) {
  using U = typename std::make_unsigned<T>::type;
  U *__restrict d = static_cast<U *>(tile);
  for (int64_t i = 0; i < rows; i++) {
    U value = U(uint64_t(start) + uint64_t(i) * uint64_t(row_step));
    for (int64_t j = 0; j < columns; j++) d[i * columns + j] = U(value + U(j) * U(column_step));
  }
}

}  // namespace

void fill_movement(KernelSet &set) {
  fill<float>(set, kFloat32);
  fill<double>(set, kFloat64);
  fill<Half>(set, kFloat16);
  fill<Brain>(set, kBfloat16);
  fill<int8_t>(set, kInt8);
  fill<int16_t>(set, kInt16);
  fill<int32_t>(set, kInt32);
  fill<int64_t>(set, kInt64);
  fill<uint8_t>(set, kUint8);
  fill<uint16_t>(set, kUint16);
  fill<uint32_t>(set, kUint32);
  fill<uint64_t>(set, kUint64);
  fill<Boolean>(set, kBool);
  set.expand4 = expand<uint32_t>;
  set.expand8 = expand<uint64_t>;
  set.spread4 = spread<uint32_t>;
  set.spread8 = spread<uint64_t>;
  set.iota32 = iota<int32_t>;
  set.iota64 = iota<int64_t>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
