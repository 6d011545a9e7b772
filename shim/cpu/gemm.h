// gemm.h: packed matrix products with an epilogue on each finished block.
#pragma once
#include <cstdint>

namespace sinter {

// C (m x n, unit column stride) = A (m x k) B (k x n); strides in elements, any sign; k may be 0.
struct Gemm {
  int64_t m, n, k;
  const void *a;
  int64_t a_row, a_col;
  const void *b;
  int64_t b_row, b_col;
  void *c;
  int64_t c_row;
};

// Called once for every finished block of C, on the thread that computed it. batch is the index given to gemm_batch.
using Epilogue = void (*)(void *context, int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, int worker);

// dtype: code of A and B (docs/cpu-program.md). `make(context, index)` yields the problem of batch `index` (same m, n, k and strides, other
// addresses). Blocks are cut by sizes only, never by the number of threads, so results are reproducible. Returns false when scratch memory
// could not be had.
struct GemmBatch {
  int dtype;
  int64_t batches;
  void (*make)(void *context, int64_t index, Gemm *out);
  void *make_context;
  Epilogue epilogue;  // may be null
  void *epilogue_context;
  int threads;
};
bool gemm_batch(const GemmBatch &job);

}  // namespace sinter
