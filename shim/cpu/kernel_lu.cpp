// kernel_lu.cpp: LU factors, and what follows from them: solutions, inverses, determinants.
#include <cmath>

#include "lu.h"
#include "matrices.h"

namespace sinter {

namespace {

struct Lu {
  int32_t dtype;
  int64_t batch, m, n;
  int32_t source, target, pivots, rows;
};

void parse_lu(Reader &reader, const Program &program, Lu *step) {
  step->dtype = read_matrix_dtype(reader);
  step->batch = reader.size("batch");
  step->m = reader.size("m");
  step->n = reader.size("n");
  if (step->m > INT32_MAX) reader.reject("m %lld does not fit int32", (long long)step->m);
  const int64_t count = count_of(reader, {step->batch, step->m, step->n});
  const int64_t steps = count_of(reader, {step->batch, step->m < step->n ? step->m : step->n}), rows = count_of(reader, {step->batch, step->m});
  step->source = read_buffer(reader, program, "source", count, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", count, kDtypeSizes[step->dtype], true);
  step->pivots = read_buffer(reader, program, "pivots", steps, 4, true);
  step->rows = read_buffer(reader, program, "permutation", rows, 4, true);
}

bool run_lu(const Lu &step, const RunContext &run) {
  const int64_t m = step.m, n = step.n, count = m * n, steps = m < n ? m : n;
  if (m == 0) return true;
  return each_matrix(run, step.batch, step.batch * count * (steps / 3 + 1), count, [&](double *a, int64_t index) {
    bool singular;
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    factorize_lu(a, m, n, reinterpret_cast<int32_t *>(run.buffers[step.rows]) + index * m, reinterpret_cast<int32_t *>(run.buffers[step.pivots]) + index * steps,
                 &singular);
    write_doubles(run.buffers[step.target], step.dtype, index * count, count, a);
  });
}

struct Solve {
  int32_t dtype;
  int64_t batch, n, columns;
  int32_t source, right, target;
};

void parse_solve(Reader &reader, const Program &program, Solve *step) {
  step->dtype = read_matrix_dtype(reader);
  step->batch = reader.size("batch");
  step->n = reader.size("n");
  step->columns = reader.size("columns");
  if (step->n > INT32_MAX) reader.reject("n %lld does not fit int32", (long long)step->n);
  const int64_t square = count_of(reader, {step->batch, step->n, step->n}), sides = count_of(reader, {step->batch, step->n, step->columns});
  step->source = read_buffer(reader, program, "matrix", square, kDtypeSizes[step->dtype], false);
  step->right = read_buffer(reader, program, "right-hand side", sides, kDtypeSizes[step->dtype], false);
  step->target = read_buffer(reader, program, "target", sides, kDtypeSizes[step->dtype], true);
}

// Solves for right-hand sides b in original order, into x.
void solve_with(double *a, int64_t n, const double *b, double *x, int64_t k, int32_t *rows) {
  bool singular;
  factorize_lu(a, n, n, rows, nullptr, &singular);
  if (singular) {
    for (int64_t i = 0; i < n * k; i++) x[i] = double(__builtin_nanf(""));
    return;
  }
  for (int64_t i = 0; i < n; i++) memcpy(x + i * k, b + rows[i] * k, size_t(k) * sizeof(double));
  substitute_lower(a, n, n, x, k, k, true);
  substitute_upper(a, n, n, x, k, k, false);
}

bool run_solve(const Solve &step, const RunContext &run) {
  const int64_t n = step.n, k = step.columns;
  if (n == 0 || k == 0) return true;
  return each_matrix(run, step.batch, step.batch * n * n * (n / 3 + k + 1), n * n + 2 * n * k + n, [&](double *a, int64_t index) {
    double *b = a + n * n, *x = b + n * k;
    read_doubles(run.buffers[step.source], step.dtype, index * n * n, n * n, a);
    read_doubles(run.buffers[step.right], step.dtype, index * n * k, n * k, b);
    solve_with(a, n, b, x, k, reinterpret_cast<int32_t *>(x + n * k));
    write_doubles(run.buffers[step.target], step.dtype, index * n * k, n * k, x);
  });
}

struct Square {
  int32_t dtype;
  int64_t batch, n;
  int32_t source, target, second;
};

void parse_square(Reader &reader, const Program &program, Square *step) {
  step->dtype = read_matrix_dtype(reader);
  step->batch = reader.size("batch");
  step->n = reader.size("n");
  if (step->n > INT32_MAX) reader.reject("n %lld does not fit int32", (long long)step->n);
  step->source = read_buffer(reader, program, "source", count_of(reader, {step->batch, step->n, step->n}), kDtypeSizes[step->dtype], false);
}

void parse_inverse(Reader &reader, const Program &program, Square *step) {
  parse_square(reader, program, step);
  step->target = read_buffer(reader, program, "target", count_of(reader, {step->batch, step->n, step->n}), kDtypeSizes[step->dtype], true);
}

void parse_det(Reader &reader, const Program &program, Square *step) {
  parse_square(reader, program, step);
  step->target = read_buffer(reader, program, "target", step->batch, kDtypeSizes[step->dtype], true);
}

void parse_slogdet(Reader &reader, const Program &program, Square *step) {
  parse_det(reader, program, step);
  step->second = read_buffer(reader, program, "logarithm", step->batch, kDtypeSizes[step->dtype], true);
}

bool run_inverse(const Square &step, const RunContext &run) {
  const int64_t n = step.n, count = n * n;
  if (n == 0) return true;
  return each_matrix(run, step.batch, step.batch * count * (n + n / 3 + 1), 3 * count + n, [&](double *a, int64_t index) {
    double *b = a + count, *x = b + count;
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    for (int64_t i = 0; i < count; i++) b[i] = i % (n + 1) == 0;
    solve_with(a, n, b, x, n, reinterpret_cast<int32_t *>(x + count));
    write_doubles(run.buffers[step.target], step.dtype, index * count, count, x);
  });
}

// Calls f(factors, sign, index) with the LU factors of every matrix.
template <class F>
bool each_factored(const Square &step, const RunContext &run, const F &f) {
  const int64_t n = step.n, count = n * n;
  return each_matrix(run, step.batch, step.batch * (count * (n / 3 + 1) + 1), count + n, [&](double *a, int64_t index) {
    bool singular;
    read_doubles(run.buffers[step.source], step.dtype, index * count, count, a);
    f(a, factorize_lu(a, n, n, reinterpret_cast<int32_t *>(a + count), nullptr, &singular), index);
  });
}

bool run_det(const Square &step, const RunContext &run) {
  return each_factored(step, run, [&](const double *a, double sign, int64_t index) {
    double product = sign;
    for (int64_t i = 0; i < step.n; i++) product *= a[i * (step.n + 1)];
    write_doubles(run.buffers[step.target], step.dtype, index, 1, &product);
  });
}

bool run_slogdet(const Square &step, const RunContext &run) {
  return each_factored(step, run, [&](const double *a, double sign, int64_t index) {
    double logarithm = 0;
    for (int64_t i = 0; i < step.n; i++) {
      const double pivot = a[i * (step.n + 1)];
      sign = pivot == 0 ? sign * 0 : pivot < 0 ? -sign : pivot > 0 ? sign : pivot;
      logarithm += std::log(std::fabs(pivot));
    }
    write_doubles(run.buffers[step.target], step.dtype, index, 1, &sign);
    write_doubles(run.buffers[step.second], step.dtype, index, 1, &logarithm);
  });
}

}  // namespace

SINTER_KERNEL(lu, Lu, parse_lu, run_lu);
SINTER_KERNEL(solve, Solve, parse_solve, run_solve);
SINTER_KERNEL(inverse, Square, parse_inverse, run_inverse);
SINTER_KERNEL(det, Square, parse_det, run_det);
SINTER_KERNEL(slogdet, Square, parse_slogdet, run_slogdet);

}  // namespace sinter
