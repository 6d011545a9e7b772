// gemm_blocks.cpp: the blocked product. A block of rows of A is packed by the thread that uses it; B is used where it lies, packed strip by
// strip by each thread, or packed once for all threads, whichever costs least for the shape.
#include "gemm_driver.h"
#include "gemm_scratch.h"

namespace sinter {
namespace {

constexpr int64_t shared_bytes = 16 << 20;     // packed B that all threads share
constexpr int64_t whole_a_bytes = 768 << 10;   // a block of A that is kept packed over its whole k
constexpr int64_t small_b_bytes = 256 << 10;   // B that stays in the second-level cache
constexpr int64_t epilogue_bytes = 128 << 10;  // C between two calls of the epilogue

enum class PackB { none, strip, shared };

// The start of a worker's scratch: which block of A it holds packed.
struct Worker {
  int64_t key;
  char *a;
  char *strip;
};

struct Blocks {
  const GemmBatch &job;
  const FloatKernels &kernel;
  Gemm shape;
  int threads;
  PackB pack;
  int64_t depth;                         // k between two visits of C
  int64_t row_blocks, block_rows;        // division of m
  int64_t column_blocks, block_columns;  // division of n, or of the shared panel
  bool whole_a;
  char *shared;
  Worker *workers;
};

struct Range {
  int64_t begin, end;
};

// Strip `column` of B for the k from k0: its address and row distance. Packs it where needed.
const char *strip_of(const Blocks &blocks, const Gemm &gemm, Range panel_columns, Range panel_k, int64_t k0, int64_t depth, int64_t column,
                     int64_t width, Worker &worker, int64_t *row) {
  const FloatKernels &kernel = blocks.kernel;
  *row = kernel.columns;
  if (blocks.pack == PackB::shared) {
    int64_t padded = round_up(panel_columns.end - panel_columns.begin, kernel.columns);
    return at(blocks.shared, (k0 - panel_k.begin) * padded + (column - panel_columns.begin) * depth, kernel.element);
  }
  const char *b = at(gemm.b, k0 * gemm.b_row + column * gemm.b_col, kernel.source);
  if (blocks.pack == PackB::none && width % kernel.lanes == 0) {
    *row = gemm.b_row;
    return b;
  }
  kernel.pack_b(b, gemm.b_row, gemm.b_col, depth, width, worker.strip);
  return worker.strip;
}

// One block of C over the k of the panel; the epilogue runs where this completes it.
void run_block(const Blocks &blocks, const Gemm &gemm, int64_t batch, int64_t row_block, Range columns, Range panel_columns, Range panel_k,
               int worker_index) {
  const FloatKernels &kernel = blocks.kernel;
  Worker &worker = blocks.workers[worker_index];
  int64_t row = row_block * blocks.block_rows, rows = least(blocks.block_rows, gemm.m - row);
  int64_t key = batch * blocks.row_blocks + row_block;
  bool packed = blocks.whole_a && worker.key == key;
  int64_t per_epilogue = most(1, epilogue_bytes / (rows * kernel.columns * kernel.element)) * kernel.columns;
  for (int64_t k0 = panel_k.begin; k0 < panel_k.end; k0 += blocks.depth) {
    int64_t depth = least(blocks.depth, panel_k.end - k0);
    char *a = at(worker.a, blocks.whole_a ? rows * k0 : 0, kernel.element);
    if (!packed) kernel.pack_a(at(gemm.a, row * gemm.a_row + k0 * gemm.a_col, kernel.source), gemm.a_row, gemm.a_col, rows, depth, a);
    bool last = k0 + depth == gemm.k;
    int64_t unfinished = columns.begin;
    for (int64_t column = columns.begin; column < columns.end; column += kernel.columns) {
      int64_t width = least(kernel.columns, columns.end - column), b_row;
      const char *b = strip_of(blocks, gemm, panel_columns, panel_k, k0, depth, column, width, worker, &b_row);
      int64_t following = blocks.pack == PackB::shared ? depth * kernel.columns : kernel.columns;
      const char *next = blocks.pack == PackB::strip || column + width == columns.end ? b : at(b, following, kernel.element);
      kernel.strip(a, rows, depth, b, next, b_row, at(gemm.c, row * gemm.c_row + column, kernel.element), gemm.c_row, width, k0 > 0);
      int64_t end = column + width;
      if (last && (end - unfinished >= per_epilogue || end == columns.end)) {
        finish(blocks.job, batch, row, rows, unfinished, end - unfinished, worker_index);
        unfinished = end;
      }
    }
  }
  worker.key = key;
}

// All batches at once, no shared panel.
void run_private(const Blocks &blocks) {
  int64_t per_batch = blocks.row_blocks * blocks.column_blocks, n = blocks.shape.n;
  int64_t work = blocks.block_rows * blocks.block_columns * blocks.shape.k;
  parallel_items(blocks.job.batches * per_batch, blocks.threads, work, [&](int64_t item, int worker) {
    int64_t batch = item / per_batch, block = item % per_batch, column = block % blocks.column_blocks * blocks.block_columns;
    Gemm gemm = problem(blocks.job, batch);
    run_block(blocks, gemm, batch, block / blocks.column_blocks, {column, least(column + blocks.block_columns, n)}, {0, n}, {0, gemm.k},
              worker);
  });
}

// Packs the strips from `column` (counted within the panel) up to `end` for `depth` steps of k. Where rows of B are contiguous a few rows
// at a time are cut into strips, since every row may lie on a page of its own.
void pack_strips(const Blocks &blocks, const Gemm &gemm, Range panel_columns, int64_t chunk, int64_t depth, int64_t column, int64_t end,
                 char *panel) {
  const FloatKernels &kernel = blocks.kernel;
  int64_t step = gemm.b_col == 1 ? 16 : depth;
  for (int64_t k = 0; k < depth; k += step) {
    for (int64_t j = column; j < end; j += kernel.columns) {
      const char *from = at(gemm.b, (chunk + k) * gemm.b_row + (panel_columns.begin + j) * gemm.b_col, kernel.source);
      int64_t width = least(kernel.columns, panel_columns.end - panel_columns.begin - j);
      kernel.pack_b(from, gemm.b_row, gemm.b_col, least(step, depth - k), width, at(panel, j * depth + k * kernel.columns, kernel.element));
    }
  }
}

// One batch: panels of B are packed by all threads together, then used by all.
void run_shared(const Blocks &blocks, int64_t batch, int64_t panel_depth, int64_t panel_width) {
  const FloatKernels &kernel = blocks.kernel;
  Gemm gemm = problem(blocks.job, batch);
  for (int64_t j0 = 0; j0 < gemm.n; j0 += panel_width) {
    Range columns = {j0, least(j0 + panel_width, gemm.n)};
    int64_t strips = ceil_div(columns.end - j0, kernel.columns), padded = strips * kernel.columns;
    for (int64_t k0 = 0; k0 < gemm.k; k0 += panel_depth) {
      Range k = {k0, least(k0 + panel_depth, gemm.k)};
      int64_t chunks = ceil_div(k.end - k0, blocks.depth);
      int64_t group = most(1, least(8, strips * chunks / (2 * blocks.threads))) * kernel.columns, groups = ceil_div(padded, group);
      parallel_items(groups * chunks, blocks.threads, blocks.depth * group * 4, [&](int64_t item, int) {
        int64_t chunk = k0 + item / groups * blocks.depth, depth = least(blocks.depth, k.end - chunk), column = item % groups * group;
        pack_strips(blocks, gemm, columns, chunk, depth, column, least(padded, column + group),
                    at(blocks.shared, (chunk - k0) * padded, kernel.element));
      });
      int64_t work = blocks.block_rows * blocks.block_columns * (k.end - k0);
      int64_t column_blocks = ceil_div(columns.end - j0, blocks.block_columns);
      parallel_items(blocks.row_blocks * column_blocks, blocks.threads, work, [&](int64_t item, int worker) {
        int64_t column = j0 + item % column_blocks * blocks.block_columns;
        run_block(blocks, gemm, batch, item / column_blocks, {column, least(column + blocks.block_columns, columns.end)}, columns, k,
                  worker);
      });
    }
  }
}

// Multiply-adds of a block below which more blocks, each packing B for itself, cost more than an even end brings.
constexpr int64_t block_work = 1 << 20;

// Cuts C so that there are a few blocks per thread, rows first: columns of a block share the packing of A.
void divide(Blocks &blocks, int64_t batches, int64_t columns, int64_t least_columns) {
  const FloatKernels &kernel = blocks.kernel;
  int64_t m = blocks.shape.m, threads = blocks.threads;
  double blocks_of_work = double(batches) * double(m) * double(columns) * double(blocks.shape.k) / block_work;
  int64_t wanted = threads == 1 ? 1 : blocks_of_work < 4.0 * threads ? most(threads, static_cast<int64_t>(blocks_of_work)) : 4 * threads;
  int64_t row_blocks = ceil_div(m, kernel.block_rows), most_rows = most(row_blocks, m / (2 * kernel.rows));
  if (batches * row_blocks < wanted) row_blocks = most(row_blocks, least(most_rows / threads * threads, round_up(row_blocks, threads)));
  if (batches * row_blocks < wanted && batches * columns / least_columns < wanted) {
    row_blocks = most(row_blocks, least(most_rows / threads * threads, ceil_div(wanted, batches)));
  }
  blocks.block_rows = round_up(ceil_div(m, row_blocks), least(4, m));
  blocks.row_blocks = ceil_div(m, blocks.block_rows);
  int64_t column_blocks = most(1, least(columns / least_columns, ceil_div(wanted, batches * blocks.row_blocks)));
  blocks.block_columns = round_up(ceil_div(columns, column_blocks), kernel.columns);
  blocks.column_blocks = ceil_div(columns, blocks.block_columns);
}

// Products of one block each, without the bookkeeping of the others: a tenth of a microsecond counts here.
bool run_small(const Product &product) {
  const GemmBatch &job = *product.job;
  const FloatKernels &kernel = *product.kernel;
  const Gemm &shape = product.shape;
  bool in_place = shape.b_col == 1 && kernel.source == kernel.element;
  int64_t a_bytes = round_up(shape.m * shape.k * kernel.element, 64), bytes = a_bytes + shape.k * kernel.columns * kernel.element;
  char *scratch = static_cast<char *>(scratch_take(static_cast<size_t>(bytes * product.threads)));
  if (!scratch) return false;
  parallel_items(job.batches, product.threads, shape.m * round_up(shape.n, kernel.lanes) * shape.k, [&](int64_t batch, int worker) {
    Gemm gemm = batch ? problem(job, batch) : shape;
    char *a = scratch + worker * bytes, *strip = a + a_bytes;
    kernel.pack_a(gemm.a, gemm.a_row, gemm.a_col, gemm.m, gemm.k, a);
    for (int64_t column = 0; column < gemm.n; column += kernel.columns) {
      int64_t width = least(kernel.columns, gemm.n - column), b_row = gemm.b_row;
      const char *b = at(gemm.b, column * gemm.b_col, kernel.source);
      if (!in_place || (width & (kernel.lanes - 1))) {
        kernel.pack_b(b, gemm.b_row, gemm.b_col, gemm.k, width, strip);
        b = strip;
        b_row = kernel.columns;
      }
      kernel.strip(a, gemm.m, gemm.k, b, b, b_row, at(gemm.c, column, kernel.element), gemm.c_row, width, false);
    }
    finish(job, batch, 0, gemm.m, 0, gemm.n, worker);
  });
  scratch_give(scratch);
  return true;
}

}  // namespace

bool run_blocks(const Product &product) {
  const GemmBatch &job = *product.job;
  const FloatKernels &kernel = *product.kernel;
  const Gemm &shape = product.shape;
  bool enough = product.threads == 1 || job.batches >= 4 * product.threads;
  if (enough && shape.m <= kernel.block_rows && shape.k <= kernel.depth && shape.m * shape.n * kernel.element <= epilogue_bytes) {
    return run_small(product);
  }
  Blocks blocks = {job, kernel, shape, product.threads, PackB::strip, 0, 0, 0, 0, 0, false, nullptr, nullptr};
  blocks.depth = round_up(ceil_div(shape.k, ceil_div(shape.k, kernel.depth)), least(8, shape.k));
  bool small_b = shape.k * shape.n * kernel.element <= small_b_bytes;
  bool in_place = shape.b_col == 1 && kernel.source == kernel.element;
  if (shape.m > 256 && !small_b) {
    blocks.pack = PackB::shared;
  } else if (in_place) {
    blocks.pack = PackB::none;
  }
  int64_t panel_depth = 0, panel_width = 0, panel_bytes = 0;
  if (blocks.pack == PackB::shared) {
    panel_depth = least(round_up(shape.k, blocks.depth), most(1, 8192 / blocks.depth) * blocks.depth);
    panel_width =
        least(round_up(shape.n, kernel.columns), most(1, shared_bytes / (panel_depth * kernel.element * kernel.columns)) * kernel.columns);
    panel_bytes = panel_depth * panel_width * kernel.element;
    divide(blocks, 1, least(panel_width, shape.n), 8 * kernel.columns);
  } else {
    divide(blocks, job.batches, shape.n, 4 * kernel.columns);
  }
  bool whole_k = blocks.pack != PackB::shared || panel_depth >= shape.k;
  blocks.whole_a = whole_k && blocks.block_rows * shape.k * kernel.element <= whole_a_bytes;

  int64_t a_bytes = round_up(blocks.block_rows * (blocks.whole_a ? shape.k : blocks.depth) * kernel.element, 64);
  int64_t strip_bytes = round_up(blocks.depth * kernel.columns * kernel.element, 64);
  int64_t workers_bytes = round_up(int64_t(sizeof(Worker)) * product.threads, 64);
  void *scratch = scratch_take(static_cast<size_t>(panel_bytes + workers_bytes + product.threads * (a_bytes + strip_bytes)));
  if (!scratch) return false;
  blocks.shared = static_cast<char *>(scratch);
  blocks.workers = reinterpret_cast<Worker *>(blocks.shared + panel_bytes);
  char *next = blocks.shared + panel_bytes + workers_bytes;
  for (int i = 0; i < product.threads; i++, next += a_bytes + strip_bytes) blocks.workers[i] = {-1, next, next + a_bytes};
  if (blocks.pack == PackB::shared) {
    for (int64_t batch = 0; batch < job.batches; batch++) run_shared(blocks, batch, panel_depth, panel_width);
  } else {
    run_private(blocks);
  }
  scratch_give(scratch);
  return true;
}

}  // namespace sinter
