// kernel_spectral.cpp: eigenvectors of symmetric matrices and singular values, by Jacobi rotations of rows.
#include <cmath>

#include "matrices.h"

namespace sinter {

namespace {

constexpr int kSweeps = 60;

struct Rotation {
  double cosine, sine;
};

// Makes the element c of [[a, c], [c, b]] zero.
Rotation rotation_for(double a, double b, double c) {
  const double theta = (b - a) / (2 * c), t = (theta < 0 ? -1 : 1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
  const double cosine = 1 / std::sqrt(t * t + 1);
  return {cosine, t * cosine};
}

void rotate_rows(double *__restrict a, double *__restrict b, int64_t n, Rotation turn) {
  for (int64_t i = 0; i < n; i++) {
    const double x = a[i], y = b[i];
    a[i] = turn.cosine * x - turn.sine * y;
    b[i] = turn.sine * x + turn.cosine * y;
  }
}

double dot(const double *a, const double *b, int64_t n) {
  double sums[4] = {};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int lane = 0; lane < 4; lane++) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < n; i++) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

bool all_finite(const double *values, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    if (!std::isfinite(values[i])) return false;
  return true;
}

void fill(double *values, int64_t count, double value) {
  for (int64_t i = 0; i < count; i++) values[i] = value;
}

// Negates a vector when the first of its elements within a thousandth of the largest magnitude is negative; says whether it did.
bool make_first_positive(double *x, int64_t n) {
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

void make_identity(double *x, int64_t n) {
  for (int64_t i = 0; i < n * n; i++) x[i] = i % (n + 1) == 0;
}

// Positions that sort the values, stable.
void sort_positions(const double *values, int64_t n, bool descending, int32_t *order) {
  for (int64_t i = 0; i < n; i++) {
    int64_t at = i;
    for (; at > 0 && (descending ? values[order[at - 1]] < values[i] : values[order[at - 1]] > values[i]); at--) order[at] = order[at - 1];
    order[at] = int32_t(i);
  }
}

struct Eigh {
  int32_t dtype;
  int64_t batch, n;
  int32_t source, values, vectors;
};

void parse_eigh(Reader &reader, const Program &program, Eigh *step) {
  step->dtype = read_matrix_dtype(reader);
  step->batch = reader.size("batch");
  step->n = reader.size("n");
  if (step->n > INT32_MAX) reader.reject("n %lld does not fit int32", (long long)step->n);
  const int64_t count = count_of(reader, {step->batch, step->n, step->n}), values = count_of(reader, {step->batch, step->n}), bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count, bytes, false);
  step->values = read_buffer(reader, program, "values", values, bytes, true);
  step->vectors = read_buffer(reader, program, "vectors", count, bytes, true);
}

// Rotates until `a`, given in full, is diagonal; the rows of v become the eigenvectors.
void diagonalize(double *a, double *v, int64_t n) {
  make_identity(v, n);
  bool moved = true;
  for (int sweep = 0; moved && sweep < kSweeps; sweep++) {
    moved = false;
    for (int64_t p = 0; p < n; p++) {
      for (int64_t q = p + 1; q < n; q++) {
        const double c = a[p * n + q], app = a[p * n + p], aqq = a[q * n + q];
        if (std::fabs(c) <= 1e-17 * (std::fabs(app) + std::fabs(aqq)) || std::fabs(c) < 1e-290) continue;
        moved = true;
        const Rotation turn = rotation_for(app, aqq, c);
        rotate_rows(a + p * n, a + q * n, n, turn);
        // The rows are rotated; their columns p and q still need to be, the others are what the rows now hold.
        const double t = turn.sine / turn.cosine;
        for (int64_t k = 0; k < n; k++) {
          a[k * n + p] = a[p * n + k];
          a[k * n + q] = a[q * n + k];
        }
        a[p * n + p] = app - t * c;
        a[q * n + q] = aqq + t * c;
        a[p * n + q] = a[q * n + p] = 0;
        rotate_rows(v + p * n, v + q * n, n, turn);
      }
    }
  }
}

bool run_eigh(const Eigh &step, const RunContext &run) {
  const int64_t n = step.n, count = n * n;
  if (n == 0) return true;
  return each_matrix(run, step.batch, step.batch * count * n * 10, 3 * count + 2 * n, [&](double *a, int64_t index) {
    double *v = a + count, *out = v + count, *values = out + count;
    int32_t *order = reinterpret_cast<int32_t *>(values + n);
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i];
    if (all_finite(a, count)) {
      diagonalize(a, v, n);
      for (int64_t i = 0; i < n; i++) values[i] = a[i * (n + 1)];
      sort_positions(values, n, false, order);
      for (int64_t j = 0; j < n; j++) {
        double *row = v + order[j] * n;
        make_first_positive(row, n);
        for (int64_t i = 0; i < n; i++) out[i * n + j] = row[i];
      }
      for (int64_t j = 0; j < n; j++) a[j] = values[order[j]];
    } else {
      fill(a, n, double(__builtin_nanf("")));
      fill(out, count, double(__builtin_nanf("")));
    }
    write_doubles(run.buffers[step.values], step.dtype, index * n, n, a);
    write_doubles(run.buffers[step.vectors], step.dtype, index * count, count, out);
  });
}

struct Svd {
  int32_t dtype, vectors;
  int64_t batch, m, n;
  int32_t source, values, left, right;
};

void parse_svd(Reader &reader, const Program &program, Svd *step) {
  step->dtype = read_matrix_dtype(reader);
  step->vectors = reader.ranged("vectors", 0, 1);
  step->batch = reader.size("batch");
  step->m = reader.size("m");
  step->n = reader.size("n");
  const int64_t k = step->m < step->n ? step->m : step->n, bytes = kDtypeSizes[step->dtype];
  if (k > INT32_MAX) reader.reject("%lld singular values do not fit int32", (long long)k);
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->batch, step->m, step->n}), bytes, false);
  step->values = read_buffer(reader, program, "values", count_of(reader, {step->batch, k}), bytes, true);
  if (!step->vectors) return;
  step->left = read_buffer(reader, program, "left vectors", count_of(reader, {step->batch, step->m, k}), bytes, true);
  step->right = read_buffer(reader, program, "right vectors", count_of(reader, {step->batch, k, step->n}), bytes, true);
}

