// tiles.h: a tiles step made ready to run, and the calls that run it.
//
// Every value of a block lives in a *slot*: scratch memory of the worker, or, where the layout allows, the buffer's own memory. Instructions refer
// to slots; for each block only the slots of loads and stores change their addresses.
#pragma once
#include <cstdint>

#include "kernels.h"
#include "program.h"

namespace sinter {

constexpr int64_t kCached = 32 << 20;  // bytes from which on the last cache is no help

// How slots hold values besides the kinds of registers, where elementwise operations run row by row (TilePlan::by_rows): one row that all rows of the
// block read, and one splat per row.
constexpr uint8_t kRepeatedRow = 3, kRowSplats = 4;
constexpr bool is_by_row(int kind) { return kind >= kRepeatedRow; }
// Values from one row of a block to the next.
constexpr int64_t row_step(int kind, int64_t columns) { return kind == kTile ? columns : kind == kRow ? 1 : kind == kRowSplats ? kSplat : 0; }

struct TileOp {
  enum What : uint8_t { kElementwise, kChain, kRowReduce, kSweep, kExpand4, kExpand8, kSplats4, kSplats8 } what;
  uint8_t domain;           // RegisterKind of the destination
  int8_t pair;              // PairCode of the instruction, -1 if it cannot be computed together with another
  int8_t sweep_code;        // SweepCode of the instruction, -1 if no row reduction can compute it on the way
  int8_t reduction;         // of a float32 row reduction; otherwise -1
  bool fills_splat;         // writes all values of a splat destination
  bool uses_all;            // has a second destination or a fourth operand
  bool by_row;              // elementwise or chain: runs row by row
  int32_t store;            // index of the store whose memory the destination may be, or -1
  int32_t destination, second, source[4];
  int32_t bytes, source_bytes[4];  // per element
  int32_t first_link, links;       // of a chain, which starts with source[0]
  Elementwise run;
  void (*rows)(void *destination, const void *values, int64_t rows, int64_t columns);
  Call call;
  Sweep sweep;
  int32_t kept[2];          // slots of a sweep's intermediate tiles, -1 if nothing else reads them
  uint8_t source_kind[4];   // how each source is held
};

constexpr bool passes_over_tile(const TileOp &op) {
  return op.what == TileOp::kRowReduce || op.what == TileOp::kSweep || (op.domain == kTile && op.what != TileOp::kSplats4 && op.what != TileOp::kSplats8);
}

// One instruction of a chain and the slot of its other operand.
struct ChainLink {
  int32_t code, slot, splat, kind;  // kind: how the slot holds its values
};

struct TileLoad {
  View view;
  int32_t slot, bytes;      // bytes per memory element
  uint8_t kind;             // how it is held (a tile that does not vary within a block is held as a splat)
  bool tile;                // the register is a tile
  bool once;                // the same for all blocks: loaded at the start of a task
  bool in_place;            // the memory itself may serve as the tile
  bool keep;                // may be kept from block to block while address and shape agree
  int64_t row, column;      // strides within a block
  DtypeKernels kernels;
};

struct TileStore {
  View view;
  int32_t slot, bytes;
  uint8_t kind;             // of the slot
  bool in_place;            // written by the slot's last instruction where the block is contiguous
  int64_t row, column;
  DtypeKernels kernels;
  ReductionKernels reduction;
  void (*empty_identity)(void *accumulators, int64_t count);
};

struct TilePlan {
  int32_t mode, rank, nanoseconds;
  uint32_t reduced;
  bool single_row;          // blocks never have more than one row
  bool by_rows;             // rows are whole vectors and long enough to run elementwise operations row by row where that saves spreading operands
  bool fixed_blocks;        // false: a gemm epilogue, called with blocks of any shape up to block_values
  bool pitched;             // an epilogue whose operations may work row by row on memory whose rows do not follow each other
  bool prefetch;            // of the next block, between the operations on this one
  bool far;                 // a single pass over more memory than caches hold
  bool past_caches;         // chains that write buffers do so past the caches, which would not hold the results until they are read
  int64_t block_rows, block_columns, block_values;
  int64_t dims[kMaxRank], counts[kMaxRank];  // counts: blocks per dimension
  int64_t blocks;
  int64_t passes;                            // operations that pass over a whole tile
  int64_t outputs, rounds, splits;           // reduce mode: output blocks, reduction blocks of each, fixed shares of the latter
  Array<TileOp> once, ops;                   // `once` runs at the start of a task
  Array<ChainLink> links;
  Array<TileLoad> loads;
  Array<TileStore> stores;
  Array<int64_t> slots;                      // scratch offset of each slot
  void (*chain)(void *, const void *, const ChainStep *, int64_t, int64_t, ChainMemory);
  void (*iota32)(void *, int64_t, int64_t, int64_t, int64_t, int64_t);
  void (*iota64)(void *, int64_t, int64_t, int64_t, int64_t, int64_t);
  int64_t frame_offset;                      // where Frame's own arrays begin
  int64_t scratch_bytes;                     // per worker, whole pages
};

// Plans a validated step; null when memory is short. `epilogue`: for blocks of any shape.
TilePlan *plan_tiles(const TilesStep &step, const Program &program, bool epilogue);
void release_tiles(TilePlan *plan);

// Joins runs of cheap operations (tiles_chain.cpp); false when memory is short.
bool fuse_chains(TilePlan *plan);
// Joins neighbouring operations that have a common kernel (tiles_pairs.cpp).
void fuse_pairs(TilePlan *plan);
bool reads_slot(const TilePlan &plan, const TileOp &op, int32_t slot);
bool writes_slot(const TileOp &op, int32_t slot);
// Whether nothing reads the slot's value after operation `i`.
bool dead_after(const TilePlan &plan, int32_t slot, int64_t i);

// Lets row reductions compute what they reduce, and row values enter without being spread over a tile (tiles_sweeps.cpp).
void fuse_sweeps(TilePlan *plan);

// Chooses what the planned operations as a whole allow. `traffic`: bytes of tiles that the step loads and stores.
void choose_strategies(TilePlan *plan, bool epilogue, int64_t traffic);

// The state of one worker in one step. Lives in the worker's scratch memory.
class Frame {
 public:
  Frame(const TilePlan &plan, char *const *buffers, char *scratch);
  // Loads what is constant over the step.
  void start();
  // Computes the block at `index` (first element) with `rows` x `columns` values and, in map and rows mode, stores it.
  void block(const int64_t *index, int64_t rows, int64_t columns);
  const char *slot(int32_t index) const { return slots_[index]; }

