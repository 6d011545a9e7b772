// Installs the methods on Tensor. Importing the package does it; a method missing here is a type error.

import {
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
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
import { add, clamp, div, divNoNan, floorDiv, fmax, fmin, maximum, minimum, mod, mul, pow, rem, sub } from './arithmetic.js'
import { astype, bitcast, to, toSync } from './cast.js'
import {
  allClose,
  equal,
  isFinite as finite,
  greater,
  greaterEqual,
  isClose,
  isInf,
  isNan,
  less,
  lessEqual,
  notEqual,
  signbit,
  where,
} from './comparison.js'
import { angle, conj, imag, real } from './complex.js'
import { tril, triu } from './create.js'
import {
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
import { gather, indexAdd, indexSelect, maskedFill, oneHot, scatterAdd, take } from './gather.js'
import { at, slice, sliceUpdate } from './indexing.js'
import { flip, repeat, roll, split, tile, unstack } from './join.js'
import { diagonal, dot, matmul, outer, tensordot, trace, vecdot } from './linalg.js'
import {
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
import type { SizeList, TensorMethods } from './method-types.js'
import { layerNorm, rmsNorm } from './normalization.js'
import { pad } from './pad.js'
import { all, any, argmax, argmin, countNonzero, max, min, nanmax, nanmin, nansum, prod, sum, xor } from './reduce.js'
import { cummax, cummin, cumprod, cumsum } from './scan.js'
import { gatherNd, scatter, scatterAlongAxis, scatterNd } from './scatter.js'
import { broadcastTo, expandDims, flatten, matrixTranspose, moveaxis, permuteDims, reshape, squeeze, swapaxes, transpose } from './shape.js'
import { argsort, bottomK, sort, topK } from './sort.js'
import { erfinv } from './special.js'
import { logsumexp, mean, nanmean, norm, std, variance } from './statistics.js'
import { Tensor } from './tensor.js'
import { acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh } from './trigonometry.js'

declare module './tensor.js' {
  interface Tensor extends TensorMethods {
    /** Dimensions reversed. */
    readonly T: Tensor
    /** The last two dimensions swapped. */
    readonly mT: Tensor
  }
}

type MethodTable = {
  readonly [K in keyof TensorMethods]: (x: Tensor, ...rest: Parameters<TensorMethods[K]>) => ReturnType<TensorMethods[K]>
}

const sizeList = (sizes: SizeList): readonly number[] => (Array.isArray(sizes[0]) ? sizes[0] : (sizes as readonly number[]))

const methods: MethodTable = {
  identity,
  exp,
  exp2,
  exp10,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sqrt,
  rsqrt,
  reciprocal,
  erf,
  erfinv,
  square,
  abs,
  neg,
  sign,
  ceil,
  floor,
  round,
  trunc,
  sin,
  cos,
  tan,
  sinh,
  cosh,
  tanh,
  asin,
  acos,
  atan,
  asinh,
  acosh,
  atanh,
  isNan,
  isInf,
  isFinite: finite,
  isClose,
  allClose,
  signbit,
  logicalNot,
  bitwiseNot,
  popcount,
  add,
  sub,
  mul,
  div,
  divNoNan,
  floorDiv,
  mod,
  rem,
  fmod: rem,
  pow,
  minimum,
  maximum,
  fmin,
  fmax,
  atan2,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNand,
  logicalNor,
  logicalXnor,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  leftShift,
  rightShift,
  matmul,
  dot,
  outer,
  clamp,
  where,
  astype,
  bitcast,
  to,
  toSync,
  relu,
  relu6,
  sigmoid,
  silu,
  softplus,
  logSigmoid,
  hardSigmoid,
  hardSwish,
  mish,
  leakyRelu,
  elu,
  gelu,
  softmax,
  logSoftmax,
  sum,
  prod,
  nansum,
  mean,
  nanmean,
  max,
  min,
  nanmax,
  nanmin,
  any,
  all,
  xor,
  countNonzero,
  logsumexp,
  variance,
  std,
  norm,
  argmax,
  argmin,
  cumsum,
  cumprod,
  cummax,
  cummin,
  sort,
  argsort,
  topK,
  bottomK,
  reshape: (x, ...sizes) => reshape(x, sizeList(sizes)),
  permuteDims: (x, ...sizes) => permuteDims(x, sizeList(sizes)),
  transpose,
  matrixTranspose,
  swapaxes,
  moveaxis,
  squeeze,
  expandDims,
  flatten,
  broadcastTo: (x, ...sizes) => broadcastTo(x, sizeList(sizes)),
  split,
  unstack,
  slice,
  sliceUpdate,
  at,
  flip,
  pad,
  tile,
  repeat,
  roll,
  tril,
  triu,
  diagonal,
  trace,
  take,
  gather,
  gatherNd,
  indexSelect,
  maskedFill,
  scatter,
  scatterAdd,
  scatterAlongAxis,
  scatterNd,
  indexAdd,
  oneHot,
  tensordot,
  vecdot,
  real,
  imag,
  conj,
  angle,
  layerNorm,
  rmsNorm,
}

const variadic = new Set<string>(['reshape', 'permuteDims', 'broadcastTo', 'at', 'sliceUpdate'])

for (const [name, fn] of Object.entries(methods) as [string, (...args: unknown[]) => unknown][]) {
  // Spreading costs too much for the methods that a program calls most.
  const method = variadic.has(name)
    ? function (this: Tensor, ...args: unknown[]) {
        return fn(this, ...args)
      }
    : function (this: Tensor, a: unknown, b: unknown, c: unknown) {
        return fn(this, a, b, c)
      }
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true })
}

Object.defineProperty(Tensor.prototype, 'T', {
  get(this: Tensor) {
    return transpose(this)
  },
  configurable: true,
})

Object.defineProperty(Tensor.prototype, 'mT', {
  get(this: Tensor) {
    return matrixTranspose(this)
  },
  configurable: true,
})
