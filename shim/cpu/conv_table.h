// conv_table.h: what a per-ISA compilation of the convolution kernels offers.
#pragma once
#include <cstdint>

namespace sinter {

// Kernels for one dtype. Elements are float or double; all of a table's functions agree on which.
struct ConvKernels {
  int element;      // bytes of an element
  int lanes;        // elements of a vector
  int64_t rows;     // largest height of a tile
  int64_t columns;  // elements of a row of b and c

  // c[i][j] = or += sum over k of rows[i][index[k]] b[k][j], for height rows (1..rows) and the first `width` columns, rounded up to whole vectors.
  void (*tile)(const void *const *rows, int64_t height, const int64_t *index, int64_t depth, const void *b, int64_t width, void *c, bool add);

  // out[x] = sum over t of weights[t] source[offsets[t] + x] for x < n. Reads and writes up to a vector more.
  void (*taps)(const void *source, const int64_t *offsets, const void *weights, int64_t taps, void *out, int64_t n);

  // sums[t][x % lanes] += source[offsets[t] + x] grad[x] for x < n, a multiple of lanes.
  void (*dots)(const void *source, const int64_t *offsets, int64_t taps, const void *grad, int64_t n, void *sums);

  // Copies rows of n elements and puts `gap` zeros behind each. Writes nothing else.
  void (*place)(const void *from, int64_t from_step, void *to, int64_t to_step, int64_t rows, int64_t n, int64_t gap);
};

// By dtype code: float32, float64.
struct ConvTable {
  ConvKernels floats[2];
};

#define SINTER_CONV_VARIANT(isa) \
  namespace isa {                \
  const ConvTable &conv_table(); \
  }
SINTER_CONV_VARIANT(base)
SINTER_CONV_VARIANT(avx2)
SINTER_CONV_VARIANT(avx512)
SINTER_CONV_VARIANT(neon)
#undef SINTER_CONV_VARIANT

}  // namespace sinter
