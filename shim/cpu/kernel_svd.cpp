// kernel_svd.cpp: singular values and vectors: Householder's bidiagonal form, then implicit QR.
#include "spectral.h"

namespace sinter {

namespace {

constexpr int kSweeps = 60;  // for one singular value; two or three are usual
constexpr double kEpsilon = 2.220446049250313e-16;

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

// A wide matrix x (k x length) as P B^T Q^T with B upper bidiagonal: diagonal d, e[i] right of d[i] (Golub and Van Loan, Matrix Computations, 5.4.8, for the
// transpose). Row i of x then holds reflector i of Q in the columns from i on, row i of w reflector i of P in the columns after i.
void bidiagonalize(double *x, int64_t k, int64_t length, double *d, double *e, double *w, double *right, double *left, double *p) {
  for (int64_t i = 0; i < k; i++) {
    double *v = x + i * length + i, *u = w + i * k + i + 1;
    const int64_t wide = length - i, rest = k - i - 1;
    d[i] = make_reflector(v, wide, &right[i]);
    e[i] = left[i] = 0;
    if (rest == 0) continue;
    for (int64_t r = 0; right[i] != 0 && r < rest; r++) {
      double *__restrict row = x + (i + 1 + r) * length + i;
      const double along = right[i] * dot(row, v, wide);
      for (int64_t j = 0; j < wide; j++) row[j] -= along * v[j];
    }
    for (int64_t r = 0; r < rest; r++) u[r] = x[(i + 1 + r) * length + i];
    e[i] = make_reflector(u, rest, &left[i]);
    if (left[i] == 0) continue;
    fill(p, wide - 1, 0);
    for (int64_t r = 0; r < rest; r++) {
      const double *row = x + (i + 1 + r) * length + i + 1;
      for (int64_t j = 0; j < wide - 1; j++) p[j] += u[r] * row[j];
    }
    for (int64_t r = 0; r < rest; r++) {
      double *__restrict row = x + (i + 1 + r) * length + i + 1;
      const double along = left[i] * u[r];
      for (int64_t j = 0; j < wide - 1; j++) row[j] -= along * p[j];
    }
  }
}

// A bidiagonal matrix and the rows of both bases that turn along; null when only the values are asked for.
struct Bidiagonal {
  double *d, *e, *u, *v;
  int64_t length, k;
};

// Rows i and j of a basis as cosine a + sine b, cosine b - sine a.
void turn(double *basis, int64_t width, int64_t i, int64_t j, double cosine, double sine) {
  if (basis) rotate_rows(basis + i * width, basis + j * width, width, {cosine, -sine});
}

// d[i] is 0: its neighbour e[i] is turned out of the row, to the end of the block.
void clear_row(const Bidiagonal &b, int64_t i, int64_t last) {
  double f = b.e[i];
  b.e[i] = 0;
  for (int64_t j = i + 1; j <= last && f != 0; j++) {
    const double length = std::hypot(b.d[j], f), cosine = b.d[j] / length, sine = f / length;
    b.d[j] = length;
    f = -sine * b.e[j];
    b.e[j] *= cosine;
    turn(b.u, b.length, j, i, cosine, sine);
  }
}

// d[last] is 0: its neighbour e[last - 1] is turned out of the column, to the beginning of the block.
void clear_column(const Bidiagonal &b, int64_t first, int64_t last) {
  double f = b.e[last - 1];
  b.e[last - 1] = 0;
  for (int64_t j = last - 1; j >= first && f != 0; j--) {
    const double length = std::hypot(b.d[j], f), cosine = b.d[j] / length, sine = f / length;
    b.d[j] = length;
    if (j > first) {
      f = -sine * b.e[j - 1];
      b.e[j - 1] *= cosine;
    }
    turn(b.v, b.k, j, last, cosine, sine);
  }
}

// One implicit QR step with the shift of B^T B's last 2 x 2 block (Golub and Van Loan, 8.6.1 and 8.6.2; Golub and Reinsch, 1970) on an unreduced block.
void sweep(const Bidiagonal &b, int64_t first, int64_t last) {
  double *d = b.d, *e = b.e;
  const double sizes[] = {std::fabs(d[last]), std::fabs(d[last - 1]), std::fabs(e[last - 1]), std::fabs(d[first]), std::fabs(e[first])};
  double scale = 0;
  for (double size : sizes) scale = size > scale ? size : scale;
  const double end = d[last] / scale, before = d[last - 1] / scale, beside = e[last - 1] / scale, begin = d[first] / scale;
  const double half = ((before + end) * (before - end) + beside * beside) / 2, square = (end * beside) * (end * beside);
  const double shift = half == 0 && square == 0 ? 0 : square / (half + std::copysign(std::sqrt(half * half + square), half));
  double y = (begin + end) * (begin - end) + shift, z = begin * (e[first] / scale);
  for (int64_t j = first; j < last; j++) {
    double length = std::hypot(y, z), cosine = length == 0 ? 1 : y / length, sine = length == 0 ? 0 : z / length;
    if (j > first) e[j - 1] = length;
    y = cosine * d[j] + sine * e[j];
    e[j] = cosine * e[j] - sine * d[j];
    z = sine * d[j + 1];
    d[j + 1] *= cosine;
    turn(b.v, b.k, j, j + 1, cosine, sine);
    length = std::hypot(y, z), cosine = length == 0 ? 1 : y / length, sine = length == 0 ? 0 : z / length;
    d[j] = length;
    y = cosine * e[j] + sine * d[j + 1];
    d[j + 1] = cosine * d[j + 1] - sine * e[j];
    e[j] = y;
    turn(b.u, b.length, j, j + 1, cosine, sine);
    if (j + 1 == last) break;
    z = sine * e[j + 1];
    e[j + 1] *= cosine;
  }
}

// Makes the bidiagonal matrix diagonal, from its end, with values of either sign.
void diagonalize(const Bidiagonal &b) {
  const double *d = b.d, *e = b.e;
  for (int64_t last = b.k - 1; last > 0; last--) {
    for (int attempt = 0; attempt < kSweeps; attempt++) {
      int64_t first = last;
      for (; first > 0; first--) {
        if (std::fabs(e[first - 1]) > kEpsilon * (std::fabs(d[first - 1]) + std::fabs(d[first]))) continue;
        b.e[first - 1] = 0;
        break;
      }
      if (first == last) break;
      int64_t zero = last;
      while (zero >= first && std::fabs(d[zero]) > kEpsilon * ((zero < last ? std::fabs(e[zero]) : 0) + (zero > first ? std::fabs(e[zero - 1]) : 0))) zero--;
      if (zero < first) {
        sweep(b, first, last);
        continue;
      }
      b.d[zero] = 0;
      if (zero == last) {
        clear_column(b, first, last);
      } else {
        clear_row(b, zero, last);
      }
    }
  }
}

void transpose(const double *x, int64_t rows, int64_t columns, double *out) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j];
}

