// Losses between predictions and targets of one shape. Composites that fuse into one kernel; float16 and bfloat16 are computed in float32, integers become
// float32. Names and defaults are torch's.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastsTo } from '../ir/shape.js'
import { checkBoolean, checkNumber, checkOptions, checkTensor, describeValue } from './check.js'
import { constant, floatingPair, widened } from './operand.js'
import { minus, negative, plus, times } from './plain.js'
import { cast, floatingReal, record, requireReal, scalar, type TensorLike } from './record.js'
import { sum } from './reduce.js'
import { mean } from './statistics.js'
import type { Tensor } from './tensor.js'

/** What becomes of the losses of all elements: their mean (default), their sum, or nothing. */
export type Reduction = 'mean' | 'sum' | 'none'

export interface LossOptions {
  readonly reduction?: Reduction | undefined
}

export interface WeightedLossOptions extends LossOptions {
  /** Factors of the losses before they are reduced; broadcasts to them. */
  readonly weight?: Tensor | undefined
}

const reductions: readonly string[] = ['mean', 'sum', 'none']

/** The reduction of options, which are checked. */
export function reductionOf(
  op: string,
  options: { readonly reduction?: string | undefined },
  names: readonly string[],
  known = reductions,
): string {
  checkOptions(op, options, ['reduction', ...names])
  const reduction = options.reduction ?? 'mean'
  if (known.includes(reduction)) return reduction
  throw new SinterError('argument', `there is no reduction ${describeValue(reduction)}`, { op, hint: `reductions: ${known.join(', ')}` })
}

const number = (op: string, value: number, x: Tensor): Tensor => scalar(value, x.dtype, x.device, op)

/** The losses of two operands in their common dtype, reduced. */
function between(op: string, a: TensorLike, b: TensorLike, reduction: string, compute: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const [x, y] = floatingPair(a, b, op)
  requireReal(op, x, y)
  const losses = compute(widened(x), widened(y))
  return cast(reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses), x.dtype)
}

/** Factors in the dtype of the losses, to which they broadcast. */
function factors(op: string, name: string, weight: Tensor, losses: Tensor): Tensor {
  checkTensor(op, weight, name)
  if (broadcastsTo(weight.shape, losses.shape)) return cast(floatingReal(weight, op), losses.dtype)
  throw new SinterError('shape', `${name} is [${weight.shape}], the losses are [${losses.shape}]`, { op, operands: [weight] })
}

const weighted = (op: string, losses: Tensor, weight: Tensor | undefined): Tensor =>
  weight === undefined ? losses : times(losses, factors(op, 'weight', weight, losses))

/** (input - target)^2. */
export function mseLoss(input: TensorLike, target: TensorLike, options: LossOptions = {}): Tensor {
  const op = 'mseLoss'
  const reduction = reductionOf(op, options, [])
  return between(op, input, target, reduction, (x, y) => record(ops.square, [minus(x, y)]))
}

/** |input - target|. */
export function l1Loss(input: TensorLike, target: TensorLike, options: LossOptions = {}): Tensor {
  const op = 'l1Loss'
  const reduction = reductionOf(op, options, [])
  return between(op, input, target, reduction, (x, y) => record(ops.abs, [minus(x, y)]))
}

/** d^2 / 2 for d = |input - target| below delta, else delta (d - delta / 2). */
function huber(op: string, x: Tensor, y: Tensor, delta: number): Tensor {
  const distance = record(ops.abs, [minus(x, y)])
  const edge = number(op, delta, x)
  const inside = times(record(ops.square, [distance]), constant(0.5, x))
  const outside = times(edge, minus(distance, times(edge, constant(0.5, x))))
  return record(ops.select, [record(ops.less, [distance, edge]), inside, outside])
}

export interface HuberLossOptions extends LossOptions {
  /** Where the parabola becomes a line; positive, default 1. */
  readonly delta?: number | undefined
}

/** Squared up to a distance of delta, linear beyond (Huber, 1964): d^2 / 2 below, delta (d - delta / 2) above. */
export function huberLoss(input: TensorLike, target: TensorLike, options: HuberLossOptions = {}): Tensor {
  const op = 'huberLoss'
  const reduction = reductionOf(op, options, ['delta'])
  const delta = options.delta ?? 1
  checkNumber(op, 'delta', delta)
  if (!(delta > 0)) throw new SinterError('argument', `delta is positive, got ${delta}`, { op })
  return between(op, input, target, reduction, (x, y) => huber(op, x, y, delta))
}

export interface SmoothL1LossOptions extends LossOptions {
  /** Where the parabola becomes a line; 0 (the plain distance) or more, default 1. */
  readonly beta?: number | undefined
}

