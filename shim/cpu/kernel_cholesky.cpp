// kernel_cholesky.cpp: lower factors of symmetric positive definite matrices, by panels.
#include <cmath>

#include "matrices.h"

namespace sinter {

namespace {

struct Cholesky {
  int32_t dtype;
  int64_t batch, n;
  int32_t source, target;
};

void parse_cholesky(Reader &reader, const Program &program, Cholesky *step) {
  step->dtype = read_matrix_dtype(reader);
  step->batch = reader.size("batch");
  step->n = reader.size("n");
  const int64_t count = count_of(reader, {step->batch, step->n, step->n});
  step->source = read_buffer(reader, program, "source", count, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count, kDtypeSizes[step->dtype], true);
}

// Factors in place; `panel` has room for kPanel * n values. False when the matrix is not positive definite.
bool factorize(double *a, int64_t n, double *panel) {
  for (int64_t start = 0; start < n; start += kPanel) {
    const int64_t end = start + kPanel < n ? start + kPanel : n, width = end - start, rest = n - end;
    for (int64_t j = start; j < end; j++) {
      const double pivot = a[j * n + j];
      if (!(pivot > 0) || pivot > 1.7976931348623157e308) return false;
      const double root = std::sqrt(pivot);
      a[j * n + j] = root;
      for (int64_t i = j + 1; i < n; i++) {
        double *row = a + i * n;
        const double factor = row[j] / root;
        row[j] = factor;
        const int64_t last = i < end - 1 ? i : end - 1;
        // Rows above are done with column j: their values in it are the factors of the columns k.
        for (int64_t k = j + 1; k <= last; k++) row[k] -= factor * (k == i ? factor : a[k * n + j]);
      }
    }
    for (int64_t i = 0; i < rest; i++)
      for (int64_t k = 0; k < width; k++) panel[k * rest + i] = a[(end + i) * n + start + k];
    for (int64_t i = 0; i < rest; i += kPanel) {
      const int64_t rows = i + kPanel < rest ? kPanel : rest - i;
      subtract_product(a + (end + i) * n + end, n, a + (end + i) * n + start, n, panel, rest, rows, i + rows, width);
    }
  }
  return true;
}

bool run_cholesky(const Cholesky &step, const RunContext &run) {
  const int64_t n = step.n, count = n * n;
  if (n == 0) return true;
  return each_matrix(run, step.batch, step.batch * count * (n / 6 + 1), count + kPanel * n, [&](double *a, int64_t index) {
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    const bool definite = factorize(a, n, a + count);
    for (int64_t i = 0; i < n; i++) {
      if (!definite)
        for (int64_t j = 0; j <= i; j++) a[i * n + j] = double(__builtin_nanf(""));
      for (int64_t j = i + 1; j < n; j++) a[i * n + j] = 0;
    }
    write_doubles(run.buffers[step.target], step.dtype, index * count, count, a);
  });
}

}  // namespace

SINTER_KERNEL(cholesky, Cholesky, parse_cholesky, run_cholesky);

}  // namespace sinter
