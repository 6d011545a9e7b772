// kernels.h: the functions one instruction set provides. The tile interpreter calls nothing else in its loops.
#pragma once
#include <cstdint>

#include "dtype.h"
#include "instructions.h"

namespace sinter {

// The rarely needed parts of an elementwise call.
struct Call {
  int64_t step[4];  // per operand: 1 = next values, 0 = the same vector again (a splat register holds kSplat equal values)
  void *second;     // second destination
  const void *d;    // fourth operand
};

// Computes n values. Reads and writes whole vectors of kVectorBytes at most, that is less than 64 bytes behind the n values.
using Elementwise = void (*)(void *destination, const void *a, const void *b, const void *c, int64_t n, const Call *call);

// Values held by a splat register: two full vectors of the widest kind cover any mix of operand sizes.
constexpr int64_t kSplat = 16;

// A reduction. float32 sums keep float64 accumulators, all others accumulators of their class.
struct ReductionKernels {
  int32_t accumulator_bytes;
  void (*identity)(void *accumulators, int64_t count);
  void (*block)(const void *values, int64_t n, void *accumulator);                                // one accumulator += n values
  void (*columns)(const void *values, int64_t rows, int64_t columns, void *accumulators);         // accumulators[j] += rows of a dense tile
  void (*combine)(void *accumulators, const void *others, int64_t count);
  void (*finish)(const void *accumulators, int64_t count, void *values);
  void (*rows)(void *destination, const void *values, int64_t rows, int64_t columns);             // one value per row of a dense tile
};

// Moves between memory of a dtype (strides in elements) and dense tiles of its class.
struct DtypeKernels {
  void (*load)(void *tile, const void *source, int64_t n);
  void (*load_strided)(void *tile, const void *source, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride);
  void (*store)(void *target, const void *tile, int64_t n);  // writes exactly n elements
  void (*store_strided)(void *target, const void *tile, int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride);
};

// Cheap float32 instructions that are computed two at a time: t = first(a, b); result = second(t, c), or second(c, t).
// A unary first leaves b out (c moves up); a unary second leaves c out. gelu is not cheap, but follows an addition so often that it may be the second.
enum PairCode : int32_t { kPairAdd, kPairSub, kPairMul, kPairMax, kPairMin, kPairNeg, kPairAbs, kPairSquare, kPairRelu, kPairGelu, kPairCodes };
constexpr bool is_unary_pair(int code) { return code >= kPairNeg; }

// The pair code of an instruction, -1 when it has none.
constexpr int pair_code(int32_t code) {
  return code == kOp_add ? kPairAdd : code == kOp_sub ? kPairSub : code == kOp_mul ? kPairMul : code == kOp_max ? kPairMax : code == kOp_min ? kPairMin
         : code == kOp_neg ? kPairNeg : code == kOp_abs ? kPairAbs : code == kOp_square ? kPairSquare : code == kOp_relu ? kPairRelu : code == kOp_gelu ? kPairGelu : -1;
}

// Cheap float32 instructions of a chain: value = code(value, operand); SubFrom, MaxOf and MinOf have the operand first. The unary ones come last.
enum ChainCode : int32_t {
  kChainAdd, kChainSub, kChainSubFrom, kChainMul, kChainMax, kChainMaxOf, kChainMin, kChainMinOf, kChainNeg, kChainAbs, kChainSquare, kChainRelu
};
constexpr int kMaxChain = 31;
// Where the memory of a chain lies: near in caches; or its results go to main memory, past the caches where the instruction set can; or its operands come
// from there too, and are fetched ahead.
enum ChainMemory : int32_t { kNear, kPastCaches, kFar };
struct ChainStep {
  int32_t code, splat;  // splat: the operand is one vector of equal values
  const char *operand;
};

// Float32 instructions that a row reduction computes on the way: t = first(a, b); u = second(t) or second(t, c). The binary ones come first; with
// kSweepNone as first, t is a.
enum SweepCode : int32_t { kSweepNone, kSweepAdd, kSweepSub, kSweepMul, kSweepExp, kSweepSquare, kSweepAbs, kSweepNeg, kSweepCodes };
constexpr int kSweepFirsts = kSweepMul + 1;
constexpr bool is_binary_sweep(int code) { return code >= kSweepAdd && code <= kSweepMul; }

// The sweep code of an instruction, -1 when it has none.
constexpr int sweep_code(int32_t code) {
  return code == kOp_add ? kSweepAdd : code == kOp_sub ? kSweepSub : code == kOp_mul ? kSweepMul : code == kOp_exp ? kSweepExp : code == kOp_square ? kSweepSquare
         : code == kOp_abs ? kSweepAbs : code == kOp_neg ? kSweepNeg : -1;
}

struct SweepOperands {
  const void *source[3];  // a is a tile
  int64_t column[3];  // per operand: 1 = a tile, 0 = one value per row
  int64_t row[3];     // values from row to row
  void *kept[2];      // tiles that keep t and u, or null; their rows are dense
};

// Reduces each row of the computed values to one value. Reads less than a vector more, writes exactly.
using Sweep = void (*)(void *destination, const SweepOperands *operands, int64_t rows, int64_t columns);

// The scores of a strip of queries (`vectors` vectors side by side) against a block of keys, which become weights.
struct SoftmaxStrip {
  void *scores;              // keys x pitch; in the end exp(score - peak)
  int64_t keys, pitch;
  int vectors;
  const void *bias;          // added first; null for none
  int64_t bias_pitch;
  int64_t ahead;             // query i may see key j where j <= i + ahead; at least keys - 1 for all
  void *peak, *total;        // per query, of all blocks so far: the largest score and the sum of weights
  void *factor;              // per query: what earlier weights have to be multiplied by
};

struct AttentionKernels {
  void (*bias_of)(void *bias, const void *allowed, int64_t n);  // 0 where the int32 is not 0, else -infinity
  void (*scale)(void *values, int64_t n, double factor);
  void (*soften)(const SoftmaxStrip &strip);
  // rows x pitch values, each times its column's factor, or divided by it (by 0: 0).
  void (*rescale)(void *values, const void *factors, int64_t rows, int64_t pitch, int vectors, bool divide);
};

// Hidden columns of one row of an LSTM's step. Gates lie `gate` elements apart: input, forget, cell, output.
struct LstmRow {
  int64_t n, gate, sums_gate;
  const void *sums;          // what comes from the state before
  const void *gates;         // what comes from the input
  const void *cell_before;
  void *cell, *output;
  void *state;               // the activated gates; null where nobody wants them
};

struct LstmGradientRow {
  int64_t n, gate;
  const void *sums;          // what comes from the step after; null for nothing
  const void *output, *cell; // cotangents given; that of the cell may be null
  const void *state, *cell_now, *cell_before;
  void *carry;               // the cell's cotangent from the step after, and for the step before
  void *gates;
};

struct RecurrentKernels {
  void (*lstm)(const LstmRow &row);
  void (*lstm_gradient)(const LstmGradientRow &row);
};

// One pass of a Fourier transform over planes of real and imaginary parts: of `radix` values each, `groups` times, for `neighbours` values at once.
// Element k of the roots is e^(-2 pi i k / length); those of the pass lie `step` apart.
struct FourierPass {
  const void *xr, *xi;
  void *yr, *yi;
  const void *wr, *wi;
  int64_t radix, groups, neighbours, step, length;
};
// rows x columns complex values times factors of the same shape, transposed.
struct FourierTurn {
  const void *xr, *xi;
  void *yr, *yi;
  const void *wr, *wi;
  int64_t rows, columns;
};
// Elements 1 .. half - 1 of one of both: half of the transform of 2 half real values, and the transform of their pairs. Factor k is e^(-pi i k / half).
struct FourierHalves {
  const void *xr, *xi;
  void *yr, *yi;
  const void *wr, *wi;
  int64_t half;
};
struct FourierKernels {
  void (*pass)(const FourierPass &pass);
  void (*turn)(const FourierTurn &turn);
  void (*split)(const FourierHalves &halves);
  void (*join)(const FourierHalves &halves);
  void (*unpack)(const void *pairs, void *re, void *im, int64_t count);
  void (*pack)(const void *re, const void *im, void *pairs, int64_t count, double scale);
};

// Rows of a dense matrix times factors, added up: to[j] += values[e] * dense[at[e] + j] for the elements e in their order, or = where `fresh`.
struct SparseRun {
  const void *values;
  const int64_t *at;
  int64_t count, n;
  const void *dense;
  void *to;
  bool fresh;
};

struct KernelSet {
  Elementwise elementwise[kInstructions][kClasses];
  uint8_t lanes[kInstructions][kClasses];                // values that an elementwise kernel certainly computes at a time; 0 where not told
  Elementwise pairs[kPairCodes][kPairCodes][2];  // first, second, which operand of second the first's result is; null where both are unary
  // d = at most kMaxChain steps in order, from the n values of a. Reads and writes like an Elementwise; d may be a or a step's operand.
  void (*chain)(void *d, const void *a, const ChainStep *steps, int64_t count, int64_t n, ChainMemory memory);
  void (*publish)();  // lets other threads see what went past the caches
  Sweep sweeps[kSweepFirsts][kSweepCodes][2][2];         // first, second, sum or max, whether b is one value per row; null where there is none
  ReductionKernels reductions[kReductions][kClasses];
  AttentionKernels attention[2];                         // float32, float64
  RecurrentKernels recurrent[2];                         // float32, float64
  FourierKernels fourier[2];                             // float32, float64
  void (*sparse[2])(const SparseRun &run);               // float32, float64
  DtypeKernels dtypes[kDtypes];
  void (*expand4)(void *tile, const void *row, int64_t rows, int64_t columns);
  void (*expand8)(void *tile, const void *row, int64_t rows, int64_t columns);
  void (*spread4)(void *splat);  // copies the first value over a splat register
  void (*spread8)(void *splat);
  void (*iota32)(void *tile, int64_t start, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step);
  void (*iota64)(void *tile, int64_t start, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step);
};

const KernelSet &kernels();

}  // namespace sinter
