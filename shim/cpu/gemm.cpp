// gemm.cpp: chooses the kernels and the way a product is computed. Everything but the number of threads follows from sizes and strides.
#include "gemm.h"

#include <string.h>

#include "gemm_driver.h"
#include "gemm_scratch.h"
#include "isa_choice.h"

namespace sinter {
namespace {

// Vector steps of multiply-adds below which another thread costs more than it brings, and what storing a vector counts.
constexpr int64_t thread_work = 8192, store_work = 16;

const GemmKernels &kernels() { SINTER_RETURN_FOR_ISA(gemm_kernels()) }

// log2 of an element's bytes in A and B, by dtype code.
constexpr int size_log2[12] = {2, 3, 1, 1, 0, 1, 2, 3, 0, 1, 2, 3};

int useful_threads(const GemmBatch &job, const Gemm &shape, int lanes) {
  double work = double(job.batches) * double(shape.m) * double(round_up(shape.n, lanes)) * double(shape.k + store_work) / lanes / thread_work;
  return work < job.threads ? static_cast<int>(most(1, static_cast<int64_t>(work))) : job.threads;
}

void run_zeros(const GemmBatch &job, const Gemm &shape, int element) {
  for (int64_t batch = 0; batch < job.batches; batch++) {
    Gemm gemm = problem(job, batch);
    for (int64_t row = 0; row < shape.m; row++) memset(at(gemm.c, row * gemm.c_row, element), 0, static_cast<size_t>(shape.n * element));
    finish(job, batch, 0, shape.m, 0, shape.n, 0);
  }
}

bool run_ints(const GemmBatch &job, const Gemm &shape, int log2, IntProduct *kernel) {
  int threads = useful_threads(job, shape, 8 >> log2 ? 8 >> log2 : 1);
  int64_t block_rows = 64, block_columns = 1024, row_blocks = ceil_div(shape.m, block_rows),
          column_blocks = ceil_div(shape.n, block_columns);
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(int_scratch_bytes * threads)));
  if (!scratch) return false;
  int64_t per_batch = row_blocks * column_blocks, element = int64_t(1) << log2;
  int64_t work = least(shape.m, block_rows) * least(shape.n, block_columns) * shape.k;
  parallel_items(job.batches * per_batch, threads, work, [&](int64_t item, int worker) {
    int64_t batch = item / per_batch, block = item % per_batch;
    Gemm gemm = problem(job, batch);
    int64_t row = block / column_blocks * block_rows, rows = least(block_rows, gemm.m - row);
    int64_t column = block % column_blocks * block_columns, columns = least(block_columns, gemm.n - column);
    kernel(at(gemm.a, row * gemm.a_row, element), gemm.a_row, gemm.a_col, at(gemm.b, column * gemm.b_col, element), gemm.b_row, gemm.b_col,
           rows, columns, gemm.k, at(gemm.c, row * gemm.c_row + column, element), gemm.c_row, scratch + worker * int_scratch_bytes);
    finish(job, batch, row, rows, column, columns, worker);
  });
  scratch_give(scratch);
  return true;
}

}  // namespace

const FloatKernels &float_kernels(int dtype) { return kernels().floats[dtype]; }

bool gemm_batch(const GemmBatch &job) {
  if (job.batches <= 0) return true;
  Gemm shape = problem(job, 0);
  if (shape.m <= 0 || shape.n <= 0) return true;
  int log2 = size_log2[job.dtype];
  bool floating = job.dtype < 4;
  if (shape.k <= 0) {
    run_zeros(job, shape, job.dtype == 2 || job.dtype == 3 ? 4 : 1 << log2);
    return true;
  }
  const GemmKernels &table = kernels();
  if (!floating) return run_ints(job, shape, log2, table.ints[log2]);
  const FloatKernels &kernel = table.floats[job.dtype];
  if (split_applies(job, shape)) return run_split(job, shape, kernel.element, kernel.source);
  Product product = {&job, &kernel, shape, useful_threads(job, shape, kernel.lanes)};
  bool handled = false;
  bool ok = run_thin(product, &handled);
  return handled ? ok : run_blocks(product);
}

}  // namespace sinter
