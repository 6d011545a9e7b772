// matrices.cpp: the inner loops of factorizations.
#include "matrices.h"

namespace sinter {

namespace {

// One or two rows of C -= A B. Four rows of B at a time, so that C is loaded and stored a quarter as often.
template <int kRows>
void subtract_rows(double *__restrict c, int64_t ldc, const double *__restrict a, int64_t lda, const double *__restrict b, int64_t ldb, int64_t n, int64_t k) {
  int64_t p = 0;
  for (; p + 4 <= k; p += 4) {
    const double *b0 = b + p * ldb, *b1 = b0 + ldb, *b2 = b1 + ldb, *b3 = b2 + ldb;
    double f[kRows][4];
    for (int r = 0; r < kRows; r++)
      for (int q = 0; q < 4; q++) f[r][q] = a[r * lda + p + q];
    for (int64_t j = 0; j < n; j++) {
      for (int r = 0; r < kRows; r++) c[r * ldc + j] -= f[r][0] * b0[j] + f[r][1] * b1[j] + f[r][2] * b2[j] + f[r][3] * b3[j];
    }
  }
  for (; p < k; p++) {
    for (int r = 0; r < kRows; r++) {
      const double factor = a[r * lda + p];
      for (int64_t j = 0; j < n; j++) c[r * ldc + j] -= factor * b[p * ldb + j];
    }
  }
}

}  // namespace

void subtract_product(double *c, int64_t ldc, const double *a, int64_t lda, const double *b, int64_t ldb, int64_t m, int64_t n, int64_t k) {
  if (n <= 0 || k <= 0) return;
  int64_t i = 0;
  for (; i + 2 <= m; i += 2) subtract_rows<2>(c + i * ldc, ldc, a + i * lda, lda, b, ldb, n, k);
  if (i < m) subtract_rows<1>(c + i * ldc, ldc, a + i * lda, lda, b, ldb, n, k);
}

void substitute_lower(const double *a, int64_t lda, int64_t n, double *x, int64_t ldx, int64_t k, bool unit) {
  for (int64_t start = 0; start < n; start += kPanel) {
    const int64_t end = start + kPanel < n ? start + kPanel : n;
    subtract_product(x + start * ldx, ldx, a + start * lda, lda, x, ldx, end - start, k, start);
    for (int64_t i = start; i < end; i++) {
      double *row = x + i * ldx;
      subtract_product(row, ldx, a + i * lda + start, lda, x + start * ldx, ldx, 1, k, i - start);
      if (unit) continue;
      const double pivot = a[i * lda + i];
      for (int64_t j = 0; j < k; j++) row[j] /= pivot;
    }
  }
}

void substitute_upper(const double *a, int64_t lda, int64_t n, double *x, int64_t ldx, int64_t k, bool unit) {
  for (int64_t end = n; end > 0; end -= kPanel) {
    const int64_t start = end > kPanel ? end - kPanel : 0;
    subtract_product(x + start * ldx, ldx, a + start * lda + end, lda, x + end * ldx, ldx, end - start, k, n - end);
    for (int64_t i = end - 1; i >= start; i--) {
      double *row = x + i * ldx;
      subtract_product(row, ldx, a + i * lda + i + 1, lda, x + (i + 1) * ldx, ldx, 1, k, end - i - 1);
      if (unit) continue;
      const double pivot = a[i * lda + i];
      for (int64_t j = 0; j < k; j++) row[j] /= pivot;
    }
  }
}

}  // namespace sinter
