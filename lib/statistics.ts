// Means, variances, norms: composites of reductions. Integers become float32; float16 and bfloat16 are computed in float32 and rounded once.

import { partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { describeValue, reducedAxes } from './check.js'
import { constant, widened } from './operand.js'
import { asTensor, cast, floating, record, scalar, type TensorLike } from './record.js'
import { type Axes, keepDimsOption, type ReduceOptions, withoutNan } from './reduce.js'
import { reshape } from './shape.js'
import type { Tensor } from './tensor.js'

const none: ReduceOptions = {}

/** How many elements of x make one of the result. */
function countOf(x: Tensor, axes: readonly number[]): number {
  let count = 1
  for (const axis of axes) count *= x.shape[axis]!
  return count
}

/** The mean over axes of a tensor that is float32 or wider. */
export function meanOver(x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
  const total = record(ops.sum, [x], { axes, keepDims })
  return record(ops.div, [total, constant(countOf(x, axes), x)])
}

/** x minus its mean over axes. */
export function centered(x: Tensor, axes: readonly number[]): Tensor {
  return record(ops.sub, [x, meanOver(x, axes, true)])
}

/** The mean over axes; NaN for no elements. */
export function mean(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  const own = floating(x, 'mean')
  const keepDims = keepDimsOption('mean', options)
  return cast(meanOver(widened(own), reducedAxes('mean', own, axis), keepDims), own.dtype)
}

/** The mean over axes of the elements that are not NaN; NaN if there are none. */
export function nanmean(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  const own = floating(x, 'nanmean')
  const keepDims = keepDimsOption('nanmean', options)
  const axes = reducedAxes('nanmean', own, axis)
  const wide = widened(own)
  const total = record(ops.sum, [withoutNan(wide)], { axes, keepDims })
  const present = cast(record(ops.logicalNot, [record(ops.isNan, [wide])]), wide.dtype)
  return cast(record(ops.div, [total, record(ops.sum, [present], { axes, keepDims })]), own.dtype)
}

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements in the divisor: 0 (default) for a population, 1 for a sample. */
  readonly correction?: number | undefined
}

/** The mean squared distance from the mean over axes, in two passes. */
export function variance(x: TensorLike, axis?: Axes, options: VarianceOptions = none): Tensor {
  const own = floating(x, 'variance')
  return cast(varianceOver('variance', own, axis, options), partDType(own.dtype))
}

/** The square root of the variance over axes. */
export function std(x: TensorLike, axis?: Axes, options: VarianceOptions = none): Tensor {
  const own = floating(x, 'std')
  return cast(record(ops.sqrt, [varianceOver('std', own, axis, options)]), partDType(own.dtype))
}

function varianceOver(op: string, x: Tensor, axis: Axes | undefined, options: VarianceOptions): Tensor {
  const keepDims = keepDimsOption(op, options, ['keepDims', 'correction'])
  const correction = options.correction ?? 0
  if (typeof correction !== 'number' || !Number.isFinite(correction)) {
    throw new SinterError('argument', `correction is a finite number, got ${describeValue(correction)}`, { op })
  }
  const axes = reducedAxes(op, x, axis)
  const wide = widened(x)
  // Of complex values the squared distance, which is real.
  const distance = centered(wide, axes)
  const squares = record(ops.square, [wide.type.isComplex ? record(ops.abs, [distance]) : distance])
  const total = record(ops.sum, [squares], { axes, keepDims })
  return record(ops.div, [total, constant(Math.max(0, countOf(x, axes) - correction), wide)])
}

/** log(sum(exp(x))) over axes without overflow; of no elements -Infinity. */
export function logsumexp(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  const own = floating(x, 'logsumexp')
  const keepDims = keepDimsOption('logsumexp', options)
  const axes = reducedAxes('logsumexp', own, axis)
  const wide = widened(own)
  if (countOf(own, axes) === 0) return record(ops.log, [record(ops.sum, [own], { axes, keepDims })])
  const peak = record(ops.stopGradient, [record(ops.max, [wide], { axes, keepDims: true })])
  // An infinite maximum must not be subtracted from itself.
  const shift = record(ops.select, [record(ops.isFinite, [peak]), peak, constant(0, peak)])
  const total = record(ops.sum, [record(ops.exp, [record(ops.sub, [wide, shift])])], { axes, keepDims: true })
  const result = record(ops.add, [record(ops.log, [total]), shift])
  return cast(keepDims ? result : reshape(result, dropAxes(own, axes)), own.dtype)
}

const dropAxes = (x: Tensor, axes: readonly number[]): number[] => x.shape.filter((_, i) => !axes.includes(i))

export interface NormOptions extends ReduceOptions {
  /** Which norm: 2 (default), 1, Infinity, -Infinity, 0 (the number of nonzero elements) or any p. */
  readonly ord?: number | undefined
}

/** The vector norm over axes (all by default): (sum |x|^p)^(1/p). The gradient of the 2-norm at the zero vector is 0. */
export function norm(x: TensorLike, axis?: Axes, options: NormOptions = none): Tensor {
  const op = 'norm'
  const keepDims = keepDimsOption(op, options, ['keepDims', 'ord'])
  const ord = options.ord ?? 2
  if (typeof ord !== 'number' || Number.isNaN(ord)) throw new SinterError('argument', `ord is a number, got ${describeValue(ord)}`, { op })
  const own = floating(asTensor(x, op), op)
  const attrs = { axes: reducedAxes(op, own, axis), keepDims }
  const wide = own.type.isComplex ? record(ops.abs, [own]) : widened(own)
  return cast(vectorNorm(wide, ord, attrs), partDType(own.dtype))
}

function vectorNorm(x: Tensor, ord: number, attrs: { axes: readonly number[]; keepDims: boolean }): Tensor {
  if (ord === 2) {
    const squares = record(ops.sum, [record(ops.square, [x])], attrs)
    const isZero = record(ops.equal, [squares, constant(0, squares)])
    const root = record(ops.sqrt, [record(ops.select, [isZero, constant(1, squares), squares])])
    return record(ops.select, [isZero, constant(0, squares), root])
  }
  const size = record(ops.abs, [x])
  if (ord === Number.POSITIVE_INFINITY) return record(ops.max, [size], attrs)
  if (ord === Number.NEGATIVE_INFINITY) return record(ops.min, [size], attrs)
  if (ord === 0) return record(ops.sum, [cast(record(ops.notEqual, [x, constant(0, x)]), x.dtype)], attrs)
  if (ord === 1) return record(ops.sum, [size], attrs)
  const total = record(ops.sum, [record(ops.pow, [size, scalar(ord, x.dtype, x.device, 'norm')])], attrs)
  return record(ops.pow, [total, scalar(1 / ord, x.dtype, x.device, 'norm')])
}
