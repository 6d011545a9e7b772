// The package's entry: every public name.

import './methods.js'

export { type DType, dtypes } from '../ir/dtype.js'
export { type ErrorCode, SinterError } from '../ir/error.js'
export type { GroupInfo } from '../ir/explain.js'
export {
  type EluOptions,
  elu,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardSwish,
  type LeakyReluOptions,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
} from './activation.js'
export { add, clamp, div, divNoNan, floorDiv, fmax, fmin, maximum, minimum, mod, mul, pow, rem, rem as fmod, sub } from './arithmetic.js'
export { astype, bitcast, to, toSync } from './cast.js'
export {
  allClose,
  type CloseOptions,
  equal,
  greater,
  greaterEqual,
  isClose,
  isFinite,
  isInf,
  isNan,
  less,
  lessEqual,
  notEqual,
  signbit,
  where,
  where as select,
} from './comparison.js'
export {
  arange,
  type CreateOptions,
  type DiagonalOptions,
  eye,
  full,
  fullLike,
  type LinspaceOptions,
  linspace,
  ones,
  onesLike,
  type TensorOptions,
  tensor,
  tril,
  triu,
  zeros,
  zerosLike,
} from './create.js'
export type { RealizeOptions } from './crosscheck.js'
export type { NestedInput, TensorData } from './data.js'
export { eager, isEager, setEager } from './eager.js'
export { einsum } from './einsum.js'
export {
  abs,
  ceil,
  erf,
  exp,
  exp2,
  exp10,
  expm1,
  floor,
  identity,
  log,
  log1p,
  log2,
  log10,
  neg,
  reciprocal,
  round,
  rsqrt,
  sign,
  sqrt,
  square,
  trunc,
} from './elementwise.js'
export type { Nested, Scalar } from './format.js'
export { gather, gather as takeAlongAxis, type Indices, indexAdd, type OneHotOptions, oneHot, scatterAdd, take } from './gather.js'
export { customGrad, type GradOptions, grad, stopGradient, type TreeFunction, valueAndGrad, vjp } from './gradient.js'
export type { CapturedGraph } from './graph.js'
export { at, type Bound, type Index, newAxis, type Range, slice } from './indexing.js'
export { type JitOptions, type JitStatistics, type Jitted, jit } from './jit.js'
export { concat, flip, repeat, roll, split, stack, tile, unstack } from './join.js'
export { type DiagonalViewOptions, diagonal, dot, matmul, outer, tensordot, trace, vecdot } from './linalg.js'
export * as linalg from './linear-algebra.js'
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  leftShift,
  logicalAnd,
  logicalNand,
  logicalNor,
  logicalNot,
  logicalOr,
  logicalXnor,
  logicalXor,
  popcount,
  rightShift,
} from './logic.js'
export { cacheInfo, clearCache, memory, setMemoryLimit } from './memory.js'
export type { SizeList, TensorMethods } from './method-types.js'
export { type LayerNormOptions, layerNorm, type RmsNormOptions, rmsNorm } from './normalization.js'
export { type PadMode, type PadOptions, type PadWidth, pad } from './pad.js'
export { type Profile, type ProfileTotals, profile, type RealizeReceipt } from './profile.js'
export * as random from './random.js'
export { type CacheStatistics, type MemoryStatistics, onRecompile, type RecompileReason } from './realize.js'
export { realize, realizeSync } from './realizing.js'
export type { TensorLike } from './record.js'
export {
  type GruOptions,
  gru,
  type LstmOptions,
  type LstmResult,
  lstm,
  type RecurrentActivation,
  type RecurrentOptions,
  type RecurrentResult,
  type RecurrentWeights,
  type RnnOptions,
  rnn,
} from './recurrent.js'
export {
  type Axes,
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  max,
  min,
  nanmax,
  nanmin,
  nansum,
  prod,
  type ReduceOptions,
  type SumOptions,
  sum,
  xor,
} from './reduce.js'
export { cummax, cummin, cumprod, cumsum, type ScanOptions } from './scan.js'
export { keep, scope } from './scope.js'
export {
  broadcastTensors,
  broadcastTo,
  expandDims,
  flatten,
  matrixTranspose,
  moveaxis,
  permuteDims,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from './shape.js'
export { argsort, type SortOptions, sort } from './sort.js'
export { erfinv } from './special.js'
export { logsumexp, mean, type NormOptions, nanmean, norm, std, type VarianceOptions, variance } from './statistics.js'
export { Tensor } from './tensor.js'
export { mapTree, type Tree } from './tree.js'
export { acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh } from './trigonometry.js'
