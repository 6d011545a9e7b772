// gemm_kernels_int.cpp: wrapping integer products, compiled once per instruction set. Signed types are computed as unsigned ones: the low
// bits agree.
#include "gemm_table.h"

#ifndef SINTER_ISA
#error "compile with -DSINTER_ISA=base|avx2|avx512|neon"
#endif

namespace sinter {
namespace SINTER_ISA {

// Blocks of B: `deep` rows of at most `wide` columns stay in the first-level cache while all rows of C pass over them.
constexpr int64_t deep = 16;

template <class T>
constexpr int64_t wide = int_scratch_bytes / 2 / deep / int64_t(sizeof(T));

// c[j] = or += sum over k < depth of a[k] b[k][j]; `depth` is deep unless this is the last block.
template <class T, class W>
static void row(const W *a, const T *b, int64_t b_row, int64_t depth, int64_t columns, T *c, bool add) {
  int64_t k = 0;
  if (!add && depth < 4) {
    for (int64_t j = 0; j < columns; j++) c[j] = 0;
    add = true;
  }
  for (; k + 4 <= depth; k += 4, add = true) {
    const T *b0 = b + k * b_row, *b1 = b0 + b_row, *b2 = b1 + b_row, *b3 = b2 + b_row;
    W a0 = a[k], a1 = a[k + 1], a2 = a[k + 2], a3 = a[k + 3];
    if (add) {
      for (int64_t j = 0; j < columns; j++) c[j] = static_cast<T>(c[j] + a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j]);
    } else {
      for (int64_t j = 0; j < columns; j++) c[j] = static_cast<T>(a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j]);
    }
  }
  for (; k < depth; k++) {
    const T *b0 = b + k * b_row;
    for (int64_t j = 0; j < columns; j++) c[j] = static_cast<T>(c[j] + a[k] * b0[j]);
  }
}

// At most this many columns are computed as dot products of contiguous runs.
constexpr int64_t few_columns = 4;

template <class T, class W>
static void dots(const T *a, int64_t a_row, int64_t a_col, const T *b, int64_t b_row, int64_t rows, int64_t depth, T *c, int64_t c_row,
                 T *column) {
  constexpr int64_t run = int_scratch_bytes / int64_t(sizeof(T));
  for (int64_t k0 = 0; k0 < depth; k0 += run) {
    int64_t many = depth - k0 < run ? depth - k0 : run;
    for (int64_t k = 0; k < many; k++) column[k] = b[(k0 + k) * b_row];
    for (int64_t i = 0; i < rows; i++) {
      const T *from = a + i * a_row + k0 * a_col;
      W sum = 0;
      if (a_col == 1) {
        for (int64_t k = 0; k < many; k++) sum = static_cast<W>(sum + W(from[k]) * column[k]);
      } else {
        for (int64_t k = 0; k < many; k++) sum = static_cast<W>(sum + W(from[k * a_col]) * column[k]);
      }
      c[i * c_row] = static_cast<T>(k0 ? c[i * c_row] + sum : sum);
    }
  }
}

// W is the unsigned type that products are computed in: 8-bit products in 16 bits, which vector units multiply.
template <class T, class W>
static void product(const void *a, int64_t a_row, int64_t a_col, const void *b, int64_t b_row, int64_t b_col, int64_t rows, int64_t columns,
                    int64_t depth, void *c, int64_t c_row, void *scratch) {
  const T *left = static_cast<const T *>(a), *right = static_cast<const T *>(b);
  T *to = static_cast<T *>(c), *block = static_cast<T *>(scratch);
  if (columns <= few_columns) {
    for (int64_t j = 0; j < columns; j++) dots<T, W>(left, a_row, a_col, right + j * b_col, b_row, rows, depth, to + j, c_row, block);
    return;
  }
  for (int64_t j0 = 0; j0 < columns; j0 += wide<T>) {
    int64_t width = columns - j0 < wide<T> ? columns - j0 : wide<T>;
    for (int64_t k0 = 0; k0 < depth; k0 += deep) {
      int64_t many = depth - k0 < deep ? depth - k0 : deep;
      const T *from = right + k0 * b_row + j0 * b_col;
      int64_t step = b_row;
      if (b_col != 1) {
        for (int64_t j = 0; j < width; j++) {
          for (int64_t k = 0; k < many; k++) block[k * width + j] = from[k * b_row + j * b_col];
        }
        from = block;
        step = width;
      }
      for (int64_t i = 0; i < rows; i++) {
        W scale[deep];
        for (int64_t k = 0; k < many; k++) scale[k] = left[i * a_row + (k0 + k) * a_col];
        row<T, W>(scale, from, step, many, width, to + i * c_row + j0, k0 > 0);
      }
    }
  }
}

#define SINTER_INT_PRODUCT(name, T, W)                                                                                               \
  void name(const void *a, int64_t a_row, int64_t a_col, const void *b, int64_t b_row, int64_t b_col, int64_t rows, int64_t columns, \
            int64_t depth, void *c, int64_t c_row, void *scratch) {                                                                  \
    product<T, W>(a, a_row, a_col, b, b_row, b_col, rows, columns, depth, c, c_row, scratch);                                        \
  }
SINTER_INT_PRODUCT(int_product_1, uint8_t, uint16_t)
SINTER_INT_PRODUCT(int_product_2, uint16_t, uint32_t)
SINTER_INT_PRODUCT(int_product_4, uint32_t, uint32_t)
SINTER_INT_PRODUCT(int_product_8, uint64_t, uint64_t)
#undef SINTER_INT_PRODUCT

}  // namespace SINTER_ISA
}  // namespace sinter
