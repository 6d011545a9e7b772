// gemm_split.cpp: a small C with a long k leaves nothing to share out but k itself. Pieces of k, cut by sizes only, become products of
// their own and their results are added in order.
#include "gemm_driver.h"
#include "gemm_scratch.h"

namespace sinter {
namespace {

constexpr int64_t piece_depth = 4096, most_pieces = 64, most_elements = 16384, most_batches = 4;

struct Split {
  const GemmBatch &job;
  int64_t pieces, depth;
  int element, source;
  char *partial;

  void *piece(const Gemm &gemm, int64_t index) const { return partial + index * gemm.m * gemm.n * element; }
};

void make_piece(void *context, int64_t index, Gemm *out) {
  const Split &split = *static_cast<const Split *>(context);
  *out = problem(split.job, index / split.pieces);
  int64_t k0 = index % split.pieces * split.depth;
  out->a = at(out->a, k0 * out->a_col, split.source);
  out->b = at(out->b, k0 * out->b_row, split.source);
  out->c = split.piece(*out, index);
  out->c_row = out->n;
  out->k = least(split.depth, out->k - k0);
}

template <class T>
void add_row(const Split &split, const Gemm &gemm, int64_t first, int64_t row) {
  T *to = static_cast<T *>(gemm.c) + row * gemm.c_row;
  for (int64_t piece = 0; piece < split.pieces; piece++) {
    const T *from = static_cast<const T *>(split.piece(gemm, first + piece)) + row * gemm.n;
    for (int64_t j = 0; j < gemm.n; j++) to[j] = piece ? to[j] + from[j] : from[j];
  }
}

}  // namespace

bool split_applies(const GemmBatch &job, const Gemm &shape) {
  return shape.k >= 2 * piece_depth && shape.m * shape.n <= most_elements && job.batches <= most_batches;
}

bool run_split(const GemmBatch &job, const Gemm &shape, int element, int source) {
  Split split = {job, 0, most(piece_depth, round_up(ceil_div(shape.k, most_pieces), 512)), element, source, nullptr};
  split.pieces = ceil_div(shape.k, split.depth);
  split.partial = static_cast<char *>(scratch_take(static_cast<size_t>(job.batches * split.pieces * shape.m * shape.n * element)));
  if (!split.partial) return false;
  GemmBatch inner = {job.dtype, job.batches * split.pieces, make_piece, &split, nullptr, nullptr, job.threads};
  bool ok = gemm_batch(inner);
  if (ok) {
    int64_t rows = most(1, least(shape.m, 4096 / shape.n)), blocks = ceil_div(shape.m, rows);
    parallel_items(job.batches * blocks, job.threads, rows * shape.n * split.pieces, [&](int64_t item, int worker) {
      int64_t batch = item / blocks, begin = item % blocks * rows, end = least(shape.m, begin + rows);
      Gemm gemm = problem(job, batch);
      for (int64_t row = begin; row < end; row++) {
        if (element == 4) {
          add_row<float>(split, gemm, batch * split.pieces, row);
        } else {
          add_row<double>(split, gemm, batch * split.pieces, row);
        }
      }
      finish(job, batch, begin, end - begin, 0, shape.n, worker);
    });
  }
  scratch_give(split.partial);
  return ok;
}

}  // namespace sinter
