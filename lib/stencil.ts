// Stencils: each element of the result is a weighted reduction over the elements around a place. Sums are convolutions; others combine shifted slices, which is
// one kernel as long as the stencil is small.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { add, maximum, minimum, mul } from './arithmetic.js'
import { checkOptions, describeValue } from './check.js'
import { greaterEqual, isNan, lessEqual, where } from './comparison.js'
import { paddingPairs } from './convolution.js'
import { logicalAnd, logicalNot } from './logic.js'
import { constant, constantOf, isHalf, numericPair, widened } from './operand.js'
import { type PadMode, pad, padModes } from './pad.js'
import { cast, record, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import { type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

const reductions = ['sum', 'prod', 'min', 'max', 'argmin', 'argmax'] as const
export type StencilReduction = (typeof reductions)[number]

/**
 * Elements added around x: on both sides, one amount per dimension, [before, after] per dimension, none ('valid'), or as many as give ceil(size / stride) results
 * ('same', an odd one behind; 'sameLower', an odd one in front).
 */
export type StencilPadding = PerDimension | readonly (readonly [number, number])[] | 'valid' | 'same' | 'sameLower'

export interface StencilOptions {
  /** How the products are combined; default 'sum'. 'argmin' and 'argmax' give the position in weights, flattened, of the first extreme product. */
  readonly reduction?: StencilReduction | undefined
  /** Steps between windows; default 1. */
  readonly stride?: PerDimension | undefined
  /** Distances between the elements of a window; default 1. */
  readonly dilation?: PerDimension | undefined
  /** Where in the padded x the first window starts; default 0. Negative offsets continue the border further. */
  readonly offset?: PerDimension | undefined
  /** Default 0. */
  readonly padding?: StencilPadding | undefined
  /** What the border holds, as in pad; default 'constant'. */
  readonly mode?: PadMode | undefined
  /** The constant of mode 'constant'; default 0. */
  readonly value?: number | undefined
}

/** The windows along one dimension. */
interface Axis {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly low: number
  readonly high: number
  /** Where the first window starts in the padded x. */
  readonly start: number
  readonly out: number
}

const op = 'stencil'
const names = ['reduction', 'stride', 'dilation', 'offset', 'padding', 'mode', 'value']
const most = 4

function axesOf(x: Tensor, weights: Tensor, options: StencilOptions): Axis[] {
  const rank = weights.ndim
  const sizes = x.shape.slice(x.ndim - rank)
  const strides = perDimension(op, 'stride', options.stride ?? 1, rank, 1)
  const dilations = perDimension(op, 'dilation', options.dilation ?? 1, rank, 1)
  const offsets = perDimension(op, 'offset', options.offset ?? 0, rank, Number.MIN_SAFE_INTEGER)
  const { padding = 0 } = options
  const automatic = padding === 'same' || padding === 'sameLower'
  if (typeof padding === 'string' && !automatic && padding !== 'valid') {
    throw new SinterError('argument', `there is no padding ${describeValue(padding)}`, {
      op,
      hint: "'valid', 'same', 'sameLower', or numbers",
    })
  }
  const given = typeof padding === 'string' ? sizes.map(() => [0, 0] as const) : paddingPairs(op, padding, rank)
  return sizes.map((size, d): Axis => {
    const [kernel, stride, dilation, offset] = [weights.shape[d]!, strides[d]!, dilations[d]!, offsets[d]!]
    const span = dilation * (kernel - 1) + 1
    const total = automatic ? Math.max(0, (Math.ceil(size / stride) - 1) * stride + span - size) : 0
    const behind = padding === 'same' ? Math.ceil(total / 2) : Math.floor(total / 2)
    const [low, high] = automatic ? [total - behind, behind] : given[d]!
    const out = Math.floor((low + size + high - offset - span) / stride) + 1
    if (size === 0 || out < 1) {
      throw new SinterError(
        'shape',
        `a window that spans ${span} and starts at ${offset} does not fit into the ${size} elements of dimension ${x.ndim - rank + d} padded by ${low} and ${high}`,
        { op, operands: [x, weights] },
      )
    }
    return { kernel, stride, dilation, low: Math.max(0, low - offset), high, start: Math.max(0, offset - low), out }
  })
}

/** The elements of padded x that meet one element of the weights, along the dimensions from `first` on. */
function shifted(x: Tensor, axes: readonly Axis[], first: number, tap: readonly number[]): Tensor {
  const last = first + axes.length
  const axisOf = (d: number): Axis | undefined => (d >= first && d < last ? axes[d - first] : undefined)
  return record(ops.slice, [x], {
    starts: x.shape.map((_, d) => (axisOf(d) === undefined ? 0 : axisOf(d)!.start + tap[d - first]! * axisOf(d)!.dilation)),
    sizes: x.shape.map((size, d) => axisOf(d)?.out ?? size),
    steps: x.shape.map((_, d) => axisOf(d)?.stride ?? 1),
  })
}

/** Positions in weights, row-major. */
const tapsOf = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>((known, size) => known.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])), [[]])

/** One element of the weights. */
const weightAt = (weights: Tensor, tap: readonly number[]): Tensor =>
  reshape(record(ops.slice, [weights], { starts: tap, sizes: tap.map(() => 1), steps: tap.map(() => 1) }), [])