 private:
  struct Kept {
    const char *address;
    int64_t start, rows, columns;
  };
  void load(const TileLoad &load, Kept &kept, int64_t start, int64_t rows, int64_t columns);
  void execute(const TileOp &op, int64_t rows, int64_t columns);
  void execute_sweep(const TileOp &op, int64_t rows, int64_t columns);
  void execute_in_place(const TileOp &op, int64_t n);
  void execute_by_row(const TileOp &op, int64_t rows, int64_t columns);
  void execute_pitched(const TileOp &op, int64_t rows, int64_t columns);
  void execute_chain(const TileOp &op, int64_t rows, int64_t columns);
  void prefetch_share(int64_t share, int64_t shares, int64_t n) const;
  void finish_store(const TileStore &store, int64_t start, int64_t rows, int64_t columns);

  const TilePlan &plan_;
  char *const *buffers_;
  char *scratch_;
  char **slots_;
  int64_t *pitches_;  // bytes from row to row of the tiles, when a block is computed by rows
  Kept *kept_;
  uint8_t *in_place_;
  bool pitched_;      // this block
};

// Bytes that Frame's own arrays need behind the slots.
int64_t frame_bytes(int64_t slots, int64_t loads, int64_t stores);

struct RunContext {
  const Program *program;
  char *const *buffers;
  char *scratch;         // tile scratch of worker 0
  int64_t scratch_step;  // to the next worker's
  int threads;
  char *partials;
};

void run_tiles(const TilePlan &plan, const RunContext &run);
void run_tiles_reduce(const TilePlan &plan, const RunContext &run);
// Memory for partial results that run_tiles_reduce needs with that many threads.
int64_t partial_bytes(const TilePlan &plan, int threads);

// The number of threads worth using for a step.
int threads_for(const RunContext &run, int64_t nanoseconds);

}  // namespace sinter
