// kernel_sparse_matmul.cpp: a sparse matrix, given as values with their rows and columns, times a dense one. Indices from -size to -1 count from the end; what is out
// of range is dropped.
#include "kernel.h"

namespace sinter {

namespace {

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

// Rows `begin` to `end` of the result: values are added in their order, whoever else adds to other rows.
template <class C>
void multiply_rows(const SparseMatmul &step, const RunContext &run, int64_t begin, int64_t end) {
  const C *values = reinterpret_cast<const C *>(run.buffers[step.values]), *dense = reinterpret_cast<const C *>(run.buffers[step.dense]);
  const char *rows = run.buffers[step.rows], *columns = run.buffers[step.columns];
  C *target = reinterpret_cast<C *>(run.buffers[step.target]);
  const bool wide = step.index_dtype == kInt64;
  const int64_t n = step.n;
  memset(target + begin * n, 0, size_t((end - begin) * n) * sizeof(C));
  for (int64_t e = 0; e < step.count; e++) {
    const int64_t row = index_at(rows, e, wide, step.m);
    if (row < begin || row >= end) continue;
    const int64_t column = index_at(columns, e, wide, step.k);
    if (column < 0) continue;
    const C value = values[e], *__restrict from = dense + column * n;
    C *__restrict to = target + row * n;
    for (int64_t j = 0; j < n; j++) to[j] += value * from[j];
  }
}

bool run_sparse_matmul(const SparseMatmul &step, const RunContext &run) {
  if (step.m == 0 || step.n == 0) return true;
  const double work = (double(step.count) + double(step.m)) * (double(step.n) / 8 + 1);
  struct Job {
    const SparseMatmul &step;
    const RunContext &run;
    int64_t tasks;
  } job = {step, run, 1};
  const int threads = threads_for(run, work < 1e15 ? int64_t(work) : int64_t(1e15));
  // Every task reads all row numbers, so there are no more of them than threads.
  job.tasks = threads < step.m ? threads : step.m;
  parallel_for(
      job.tasks, threads,
      [](void *opaque, int64_t task, int) {
        const Job &own = *static_cast<const Job *>(opaque);
        const int64_t begin = own.step.m * task / own.tasks, end = own.step.m * (task + 1) / own.tasks;
        if (own.step.dtype == kFloat32) multiply_rows<float>(own.step, own.run, begin, end);
        else multiply_rows<double>(own.step, own.run, begin, end);
      },
      &job);
  return true;
}

}  // namespace

SINTER_KERNEL(sparse_matmul, SparseMatmul, parse_sparse_matmul, run_sparse_matmul);

}  // namespace sinter
