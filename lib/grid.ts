// Coordinates, grids, diagonals and bands of matrices, and joining by rows, columns or depth.

import { type DType, isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { axisOfRank, checkDevice, checkDType, checkInteger, checkOptions, checkTensor, describeValue, shapeArgument } from './check.js'
import { type CreateOptions, type DiagonalOptions, iota } from './create.js'
import { concat } from './join.js'
import { diagonal } from './linalg.js'
import { constantOf, promotedList } from './operand.js'
import { defaultDevice } from './realize.js'
import { asTensor, cast, record, scalar, type TensorLike } from './record.js'
import { broadcastTo, expandDims, reshape } from './shape.js'
import { Tensor } from './tensor.js'

/** The index along an axis at each place of a shape, as int32 unless a dtype is given. MPSGraph: coordinateAlongAxis:withShape:name:. */
export function coordinateAlongAxis(axis: number, shape: readonly number[] | number, options: CreateOptions = {}): Tensor {
  const op = 'coordinateAlongAxis'
  checkOptions(op, options, ['dtype', 'device'])
  const sizes = shapeArgument(op, shape)
  const dtype = options.dtype ?? 'int32'
  checkDType(op, dtype)
  if (options.device !== undefined) checkDevice(op, options.device)
  return cast(iota('int32', sizes, axisOfRank(op, sizes.length, axis), options.device ?? defaultDevice()), dtype)
}

/** x as a matrix: the dimensions before `axis` (default 1) as rows, those from it on as columns. MPSGraph: flatten2DTensor:axis:name:. */
export function flatten2d(x: TensorLike, axis = 1): Tensor {
  const op = 'flatten2d'
  const own = asTensor(x, op)
  // The place behind the last dimension is one, too: all rows.
  const at = axis === own.ndim ? axis : axisOfRank(op, own.ndim, axis, own)
  return reshape(own, [sizeOf(own.shape.slice(0, at)), sizeOf(own.shape.slice(at))])
}

export interface MeshgridOptions {
  /** 'ij' (default): the first tensor varies along the first dimension; 'xy': along the second, as in plots. */
  readonly indexing?: 'ij' | 'xy' | undefined
}

/** For 1-D (or rank-0) tensors their values at each point of the grid that they span: as many tensors, with a dimension for each. */
export function meshgrid(tensors: readonly TensorLike[], options: MeshgridOptions = {}): Tensor[] {
  const op = 'meshgrid'
  checkOptions(op, options, ['indexing'])
  const indexing = options.indexing ?? 'ij'
  if (indexing !== 'ij' && indexing !== 'xy') {
    throw new SinterError('argument', `there is no indexing ${describeValue(indexing)}`, { op, hint: "use 'ij' or 'xy'" })
  }
  if (!Array.isArray(tensors)) throw new SinterError('argument', `expected an array of tensors, got ${describeValue(tensors)}`, { op })
  const own = (tensors as readonly TensorLike[]).map((x) => asTensor(x, op))
  const wrong = own.find((x) => x.ndim > 1)
  if (wrong !== undefined) throw new SinterError('shape', 'tensors have at most 1 dimension', { op, operands: [wrong] })
  const place = (i: number): number => (indexing === 'xy' && i < 2 && own.length > 1 ? 1 - i : i)
  const shape = own.map((_, d) => own[place(d)]!.size)
  return own.map((x, i) => {
    const along = shape.map((_, d) => (d === place(i) ? x.size : 1))
    return broadcastTo(reshape(x, along), shape)
  })
}

/** A matrix with the elements of a 1-D x on diagonal k (default 0) and zeros elsewhere; of a matrix, its diagonal k. */
export function diag(x: Tensor, options: DiagonalOptions = {}): Tensor {
  const op = 'diag'
  checkTensor(op, x)
  checkOptions(op, options, ['k'])
  const k = options.k ?? 0
  checkInteger(op, 'k', k)
  if (x.ndim === 2) return diagonal(x, { k })
  if (x.ndim !== 1) throw new SinterError('shape', 'x is a vector or a matrix', { op, operands: [x], hint: 'for batches use diagonal' })
  const n = x.size + Math.abs(k)
  // Row i holds element i (or i + k below the main diagonal).
  const column = reshape(record(ops.pad, [x], { low: [Math.max(0, -k)], high: [Math.max(0, k)], value: 0 }), [n, 1])
  const rows = iota('int32', [n, 1], 0, x.device)
  const shifted = k === 0 ? rows : record(ops.add, [rows, constantOf(k, 'int32', [], x.device)])
  const on = record(ops.equal, [shifted, iota('int32', [1, n], 1, x.device)])
  return record(ops.select, [on, column, constantOf(0, x.dtype, [], x.device)])
}

/** A limit as an integer tensor of rank 0: a number is a slot of the plan. */
function limitOf(op: string, name: string, limit: number | Tensor, device: string): Tensor {
  if (!(limit instanceof Tensor)) {
    checkInteger(op, name, limit)
    return scalar(Math.max(-1, Math.min(limit, 2 ** 31 - 1)), 'int32', device, op)
  }
  if (!isInteger(limit.dtype) || limit.size !== 1) {
    throw new SinterError('argument', `${name} is an integer, or an integer tensor of one element`, { op, operands: [limit] })
  }
  const one = reshape(limit, [])
  if (limit.dtype !== 'int64' && limit.dtype !== 'uint64' && limit.dtype !== 'uint32') return cast(one, 'int32')
  // Limits beyond int32 are beyond every matrix: they stay limits that keep everything.
  const most = record(ops.minimum, [one, constantOf(2 ** 31 - 1, one.dtype, [], device)])
  return cast(limit.dtype === 'int64' ? record(ops.maximum, [most, constantOf(-1, 'int64', [], device)]) : most, 'int32')
}

/**
 * Matrices (the last two dimensions) with zeros outside of a band: kept are elements with at most `lower` rows below and at most `upper` columns right of the main
 * diagonal; a negative limit is none. bandPart(x, -1, 0) is tril(x), bandPart(x, 0, -1) triu(x). Limits are no part of the compiled plan. MPSGraph:
 * bandPartWithTensor:numLower:numUpper:name:, and with tensors.
 */
export function bandPart(x: Tensor, lower: number | Tensor, upper: number | Tensor): Tensor {
  const op = 'bandPart'
  checkTensor(op, x)
  if (x.ndim < 2) throw new SinterError('shape', 'needs at least two dimensions', { op, operands: [x] })
  const [n, m] = x.shape.slice(-2) as [number, number]
  const below = record(ops.sub, [iota('int32', [n, 1], 0, x.device), iota('int32', [1, m], 1, x.device)])
  const within = (distance: Tensor, limit: Tensor): Tensor => {
    const none = record(ops.less, [limit, constantOf(0, 'int32', [], x.device)])
    return record(ops.logicalOr, [none, record(ops.lessEqual, [distance, limit])])
  }
  const left = within(below, limitOf(op, 'lower', lower, x.device))
  const right = within(record(ops.neg, [below]), limitOf(op, 'upper', upper, x.device))
  const kept = record(ops.logicalAnd, [left, right])
  return record(ops.select, [kept, x, constantOf(0, x.dtype, [], x.device)])
}

export interface HammingDistanceOptions {
  /** dtype of the result; default int32. */
  readonly dtype?: DType | undefined
}

/**
 * How many bits differ between each row of a, [..., m, k], and each of b, [..., n, k], integers of one dtype: [..., m, n]. Leading dimensions broadcast. Throws
 * `dtype` for floats. MPSGraph: HammingDistanceWithPrimaryTensor:secondaryTensor:resultDataType:name:.
 */
export function hammingDistance(a: Tensor, b: Tensor, options: HammingDistanceOptions = {}): Tensor {
  const op = 'hammingDistance'
  checkTensor(op, a)
  checkTensor(op, b)
  checkOptions(op, options, ['dtype'])
  const dtype = options.dtype ?? 'int32'
  checkDType(op, dtype)
  if (!isInteger(a.dtype) || a.dtype !== b.dtype) {
    throw new SinterError('dtype', 'compares integers of one dtype', { op, operands: [a, b] })
  }
  if (a.ndim < 2 || b.ndim < 2 || a.shape.at(-1) !== b.shape.at(-1)) {
    throw new SinterError('shape', 'needs matrices with rows of one length', { op, operands: [a, b] })
  }
  const different = record(ops.bitwiseXor, [expandDims(a, -2), expandDims(b, -3)])
  const counts = cast(record(ops.popcount, [different]), 'int32')
  return cast(record(ops.sum, [counts], { axes: [different.ndim - 1], keepDims: false }), dtype)
}

/** Tensors with at least `rank` dimensions. */
function atLeast(op: string, tensors: readonly TensorLike[], shapeOf: (shape: readonly number[]) => readonly number[]): Tensor[] {
  if (!Array.isArray(tensors)) throw new SinterError('argument', `expected an array of tensors, got ${describeValue(tensors)}`, { op })
  return promotedList(tensors, op).map((x) => reshape(x, shapeOf(x.shape)))
}

/** Tensors one beside the other: along dimension 1, vectors along their only one. */
export function hstack(tensors: readonly TensorLike[]): Tensor {
  const parts = atLeast('hstack', tensors, (shape) => (shape.length === 0 ? [1] : shape))
  return concat(parts, parts[0]?.ndim === 1 ? 0 : 1)
}

/** Tensors one below the other: along dimension 0, vectors as rows. */
export function vstack(tensors: readonly TensorLike[]): Tensor {
  return concat(atLeast('vstack', tensors, (shape) => (shape.length < 2 ? [1, sizeOf(shape)] : shape)))
}

/** Tensors one behind the other: along dimension 2, vectors [n] as [1, n, 1] and matrices [n, m] as [n, m, 1]. */
export function dstack(tensors: readonly TensorLike[]): Tensor {
  const deep = (shape: readonly number[]): readonly number[] =>
    shape.length < 2 ? [1, sizeOf(shape), 1] : shape.length === 2 ? [...shape, 1] : shape
  return concat(atLeast('dstack', tensors, deep), 2)
}
