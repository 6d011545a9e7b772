// gemm_thin.cpp: products with at most four rows or columns, which read their large operand once and in place.
#include "gemm_driver.h"
#include "gemm_scratch.h"

namespace sinter {
namespace {

constexpr int64_t few = 4;

// X is the small operand (`count` vectors of length k), W the large one (`size` vectors of length k); C[x][w] in the strides given.
struct Thin {
  const Product &product;
  bool small_is_a;
  int64_t count, size;

  int64_t x_row(const Gemm &g) const { return small_is_a ? g.a_row : g.b_col; }
  int64_t x_col(const Gemm &g) const { return small_is_a ? g.a_col : g.b_row; }
  const void *x(const Gemm &g) const { return small_is_a ? g.a : g.b; }
  int64_t w_row(const Gemm &g) const { return small_is_a ? g.b_col : g.a_row; }
  int64_t w_col(const Gemm &g) const { return small_is_a ? g.b_row : g.a_col; }
  const void *w(const Gemm &g) const { return small_is_a ? g.b : g.a; }
  int64_t c_row(const Gemm &g) const { return small_is_a ? g.c_row : 1; }
  int64_t c_col(const Gemm &g) const { return small_is_a ? 1 : g.c_row; }

  void done(int64_t batch, int64_t begin, int64_t length, int worker) const {
    if (small_is_a) {
      finish(*product.job, batch, 0, count, begin, length, worker);
    } else {
      finish(*product.job, batch, begin, length, 0, count, worker);
    }
  }
};

// Copies element by element: to[i * to_row + k * to_col] = from[i * from_row + k * from_col].
void copy(const void *from, int64_t from_row, int64_t from_col, void *to, int64_t to_row, int64_t to_col, int64_t rows, int64_t columns,
          int element) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t k = 0; k < columns; k++) {
      __builtin_memcpy(at(to, i * to_row + k * to_col, element), at(from, i * from_row + k * from_col, element),
                       static_cast<size_t>(element));
    }
  }
}

// The vectors of W are contiguous along k: dot products. X is copied first where its are not; there is one batch then.
bool run_dots(const Thin &thin) {
  const GemmBatch &job = *thin.product.job;
  const FloatKernels &kernel = *thin.product.kernel;
  const Gemm &shape = thin.product.shape;
  bool copied = thin.x_col(shape) != 1;
  int64_t x_bytes = copied ? round_up(thin.count * shape.k * kernel.element, 64) : 0;
  char *scratch = copied ? static_cast<char *>(scratch_take(static_cast<size_t>(x_bytes))) : nullptr;
  if (copied && !scratch) return false;
  int64_t block = round_up(most(1, least(65536 / (shape.k * kernel.element), ceil_div(thin.size, 4 * thin.product.threads))), 4);
  int64_t blocks = ceil_div(thin.size, block);
  if (copied) copy(thin.x(shape), thin.x_row(shape), thin.x_col(shape), scratch, shape.k, 1, thin.count, shape.k, kernel.element);
  parallel_items(job.batches * blocks, thin.product.threads, thin.count * block * shape.k, [&](int64_t item, int worker) {
    int64_t batch = item / blocks, begin = item % blocks * block, length = least(block, thin.size - begin);
    Gemm gemm = problem(job, batch);
    const void *x = copied ? scratch : thin.x(gemm);
    kernel.dot(x, copied ? shape.k : thin.x_row(gemm), thin.count, at(thin.w(gemm), begin * thin.w_row(gemm), kernel.element),
               thin.w_row(gemm), length, gemm.k, at(gemm.c, begin * thin.c_col(gemm), kernel.element), thin.c_row(gemm), thin.c_col(gemm));
    thin.done(batch, begin, length, worker);
  });
  scratch_give(scratch);
  return true;
}

// W is contiguous across its vectors: its rows along k are added up, a block of about 1024 columns at a time.
bool run_streams(const Thin &thin) {
  const GemmBatch &job = *thin.product.job;
  const FloatKernels &kernel = *thin.product.kernel;
  const Gemm &shape = thin.product.shape;
  int64_t wanted = round_up(ceil_div(thin.size, 1024), 2 * thin.product.threads);
  int64_t block = most(128, round_up(ceil_div(thin.size, wanted), 64)), blocks = ceil_div(thin.size, block);
  bool indirect = thin.c_col(shape) != 1;
  int64_t c_bytes = indirect ? thin.count * block * kernel.element : 0;
  char *scratch = indirect ? static_cast<char *>(scratch_take(static_cast<size_t>(c_bytes * thin.product.threads))) : nullptr;
  if (indirect && !scratch) return false;
  parallel_items(job.batches * blocks, thin.product.threads, thin.count * block * shape.k, [&](int64_t item, int worker) {
    int64_t batch = item / blocks, begin = item % blocks * block, length = least(block, thin.size - begin);
    Gemm gemm = problem(job, batch);
    char *c = at(gemm.c, begin * thin.c_col(gemm), kernel.element), *sums = indirect ? scratch + worker * c_bytes : c;
    kernel.stream(thin.x(gemm), thin.x_row(gemm), thin.x_col(gemm), thin.count, at(thin.w(gemm), begin, kernel.element), thin.w_col(gemm),
                  gemm.k, length, sums, indirect ? block : thin.c_row(gemm));
    if (indirect) copy(sums, block, 1, c, thin.c_row(gemm), thin.c_col(gemm), thin.count, length, kernel.element);
    thin.done(batch, begin, length, worker);
  });
  scratch_give(scratch);
  return true;
}

}  // namespace

bool run_thin(const Product &product, bool *handled) {
  const Gemm &shape = product.shape;
  const Thin rows = {product, true, shape.m, shape.n}, columns = {product, false, shape.n, shape.m};
  // Less than two vectors would be computed element by element; copying X for each of many batches costs more than the general way.
  int64_t wide = 2 * product.kernel->lanes;
  auto dots = [&](const Thin &thin) {
    bool copied = thin.x_col(shape) != 1;
    return thin.count <= few && thin.w_col(shape) == 1 && shape.k >= wide && !(copied && product.job->batches > 1);
  };
  auto streams = [&](const Thin &thin) { return thin.count <= few && thin.w_row(shape) == 1 && thin.size >= wide; };
  *handled = true;
  if (product.kernel->dot) {
    if (dots(rows)) return run_dots(rows);
    if (dots(columns)) return run_dots(columns);
    if (streams(rows)) return run_streams(rows);
    if (streams(columns)) return run_streams(columns);
  }
  *handled = false;
  return true;
}

}  // namespace sinter
