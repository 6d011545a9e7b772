// recurrent.h: products with one matrix, step after step, for recurrent layers: the matrix is packed once, and a step's columns are shared by the threads.
#pragma once
#include <cstdint>

#include "gemm_driver.h"
#include "memory.h"
#include "tiles.h"

namespace sinter {

// The recurrent product of every step: C[batch x hidden] (one such C per gate) = A[batch x depth] B_gate[depth x hidden].
struct RecurrentProduct {
  const FloatKernels *gemm;
  int64_t batch, depth, hidden, gates;
  const char *matrix;            // B
  int64_t b_row, b_col, b_gate;  // strides in elements; one of the first two is 1
};

// How a step is cut: by sizes and instruction set only. A unit is some hidden columns of all gates, a block some rows of the batch.
struct RecurrentCut {
  bool thin;  // few rows: the matrix is used where it lies
  int64_t columns, units;
  int64_t rows, blocks;
};

constexpr int64_t kRecurrentRows = 64, kThinRows = 4, kThinColumns = 64;

inline RecurrentCut recurrent_cut(const RecurrentProduct &p) {
  RecurrentCut cut = {};
  cut.thin = p.batch <= kThinRows;
  cut.columns = cut.thin ? kThinColumns : p.gemm->columns;
  cut.units = ceil_div(p.hidden, cut.columns);
  cut.blocks = ceil_div(p.batch, kRecurrentRows);
  cut.rows = ceil_div(p.batch, cut.blocks);
  cut.blocks = ceil_div(p.batch, cut.rows);
  return cut;
}

// One task of a step: rows row..row+rows-1, hidden columns column..column+width-1. `sums` holds the products, gate by gate, `columns` elements a row;
// null in a step that has none.
struct RecurrentTile {
  int64_t row, rows, column, width, columns;
  const char *sums;
};

// The sequence of steps of one layer. Body: A's address for step i (null for none), then what is done with the tiles of step i.
template <class Body>
class RecurrentRun {
 public:
  RecurrentRun(const RecurrentProduct &product, const Body &body) : product_(product), cut_(recurrent_cut(product)), body_(body) {}

  // Runs the steps one after the other; false without memory. nanoseconds: about how long one takes on one thread.
  bool run(const RunContext &context, int64_t steps, double nanoseconds) {
    const int64_t tasks = cut_.units * cut_.blocks;
    const int threads = int(least(threads_for(context, nanoseconds < 1e15 ? int64_t(nanoseconds) : int64_t(1e15)), tasks));
    const int64_t element = product_.gemm->element;
    unit_bytes_ = cut_.thin ? 0 : product_.gates * product_.depth * cut_.columns * element;
    packed_bytes_ = cut_.thin ? 0 : round_up(product_.batch * product_.depth * element, kAlignment) + kPadding;
    tile_bytes_ = round_up(product_.gates * cut_.rows * cut_.columns * element, kAlignment) + kPadding;
    worker_bytes_ = round_up(cut_.blocks * 8, kAlignment) + packed_bytes_ + tile_bytes_;
    matrix_bytes_ = cut_.units * unit_bytes_ + kPadding;
    scratch_ = run_scratch(kScratchRecurrent, uint64_t(round_up(matrix_bytes_, kAlignment)) + uint64_t(worker_bytes_) * uint64_t(most(1, threads)));
    if (!scratch_) return false;
    for (int worker = 0; worker < most(1, threads); worker++) {
      for (int64_t block = 0; block < cut_.blocks; block++) packed_steps(worker)[block] = -1;
    }
    if (!cut_.thin) parallel_for(cut_.units, threads, [](void *self, int64_t unit, int) { static_cast<RecurrentRun *>(self)->pack_unit(unit); }, this);
    for (step_ = 0; step_ < steps; step_++) {
      a_ = body_.operand(step_);
      parallel_for(tasks, threads, [](void *self, int64_t task, int worker) { static_cast<RecurrentRun *>(self)->task(task, worker); }, this);
    }
    return true;
  }

