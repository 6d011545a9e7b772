// gemm_thin.h: products with at most four rows or columns, which are bound by reading the large operand once. Per-ISA files only.
#pragma once
#include "gemm_simd.h"

namespace sinter {
namespace SINTER_ISA {

template <class V>
static inline auto horizontal(V value) {
  auto sum = value[0];
  for (int lane = 1; lane < int(sizeof(V) / sizeof(sum)); lane++) sum += value[lane];
  return sum;
}

// x_rows x w_rows dot products with `unroll` independent sums each. All sums of a product are combined in a fixed order.
template <class T, int x_rows, int w_rows, int unroll>
static void dot_block(const T *x, int64_t x_row, const T *w, int64_t w_row, int64_t depth, T *c, int64_t c_row, int64_t c_col) {
  using Vector = typename Simd<T>::Vector;
  constexpr int64_t lanes = Simd<T>::lanes;
  Vector sum[x_rows][w_rows][unroll] = {};
  int64_t k = 0;
  for (; k + unroll * lanes <= depth; k += unroll * lanes) {
#pragma GCC unroll 8
    for (int u = 0; u < unroll; u++) {
      Vector left[x_rows];
#pragma GCC unroll 2
      for (int i = 0; i < x_rows; i++) left[i] = load<Vector>(x + i * x_row + k + u * lanes);
#pragma GCC unroll 4
      for (int j = 0; j < w_rows; j++) {
        Vector right = load<Vector>(w + j * w_row + k + u * lanes);
#pragma GCC unroll 2
        for (int i = 0; i < x_rows; i++) sum[i][j][u] += left[i] * right;
      }
    }
  }
  for (; k + lanes <= depth; k += lanes) {
    for (int j = 0; j < w_rows; j++) {
      for (int i = 0; i < x_rows; i++) sum[i][j][0] += load<Vector>(x + i * x_row + k) * load<Vector>(w + j * w_row + k);
    }
  }
  for (int j = 0; j < w_rows; j++) {
    for (int i = 0; i < x_rows; i++) {
      for (int u = 1; u < unroll; u++) sum[i][j][0] += sum[i][j][u];
      T total = horizontal(sum[i][j][0]);
      for (int64_t rest = k; rest < depth; rest++) total += x[i * x_row + rest] * w[j * w_row + rest];
      c[i * c_row + j * c_col] = total;
    }
  }
}

template <class T>
static void dot(const void *x, int64_t x_row, int64_t x_rows, const void *w, int64_t w_row, int64_t w_rows, int64_t depth, void *c,
                int64_t c_row, int64_t c_col) {
  for (int64_t j = 0; j < w_rows;) {
    bool four = j + 4 <= w_rows;
    const T *right = static_cast<const T *>(w) + j * w_row;
    for (int64_t i = 0; i < x_rows;) {
      bool two = i + 2 <= x_rows;
      const T *left = static_cast<const T *>(x) + i * x_row;
      T *to = static_cast<T *>(c) + i * c_row + j * c_col;
      if (four && two) dot_block<T, 2, 4, 1>(left, x_row, right, w_row, depth, to, c_row, c_col);
      if (four && !two) dot_block<T, 1, 4, 2>(left, x_row, right, w_row, depth, to, c_row, c_col);
      if (!four && two) dot_block<T, 2, 1, 4>(left, x_row, right, w_row, depth, to, c_row, c_col);
      if (!four && !two) dot_block<T, 1, 1, 8>(left, x_row, right, w_row, depth, to, c_row, c_col);
      i += two ? 2 : 1;
    }
    j += four ? 4 : 1;
  }
}

// Adds `deep` rows of B, scaled by columns of X, to `rows` rows of C.
template <class T, int rows, int deep>
static void stream_rows(const T *x, int64_t x_row, int64_t x_col, const T *b, int64_t b_row, int64_t columns, T *c, int64_t c_row,
                        bool add) {
  using Vector = typename Simd<T>::Vector;
  constexpr int64_t lanes = Simd<T>::lanes;
  T scale[rows][deep];
  for (int i = 0; i < rows; i++) {
    for (int k = 0; k < deep; k++) scale[i][k] = x[i * x_row + k * x_col];
  }
  int64_t j = 0;
  for (; j + lanes <= columns; j += lanes) {
    Vector sum[rows];
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++) sum[i] = add ? load<Vector>(c + i * c_row + j) : Vector{};
#pragma GCC unroll 8
    for (int k = 0; k < deep; k++) {
      Vector row = load<Vector>(b + k * b_row + j);
#pragma GCC unroll 4
      for (int i = 0; i < rows; i++) sum[i] += row * scale[i][k];
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++) store(c + i * c_row + j, sum[i]);
  }
  for (; j < columns; j++) {
    for (int i = 0; i < rows; i++) {
      T sum = add ? c[i * c_row + j] : T(0);
      for (int k = 0; k < deep; k++) sum += b[k * b_row + j] * scale[i][k];
      c[i * c_row + j] = sum;
    }
  }
}

template <class T, int rows>
static void stream_all(const T *x, int64_t x_row, int64_t x_col, const T *b, int64_t b_row, int64_t depth, int64_t columns, T *c,
                       int64_t c_row) {
  constexpr int deep = rows == 1 ? 8 : 4;
  int64_t k = 0;
  for (; k + deep <= depth; k += deep)
    stream_rows<T, rows, deep>(x + k * x_col, x_row, x_col, b + k * b_row, b_row, columns, c, c_row, k > 0);
  for (; k < depth; k++) stream_rows<T, rows, 1>(x + k * x_col, x_row, x_col, b + k * b_row, b_row, columns, c, c_row, k > 0);
}

template <class T>
static void stream(const void *x, int64_t x_row, int64_t x_col, int64_t rows, const void *b, int64_t b_row, int64_t depth, int64_t columns,
                   void *c, int64_t c_row) {
  const T *left = static_cast<const T *>(x), *right = static_cast<const T *>(b);
  T *to = static_cast<T *>(c);
  switch (rows) {
    case 1:
      return stream_all<T, 1>(left, x_row, x_col, right, b_row, depth, columns, to, c_row);
    case 2:
      return stream_all<T, 2>(left, x_row, x_col, right, b_row, depth, columns, to, c_row);
    case 3:
      return stream_all<T, 3>(left, x_row, x_col, right, b_row, depth, columns, to, c_row);
    default:
      return stream_all<T, 4>(left, x_row, x_col, right, b_row, depth, columns, to, c_row);
  }
}

}  // namespace SINTER_ISA
}  // namespace sinter