void negate(double *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] = -x[i];
}

bool run_svd(const Svd &step, const RunContext &run) {
  const int64_t m = step.m, n = step.n, count = m * n, k = m < n ? m : n, length = m < n ? n : m;
  if (k == 0) return true;
  const bool tall = m >= n;
  return each_matrix(run, step.batch, step.batch * count * k * 8, 2 * count + 2 * k * k + 5 * k + length, [&](double *x, int64_t index) {
    double *u = x + count, *w = u + count, *v = w + k * k, *d = v + k * k, *e = d + k, *right = e + k, *left = right + k, *p = left + k;
    int32_t *order = reinterpret_cast<int32_t *>(p + length);
    // x is wide: the matrix or its transpose.
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, tall ? u : x);
    if (tall) transpose(u, m, n, x);
    if (!all_finite(x, count)) {
      const double nan = double(__builtin_nanf(""));
      fill(right, k, nan);
      fill(x, count, nan);
      fill(w, k * k, nan);
    } else {
      const int exponent = scale_to_one(x, count);
      bidiagonalize(x, k, length, d, e, w, right, left, p);
      if (step.vectors) {
        accumulate_reflectors(x, length, right, k, 0, u, k, length);
        accumulate_reflectors(w, k, left, k - 1, 1, v, k, k);
      }
      diagonalize({d, e, step.vectors ? u : nullptr, step.vectors ? v : nullptr, length, k});
      for (int64_t j = 0; j < k; j++) {
        if (std::signbit(d[j]) && step.vectors) negate(v + j * k, k);
        d[j] = std::fabs(d[j]);
      }
      sort_positions(d, k, true, order);
      for (int64_t j = 0; j < k; j++) {
        right[j] = std::scalbn(d[order[j]], exponent);
        if (!step.vectors) continue;
        double *own = x + j * length, *other = w + j * k;
        memcpy(own, u + order[j] * length, size_t(length) * sizeof(double));
        memcpy(other, v + order[j] * k, size_t(k) * sizeof(double));
        // The sign rule is about U.
        if (tall ? make_first_positive(own, length) : make_first_positive(other, k)) negate(tall ? other : own, tall ? k : length);
      }
    }
    write_doubles(run.buffers[step.values], step.dtype, index * k, k, right);
    if (!step.vectors) return;
    transpose(tall ? x : w, k, m, u);
    write_doubles(run.buffers[step.left], step.dtype, index * m * k, m * k, u);
    write_doubles(run.buffers[step.right], step.dtype, index * k * n, k * n, tall ? w : x);
  });
}

}  // namespace

SINTER_KERNEL(svd, Svd, parse_svd, run_svd);

}  // namespace sinter