// Makes row j of x orthogonal to those before it and of length 1, from the unit vector that is farthest from them.
void complete_row(double *x, int64_t n, int64_t j) {
  int64_t best = 0;
  double least = __builtin_inf();
  for (int64_t i = 0; i < n; i++) {
    double inside = 0;
    for (int64_t k = 0; k < j; k++) inside += x[k * n + i] * x[k * n + i];
    if (inside < least - 1e-9) {
      best = i;
      least = inside;
    }
  }
  double *row = x + j * n;
  for (int64_t i = 0; i < n; i++) row[i] = i == best;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t k = 0; k < j; k++) {
      const double inside = dot(x + k * n, row, n);
      for (int64_t i = 0; i < n; i++) row[i] -= inside * x[k * n + i];
    }
  }
  const double length = std::sqrt(dot(row, row, n));
  for (int64_t i = 0; i < n; i++) row[i] /= length;
}

// Makes the k rows of x (of `length` elements) orthogonal to each other by rotations, which the rows of v accumulate unless it is null.
void orthogonalize(double *x, double *v, int64_t k, int64_t length, double negligible) {
  const double tolerance = 1e-15 * std::sqrt(double(length));
  bool moved = true;
  for (int sweep = 0; moved && sweep < kSweeps; sweep++) {
    moved = false;
    for (int64_t p = 0; p < k; p++) {
      for (int64_t q = p + 1; q < k; q++) {
        double *a = x + p * length, *b = x + q * length;
        const double pp = dot(a, a, length), qq = dot(b, b, length), pq = dot(a, b, length);
        if ((pp < qq ? pp : qq) <= negligible || std::fabs(pq) <= tolerance * std::sqrt(pp * qq)) continue;
        moved = true;
        const Rotation turn = rotation_for(pp, qq, pq);
        rotate_rows(a, b, length, turn);
        if (v) rotate_rows(v + p * k, v + q * k, k, turn);
      }
    }
  }
}

void transpose(const double *x, int64_t rows, int64_t columns, double *out) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
}

bool run_svd(const Svd &step, const RunContext &run) {
  const int64_t m = step.m, n = step.n, count = m * n, k = m < n ? m : n, length = m < n ? n : m;
  if (k == 0) return true;
  const bool tall = m >= n;
  return each_matrix(run, step.batch, step.batch * count * k * 20, 2 * count + 2 * k * k + 3 * k, [&](double *x, int64_t index) {
    double *sorted = x + count, *v = sorted + count, *turned = v + k * k, *values = turned + k * k, *out = values + k;
    int32_t *order = reinterpret_cast<int32_t *>(out + k);
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, tall ? sorted : x);
    if (tall) transpose(sorted, m, n, x);
    if (!all_finite(x, count)) {
      const double nan = double(__builtin_nanf(""));
      fill(out, k, nan);
      fill(sorted, count, nan);
      fill(turned, k * k, nan);
    } else {
      double most = 0;
      for (int64_t i = 0; i < count; i++) most = std::fabs(x[i]) > most ? std::fabs(x[i]) : most;
      const int exponent = most > 0 ? std::ilogb(most) : 0;
      for (int64_t i = 0; i < count; i++) x[i] = std::scalbn(x[i], -exponent);
      const double negligible = double(k) * 2.2e-16 * double(k) * 2.2e-16 * dot(x, x, count);
      if (step.vectors) make_identity(v, k);
      orthogonalize(x, step.vectors ? v : nullptr, k, length, negligible);
      for (int64_t j = 0; j < k; j++) values[j] = std::sqrt(dot(x + j * length, x + j * length, length));
      sort_positions(values, k, true, order);
      for (int64_t j = 0; j < k; j++) {
        out[j] = std::scalbn(values[order[j]], exponent);
        if (!step.vectors) continue;
        const double own = values[order[j]];
        double *row = sorted + j * length;
        if (own * own > negligible) {
          for (int64_t i = 0; i < length; i++) row[i] = x[order[j] * length + i] / own;
        } else {
          complete_row(sorted, length, j);
        }
        memcpy(turned + j * k, v + order[j] * k, size_t(k) * sizeof(double));
        // The sign rule is about U.
        double *other = turned + j * k;
        const bool negated = tall ? make_first_positive(row, length) : make_first_positive(other, k);
        if (!negated) continue;
        if (tall) {
          for (int64_t i = 0; i < k; i++) other[i] = -other[i];
        } else {
          for (int64_t i = 0; i < length; i++) row[i] = -row[i];
        }
      }
    }
    write_doubles(run.buffers[step.values], step.dtype, index * k, k, out);
    if (!step.vectors) return;
    double *left = tall ? x : v;
    transpose(tall ? sorted : turned, k, m, left);
    write_doubles(run.buffers[step.left], step.dtype, index * m * k, m * k, left);
    write_doubles(run.buffers[step.right], step.dtype, index * k * n, k * n, tall ? turned : sorted);
  });
}

}  // namespace

SINTER_KERNEL(eigh, Eigh, parse_eigh, run_eigh);
SINTER_KERNEL(svd, Svd, parse_svd, run_svd);

}  // namespace sinter
