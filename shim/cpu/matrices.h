// matrices.h: what kernels on stacks of matrices share: reading their words, running one matrix per task, and substitution. All work in float64.
#pragma once
#include "kernel.h"

namespace sinter {

// The dtype of matrices, float32 or float64.
inline int32_t read_matrix_dtype(Reader &reader) { return reader.ranged("dtype", kFloat32, kFloat64); }

// Elements of a buffer as doubles, and back.
inline void read_doubles(const char *memory, int32_t dtype, int64_t first, int64_t count, double *out) {
  if (dtype == kFloat32) {
    const float *source = reinterpret_cast<const float *>(memory) + first;
    for (int64_t i = 0; i < count; i++) out[i] = double(source[i]);
  } else if (count > 0) {
    memcpy(out, reinterpret_cast<const double *>(memory) + first, size_t(count) * sizeof(double));
  }
}
inline void write_doubles(char *memory, int32_t dtype, int64_t first, int64_t count, const double *values) {
  if (dtype == kFloat32) {
    float *target = reinterpret_cast<float *>(memory) + first;
    for (int64_t i = 0; i < count; i++) target[i] = float(values[i]);
  } else if (count > 0) {
    memcpy(reinterpret_cast<double *>(memory) + first, values, size_t(count) * sizeof(double));
  }
}

// Calls f(scratch, index) for every matrix of a stack, each by one thread with `doubles` of scratch. False when there is no memory for that.
template <class F>
bool each_matrix(const RunContext &run, int64_t batch, int64_t work, int64_t doubles, const F &f) {
  if (batch == 0) return true;
  const int threads = batch > 1 ? threads_for(run, work) : 1;
  return each_with_scratch(kScratchMatrices, batch, threads, uint64_t(doubles) * sizeof(double),
                           [&](int64_t index, char *scratch) { f(reinterpret_cast<double *>(scratch), index); });
}

constexpr int64_t kPanel = 32;  // columns that are eliminated before the rest is updated with them

// C -= A B, all row-major: C is m x n, A m x k, B k x n.
void subtract_product(double *c, int64_t ldc, const double *a, int64_t lda, const double *b, int64_t ldb, int64_t m, int64_t n, int64_t k);

// X of L X = X or U X = X in place; k columns. Zeros on the diagonal divide.
void substitute_lower(const double *a, int64_t lda, int64_t n, double *x, int64_t ldx, int64_t k, bool unit);
void substitute_upper(const double *a, int64_t lda, int64_t n, double *x, int64_t ldx, int64_t k, bool unit);

}  // namespace sinter
