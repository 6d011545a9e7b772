// kernel_sparse_matmul.cpp: a sparse matrix, given as values with their rows and columns, times a dense one. Indices from -size to -1 count from the end; what is out
// of range is dropped.
#include <algorithm>

#include "kernel.h"
#include "kernels.h"

namespace sinter {

namespace {

// Element e of an array.
template <class I>
inline I element(const char *array, int64_t e) {
  I value;
  memcpy(&value, array + e * int64_t(sizeof(I)), sizeof(I));
  return value;
}

struct SparseMatmul {
  int32_t dtype, index_dtype;
  int64_t count, m, k, n;
  int32_t values, rows, columns, dense, target;
};

void parse_sparse_matmul(Reader &reader, const Program &program, SparseMatmul *step) {
  step->dtype = reader.ranged("dtype", kFloat32, kFloat64);
  step->index_dtype = read_index_dtype(reader);
  step->count = reader.size("count");
  step->m = reader.size("rows");
  step->k = reader.size("inner size");
  step->n = reader.size("columns");
  const int bytes = kDtypeSizes[step->dtype], index_bytes = step->index_dtype == kInt64 ? 8 : 4;
  step->values = read_buffer(reader, program, "values", step->count, bytes, false);
  step->rows = read_buffer(reader, program, "rows of values", step->count, index_bytes, false);
  step->columns = read_buffer(reader, program, "columns of values", step->count, index_bytes, false);
  step->dense = read_buffer(reader, program, "dense", count_of(reader, {step->k, step->n}), bytes, false);
  step->target = read_buffer(reader, program, "target", count_of(reader, {step->m, step->n}), bytes, true);
}

// Elements of one row that are handed on together.
constexpr int64_t kMostTogether = 128;

template <class C>
struct Matrices {
  const C *values, *dense;
  const char *rows, *columns;
  C *target;
  bool wide;
};

template <class C>
Matrices<C> open(const SparseMatmul &step, const RunContext &run) {
  return {reinterpret_cast<const C *>(run.buffers[step.values]), reinterpret_cast<const C *>(run.buffers[step.dense]), run.buffers[step.rows],
          run.buffers[step.columns], reinterpret_cast<C *>(run.buffers[step.target]), step.index_dtype == kInt64};
}

// Elements from e on that are in the same row, up to `end`, added to it in their order; returns the element behind them. Whoever else adds to other rows.
template <class C>
int64_t add_run(const SparseMatmul &step, const Matrices<C> &own, int64_t row, int64_t e, int64_t end, bool fresh) {
  C values[kMostTogether];
  int64_t at[kMostTogether];
  int64_t count;
  do {
    count = 0;
    for (; e < end && count < kMostTogether && index_at(own.rows, e, own.wide, step.m) == row; e++) {
      const int64_t column = index_at(own.columns, e, own.wide, step.k);
      if (column < 0) continue;
      values[count] = own.values[e];
      at[count++] = column * step.n;
    }
    if (count > 0 || fresh) kernels().sparse[sizeof(C) == 8]({values, at, count, step.n, own.dense, own.target + row * step.n, fresh});
    fresh = false;
  } while (count == kMostTogether);
  return e;
}

// As add_run for a dense matrix of one column.
template <class C>
int64_t add_single(const SparseMatmul &step, const Matrices<C> &own, int64_t row, int64_t e, int64_t end) {
  C sum = 0;
  for (; e < end && index_at(own.rows, e, own.wide, step.m) == row; e++) {
    const int64_t column = index_at(own.columns, e, own.wide, step.k);
    if (column >= 0) sum += own.values[e] * own.dense[column];
  }
  own.target[row] = sum;
  return e;
}

// Rows `begin` to `end` of the result, of elements that are in ascending order of rows.
template <class C>
void multiply_sorted(const SparseMatmul &step, const RunContext &run, int64_t begin, int64_t end) {
  const Matrices<C> own = open<C>(step, run);
  int64_t e = 0;
  for (int64_t left = step.count; left > 0;) {
    const int64_t half = left / 2;
    const int64_t row = own.wide ? element<int64_t>(own.rows, e + half) : element<int32_t>(own.rows, e + half);
    if (row < begin) {
      e += half + 1;
      left -= half + 1;
    } else {
      left = half;
    }
  }
  for (int64_t row = begin; row < end; row++) {
    if (step.n == 1) e = add_single(step, own, row, e, step.count);
    else e = add_run(step, own, row, e, step.count, true);
  }
}

// The same for elements in any order.
template <class C>
void multiply_any(const SparseMatmul &step, const RunContext &run, int64_t begin, int64_t end) {
  const Matrices<C> own = open<C>(step, run);
  memset(own.target + begin * step.n, 0, size_t((end - begin) * step.n) * sizeof(C));
  for (int64_t e = 0; e < step.count;) {
    const int64_t row = index_at(own.rows, e, own.wide, step.m);
    if (row < begin || row >= end) e++;
    else e = std::max(e + 1, add_run(step, own, row, e, step.count, false));
  }
}

template <class I>
bool ascend(const char *rows, int64_t count) {
  if (count > 0 && element<I>(rows, 0) < 0) return false;
  int64_t falls = 0;
  for (int64_t e = 1; e < count; e++) falls += element<I>(rows, e) < element<I>(rows, e - 1);
  return falls == 0;
}

bool run_sparse_matmul(const SparseMatmul &step, const RunContext &run) {
  if (step.m == 0 || step.n == 0) return true;
  const double work = (double(step.count) + double(step.m)) * (double(step.n) / 8 + 1);
  struct Job {
    const SparseMatmul &step;
    const RunContext &run;
    int64_t tasks;
    bool sorted;
  } job = {step, run, 1, false};
  const int threads = threads_for(run, work < 1e15 ? int64_t(work) : int64_t(1e15));
  const char *rows = run.buffers[step.rows];
  job.sorted = step.index_dtype == kInt64 ? ascend<int64_t>(rows, step.count) : ascend<int32_t>(rows, step.count);
  // In any order every task reads all row numbers, so there are no more of them than threads.
  const int64_t most = job.sorted ? tasks_of(step.m, threads) : threads;
  job.tasks = most < step.m ? most : step.m;
  parallel_for(
      job.tasks, threads,
      [](void *opaque, int64_t task, int) {
        const Job &own = *static_cast<const Job *>(opaque);
        const int64_t begin = own.step.m * task / own.tasks, end = own.step.m * (task + 1) / own.tasks;
        const bool single = own.step.dtype == kFloat32;
        const auto multiply = own.sorted ? (single ? multiply_sorted<float> : multiply_sorted<double>) : (single ? multiply_any<float> : multiply_any<double>);
        multiply(own.step, own.run, begin, end);
      },
      &job);
  return true;
}

}  // namespace

SINTER_KERNEL(sparse_matmul, SparseMatmul, parse_sparse_matmul, run_sparse_matmul);

}  // namespace sinter
