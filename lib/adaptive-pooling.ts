// Adaptive pooling: as many windows as are asked for, as equal as they can be. Where the sizes divide it is pooling; elsewhere windows differ in size and overlap.

import { ops } from '../ir/ops/index.js'
import type { Shape } from '../ir/shape.js'
import { mul } from './arithmetic.js'
import { checkOptions } from './check.js'
import { fromData } from './create.js'
import { take } from './gather.js'
import { numeric } from './operand.js'
import { cast, floating, record, type TensorLike } from './record.js'
import { max, sum } from './reduce.js'
import { channelsFirst, checkSpatial, type Layout, type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

export interface AdaptivePoolOptions {
  readonly layout?: Layout | undefined
}

/** The elements [start, end) of window i of `out` over `size` elements. */
const windowAt = (size: number, out: number, i: number): [number, number] => [
  Math.floor((i * size) / out),
  Math.ceil(((i + 1) * size) / out),
]

/** The elements of each window along an axis, side by side on the next one: [..., out, longest, ...]. Short windows repeat their last element. */
function windowsAlong(x: Tensor, axis: number, out: number): { elements: Tensor; lengths: number[]; longest: number } {
  const windows = Array.from({ length: out }, (_, i) => windowAt(x.shape[axis]!, out, i))
  const lengths = windows.map(([start, end]) => end - start)
  const longest = Math.max(...lengths)
  const positions = windows.flatMap(([start, end]) => Array.from({ length: longest }, (_, k) => Math.min(start + k, end - 1)))
  return { elements: take(x, fromData(Int32Array.from(positions), 'int32', [out, longest], x.device), axis), lengths, longest }
}

function averageAlong(x: Tensor, axis: number, out: number): Tensor {
  const { elements, lengths, longest } = windowsAlong(x, axis, out)
  const weights = lengths.flatMap((length) => Array.from({ length: longest }, (_, k) => (k < length ? 1 / length : 0)))
  const shape: Shape = [out, longest, ...x.shape.slice(axis + 1).map(() => 1)]
  return sum(mul(elements, cast(fromData(Float32Array.from(weights), 'float32', shape, x.device), x.dtype)), axis + 1)
}

const maximumAlong = (x: Tensor, axis: number, out: number): Tensor => max(windowsAlong(x, axis, out).elements, axis + 1)

/** Where sizes divide, windows of equal size; elsewhere one axis after the other. */
function adaptive(
  op: 'maxPool' | 'avgPool',
  name: string,
  n: number,
  own: Tensor,
  outputSize: PerDimension,
  options: AdaptivePoolOptions,
): Tensor {
  checkOptions(name, options, ['layout'])
  checkSpatial(name, own, n)
  const wanted = perDimension(name, 'outputSize', outputSize, n, 1)
  const [result] = channelsFirst(name, own, n, options.layout, (x) => {
    const first = x.ndim - n
    const kernel = wanted.map((out, d) => (x.shape[first + d]! % out === 0 ? x.shape[first + d]! / out : 1))
    const zeros = wanted.map(() => 0)
    const geometry = { kernel, strides: kernel, dilations: wanted.map(() => 1), low: zeros, high: zeros, ceil: false }
    const pooled = kernel.every((size) => size === 1)
      ? x
      : record(ops[op], [x], op === 'avgPool' ? { ...geometry, count: 'kernel' } : geometry)
    const along = op === 'avgPool' ? averageAlong : maximumAlong
    return [wanted.reduce((y, out, d) => (y.shape[first + d] === out ? y : along(y, first + d, out)), pooled)]
  })
  return result!
}

/** Averages of outputSize windows over [..., channels, length]; integers become float32. */
export function adaptiveAvgPool1d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('avgPool', 'adaptiveAvgPool1d', 1, floating(x, 'adaptiveAvgPool1d'), outputSize, options)
}

/** Averages of outputSize windows over [..., channels, height, width]; integers become float32. */
export function adaptiveAvgPool2d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('avgPool', 'adaptiveAvgPool2d', 2, floating(x, 'adaptiveAvgPool2d'), outputSize, options)
}

/** Averages of outputSize windows over [..., channels, depth, height, width]; integers become float32. */
export function adaptiveAvgPool3d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('avgPool', 'adaptiveAvgPool3d', 3, floating(x, 'adaptiveAvgPool3d'), outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, length]. */
export function adaptiveMaxPool1d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('maxPool', 'adaptiveMaxPool1d', 1, numeric(x, 'adaptiveMaxPool1d'), outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, height, width]. */
export function adaptiveMaxPool2d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('maxPool', 'adaptiveMaxPool2d', 2, numeric(x, 'adaptiveMaxPool2d'), outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, depth, height, width]. */
export function adaptiveMaxPool3d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return adaptive('maxPool', 'adaptiveMaxPool3d', 3, numeric(x, 'adaptiveMaxPool3d'), outputSize, options)
}