 private:
  char *worker_at(int worker) { return scratch_ + round_up(matrix_bytes_, kAlignment) + worker * worker_bytes_; }
  // The step whose A a worker has packed, by block.
  int64_t *packed_steps(int worker) { return reinterpret_cast<int64_t *>(worker_at(worker)); }
  int64_t width_of(int64_t unit) const { return least(cut_.columns, product_.hidden - unit * cut_.columns); }
  const char *source(int64_t unit, int64_t gate, int64_t k) const {
    const RecurrentProduct &p = product_;
    return p.matrix + (gate * p.b_gate + unit * cut_.columns * p.b_col + k * p.b_row) * p.gemm->element;
  }
  char *packed(int64_t unit, int64_t gate, int64_t k) { return scratch_ + unit * unit_bytes_ + (gate * product_.depth + k) * cut_.columns * product_.gemm->element; }

  void pack_unit(int64_t unit) {
    const RecurrentProduct &p = product_;
    for (int64_t gate = 0; gate < p.gates; gate++) p.gemm->pack_b(source(unit, gate, 0), p.b_row, p.b_col, p.depth, width_of(unit), packed(unit, gate, 0));
  }

  void task(int64_t task, int worker) {
    const int64_t unit = task / cut_.blocks, block = task % cut_.blocks;
    RecurrentTile tile = {};
    tile.row = block * cut_.rows;
    tile.rows = least(cut_.rows, product_.batch - tile.row);
    tile.column = unit * cut_.columns;
    tile.width = width_of(unit);
    tile.columns = cut_.columns;
    char *sums = worker_at(worker) + worker_bytes_ - tile_bytes_;
    if (a_) multiply(unit, block, tile, worker, sums);
    tile.sums = a_ ? sums : nullptr;
    body_.finish(step_, tile);
  }

  void multiply(int64_t unit, int64_t block, const RecurrentTile &tile, int worker, char *sums) {
    const RecurrentProduct &p = product_;
    const FloatKernels &gemm = *p.gemm;
    const char *a = a_ + tile.row * p.depth * gemm.element;
    const auto target = [&](int64_t gate) { return sums + gate * tile.rows * tile.columns * gemm.element; };
    if (cut_.thin) {
      for (int64_t gate = 0; gate < p.gates; gate++) {
        if (p.b_row == 1) gemm.dot(a, p.depth, tile.rows, source(unit, gate, 0), p.b_col, tile.width, p.depth, target(gate), tile.columns, 1);
        else gemm.stream(a, p.depth, 1, tile.rows, source(unit, gate, 0), p.b_row, p.depth, tile.width, target(gate), tile.columns);
      }
      return;
    }
    char *rows = worker_at(worker) + round_up(cut_.blocks * 8, kAlignment) + tile.row * p.depth * gemm.element;
    const bool fresh = packed_steps(worker)[block] != step_;
    packed_steps(worker)[block] = step_;
    for (int64_t k = 0; k < p.depth; k += gemm.depth) {
      const int64_t depth = least(gemm.depth, p.depth - k);
      char *part = rows + tile.rows * k * gemm.element;
      if (fresh) gemm.pack_a(a + k * gemm.element, p.depth, 1, tile.rows, depth, part);
      for (int64_t gate = 0; gate < p.gates; gate++) {
        const char *strip = packed(unit, gate, k), *next = gate + 1 < p.gates ? packed(unit, gate + 1, k) : strip;
        gemm.strip(part, tile.rows, depth, strip, next, tile.columns, target(gate), tile.columns, tile.width, k > 0);
      }
    }
  }

  const RecurrentProduct product_;
  const RecurrentCut cut_;
  const Body &body_;
  int64_t unit_bytes_ = 0, packed_bytes_ = 0, tile_bytes_ = 0, worker_bytes_ = 0, matrix_bytes_ = 0, step_ = 0;
  char *scratch_ = nullptr;
  const char *a_ = nullptr;
};

}  // namespace sinter
