// lu.cpp: LU factors with partial pivoting.
#include "lu.h"

#include <cmath>

#include "matrices.h"

namespace sinter {

namespace {

void exchange(double *a, double *b, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    const double other = a[j];
    a[j] = b[j];
    b[j] = other;
  }
}

}  // namespace

double factorize_lu(double *a, int64_t m, int64_t n, int32_t *rows, int32_t *pivots, bool *singular) {
  const int64_t steps = m < n ? m : n;
  double sign = 1;
  *singular = false;
  for (int64_t i = 0; i < m; i++) rows[i] = int32_t(i);
  for (int64_t start = 0; start < steps; start += kPanel) {
    const int64_t end = start + kPanel < steps ? start + kPanel : steps;
    for (int64_t j = start; j < end; j++) {
      int64_t pivot = j;
      for (int64_t i = j + 1; i < m; i++)
        if (std::fabs(a[i * n + j]) > std::fabs(a[pivot * n + j])) pivot = i;
      if (pivots) pivots[j] = int32_t(pivot);
      if (pivot != j) {
        sign = -sign;
        exchange(a + j * n, a + pivot * n, n);
        const int32_t other = rows[j];
        rows[j] = rows[pivot];
        rows[pivot] = other;
      }
      const double value = a[j * n + j];
      if (value == 0) {
        *singular = true;
        continue;
      }
      for (int64_t i = j + 1; i < m; i++) {
        double *row = a + i * n;
        row[j] /= value;
        for (int64_t k = j + 1; k < end; k++) row[k] -= row[j] * a[j * n + k];
      }
    }
    substitute_lower(a + start * n + start, n, end - start, a + start * n + end, n, n - end, true);
    if (end < m) subtract_product(a + end * n + end, n, a + end * n + start, n, a + start * n + end, n, m - end, n - end, end - start);
  }
  return sign;
}

}  // namespace sinter