/** The Huber loss divided by beta: d^2 / (2 beta) below a distance of beta, d - beta / 2 above. */
export function smoothL1Loss(input: TensorLike, target: TensorLike, options: SmoothL1LossOptions = {}): Tensor {
  const op = 'smoothL1Loss'
  const reduction = reductionOf(op, options, ['beta'])
  const beta = options.beta ?? 1
  checkNumber(op, 'beta', beta)
  if (!(beta >= 0)) throw new SinterError('argument', `beta is not negative, got ${beta}`, { op })
  return between(op, input, target, reduction, (x, y) =>
    beta === 0 ? record(ops.abs, [minus(x, y)]) : record(ops.div, [huber(op, x, y, beta), number(op, beta, x)]),
  )
}

export interface KlDivOptions {
  /** As elsewhere, or 'batchMean': the sum divided by the first dimension, which is the divergence as defined. Default 'mean'. */
  readonly reduction?: Reduction | 'batchMean' | undefined
  /** The target, too, holds logarithms; default false. */
  readonly logTarget?: boolean | undefined
}

/** The Kullback-Leibler divergence of elements: target (log(target) - input), where input holds logarithms of probabilities. A target of 0 counts 0. */
export function klDiv(input: TensorLike, target: TensorLike, options: KlDivOptions = {}): Tensor {
  const op = 'klDiv'
  const reduction = reductionOf(op, options, ['logTarget'], [...reductions, 'batchMean'])
  const logTarget = options.logTarget ?? false
  checkBoolean(op, 'logTarget', logTarget)
  const divergence = (x: Tensor, y: Tensor): Tensor => {
    if (logTarget) return times(record(ops.exp, [y]), minus(y, x))
    // log(0) is kept out of values and gradients.
    const some = record(ops.notEqual, [y, constant(0, y)])
    const entropy = times(y, record(ops.log, [record(ops.select, [some, y, constant(1, y)])]))
    return minus(record(ops.select, [some, entropy, constant(0, y)]), times(y, x))
  }
  if (reduction !== 'batchMean') return between(op, input, target, reduction, divergence)
  return between(op, input, target, 'none', (x, y) => {
    const losses = divergence(x, y)
    const count = Math.max(1, losses.shape[0] ?? 1)
    return record(ops.div, [sum(losses), constant(count, losses)])
  })
}

/**
 * -(target log(input) + (1 - target) log(1 - input)) for probabilities; logarithms are at least -100. At 0 and 1 that bound has no slope, and no gradient
 * flows back.
 */
export function binaryCrossEntropy(input: TensorLike, target: TensorLike, options: WeightedLossOptions = {}): Tensor {
  const op = 'binaryCrossEntropy'
  const reduction = reductionOf(op, options, ['weight'])
  const bounded = (p: Tensor, log: (p: Tensor) => Tensor): Tensor => {
    const lowest = constant(-100, p)
    const some = record(ops.greater, [p, constant(0, p)])
    const safe = record(ops.select, [some, p, constant(1, p)])
    return record(ops.select, [some, record(ops.maximum, [log(safe), lowest]), lowest])
  }
  return between(op, input, target, reduction, (p, t) => {
    const rest = minus(constant(1, p), p)
    const log = (x: Tensor): Tensor => record(ops.log, [x])
    const losses = negative(plus(times(t, bounded(p, log)), times(minus(constant(1, t), t), bounded(rest, log))))
    return weighted(op, losses, options.weight)
  })
}

export interface BinaryCrossEntropyWithLogitsOptions extends WeightedLossOptions {
  /** Factors of the losses of positive targets, per class; broadcasts to the input. */
  readonly posWeight?: Tensor | undefined
}

/** binaryCrossEntropy(sigmoid(input), target) without overflow or underflow. */
export function binaryCrossEntropyWithLogits(
  input: TensorLike,
  target: TensorLike,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const op = 'binaryCrossEntropyWithLogits'
  const reduction = reductionOf(op, options, ['weight', 'posWeight'])
  return between(op, input, target, reduction, (x, t) => {
    const one = constant(1, x)
    const decay = record(ops.log1p, [record(ops.exp, [negative(record(ops.abs, [x]))])])
    let tail = plus(record(ops.maximum, [negative(x), constant(0, x)]), decay)
    if (options.posWeight !== undefined) {
      const extra = minus(factors(op, 'posWeight', options.posWeight, x), one)
      tail = times(plus(times(extra, t), one), tail)
    }
    return weighted(op, plus(times(minus(one, t), x), tail), options.weight)
  })
}
