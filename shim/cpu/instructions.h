// instructions.h: the instruction set of tile programs. An instruction's code is its position in SINTER_INSTRUCTIONS.
#pragma once
#include <cstdint>

#include "dtype.h"

namespace sinter {

// X(name, operands, classes the operands may have, class of the result)
#define SINTER_INSTRUCTIONS(X)                                                                                                     \
  X(copy, 1, kAll, kSame) X(neg, 1, kAll, kSame) X(abs, 1, kAll, kSame) X(sign, 1, kAll, kSame) X(square, 1, kAll, kSame)         \
  X(add, 2, kAll, kSame) X(sub, 2, kAll, kSame) X(mul, 2, kAll, kSame) X(div, 2, kAll, kSame) X(mod, 2, kAll, kSame)              \
  X(rem, 2, kAll, kSame) X(min, 2, kAll, kSame) X(max, 2, kAll, kSame) X(fmin, 2, kAll, kSame) X(fmax, 2, kAll, kSame)            \
  X(pow, 2, kAll, kSame) X(fma, 3, kAll, kSame) X(floordiv, 2, kAll, kSame)                                                       \
  X(eq, 2, kAll, kToI32) X(ne, 2, kAll, kToI32) X(lt, 2, kAll, kToI32) X(le, 2, kAll, kToI32) X(gt, 2, kAll, kToI32)              \
  X(ge, 2, kAll, kToI32) X(select, 3, kAll, kSame)                                                                                \
  X(and, 2, kInts, kSame) X(or, 2, kInts, kSame) X(xor, 2, kInts, kSame) X(not, 1, kInts, kSame) X(shl, 2, kInts, kSame)          \
  X(shr, 2, kInts, kSame) X(popcount, 1, kInts, kSame)                                                                            \
  X(wrap_i8, 1, kOnlyI32, kSame) X(wrap_i16, 1, kOnlyI32, kSame) X(wrap_u8, 1, kOnlyI32, kSame) X(wrap_u16, 1, kOnlyI32, kSame)   \
  X(to_f32, 1, kAll, kToF32) X(to_f64, 1, kAll, kToF64) X(to_i32, 1, kAll, kToI32) X(to_u32, 1, kAll, kToU32)                     \
  X(to_i64, 1, kAll, kToI64) X(to_u64, 1, kAll, kToU64)                                                                           \
  X(bits_i32, 1, kWords, kToI32) X(bits_f32, 1, kWords, kToF32) X(bits_u32, 1, kWords, kToU32)                                    \
  X(bits_i64, 1, kLongs, kToI64) X(bits_f64, 1, kLongs, kToF64) X(bits_u64, 1, kLongs, kToU64)                                    \
  X(f16_bits, 1, kOnlyF32, kToI32) X(f16_from, 1, kOnlyI32, kToF32) X(bf16_bits, 1, kOnlyF32, kToI32)                             \
  X(bf16_from, 1, kOnlyI32, kToF32)                                                                                               \
  X(exp, 1, kFloats, kSame) X(exp2, 1, kFloats, kSame) X(exp10, 1, kFloats, kSame) X(expm1, 1, kFloats, kSame)                    \
  X(log, 1, kFloats, kSame) X(log2, 1, kFloats, kSame) X(log10, 1, kFloats, kSame) X(log1p, 1, kFloats, kSame)                    \
  X(sqrt, 1, kFloats, kSame) X(rsqrt, 1, kFloats, kSame) X(recip, 1, kFloats, kSame) X(sin, 1, kFloats, kSame)                    \
  X(cos, 1, kFloats, kSame) X(tan, 1, kFloats, kSame) X(sinh, 1, kFloats, kSame) X(cosh, 1, kFloats, kSame)                       \
  X(tanh, 1, kFloats, kSame) X(asin, 1, kFloats, kSame) X(acos, 1, kFloats, kSame) X(atan, 1, kFloats, kSame)                     \
  X(asinh, 1, kFloats, kSame) X(acosh, 1, kFloats, kSame) X(atanh, 1, kFloats, kSame) X(erf, 1, kFloats, kSame)                   \
  X(atan2, 2, kFloats, kSame) X(ceil, 1, kFloats, kSame) X(floor, 1, kFloats, kSame) X(round, 1, kFloats, kSame)                  \
  X(trunc, 1, kFloats, kSame) X(sigmoid, 1, kFloats, kSame) X(gelu, 1, kFloats, kSame) X(gelu_tanh, 1, kFloats, kSame)            \
  X(isnan, 1, kFloats, kToI32) X(isinf, 1, kFloats, kToI32) X(isfinite, 1, kFloats, kToI32) X(signbit, 1, kFloats, kToI32)        \
  X(muladd, 3, kFloats, kSame) X(addmul, 3, kFloats, kSame) X(relu, 1, kFloats, kSame) X(threefry, 4, kOnlyU32, kSame)            \
  X(mul_high, 2, kOnlyU32, kSame)                                                                                                 \
  X(row_sum, 1, kAll, kSame) X(row_prod, 1, kAll, kSame) X(row_max, 1, kAll, kSame) X(row_min, 1, kAll, kSame)                    \
  X(row_fmax, 1, kAll, kSame) X(row_fmin, 1, kAll, kSame) X(row_and, 1, kInts, kSame) X(row_or, 1, kInts, kSame)                  \
  X(row_xor, 1, kInts, kSame) X(expand, 1, kAll, kSame)

enum Instruction : int32_t {
#define SINTER_X(name, operands, classes, result) kOp_##name,
  SINTER_INSTRUCTIONS(SINTER_X)
#undef SINTER_X
      kInstructions
};

// The reductions of row_* instructions and of reduce-mode stores, in the order of both lists.
enum Reduction : int32_t { kSum, kProd, kMax, kMin, kFmax, kFmin, kAnd, kOr, kXor, kReductions };
constexpr const char *const kReductionNames[kReductions] = {"sum", "prod", "max", "min", "fmax", "fmin", "and", "or", "xor"};

// Sets of classes, one bit per class number.
enum ClassSet : uint8_t {
  kFloats = 1 << kF32 | 1 << kF64,
  kInts = 1 << kI32 | 1 << kI64 | 1 << kU32 | 1 << kU64,
  kAll = kFloats | kInts,
  kWords = 1 << kF32 | 1 << kI32 | 1 << kU32,
  kLongs = 1 << kF64 | 1 << kI64 | 1 << kU64,
  kOnlyF32 = 1 << kF32,
  kOnlyI32 = 1 << kI32,
  kOnlyU32 = 1 << kU32
};

constexpr int kSame = -1, kToF32 = kF32, kToF64 = kF64, kToI32 = kI32, kToI64 = kI64, kToU32 = kU32, kToU64 = kU64;

struct InstructionFacts {
  const char *name;
  int8_t operands;
  uint8_t classes;
  int8_t result;  // a class number, or kSame
};

extern const InstructionFacts kInstructionFacts[kInstructions];

// The comma-separated names.
const char *instruction_names();

constexpr bool is_row_reduction(int32_t code) { return code >= kOp_row_sum && code <= kOp_row_xor; }

}  // namespace sinter
