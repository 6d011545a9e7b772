// kernel_triangular_solve.cpp: substitution with triangular matrices.
#include "matrices.h"

namespace sinter {

namespace {

struct TriangularSolve {
  int32_t dtype, lower, transpose, unit;
  int64_t batch, n, columns;
  int32_t matrix, right, target;
};

void parse_triangular_solve(Reader &reader, const Program &program, TriangularSolve *step) {
  step->dtype = read_matrix_dtype(reader);
  step->lower = reader.ranged("lower", 0, 1);
  step->transpose = reader.ranged("transpose", 0, 1);
  step->unit = reader.ranged("unit diagonal", 0, 1);
  step->batch = reader.size("batch");
  step->n = reader.size("n");
  step->columns = reader.size("columns");
  const int64_t square = count_of(reader, {step->batch, step->n, step->n}), sides = count_of(reader, {step->batch, step->n, step->columns});
  step->matrix = read_buffer(reader, program, "matrix", square, kDtypeSizes[step->dtype], false);
  step->right = read_buffer(reader, program, "right-hand side", sides, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", sides, kDtypeSizes[step->dtype], true);
}

bool run_triangular_solve(const TriangularSolve &step, const RunContext &run) {
  const int64_t n = step.n, k = step.columns;
  if (n == 0 || k == 0) return true;
  return each_matrix(run, step.batch, step.batch * n * (n + 1) * (k / 2 + 1), n * n + n * k, [&](double *a, int64_t index) {
    double *x = a + n * n;
    read_doubles(run.buffers[step.matrix], step.dtype, index * n * n, n * n, a);
    read_doubles(run.buffers[step.right], step.dtype, index * n * k, n * k, x);
    if (step.transpose) {
      for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
          const double other = a[i * n + j];
          a[i * n + j] = a[j * n + i];
          a[j * n + i] = other;
        }
      }
    }
    if (step.lower != step.transpose) {
      substitute_lower(a, n, n, x, k, k, step.unit != 0);
    } else {
      substitute_upper(a, n, n, x, k, k, step.unit != 0);
    }
    write_doubles(run.buffers[step.target], step.dtype, index * n * k, n * k, x);
  });
}

}  // namespace

SINTER_KERNEL(triangular_solve, TriangularSolve, parse_triangular_solve, run_triangular_solve);

}  // namespace sinter
