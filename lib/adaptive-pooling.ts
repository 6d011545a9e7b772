// Adaptive pooling: as many windows as are asked for, as equal as they can be. Where the sizes divide it is pooling; elsewhere windows differ in size and overlap.

import { ops } from '../ir/ops/index.js'
import type { WindowAttrs } from '../ir/ops/windows.js'
import { add, floorDiv, minimum, mul, sub } from './arithmetic.js'
import { checkOptions } from './check.js'
import { iota } from './create.js'
import { gather, take } from './gather.js'
import { constantOf, numeric } from './operand.js'
import { floating, record, type TensorLike } from './record.js'
import { argmax } from './reduce.js'
import { squeeze } from './shape.js'
import { channelsFirst, checkSpatial, type Layout, type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

export interface AdaptivePoolOptions {
  readonly layout?: Layout | undefined
}

/**
 * Maxima along an axis, the first of several in each window: the elements of windows side by side, of short windows the last one again. Window i is from
 * floor(i size / out) up to ceil((i + 1) size / out), so at most 2 elements longer than size / out.
 */
function maximumAlong(x: Tensor, axis: number, out: number): Tensor {
  const size = x.shape[axis]!
  const longest = Math.min(size, size % out === 0 ? size / out : Math.floor(size / out) + 2)
  const dtype = (out + 1) * size < 2 ** 31 ? 'int32' : 'int64'
  const window = iota(dtype, [out, 1], 0, x.device)
  const of = (value: number): Tensor => constantOf(value, dtype, [], x.device)
  const scaled = mul(window, of(size))
  const start = floorDiv(scaled, of(out))
  const last = sub(floorDiv(add(scaled, of(size + out - 1)), of(out)), of(1))
  const positions = minimum(add(start, iota(dtype, [1, longest], 1, x.device)), last)
  const windows = take(x, positions, axis)
  const first = argmax(windows, axis + 1, { keepDims: true })
  return squeeze(gather(windows, first, axis + 1), axis + 1)
}

/** `pool` of windows of equal size along the dimensions whose sizes divide, `rest` along the others. */
function adaptive(
  name: string,
  n: number,
  own: Tensor,
  outputSize: PerDimension,
  options: AdaptivePoolOptions,
  pool: (x: Tensor, windows: WindowAttrs) => Tensor,
  rest: (x: Tensor, wanted: readonly number[]) => Tensor,
): Tensor {
  checkOptions(name, options, ['layout'])
  checkSpatial(name, own, n)
  const wanted = perDimension(name, 'outputSize', outputSize, n, 1)
  const [result] = channelsFirst(name, own, n, options.layout, (x) => {
    const kernel = wanted.map((out, d) => {
      const size = x.shape[x.ndim - n + d]!
      return size % out === 0 ? size / out : 1
    })
    const zeros = wanted.map(() => 0)
    const windows = { kernel, strides: kernel, dilations: wanted.map(() => 1), low: zeros, high: zeros, ceil: false }
    const pooled = kernel.every((size) => size === 1) ? x : pool(x, windows)
    return [wanted.every((out, d) => out === pooled.shape[x.ndim - n + d]) ? pooled : rest(pooled, wanted)]
  })
  return result!
}

function average(name: string, n: number, x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions): Tensor {
  const pool = (own: Tensor, windows: WindowAttrs): Tensor => record(ops.avgPool, [own], { ...windows, count: 'kernel' })
  const rest = (own: Tensor, size: readonly number[]): Tensor => {
    const [steps, starts] = [size.map(() => 1), size.map(() => 0)]
    return record(ops.resize, [own], { size, steps, starts, mode: 'area', rounding: 'preferCeil' })
  }
  return adaptive(name, n, floating(x, name), outputSize, options, pool, rest)
}

function maximum(name: string, n: number, x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions): Tensor {
  const pool = (own: Tensor, windows: WindowAttrs): Tensor => record(ops.maxPool, [own], { ...windows })
  const rest = (own: Tensor, size: readonly number[]): Tensor =>
    size.reduceRight((y, out, d) => (y.shape[own.ndim - n + d] === out ? y : maximumAlong(y, own.ndim - n + d, out)), own)
  return adaptive(name, n, numeric(x, name), outputSize, options, pool, rest)
}

/** Averages of outputSize windows over [..., channels, length]; integers become float32. */
export function adaptiveAvgPool1d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return average('adaptiveAvgPool1d', 1, x, outputSize, options)
}

/** Averages of outputSize windows over [..., channels, height, width]; integers become float32. */
export function adaptiveAvgPool2d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return average('adaptiveAvgPool2d', 2, x, outputSize, options)
}

/** Averages of outputSize windows over [..., channels, depth, height, width]; integers become float32. */
export function adaptiveAvgPool3d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return average('adaptiveAvgPool3d', 3, x, outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, length]. */
export function adaptiveMaxPool1d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return maximum('adaptiveMaxPool1d', 1, x, outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, height, width]. */
export function adaptiveMaxPool2d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return maximum('adaptiveMaxPool2d', 2, x, outputSize, options)
}

/** Maxima of outputSize windows over [..., channels, depth, height, width]. */
export function adaptiveMaxPool3d(x: TensorLike, outputSize: PerDimension, options: AdaptivePoolOptions = {}): Tensor {
  return maximum('adaptiveMaxPool3d', 3, x, outputSize, options)
}
