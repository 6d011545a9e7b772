// Windows of images as columns, and back: what a convolution multiplies, as PyTorch's unfold and fold.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkOptions } from './check.js'
import { floatOperand, paddingPairs } from './convolution.js'
import { record, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import { type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

export interface UnfoldOptions {
  /** Steps of the window; default 1. */
  readonly stride?: PerDimension | undefined
  /** Zeros around the data; default 0. */
  readonly padding?: PerDimension | readonly (readonly [number, number])[] | undefined
  /** Distances between the window's elements; default 1. */
  readonly dilation?: PerDimension | undefined
}

function windowOf(op: string, kernelSize: PerDimension, rank: number, options: UnfoldOptions) {
  checkOptions(op, options, ['stride', 'padding', 'dilation'])
  const pairs = paddingPairs(op, options.padding ?? 0, rank)
  return {
    kernel: perDimension(op, 'kernelSize', kernelSize, rank, 1),
    strides: perDimension(op, 'stride', options.stride ?? 1, rank, 1),
    dilations: perDimension(op, 'dilation', options.dilation ?? 1, rank, 1),
    low: pairs.map(([before]) => before),
    high: pairs.map(([, after]) => after),
  }
}

/**
 * The windows of x [N, C, H, W] (or without N) as columns: [N, C * KH * KW, windows], as PyTorch's unfold. Also for one and three spatial dimensions. Floats only.
 * Throws `shape` where the window does not fit.
 */
export function unfold(x: TensorLike, kernelSize: PerDimension, options: UnfoldOptions = {}): Tensor {
  const op = 'unfold'
  const own = floatOperand(op, x)
  // Without a list that says how many dimensions are spatial, data of three dimensions are an image without a batch.
  const rank = Array.isArray(kernelSize) ? kernelSize.length : Math.max(2, own.ndim - 2)
  if (own.ndim !== rank + 1 && own.ndim !== rank + 2) {
    throw new SinterError('shape', `a window of ${rank} dimensions needs data of ${rank + 2}, or ${rank + 1} without the batch`, {
      op,
      operands: [own],
    })
  }
  const window = windowOf(op, kernelSize, rank, options)
  if (own.ndim === rank + 2) return record(ops.unfold, [own], window)
  const columns = record(ops.unfold, [reshape(own, [1, ...own.shape])], window)
  return reshape(columns, columns.shape.slice(1))
}

/**
 * Columns [N, C * KH * KW, windows] (or without N) added up at the places that unfold takes them from: [N, C, ...outputSize], as PyTorch's fold. The gradient of
 * unfold. Floats only. Throws `shape` where the columns are not those of outputSize.
 */
export function fold(columns: TensorLike, outputSize: readonly number[], kernelSize: PerDimension, options: UnfoldOptions = {}): Tensor {
  const op = 'fold'
  const own = floatOperand(op, columns)
  if (!Array.isArray(outputSize) || outputSize.length < 1 || outputSize.length > 3) {
    throw new SinterError('argument', 'outputSize is an array of one to three sizes', { op })
  }
  const sizes = perDimension(op, 'outputSize', outputSize, outputSize.length, 1)
  const attrs = { sizes, ...windowOf(op, kernelSize, sizes.length, options) }
  if (own.ndim !== 2) return record(ops.fold, [own], attrs)
  const result = record(ops.fold, [reshape(own, [1, ...own.shape])], attrs)
  return reshape(result, result.shape.slice(1))
}
