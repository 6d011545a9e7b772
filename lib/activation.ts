// Activation functions. Composites: they fuse into one kernel. float16 and bfloat16 are computed in float32 and rounded once; integers become float32.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, checkNumber, checkOptions, describeValue } from './check.js'
import { constant, numeric, widened } from './operand.js'
import { minus, plus, times } from './plain.js'
import { cast, floating, record, scalar, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

const isPositive = (x: Tensor): Tensor => record(ops.greater, [x, constant(0, x)])

/** Applies a function of one tensor in at least float32. */
function computed(x: TensorLike, op: string, compute: (x: Tensor) => Tensor): Tensor {
  const own = floating(x, op)
  return cast(compute(widened(own)), own.node.type.dtype)
}

/** max(x, 0); NaN stays NaN, integers stay integers. The gradient at 0 is 0. */
export function relu(x: TensorLike): Tensor {
  return record(ops.relu, [numeric(x, 'relu')])
}

/** relu(x), at most 6. */
export function relu6(x: TensorLike): Tensor {
  const positive = relu(x)
  return record(ops.minimum, [positive, constant(6, positive)])
}

export interface LeakyReluOptions {
  /** The slope for negative x; default 0.01. */
  readonly slope?: number | undefined
}

/** x where it is not negative, else slope * x. */
export function leakyRelu(x: TensorLike, options: LeakyReluOptions = {}): Tensor {
  checkOptions('leakyRelu', options, ['slope'])
  const slope = options.slope ?? 0.01
  checkNumber('leakyRelu', 'slope', slope)
  const own = floating(x, 'leakyRelu')
  const scaled = times(own, scalar(slope, own.dtype, own.device, 'leakyRelu'))
  return record(ops.select, [record(ops.greaterEqual, [own, constant(0, own)]), own, scaled])
}

export interface EluOptions {
  /** The limit -alpha for very negative x; default 1. */
  readonly alpha?: number | undefined
}

/** x where it is positive, else alpha * (exp(x) - 1). */
export function elu(x: TensorLike, options: EluOptions = {}): Tensor {
  checkOptions('elu', options, ['alpha'])
  const alpha = options.alpha ?? 1
  checkNumber('elu', 'alpha', alpha)
  return computed(x, 'elu', (own) => {
    const positive = isPositive(own)
    // The exponential sees no large x, whose infinity would turn the gradient of the branch not taken into NaN.
    const safe = record(ops.select, [positive, constant(0, own), own])
    const negative = record(ops.expm1, [safe])
    return record(ops.select, [positive, own, alpha === 1 ? negative : times(negative, scalar(alpha, own.dtype, own.device, 'elu'))])
  })
}

export interface GeluOptions {
  /** 'none' (default): by the error function; 'tanh': the approximation of Hendrycks and Gimpel (2016), eq. 3. */
  readonly approximate?: 'none' | 'tanh' | undefined
}

/** x times the normal distribution's Phi(x): exact, by the error function, or with the tanh approximation. */
export function gelu(x: TensorLike, options: GeluOptions = {}): Tensor {
  checkOptions('gelu', options, ['approximate'])
  const approximate = options.approximate ?? 'none'
  if (approximate !== 'none' && approximate !== 'tanh') {
    throw new SinterError('argument', `there is no approximation ${describeValue(approximate)}`, {
      op: 'gelu',
      hint: "use 'none' or 'tanh'",
    })
  }
  return computed(x, 'gelu', approximate === 'tanh' ? geluTanh : geluExact)
}

function geluExact(x: Tensor): Tensor {
  const phi = record(ops.erf, [times(x, constant(Math.SQRT1_2, x))])
  return times(times(x, constant(0.5, x)), plus(phi, constant(1, x)))
}

function geluTanh(x: Tensor): Tensor {
  const cube = times(times(x, x), times(x, constant(0.044715, x)))
  const phi = record(ops.tanh, [times(plus(x, cube), constant(Math.sqrt(2 / Math.PI), x))])
  return times(times(x, constant(0.5, x)), plus(phi, constant(1, x)))
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: TensorLike): Tensor {
  return record(ops.sigmoid, [floating(x, 'sigmoid')])
}

/** x * sigmoid(x), also called swish. */
export function silu(x: TensorLike): Tensor {
  return computed(x, 'silu', (own) => times(own, record(ops.sigmoid, [own])))
}

/** log(1 + exp(x)) without overflow: max(x, 0) + log1p(exp(-|x|)). */
export function softplus(x: TensorLike): Tensor {
  return computed(x, 'softplus', stableSoftplus)
}

function stableSoftplus(x: Tensor): Tensor {
  const decay = record(ops.exp, [record(ops.neg, [record(ops.abs, [x])])])
  return plus(record(ops.maximum, [x, constant(0, x)]), record(ops.log1p, [decay]))
}

/** log(sigmoid(x)) without underflow: -softplus(-x). */
export function logSigmoid(x: TensorLike): Tensor {
  return computed(x, 'logSigmoid', (own) => record(ops.neg, [stableSoftplus(record(ops.neg, [own]))]))
}

/** relu6(x + 3) / 6: a sigmoid of straight lines. */
export function hardSigmoid(x: TensorLike): Tensor {
  return computed(x, 'hardSigmoid', straightSigmoid)
}

function straightSigmoid(x: Tensor): Tensor {
  const line = relu6(plus(x, constant(3, x)))
  return record(ops.div, [line, constant(6, line)])
}

/** x * hardSigmoid(x). */
export function hardSwish(x: TensorLike): Tensor {
  return computed(x, 'hardSwish', (own) => times(own, straightSigmoid(own)))
}

/** x * tanh(softplus(x)) (Misra, 2019). */
export function mish(x: TensorLike): Tensor {
  return computed(x, 'mish', (own) => times(own, record(ops.tanh, [stableSoftplus(own)])))
}

/** x minus its maximum along the axis; the maximum counts as constant, as it cancels from what is made of the result. */
function shifted(x: Tensor, axes: readonly number[]): Tensor {
  return minus(x, record(ops.stopGradient, [record(ops.max, [x], { axes, keepDims: true })]))
}

/** exp(x) / sum(exp(x)) along an axis (default the last), without overflow. */
export function softmax(x: TensorLike, axis = -1): Tensor {
  return computed(x, 'softmax', (own) => {
    const axes = [axisArgument('softmax', own, axis)]
    if (own.size === 0) return own
    const weights = record(ops.exp, [shifted(own, axes)])
    return record(ops.div, [weights, record(ops.sum, [weights], { axes, keepDims: true })])
  })
}

/** log(softmax(x)) along an axis (default the last), without overflow or underflow. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  return computed(x, 'logSoftmax', (own) => {
    const axes = [axisArgument('logSoftmax', own, axis)]
    if (own.size === 0) return own
    const low = shifted(own, axes)
    return minus(low, record(ops.log, [record(ops.sum, [record(ops.exp, [low])], { axes, keepDims: true })]))
  })
}
