// Pooling: maxima, averages and norms of windows that slide over the spatial dimensions of [..., channels, length], [..., channels, height, width] or
// [..., channels, depth, height, width].

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { type WindowAttrs, type WindowCount, windowAxes } from '../ir/ops/windows.js'
import { sizeOf } from '../ir/shape.js'
import { add, floorDiv, mod, mul, pow, sub } from './arithmetic.js'
import { checkBoolean, checkFinite, checkNumber, checkOptions, describeValue } from './check.js'
import { iota } from './create.js'
import { abs, sqrt, square } from './elementwise.js'
import { constant, indexOperand, numeric, widened } from './operand.js'
import { cast, floating, record, recordResults, type TensorLike } from './record.js'
import { moveaxis, reshape } from './shape.js'
import { channelsFirst, checkSpatial, type Layout, type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

/** What all poolings take; numbers are for every spatial dimension, arrays have one each. */
export interface PoolOptions {
  /** From one window to the next; default kernelSize. */
  readonly stride?: PerDimension | undefined
  /** Padding on both sides, at most half of kernelSize; default 0. */
  readonly padding?: PerDimension | undefined
  /** Whether a last window that reaches beyond the padding counts, as long as it starts inside of x or before it; default false. */
  readonly ceilMode?: boolean | undefined
  readonly layout?: Layout | undefined
}

export interface MaxPoolOptions extends PoolOptions {
  /** Distance between the elements of a window; default 1. */
  readonly dilation?: PerDimension | undefined
  /**
   * Return [maxima, indices]: int32 positions of the maxima among the spatial dimensions, flattened ('global', which true stands for and maxUnpool takes), or inside
   * the windows, flattened ('local').
   */
  readonly returnIndices?: boolean | 'global' | 'local' | undefined
}

export interface AvgPoolOptions extends PoolOptions {
  /** Whether zeros in the padding count as elements; default true. */
  readonly countIncludePad?: boolean | undefined
  /** Divide by this number instead of by that of elements. */
  readonly divisorOverride?: number | undefined
}

const shared = ['stride', 'padding', 'ceilMode', 'layout'] as const

function windowsOf(op: string, n: number, kernelSize: PerDimension, options: MaxPoolOptions): WindowAttrs {
  const kernel = perDimension(op, 'kernelSize', kernelSize, n, 1)
  const padding = perDimension(op, 'padding', options.padding ?? 0, n, 0)
  kernel.forEach((size, d) => {
    if (2 * padding[d]! > size)
      throw new SinterError('argument', `padding of ${padding[d]} is more than half of the kernel's ${size}`, { op })
  })
  if (options.ceilMode !== undefined) checkBoolean(op, 'ceilMode', options.ceilMode)
  return {
    kernel,
    strides: perDimension(op, 'stride', options.stride ?? kernel, n, 1),
    dilations: perDimension(op, 'dilation', options.dilation ?? 1, n, 1),
    low: padding,
    high: padding,
    ceil: options.ceilMode ?? false,
  }
}

/** Spatial positions as positions among the elements of their windows. */
function localIndices(indices: Tensor, attrs: WindowAttrs, shape: readonly number[]): Tensor {
  const axes = windowAxes(attrs, shape)
  const parts = axes.map(({ size, out, stride, dilation, low }, d) => {
    const inner = axes.slice(d + 1)
    const position = floorDiv(indices, sizeOf(inner.map((axis) => axis.size)))
    const starts = sub(mul(iota('int32', [out], 0, indices.device), stride), low)
    const aligned = reshape(starts, [out, ...inner.map(() => 1)])
    const element = floorDiv(sub(mod(position, size), aligned), dilation)
    return mul(element, sizeOf(inner.map((axis) => axis.kernel)))
  })
  return parts.reduce(add)
}

function maxPool(op: string, n: number, x: TensorLike, kernelSize: PerDimension, options: MaxPoolOptions): Tensor | [Tensor, Tensor] {
  checkOptions(op, options, [...shared, 'dilation', 'returnIndices'])
  const own = numeric(x, op)
  checkSpatial(op, own, n)
  const { returnIndices = false, layout } = options
  if (![true, false, 'global', 'local'].includes(returnIndices)) {
    throw new SinterError('argument', `returnIndices is a boolean, 'global' or 'local', got ${describeValue(returnIndices)}`, { op })
  }
  const attrs = windowsOf(op, n, kernelSize, options)
  const results = channelsFirst(op, own, n, layout, (first) => {
    if (returnIndices === false) return [record(ops.maxPool, [first], { ...attrs })]
    const [values, indices] = recordResults(ops.maxPoolWithIndices, [first], { ...attrs }) as [Tensor, Tensor]
    return [values, returnIndices === 'local' ? localIndices(indices, attrs, first.shape) : indices]
  })
  return results.length === 1 ? results[0]! : (results as [Tensor, Tensor])
}

type WithIndices = MaxPoolOptions & { readonly returnIndices: true | 'global' | 'local' }
type WithoutIndices = MaxPoolOptions & { readonly returnIndices?: false | undefined }

/** Maxima of windows over [..., channels, length]; NaN where a window has one. kernelSize is the length of a window. MPSGraph: maxPooling2D. */
export function maxPool1d(x: TensorLike, kernelSize: PerDimension, options: WithIndices): [Tensor, Tensor]
export function maxPool1d(x: TensorLike, kernelSize: PerDimension, options?: WithoutIndices): Tensor
export function maxPool1d(x: TensorLike, kernelSize: PerDimension, options: MaxPoolOptions = {}): Tensor | [Tensor, Tensor] {
  return maxPool('maxPool1d', 1, x, kernelSize, options)
}

/** Maxima of windows over [..., channels, height, width]; NaN where a window has one. MPSGraph: maxPooling2D, maxPooling2DReturnIndices. */
export function maxPool2d(x: TensorLike, kernelSize: PerDimension, options: WithIndices): [Tensor, Tensor]
export function maxPool2d(x: TensorLike, kernelSize: PerDimension, options?: WithoutIndices): Tensor
export function maxPool2d(x: TensorLike, kernelSize: PerDimension, options: MaxPoolOptions = {}): Tensor | [Tensor, Tensor] {
  return maxPool('maxPool2d', 2, x, kernelSize, options)
}

/** Maxima of windows over [..., channels, depth, height, width]; NaN where a window has one. MPSGraph: maxPooling4D, maxPooling4DReturnIndices. */
export function maxPool3d(x: TensorLike, kernelSize: PerDimension, options: WithIndices): [Tensor, Tensor]
export function maxPool3d(x: TensorLike, kernelSize: PerDimension, options?: WithoutIndices): Tensor
export function maxPool3d(x: TensorLike, kernelSize: PerDimension, options: MaxPoolOptions = {}): Tensor | [Tensor, Tensor] {
  return maxPool('maxPool3d', 3, x, kernelSize, options)
}

function avgPool(op: string, n: number, x: TensorLike, kernelSize: PerDimension, options: AvgPoolOptions): Tensor {
  checkOptions(op, options, [...shared, 'countIncludePad', 'divisorOverride'])
  const own = floating(x, op)
  checkSpatial(op, own, n)
  const { countIncludePad = true, divisorOverride, layout } = options
  checkBoolean(op, 'countIncludePad', countIncludePad)
  const attrs = windowsOf(op, n, kernelSize, options)
  const pool = (count: WindowCount) => (first: Tensor) => [record(ops.avgPool, [first], { ...attrs, count })] as const
  if (divisorOverride === undefined) return channelsFirst(op, own, n, layout, pool(countIncludePad ? 'padded' : 'inside'))[0]
  checkFinite(op, 'divisorOverride', divisorOverride)
  if (divisorOverride === 0) throw new SinterError('argument', 'divisorOverride is 0', { op })
  const averages = channelsFirst(op, own, n, layout, pool('kernel'))[0]
  return mul(averages, constant(sizeOf(attrs.kernel) / divisorOverride, averages))
}

/** Averages of windows over [..., channels, length]; integers become float32. MPSGraph: avgPooling2D. */
export function avgPool1d(x: TensorLike, kernelSize: PerDimension, options: AvgPoolOptions = {}): Tensor {
  return avgPool('avgPool1d', 1, x, kernelSize, options)
}

/** Averages of windows over [..., channels, height, width]; integers become float32. MPSGraph: avgPooling2D. */
export function avgPool2d(x: TensorLike, kernelSize: PerDimension, options: AvgPoolOptions = {}): Tensor {
  return avgPool('avgPool2d', 2, x, kernelSize, options)
}

/** Averages of windows over [..., channels, depth, height, width]; integers become float32. MPSGraph: avgPooling4D. */
export function avgPool3d(x: TensorLike, kernelSize: PerDimension, options: AvgPoolOptions = {}): Tensor {
  return avgPool('avgPool3d', 3, x, kernelSize, options)
}

export type LpPoolOptions = Pick<PoolOptions, 'stride' | 'ceilMode' | 'layout'>

function lpPool(op: string, n: number, x: TensorLike, normType: number, kernelSize: PerDimension, options: LpPoolOptions): Tensor {
  checkOptions(op, options, ['stride', 'ceilMode', 'layout'])
  checkNumber(op, 'normType', normType)
  if (!(normType > 0 && Number.isFinite(normType)))
    throw new SinterError('argument', `normType is a number above 0, got ${normType}`, { op })
  const given = floating(x, op)
  // Powers leave the range of float16 long before norms do.
  const own = widened(given)
  const powers = normType === 2 ? square(own) : pow(abs(own), constant(normType, own))
  checkSpatial(op, own, n)
  const attrs = windowsOf(op, n, kernelSize, options)
  const [averages] = channelsFirst(op, powers, n, options.layout, (first) => [record(ops.avgPool, [first], { ...attrs, count: 'kernel' })])
  const sums = mul(averages!, constant(sizeOf(attrs.kernel), own))
  return cast(normType === 2 ? sqrt(sums) : pow(sums, constant(1 / normType, own)), given.dtype)
}

/** Norms of windows over [..., channels, length]: the normType-th root of the sum of their elements' magnitudes to that power. */
export function lpPool1d(x: TensorLike, normType: number, kernelSize: PerDimension, options: LpPoolOptions = {}): Tensor {
  return lpPool('lpPool1d', 1, x, normType, kernelSize, options)
}

/**
 * Norms of windows over [..., channels, height, width]: the normType-th root of the sum of their elements' magnitudes to that power; normType 2 is MPSGraph's
 * L2NormPooling4D. A last window that ceilMode lets reach beyond x has the norm of the elements that it holds; PyTorch scales that up to a whole window.
 */
export function lpPool2d(x: TensorLike, normType: number, kernelSize: PerDimension, options: LpPoolOptions = {}): Tensor {
  return lpPool('lpPool2d', 2, x, normType, kernelSize, options)
}

/** Norms of windows over [..., channels, depth, height, width]; see lpPool2d. */
export function lpPool3d(x: TensorLike, normType: number, kernelSize: PerDimension, options: LpPoolOptions = {}): Tensor {
  return lpPool('lpPool3d', 3, x, normType, kernelSize, options)
}

export interface MaxUnpoolOptions extends Pick<PoolOptions, 'stride' | 'padding' | 'layout'> {
  /** The spatial dimensions of the result; default the least that such a pooling can have started from. */
  readonly outputSize?: readonly number[] | undefined
}

function maxUnpool(op: string, n: number, x: TensorLike, indices: Tensor, kernelSize: PerDimension, options: MaxUnpoolOptions): Tensor {
  checkOptions(op, options, ['stride', 'padding', 'layout', 'outputSize'])
  const own = numeric(x, op)
  checkSpatial(op, own, n)
  const { kernel, strides, low } = windowsOf(op, n, kernelSize, options)
  const places = indexOperand(indices, op, own.device)
  const [result] = channelsFirst(op, own, n, options.layout, (first) => {
    const windows = first.shape.slice(-n)
    const least = windows.map((out, d) => (out - 1) * strides[d]! - 2 * low[d]! + kernel[d]!)
    const size = options.outputSize === undefined ? least : perDimension(op, 'outputSize', options.outputSize, n, 1)
    const aligned = options.layout === 'NHWC' ? moveaxis(places, -1, places.ndim - n - 1) : places
    return [record(ops.maxUnpool, [first, aligned], { size })]
  })
  return result!
}

/** Zeros with the elements of x, [..., channels, length], at the positions that maxPool1d returned. */
export function maxUnpool1d(x: TensorLike, indices: Tensor, kernelSize: PerDimension, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool('maxUnpool1d', 1, x, indices, kernelSize, options)
}

/** Zeros with the elements of x, [..., channels, height, width], at the positions that maxPool2d returned. */
export function maxUnpool2d(x: TensorLike, indices: Tensor, kernelSize: PerDimension, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool('maxUnpool2d', 2, x, indices, kernelSize, options)
}

/** Zeros with the elements of x, [..., channels, depth, height, width], at the positions that maxPool3d returned. */
export function maxUnpool3d(x: TensorLike, indices: Tensor, kernelSize: PerDimension, options: MaxUnpoolOptions = {}): Tensor {
  return maxUnpool('maxUnpool3d', 3, x, indices, kernelSize, options)
}
