// Gathering and scattering along an axis by tensors of indices. Negative indices count from the end; reads out of range give 0 and additions out of range
// are dropped, on every device.

import type { DType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisOfRank, checkDType, checkInteger, checkOptions, onlyAxis } from './check.js'
import { equal, where } from './comparison.js'
import { fromData, iota } from './create.js'
import { logicalOr } from './logic.js'
import { constant, fitsInt32, indexOperand, numeric } from './operand.js'
import { asTensor, cast, promoted, record, type TensorLike } from './record.js'
import { expandDims, moveaxis, reshape } from './shape.js'
import type { Tensor } from './tensor.js'

/** Indices: a tensor of integers, a JS integer (a run-time scalar), or an array of them. */
export type Indices = Tensor | number | bigint | readonly number[]

/** Indices as a tensor. */
export function indicesOf(op: string, indices: Indices, device: string): Tensor {
  if (!Array.isArray(indices)) return indexOperand(indices as Tensor | number | bigint, op, device)
  for (const index of indices) checkInteger(op, 'an index', index)
  if (indices.every(fitsInt32)) return fromData(Int32Array.from(indices), 'int32', [indices.length], device)
  return fromData(BigInt64Array.from(indices, BigInt), 'int64', [indices.length], device)
}

/** Slices of x along an axis (which may be left out in 1-D): the axis is replaced by the dimensions of indices. */
export function take(x: TensorLike, indices: Indices, axis?: number): Tensor {
  const own = asTensor(x, 'take')
  return record(ops.take, [own, indicesOf('take', indices, own.device)], { axis: onlyAxis('take', own, axis) })
}

/** result[i][j] = x[indices[i][j]][j] (for axis 0): indices has x's rank and its sizes but along the axis. Also called takeAlongAxis. */
export function gather(x: TensorLike, indices: Tensor, axis?: number): Tensor {
  const own = asTensor(x, 'gather')
  return record(ops.takeAlongAxis, [own, indexOperand(indices, 'gather', own.device)], { axis: onlyAxis('gather', own, axis) })
}

function matched(op: string, x: TensorLike, updates: TensorLike): [Tensor, Tensor] {
  const own = numeric(x, op)
  const [, values] = promoted(own, updates, op)
  if (values.dtype !== own.dtype) {
    throw new SinterError('dtype', `updates of dtype ${asTensor(updates, op).dtype} do not fit ${own.dtype}`, {
      op,
      hint: 'convert one of them with astype',
    })
  }
  return [own, values]
}

/** x with updates[i][j] added at [indices[i][j]][j] (for axis 0); the inverse of gather. Additions to one place add up. */
export function scatterAdd(x: TensorLike, indices: Tensor, updates: Tensor, axis?: number): Tensor {
  const [own, values] = matched('scatterAdd', x, updates)
  return record(ops.scatterAddAlongAxis, [own, indexOperand(indices, 'scatterAdd', own.device), values], {
    axis: onlyAxis('scatterAdd', own, axis),
  })
}

/** x with the slices of updates along an axis added at 1-D indices. Additions to one place add up. */
export function indexAdd(x: TensorLike, indices: Indices, updates: Tensor, axis?: number): Tensor {
  const [own, values] = matched('indexAdd', x, updates)
  return record(ops.indexAdd, [own, indicesOf('indexAdd', indices, own.device), values], { axis: onlyAxis('indexAdd', own, axis) })
}

/** Slices of x at 1-D indices of an axis; take with the shape of indices checked. Also torch's index_select. */
export function indexSelect(x: TensorLike, indices: Indices, axis?: number): Tensor {
  const own = asTensor(x, 'indexSelect')
  const at = indicesOf('indexSelect', indices, own.device)
  if (at.ndim !== 1) {
    throw new SinterError('shape', `indices have ${at.ndim} dimensions, they need 1`, { op: 'indexSelect', operands: [own, at] })
  }
  return record(ops.take, [own, at], { axis: onlyAxis('indexSelect', own, axis) })
}

export interface EmbeddingOptions {
  /** The number of a row that gets no gradient, negative from the end; default none. */
  readonly paddingIdx?: number | undefined
}

/**
 * Rows of weight [n, ...] by number: ids of any shape, in front of a row's own. Gradients are added up into rows. An id out of range gives zeros.
 */
export function embedding(ids: Indices, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  const op = 'embedding'
  checkOptions(op, options, ['paddingIdx'])
  const own = asTensor(weight, op)
  if (own.ndim === 0) throw new SinterError('shape', 'a rank-0 weight has no rows', { op, operands: [own] })
  const at = indicesOf(op, ids, own.device)
  const rows = record(ops.take, [own, at], { axis: 0 })
  if (options.paddingIdx === undefined) return rows
  const [count, given] = [own.shape[0]!, options.paddingIdx]
  checkInteger(op, 'paddingIdx', given)
  if (given < -count || given >= count) {
    throw new SinterError('argument', `paddingIdx ${given} is out of range for ${count} rows`, { op, operands: [own] })
  }
  const row = given < 0 ? given + count : given
  const padded = logicalOr(equal(at, constant(row, at)), equal(at, constant(row - count, at)))
  return where(reshape(padded, [...at.shape, ...own.shape.slice(1).map(() => 1)]), record(ops.stopGradient, [rows]), rows)
}

/** x with value (a number or a tensor that broadcasts) where mask is true. */
export function maskedFill(x: TensorLike, mask: TensorLike, value: TensorLike): Tensor {
  const own = asTensor(x, 'maskedFill')
  const [, fill] = promoted(own, value, 'maskedFill')
  if (fill.dtype !== own.dtype) {
    throw new SinterError('dtype', `a value of dtype ${fill.dtype} does not fit ${own.dtype}`, {
      op: 'maskedFill',
      hint: 'convert one of them with astype',
    })
  }
  return where(mask, fill, own)
}

export interface OneHotOptions {
  /** Element type; default float32. */
  readonly dtype?: DType | undefined
  /** Where the new dimension stands in the result; default last. */
  readonly axis?: number | undefined
}

/** For each index a vector of `depth` elements with 1 at the index, 0 elsewhere; all 0 for an index out of range. */
export function oneHot(indices: TensorLike, depth: number, options: OneHotOptions = {}): Tensor {
  const op = 'oneHot'
  checkOptions(op, options, ['dtype', 'axis'])
  checkInteger(op, 'depth', depth, 0)
  const dtype = options.dtype ?? 'float32'
  checkDType(op, dtype)
  const own = indexOperand(indices, op, asTensor(indices, op).device)
  const place = axisOfRank(op, own.ndim + 1, options.axis ?? -1)
  const hot = record(ops.equal, [expandDims(own, -1), iota(own.dtype, [depth], 0, own.device)])
  return moveaxis(cast(hot, dtype), -1, place)
}