function products(x: Tensor, weights: Tensor, axes: readonly Axis[]): Tensor[] {
  return tapsOf(weights.shape).map((tap) => mul(shifted(x, axes, x.ndim - axes.length, tap), weightAt(weights, tap)))
}

/** Sums as a convolution over the last three dimensions, once for each element of the weights along a fourth. */
function convolved(x: Tensor, weights: Tensor, axes: readonly Axis[]): Tensor {
  if (axes.length === most) {
    const inner = axes.slice(1)
    const parts = Array.from({ length: axes[0]!.kernel }, (_, i) => {
      const rest = record(ops.slice, [weights], { starts: [i, 0, 0, 0], sizes: [1, ...weights.shape.slice(1)], steps: [1, 1, 1, 1] })
      return convolved(shifted(x, axes.slice(0, 1), x.ndim - most, [i]), reshape(rest, weights.shape.slice(1)), inner)
    })
    return parts.reduce(add)
  }
  const rank = axes.length
  const batch = x.shape.slice(0, x.ndim - rank)
  const starts = [...batch.map(() => 0), ...axes.map(({ start }) => start)]
  const sizes = x.shape.map((size, d) => size - starts[d]!)
  const cut = starts.some((start) => start > 0) ? record(ops.slice, [x], { starts, sizes, steps: sizes.map(() => 1) }) : x
  const count = batch.reduce((product, size) => product * size, 1)
  const zeros = axes.map(() => 0)
  const result = record(
    ops.convolution,
    [reshape(cut, [count, 1, ...sizes.slice(batch.length)]), reshape(weights, [1, 1, ...weights.shape])],
    {
      strides: axes.map(({ stride }) => stride),
      dilations: axes.map(({ dilation }) => dilation),
      low: zeros,
      high: zeros,
      groups: 1,
    },
  )
  return reshape(result, [...batch, ...axes.map(({ out }) => out)])
}

/** The position of the first extreme value; NaN is the most extreme. */
function positionOfExtreme(values: readonly Tensor[], notBetter: (a: Tensor, b: Tensor) => Tensor): Tensor {
  let best = values[0]!
  let position = constantOf(0, 'int32', best.shape, best.device)
  for (const [i, value] of values.entries()) {
    if (i === 0) continue
    const above = logicalNot(notBetter(value, best))
    const takes = isFloat(value.dtype) ? logicalAnd(above, logicalNot(isNan(best))) : above
    best = where(takes, value, best)
    position = where(takes, constant(i, position), position)
  }
  return position
}

function reduce(x: Tensor, weights: Tensor, axes: readonly Axis[], reduction: StencilReduction): Tensor {
  if (reduction === 'sum' && isFloat(x.dtype)) return convolved(x, weights, axes)
  const terms = products(x, weights, axes)
  switch (reduction) {
    case 'sum':
      return terms.reduce(add)
    case 'prod':
      return terms.reduce(mul)
    case 'min':
      return terms.reduce(minimum)
    case 'max':
      return terms.reduce(maximum)
    case 'argmin':
      return positionOfExtreme(terms, greaterEqual)
    case 'argmax':
      return positionOfExtreme(terms, lessEqual)
  }
}

/**
 * The weighted reduction of windows of x: result[i] is the sum (product, smallest, largest, ...) over j of x[offset + i * stride + j * dilation] * weights[j], for the
 * last 1 to 4 dimensions, as many as weights has; dimensions of x before them are batches. x and weights are taken in their common dtype, which the result has;
 * for 'argmin' and 'argmax' it is int32. float16 and bfloat16 are computed in float32. Elements beyond x are as pad's mode says. Differentiable, for each reduction
 * to a value. Throws `shape` where a window does not fit, `argument` for options that are none. MPSGraph: stencilWithSourceTensor.
 */
export function stencil(x: TensorLike, weights: TensorLike, options: StencilOptions = {}): Tensor {
  checkOptions(op, options, names)
  const { reduction = 'sum', mode = 'constant', value } = options
  if (!reductions.includes(reduction)) {
    throw new SinterError('argument', `there is no reduction ${describeValue(reduction)}`, {
      op,
      hint: `reductions: ${reductions.join(', ')}`,
    })
  }
  if (!padModes.includes(mode)) {
    throw new SinterError('argument', `there is no mode ${describeValue(mode)}`, { op, hint: `modes: ${padModes.join(', ')}` })
  }
  const [own, factors] = numericPair(x, weights, op)
  if (factors.ndim < 1 || factors.ndim > most || factors.ndim > own.ndim || factors.size === 0) {
    throw new SinterError('shape', `weights have 1 to ${most} dimensions, none empty, and x at least as many`, {
      op,
      operands: [own, factors],
    })
  }
  const axes = axesOf(own, factors, options)
  const batch = own.shape.slice(0, own.ndim - axes.length)
  const width = [...batch.map(() => [0, 0] as const), ...axes.map(({ low, high }) => [low, high] as const)]
  const padded = pad(own, width, { mode, ...(value === undefined ? {} : { value }) })
  // The convolution accumulates in float32 by itself.
  if (!isHalf(own.dtype) || reduction === 'sum') return reduce(padded, factors, axes, reduction)
  const result = reduce(widened(padded), widened(factors), axes, reduction)
  return reduction.startsWith('arg') ? result : cast(result, own.dtype)
}
