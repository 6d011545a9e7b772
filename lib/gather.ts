// Gathering and scattering along an axis by tensors of indices. Negative indices count from the end; reads out of range give 0 and additions out of range
// are dropped, on every device.

import type { DType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisOfRank, checkDType, checkInteger, checkOptions, onlyAxis } from './check.js'
import { fromData, iota } from './create.js'
import { indexOperand, numeric } from './operand.js'
import { asTensor, cast, promoted, record, type TensorLike } from './record.js'
import { expandDims, moveaxis } from './shape.js'
import type { Tensor } from './tensor.js'

/** Indices: a tensor of integers, a JS integer (a run-time scalar), or an array of them. */
export type Indices = Tensor | number | bigint | readonly number[]

function indicesOf(op: string, indices: Indices, device: string): Tensor {
  if (!Array.isArray(indices)) return indexOperand(indices as Tensor | number | bigint, op, device)
  for (const index of indices) checkInteger(op, 'an index', index)
  return fromData(Int32Array.from(indices), 'int32', [indices.length], device)
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
