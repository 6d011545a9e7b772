// kernel_eigh.cpp: eigenvalues and eigenvectors of symmetric matrices: Householder's tridiagonal form, then implicit QL.
#include "spectral.h"

namespace sinter {

namespace {

constexpr int kSweeps = 60;  // for one eigenvalue; two or three are usual
constexpr double kEpsilon = 2.220446049250313e-16;

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

// Householder's reduction to a tridiagonal matrix (Golub and Van Loan, Matrix Computations, 8.3.1): diagonal d, e[i] beside d[i] and d[i + 1]. Of `a`, given in
// full, row k then holds reflector k in the columns after k.
void tridiagonalize(double *a, int64_t n, double *d, double *e, double *scales, double *p) {
  for (int64_t k = 0; k + 1 < n; k++) {
    double *v = a + k * n + k + 1, *rest = a + (k + 1) * n + k + 1;
    const int64_t size = n - k - 1;
    d[k] = a[k * n + k];
    e[k] = make_reflector(v, size, &scales[k]);
    if (scales[k] == 0) continue;
    for (int64_t i = 0; i < size; i++) p[i] = scales[k] * dot(rest + i * n, v, size);
    const double half = scales[k] / 2 * dot(p, v, size);
    for (int64_t i = 0; i < size; i++) p[i] -= half * v[i];
    for (int64_t i = 0; i < size; i++) {
      double *__restrict row = rest + i * n;
      const double vi = v[i], pi = p[i];
      for (int64_t j = 0; j < size; j++) row[j] -= vi * p[j] + pi * v[j];
    }
  }
  d[n - 1] = a[n * n - 1];
  e[n - 1] = 0;
}

// One sweep of the implicit QL method with Wilkinson's shift on the unreduced block of rows first to last; the rows of z are turned along.
void sweep(double *d, double *e, double *z, int64_t n, int64_t first, int64_t last) {
  const double theta = (d[first + 1] - d[first]) / (2 * e[first]);
  const double shift = d[first] - e[first] / (theta + std::copysign(std::hypot(theta, 1), theta));
  double bulge = d[last] - shift, moved = 0;
  Rotation turn = {1, 1};
  for (int64_t i = last - 1; i >= first; i--) {
    const double f = turn.sine * e[i], b = turn.cosine * e[i], length = std::hypot(f, bulge);
    e[i + 1] = length;
    if (length == 0) {  // The block falls apart here.
      d[i + 1] -= moved;
      e[last] = 0;
      return;
    }
    turn = {bulge / length, f / length};
    const double g = d[i + 1] - moved, r = (d[i] - g) * turn.sine + 2 * turn.cosine * b;
    moved = turn.sine * r;
    d[i + 1] = g + moved;
    bulge = turn.cosine * r - b;
    rotate_rows(z + i * n, z + (i + 1) * n, n, turn);
  }
  d[first] -= moved;
  e[first] = bulge;
  e[last] = 0;
}

// Makes the tridiagonal matrix diagonal (Golub and Van Loan, 8.3.3; Dubrulle, Martin and Wilkinson, "The implicit QL algorithm", 1968).
void diagonalize(double *d, double *e, double *z, int64_t n) {
  for (int64_t first = 0; first < n; first++) {
    for (int attempt = 0; attempt < kSweeps; attempt++) {
      int64_t last = first;
      while (last + 1 < n && std::fabs(e[last]) > kEpsilon * (std::fabs(d[last]) + std::fabs(d[last + 1]))) last++;
      if (last == first) break;
      sweep(d, e, z, n, first, last);
    }
  }
}

bool run_eigh(const Eigh &step, const RunContext &run) {
  const int64_t n = step.n, count = n * n;
  if (n == 0) return true;
  return each_matrix(run, step.batch, step.batch * count * n * 5, 2 * count + 5 * n, [&](double *a, int64_t index) {
    double *z = a + count, *values = z + count, *beside = values + n, *spare = beside + n, *scales = spare + n;
    int32_t *order = reinterpret_cast<int32_t *>(scales + n);
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i];
    if (all_finite(a, count)) {
      const int exponent = scale_to_one(a, count);
      tridiagonalize(a, n, values, beside, scales, spare);
      accumulate_reflectors(a, n, scales, n - 1, 1, z, n, n);
      diagonalize(values, beside, z, n);
      sort_positions(values, n, false, order);
      for (int64_t j = 0; j < n; j++) {
        double *row = z + order[j] * n;
        make_first_positive(row, n);
        for (int64_t i = 0; i < n; i++) a[i * n + j] = row[i];
        spare[j] = std::scalbn(values[order[j]], exponent);
      }
    } else {
      fill(spare, n, double(__builtin_nanf("")));
      fill(a, count, double(__builtin_nanf("")));
    }
    write_doubles(run.buffers[step.values], step.dtype, index * n, n, spare);
    write_doubles(run.buffers[step.vectors], step.dtype, index * count, count, a);
  });
}

}  // namespace

SINTER_KERNEL(eigh, Eigh, parse_eigh, run_eigh);

}  // namespace sinter
