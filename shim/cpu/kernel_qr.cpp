// kernel_qr.cpp: QR factors by Householder reflections, signs as LAPACK has them.
#include <cmath>

#include "matrices.h"

namespace sinter {

namespace {

struct Qr {
  int32_t dtype, complete;
  int64_t batch, m, n;
  int32_t source, q, r;
};

int64_t inner_size(const Qr &step) { return step.complete || step.m < step.n ? step.m : step.n; }

void parse_qr(Reader &reader, const Program &program, Qr *step) {
  step->dtype = read_matrix_dtype(reader);
  step->complete = reader.ranged("complete", 0, 1);
  step->batch = reader.size("batch");
  step->m = reader.size("m");
  step->n = reader.size("n");
  const int64_t k = inner_size(*step), bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->batch, step->m, step->n}), bytes, false);
  step->q = read_buffer(reader, program, "q", count_of(reader, {step->batch, step->m, k}), bytes, true);
  step->r = read_buffer(reader, program, "r", count_of(reader, {step->batch, k, step->n}), bytes, true);
}

// Rows first..m-1 of x (columns from..n-1) times I - tau v v^T. v[first] is 1, the rest of v is a column with stride ldv.
void reflect(double *x, int64_t m, int64_t n, int64_t from, int64_t first, const double *v, int64_t ldv, double tau, double *sums) {
  for (int64_t j = from; j < n; j++) sums[j] = x[first * n + j];
  for (int64_t i = first + 1; i < m; i++) {
    const double factor = v[i * ldv];
    const double *row = x + i * n;
    for (int64_t j = from; j < n; j++) sums[j] += factor * row[j];
  }
  for (int64_t j = from; j < n; j++) sums[j] *= tau;
  for (int64_t j = from; j < n; j++) x[first * n + j] -= sums[j];
  for (int64_t i = first + 1; i < m; i++) {
    const double factor = v[i * ldv];
    double *row = x + i * n;
    for (int64_t j = from; j < n; j++) row[j] -= factor * sums[j];
  }
}

bool run_qr(const Qr &step, const RunContext &run) {
  const int64_t m = step.m, n = step.n, k = inner_size(step), count = m * n, steps = m < n ? m : n;
  if (m == 0 || k == 0) return true;
  return each_matrix(run, step.batch, step.batch * (count * (steps + 1) + m * k * (steps + 1)), count + m * k + n + k + steps, [&](double *a, int64_t index) {
    double *q = a + count, *sums = q + m * k, *taus = sums + n + k;
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    for (int64_t j = 0; j < steps; j++) {
      double below = 0;
      for (int64_t i = j + 1; i < m; i++) below = std::hypot(below, a[i * n + j]);
      taus[j] = 0;
      if (below == 0) continue;
      const double alpha = a[j * n + j], length = std::hypot(alpha, below), beta = alpha < 0 ? length : -length;
      taus[j] = (beta - alpha) / beta;
      for (int64_t i = j + 1; i < m; i++) a[i * n + j] /= alpha - beta;
      reflect(a, m, n, j + 1, j, a + j, n, taus[j], sums);
      a[j * n + j] = beta;
    }
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < k; j++) q[i * k + j] = i == j;
    for (int64_t j = steps - 1; j >= 0; j--)
      if (taus[j] != 0) reflect(q, m, k, j, j, a + j, n, taus[j], sums);
    write_doubles(run.buffers[step.q], step.dtype, index * m * k, m * k, q);
    for (int64_t i = 1; i < k; i++)
      for (int64_t j = 0; j < (i < n ? i : n); j++) a[i * n + j] = 0;
    write_doubles(run.buffers[step.r], step.dtype, index * k * n, k * n, a);
  });
}

}  // namespace

SINTER_KERNEL(qr, Qr, parse_qr, run_qr);

}  // namespace sinter
