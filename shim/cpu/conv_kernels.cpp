// conv_kernels.cpp: the inner loops of convolutions, compiled once per instruction set.
//
// A tile is a matrix product whose left operand is never stored: its element (i, k) is read at rows[i] + index[k]. For a convolution the rows are places in an
// image and the index is that of the kernel's taps; for the gradient of the weights it is the other way round.
#include "conv_table.h"
#include "tile_choice.h"

namespace sinter {
namespace SINTER_ISA {

template <class T, int height, int vectors>
static void tile(const void *const *rows, const int64_t *index, int64_t depth, const T *b, T *c, bool add) {
  using Vector = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  const T *row[height];
  Vector sum[height][vectors];
#pragma GCC unroll 12
  for (int i = 0; i < height; i++) {
    row[i] = static_cast<const T *>(rows[i]);
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) sum[i][v] = Vector{};
  }
  for (int64_t k = 0; k < depth; k++, b += Simd<T>::width) {
    const int64_t at = index[k];
    Vector right[vectors];
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) right[v] = load<Vector>(b + v * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; v++) sum[i][v] += right[v] * row[i][at];
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) {
      T *to = c + i * Simd<T>::width + v * lanes;
      store(to, add ? load<Vector>(to) + sum[i][v] : sum[i][v]);
    }
  }
}

namespace {

template <class T>
struct Tiles {
  using Function = void (*)(const void *const *rows, const int64_t *index, int64_t depth, const T *b, T *c, bool add);
  template <int height, int vectors>
  static constexpr Function tile = SINTER_ISA::tile<T, height, vectors>;
};

}  // namespace

template <class T>
static void any_tile(const void *const *rows, int64_t height, const int64_t *index, int64_t depth, const void *b, int64_t width, void *c, bool add) {
  tile_for<Tiles<T>, T>(height, width)(rows, index, depth, static_cast<const T *>(b), static_cast<T *>(c), add);
}

template <class T, int vectors>
static inline void taps_block(const T *source, const int64_t *offsets, const T *weights, int64_t taps, T *out) {
  using Vector = typename Simd<T>::Vector;
  Vector sum[vectors];
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) sum[v] = Vector{};
  for (int64_t t = 0; t < taps; t++) {
    const T *from = source + offsets[t];
    const T weight = weights[t];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) sum[v] += load<Vector>(from + v * Simd<T>::lanes) * weight;
  }
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) store(out + v * Simd<T>::lanes, sum[v]);
}

template <class T>
static void taps(const void *source, const int64_t *offsets, const void *weights, int64_t count, void *out, int64_t n) {
  const T *from = static_cast<const T *>(source);
  T *to = static_cast<T *>(out);
  constexpr int64_t lanes = Simd<T>::lanes;
  int64_t x = 0;
  for (; x + 7 * lanes < n; x += 8 * lanes) taps_block<T, 8>(from + x, offsets, static_cast<const T *>(weights), count, to + x);
  for (; x + 3 * lanes < n; x += 4 * lanes) taps_block<T, 4>(from + x, offsets, static_cast<const T *>(weights), count, to + x);
  for (; x < n; x += lanes) taps_block<T, 1>(from + x, offsets, static_cast<const T *>(weights), count, to + x);
}

template <class T, int count>
static inline void dots_block(const T *source, const int64_t *offsets, const T *grad, int64_t n, T *sums) {
  using Vector = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  Vector sum[count];
  const T *from[count];
#pragma GCC unroll 9
  for (int t = 0; t < count; t++) {
    sum[t] = load<Vector>(sums + t * lanes);
    from[t] = source + offsets[t];
  }
  for (int64_t x = 0; x < n; x += lanes) {
    const Vector right = load<Vector>(grad + x);
#pragma GCC unroll 9
    for (int t = 0; t < count; t++) sum[t] += load<Vector>(from[t] + x) * right;
  }
#pragma GCC unroll 9
  for (int t = 0; t < count; t++) store(sums + t * lanes, sum[t]);
}

template <class T>
static void dots(const void *source, const int64_t *offsets, int64_t count, const void *grad, int64_t n, void *sums) {
  const T *from = static_cast<const T *>(source);
  T *to = static_cast<T *>(sums);
  int64_t t = 0;
  for (; t + 9 <= count; t += 9) dots_block<T, 9>(from, offsets + t, static_cast<const T *>(grad), n, to + t * Simd<T>::lanes);
  for (; t + 3 <= count; t += 3) dots_block<T, 3>(from, offsets + t, static_cast<const T *>(grad), n, to + t * Simd<T>::lanes);
  for (; t < count; t++) dots_block<T, 1>(from, offsets + t, static_cast<const T *>(grad), n, to + t * Simd<T>::lanes);
}

template <class T>
static void place(const void *source, int64_t from_step, void *target, int64_t to_step, int64_t rows, int64_t n, int64_t gap) {
  using Vector = typename Simd<T>::Vector;
  constexpr int64_t lanes = Simd<T>::lanes;
  const T *from = static_cast<const T *>(source);
  T *to = static_cast<T *>(target);
  for (int64_t row = 0; row < rows; row++, from += from_step, to += to_step) {
    int64_t x = 0;
    for (; x + lanes <= n; x += lanes) store(to + x, load<Vector>(from + x));
    if (n >= lanes) {
      store(to + n - lanes, load<Vector>(from + n - lanes));  // overlaps what is there already
    } else {
      for (; x < n; x++) to[x] = from[x];
    }
    for (int64_t i = 0; i < gap; i++) to[n + i] = 0;
  }
}

template <class T>
constexpr ConvKernels kernels() {
  return {sizeof(T), Simd<T>::lanes, tile_rows, Simd<T>::width, any_tile<T>, taps<T>, dots<T>, place<T>};
}

static constexpr ConvTable table = {{kernels<float>(), kernels<double>()}};

const ConvTable &conv_table() { return table; }

}  // namespace SINTER_ISA
}  // namespace sinter
