// gemm_table.h: what a per-ISA compilation of the matrix kernels offers to the driver.
#pragma once
#include <cstdint>

namespace sinter {

// Kernels for one dtype of A and B. Strides count elements. "Out" and C elements are float for the 16-bit dtypes.
struct FloatKernels {
  int source;          // bytes of an element of A and B
  int element;         // bytes of an element of C and of packed data
  int lanes;           // elements of a vector
  int rows;            // largest height of a row panel
  int columns;         // width of a column strip
  int64_t depth;       // longest run of k between two visits of C
  int64_t block_rows;  // rows of A that are packed at a time

  // Packs `rows` x `depth` of A into row panels, each stored depth by depth.
  void (*pack_a)(const void *a, int64_t a_row, int64_t a_col, int64_t rows, int64_t depth, void *out);

  // Packs `depth` x `width` of B (width <= columns) into one strip of `columns` elements per depth, padded with zeros.
  void (*pack_b)(const void *b, int64_t b_row, int64_t b_col, int64_t depth, int64_t width, void *out);

  // C[rows x width] = or += packed A times one strip of B, whose rows are b_row elements apart. Reads width rounded up to whole vectors of
  // B. `next` is the strip after this one, to be fetched into the cache, or b again.
  void (*strip)(const void *a, int64_t rows, int64_t depth, const void *b, const void *next, int64_t b_row, void *c, int64_t c_row,
                int64_t width, bool add);

  // Both below are null for dtypes that need conversion.
  // C[i * c_row + j * c_col] = sum over k of X[i][k] W[j][k]; rows of X and W are contiguous; 1 <= x_rows <= 4.
  void (*dot)(const void *x, int64_t x_row, int64_t x_rows, const void *w, int64_t w_row, int64_t w_rows, int64_t depth, void *c,
              int64_t c_row, int64_t c_col);

  // C[i * c_row + j] = sum over k of X[i][k] B[k][j]; rows of B are contiguous; 1 <= rows <= 4. Meant for blocks of about 1024 columns.
  void (*stream)(const void *x, int64_t x_row, int64_t x_col, int64_t rows, const void *b, int64_t b_row, int64_t depth, int64_t columns,
                 void *c, int64_t c_row);
};

// C[rows x columns] = A B, wrapping; depth > 0. `scratch` holds int_scratch_bytes.
using IntProduct = void(const void *a, int64_t a_row, int64_t a_col, const void *b, int64_t b_row, int64_t b_col, int64_t rows,
                        int64_t columns, int64_t depth, void *c, int64_t c_row, void *scratch);
constexpr int64_t int_scratch_bytes = 64 << 10;

struct GemmKernels {
  FloatKernels floats[4];  // by dtype code: float32, float64, float16, bfloat16
  IntProduct *ints[4];     // by element size: 1, 2, 4, 8 bytes
};

#define SINTER_GEMM_VARIANT(isa)                                         \
  namespace isa {                                                        \
  const GemmKernels &gemm_kernels();                                     \
  IntProduct int_product_1, int_product_2, int_product_4, int_product_8; \
  }
SINTER_GEMM_VARIANT(base)
SINTER_GEMM_VARIANT(avx2)
SINTER_GEMM_VARIANT(avx512)
SINTER_GEMM_VARIANT(neon)
#undef SINTER_GEMM_VARIANT

}  // namespace sinter
