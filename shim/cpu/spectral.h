// spectral.h: what the kernels for eigenvectors and for singular values share: vectors, their signs and their order.
#pragma once
#include <cmath>

#include "matrices.h"

namespace sinter {

struct Rotation {
  double cosine, sine;
};

// Two vectors turned: a cosine - b sine, a sine + b cosine.
inline void rotate_rows(double *__restrict a, double *__restrict b, int64_t n, Rotation turn) {
  for (int64_t i = 0; i < n; i++) {
    const double x = a[i], y = b[i];
    a[i] = turn.cosine * x - turn.sine * y;
    b[i] = turn.sine * x + turn.cosine * y;
  }
}

// In four sums, which the compiler keeps in vectors.
inline double dot(const double *a, const double *b, int64_t n) {
  double sums[4] = {};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int lane = 0; lane < 4; lane++) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < n; i++) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Householder's reflector I - scale v v^T that turns x into its first element, returned, and zeros: v in the place of x, scale 0 when x needs no turning.
inline double make_reflector(double *x, int64_t size, double *scale) {
  const double below = dot(x + 1, x + 1, size - 1), first = x[0];
  *scale = 0;
  if (below == 0) return first;
  const double length = std::copysign(std::sqrt(first * first + below), -first);
  x[0] = first - length;
  *scale = 2 / (x[0] * x[0] + below);
  return length;
}

// z (rows x columns): the first rows of the transpose of the product of reflectors. Reflector i is in row i of v and begins in column offset + i. From the last
// one back, so that each changes only the rows and columns after its beginning.
inline void accumulate_reflectors(const double *v, int64_t ldv, const double *scales, int64_t count, int64_t offset, double *z, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows * columns; i++) z[i] = i % (columns + 1) == 0;
  for (int64_t k = count - 1; k >= 0; k--) {
    const double *own = v + k * ldv + offset + k;
    const int64_t begin = offset + k, size = columns - begin;
    for (int64_t i = begin; scales[k] != 0 && i < rows; i++) {
      double *__restrict row = z + i * columns + begin;
      const double along = scales[k] * dot(row, own, size);
      for (int64_t j = 0; j < size; j++) row[j] -= along * own[j];
    }
  }
}

inline bool all_finite(const double *values, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    if (!std::isfinite(values[i])) return false;
  return true;
}

inline void fill(double *values, int64_t count, double value) {
  for (int64_t i = 0; i < count; i++) values[i] = value;
}

// Scales finite values by a power of two so that the largest magnitude is from 1 to 2; returns its exponent.
inline int scale_to_one(double *values, int64_t count) {
  double most = 0;
  for (int64_t i = 0; i < count; i++) most = std::fabs(values[i]) > most ? std::fabs(values[i]) : most;
  const int exponent = most > 0 ? std::ilogb(most) : 0;
  for (int64_t i = 0; i < count; i++) values[i] = std::scalbn(values[i], -exponent);
  return exponent;
}

// Negates a vector when the first of its elements within a thousandth of the largest magnitude is negative; says whether it did.
inline bool make_first_positive(double *x, int64_t n) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = std::fabs(x[i]) > most ? std::fabs(x[i]) : most;
  for (int64_t i = 0; i < n; i++) {
    if (std::fabs(x[i]) < most * (1 - 1e-3)) continue;
    if (x[i] >= 0) return false;
    for (int64_t k = 0; k < n; k++) x[k] = -x[k];
    return true;
  }
  return false;
}

// Positions that sort the values, stable.
inline void sort_positions(const double *values, int64_t n, bool descending, int32_t *order) {
  for (int64_t i = 0; i < n; i++) {
    int64_t at = i;
    for (; at > 0 && (descending ? values[order[at - 1]] < values[i] : values[order[at - 1]] > values[i]); at--) order[at] = order[at - 1];
    order[at] = int32_t(i);
  }
}

}  // namespace sinter
