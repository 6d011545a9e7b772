// gemm_driver.h: what the parts of the matrix product share. Not for users of gemm.h.
#pragma once
#include "gemm.h"
#include "gemm_table.h"
#include "pool.h"

namespace sinter {

struct Product {
  const GemmBatch *job;
  const FloatKernels *kernel;
  Gemm shape;  // the first problem; the others differ in their addresses and may have a smaller k
  int threads;
};

inline Gemm problem(const GemmBatch &job, int64_t batch) {
  Gemm gemm;
  job.make(job.make_context, batch, &gemm);
  return gemm;
}

inline const char *at(const void *base, int64_t index, int64_t element) { return static_cast<const char *>(base) + index * element; }
inline char *at(void *base, int64_t index, int64_t element) { return static_cast<char *>(base) + index * element; }
inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t round_up(int64_t a, int64_t step) { return ceil_div(a, step) * step; }

inline void finish(const GemmBatch &job, int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, int worker) {
  if (job.epilogue) job.epilogue(job.epilogue_context, batch, row, rows, column, columns, worker);
}

// parallel_for over `items` with about `item_work` multiply-adds each, handed out in groups that are worth a dispatch.
// body(item, worker) is called for every item.
template <class Body>
void parallel_items(int64_t items, int threads, int64_t item_work, const Body &body) {
  constexpr int64_t task_work = 1 << 16;
  struct Context {
    const Body *body;
    int64_t items, group;
  } context = {&body, items, most(1, task_work / most(1, item_work))};
  // Few groups would leave threads without work.
  context.group = most(1, least(context.group, items / (4 * most(1, threads))));
  parallel_for(
      ceil_div(items, context.group), threads,
      [](void *pointer, int64_t task, int worker) {
        const Context &shared = *static_cast<Context *>(pointer);
        int64_t end = least(shared.items, (task + 1) * shared.group);
        for (int64_t item = task * shared.group; item < end; item++) (*shared.body)(item, worker);
      },
      &context);
}

// The kernels of a floating dtype for the instruction set in use.
const FloatKernels &float_kernels(int dtype);

// Products with at most four rows or columns. False in `handled` if the shape or its strides are not of that kind.
bool run_thin(const Product &product, bool *handled);

// All others: packed panels and register tiles.
bool run_blocks(const Product &product);

// Small C and long k: k is cut into pieces whose results are added in order.
bool split_applies(const GemmBatch &job, const Gemm &shape);
bool run_split(const GemmBatch &job, const Gemm &shape, int element, int source);

}  // namespace sinter
