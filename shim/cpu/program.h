// program.h: the parsed, validated form of a program (docs/cpu-program.md).
#pragma once
#include <cstdint>

#include "dtype.h"
#include "instructions.h"
#include "memory.h"

namespace sinter {

constexpr int kMaxRank = 16;

// Limits that keep hostile programs from asking for absurd memory or time; docs/cpu-program.md states them.
constexpr int64_t kMaxBlockValues = 1 << 18, kMaxRegisters = 4096, kMaxScratchBytes = 64 << 20, kMaxWords = 1 << 26;
constexpr int64_t kMaxValues = int64_t(1) << 40, kMaxProducts = int64_t(1) << 48;

enum BufferKind : int32_t { kInput, kOutput, kArena, kConstant, kInline };

struct BufferDecl {
  int32_t kind;
  int32_t ref;
  int64_t bytes;
};

enum RegisterKind : int32_t { kTile, kRow, kSplatKind };

struct RegisterDecl {
  int32_t k;  // class number
  int32_t kind;
};

// A load or a store.
struct View {
  int32_t buffer;  // -1: iota
  int32_t dtype;
  int32_t reg;
  int32_t reduction;  // stores of reduce mode: Reduction; otherwise -1
  int64_t offset;
  int64_t stride[kMaxRank];
};

struct InstructionWords {
  int32_t code;
  int32_t k;  // class number of the operands
  int32_t destination, second;
  int32_t operand[4];
};

enum Mode : int32_t { kMap, kRows, kReduce };

struct TilePlan;

struct TilesStep {
  int32_t mode, rank;
  int64_t block_rows, block_columns;
  int32_t nanoseconds;
  uint32_t reduced;
  int64_t dims[kMaxRank];
  Array<RegisterDecl> registers;
  Array<View> loads, stores;
  Array<InstructionWords> instructions;
};

struct GemmStep {
  int32_t dtype, rank, nanoseconds;
  int64_t m, n, k;
  struct Matrix {
    int32_t buffer;
    int64_t offset, row, column;
    int64_t batch[kMaxRank];
  } a, b, c;
  int64_t dims[kMaxRank], batches;
};

enum StepKind : int32_t { kTiles = 1, kGemm, kKernel };

struct Kernel;

struct Step {
  int32_t kind;
  GemmStep *gemm;         // kGemm
  TilePlan *tiles;        // kTiles, and the epilogue of kGemm
  const Kernel *kernel;   // kKernel, and its parameters
  void *parameters;
};

// How deep programs may lie in the steps of others.
constexpr int kMaxDepth = 8;

struct Program {
  int depth = 0;
  int32_t arguments = 0;
  int64_t arena_bytes = 0;
  Array<BufferDecl> buffers;
  Array<Step> steps;
  char *constants = nullptr;     // padded copy of the constant pool
  int64_t tile_scratch = 0;      // bytes per worker that the largest tiles step needs
  int64_t partial_scratch = 0;   // bytes for partial results of reduce steps
  ~Program();
};

// Parses and validates; null with the thread's last error set.
Program *parse_program(const int32_t *words, uint64_t count, int depth = 0);
void release_program(Program *program);

// Whether the memory of two declared buffers may overlap.
bool may_overlap(const BufferDecl &a, const BufferDecl &b);

}  // namespace sinter
