// Numbers as small integers times a scale, and products of them. Composites that fuse with their neighbours. Rounding has no gradient: none flows back
// through quantize, and dequantize of integers has none to give but to its scale.

import { type DType, dtypeInfo, isFloat, isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { axisArgument, checkBoolean, checkDType, checkFinite, checkOptions, checkTensor, describeValue } from './check.js'
import { iota } from './create.js'
import { take } from './gather.js'
import { sliceAxis } from './join.js'
import { constant, widened } from './operand.js'
import { cast, floatingReal, record, scalar, type TensorLike } from './record.js'
import { broadcastTo, expandDims, moveaxis, reshape } from './shape.js'
import { Tensor } from './tensor.js'

export interface QuantizeOptions {
  /** int8 (default) or uint8. */
  readonly dtype?: 'int8' | 'uint8' | undefined
  /** The axis that a 1-D scale or zero point belongs to; default 0. */
  readonly axis?: number | undefined
}

export interface DequantizeOptions {
  /** A float dtype; default float32. */
  readonly dtype?: DType | undefined
  /** The axis that a 1-D scale or zero point belongs to; default 0. */
  readonly axis?: number | undefined
}

/** A scale or zero point as it broadcasts with x: a number, a tensor of one element, one with an element per place of an axis, or one per group. */
function parameter(op: string, name: string, value: number | Tensor, x: Tensor, axis: number | undefined, dtype: DType): Tensor {
  if (typeof value === 'number') {
    checkFinite(op, name, value)
    return scalar(value, dtype, x.device, op)
  }
  if (!(value instanceof Tensor)) {
    throw new SinterError('argument', `${name} is a number or a tensor, got ${describeValue(value)}`, { op })
  }
  const own = cast(value, dtype)
  if (own.size === 1) return reshape(own, [])
  if (isGrouped(own.shape, x.shape) && (axis === undefined || own.ndim > 1)) return ungrouped(own, x.shape)
  const at = axisArgument(op, x, axis ?? 0)
  if (own.ndim !== 1 || own.size !== x.shape[at]) {
    throw new SinterError('shape', `${name} has shape [${own.shape.join(', ')}]; it is one number, or one for each place of axis ${at}`, {
      op,
      operands: [x, value],
      hint: 'or it has as many dimensions as the tensor, of sizes that divide its sizes: one number for each group of neighbours',
    })
  }
  return reshape(
    own,
    x.shape.map((size, d) => (d === at ? size : 1)),
  )
}

/** Whether sizes are those of a tensor divided by whole numbers. */
const isGrouped = (groups: readonly number[], shape: readonly number[]): boolean =>
  groups.length === shape.length && groups.every((count, d) => count > 0 && shape[d]! % count === 0)

/** Values of groups of neighbours, repeated for each of the neighbours where that does not happen by itself. */
function ungrouped(values: Tensor, shape: readonly number[]): Tensor {
  const repeats = values.shape.map((count, d) => (count === 1 ? 1 : shape[d]! / count))
  if (repeats.every((repeat) => repeat === 1)) return values
  const apart = reshape(
    values,
    values.shape.flatMap((count) => [count, 1]),
  )
  const pairs = broadcastTo(
    apart,
    values.shape.flatMap((count, d) => [count, repeats[d]!]),
  )
  return reshape(
    pairs,
    values.shape.map((count, d) => count * repeats[d]!),
  )
}

function storedDType(op: string, dtype: unknown): 'int8' | 'uint8' {
  if (dtype === 'int8' || dtype === 'uint8') return dtype
  throw new SinterError('dtype', `quantizes to int8 or uint8, not to ${describeValue(dtype)}`, { op })
}

/**
 * round(x / scale) + zeroPoint, halves to even, cut to the range of int8 or uint8. scale and zeroPoint are numbers or tensors, of one element, of one per
 * place of an axis, or of one per group of neighbours: with the dimensions of x, their sizes dividing its own. MPSGraph: quantizeTensor:scaleTensor:zeroPointTensor:dataType:axis:name: and those with numbers.
 */
export function quantize(x: TensorLike, scale: number | Tensor, zeroPoint: number | Tensor = 0, options: QuantizeOptions = {}): Tensor {
  const op = 'quantize'
  checkOptions(op, options, ['dtype', 'axis'])
  const dtype = storedDType(op, options.dtype ?? 'int8')
  if (scale === 0) throw new SinterError('argument', 'scale is not 0, which nothing divides by', { op })
  const own = widened(floatingReal(x, op))
  const size = parameter(op, 'scale', scale, own, options.axis, own.dtype)
  const zero = parameter(op, 'zeroPoint', zeroPoint, own, options.axis, own.dtype)
  return stored(record(ops.add, [record(ops.round, [record(ops.div, [own, size])]), zero]), dtype)
}

/** Whole numbers cut to the range of an integer dtype. */
function stored(x: Tensor, dtype: DType, least: number | bigint = dtypeInfo[dtype].min): Tensor {
  const low = record(ops.maximum, [x, constant(least, x)])
  return cast(record(ops.minimum, [low, constant(dtypeInfo[dtype].max, x)]), dtype)
}

/**
 * (x - zeroPoint) * scale for integers x; parameters as for quantize. MPSGraph: dequantizeTensor:scaleTensor:zeroPointTensor:dataType:axis:name:, and without
 * an axis for groups.
 */
export function dequantize(x: Tensor, scale: number | Tensor, zeroPoint: number | Tensor = 0, options: DequantizeOptions = {}): Tensor {
  const op = 'dequantize'
  checkOptions(op, options, ['dtype', 'axis'])
  checkQuantized(op, x)
  const dtype = floatDType(op, options.dtype ?? 'float32')
  const kind = dtype === 'float64' ? 'float64' : 'float32'
  const own = cast(x, kind)
  const size = parameter(op, 'scale', scale, own, options.axis, kind)
  const centered = zeroPoint === 0 ? own : record(ops.sub, [own, parameter(op, 'zeroPoint', zeroPoint, own, options.axis, kind)])
  return cast(record(ops.mul, [centered, size]), dtype)
}

function checkQuantized(op: string, x: Tensor): void {
  checkTensor(op, x)
  if (!isInteger(x.dtype)) throw new SinterError('dtype', `works on integers, not on ${x.dtype}`, { op, operands: [x] })
}

function floatDType(op: string, dtype: DType): DType {
  checkDType(op, dtype)
  if (isFloat(dtype)) return dtype
  throw new SinterError('dtype', `gives floats, not ${dtype}`, { op })
}

export interface Quantized {
  readonly values: Tensor
  /** What values are multiplied by: rank 0, or one number per place of the axis. */
  readonly scale: Tensor
}

export interface SymmetricOptions {
  /** A scale for each place of this axis; default one for the whole tensor. */
  readonly axis?: number | undefined
}

/**
 * x as int8 from -127 to 127 and the scale max|x| / 127, so that zero stays zero: dequantize(values, scale, 0, { axis }) gives x back but for half a scale. A
 * tensor of zeros has scale 1.
 */
export function quantizeSymmetric(x: TensorLike, options: SymmetricOptions = {}): Quantized {
  const op = 'quantizeSymmetric'
  checkOptions(op, options, ['axis'])
  const own = widened(floatingReal(x, op))
  const kept = options.axis === undefined ? undefined : axisArgument(op, own, options.axis)
  const axes = own.shape.flatMap((_, d) => (d === kept ? [] : [d]))
  const peak = record(ops.max, [record(ops.abs, [own])], { axes, keepDims: true })
  const isZero = record(ops.equal, [peak, constant(0, peak)])
  const scale = record(ops.select, [isZero, constant(1, peak), record(ops.div, [peak, constant(127, peak)])])
  const values = stored(record(ops.round, [record(ops.div, [own, scale])]), 'int8', -127)
  return { values, scale: reshape(scale, kept === undefined ? [] : [own.shape[kept]!]) }
}

export interface LookupOptions {
  /** With a 2-D table: the axis whose places have a row of it each; default 0. */
  readonly axis?: number | undefined
  /** Each position stands for a vector, the last dimension of the table, which lies along this axis of the result. */
  readonly vectorAxis?: number | undefined
}

/**
 * table[x]: integers as positions in a table of values, [n], in a row per place of an axis, [places, n], or in a row per group of neighbours, [...groups, n] with
 * a group count for each dimension of x, which divides its size. With vectorAxis rows hold vectors, [n, length] or [...groups, n, length], and that axis of the
 * result is `length` times as long. Positions out of range give 0; negative ones count from the end. MPSGraph: dequantizeTensor:LUTTensor:name:, and with axis:.
 */
export function dequantizeLookup(x: Tensor, table: Tensor, options: LookupOptions = {}): Tensor {
  const op = 'dequantizeLookup'
  checkOptions(op, options, ['axis', 'vectorAxis'])
  checkQuantized(op, x)
  checkTensor(op, table, 'the table')
  const index = cast(x, 'int32')
  const { vectorAxis } = options
  if (vectorAxis !== undefined) {
    const at = axisArgument(op, x, vectorAxis)
    const vectors = lookedUp(op, index, table, 1)
    const shape = x.shape.map((size, d) => (d === at ? size * table.shape.at(-1)! : size))
    return reshape(moveaxis(vectors, -1, at + 1), shape)
  }
  if (table.ndim === x.ndim + 1 && options.axis === undefined && isGrouped(table.shape.slice(0, -1), x.shape))
    return lookedUp(op, index, table, 0)
  if (table.ndim === 1) return take(table, index, 0)
  const axis = axisArgument(op, x, options.axis ?? 0)
  const [places, n] = table.shape as [number, number]
  if (table.ndim !== 2 || places !== x.shape[axis]) {
    throw new SinterError('shape', `the table has shape [${table.shape.join(', ')}]; it is [n] or [${x.shape[axis]}, n]`, {
      op,
      operands: [x, table],
      hint: 'or a group count for each dimension of the positions, and n',
    })
  }
  const rows = reshape(moveaxis(index, axis, 0), [places, places === 0 ? 0 : x.size / places])
  const read = record(ops.takeAlongAxis, [table, rows], { axis: 1 })
  const moved = [places, ...x.shape.toSpliced(axis, 1)]
  return n === 0 ? cast(index, table.dtype) : moveaxis(reshape(read, moved), 0, axis)
}

/** The entries, of `inner` dimensions, of a table [n, ...] or [...groups, n, ...] at positions: their dimensions, then those of an entry. */
function lookedUp(op: string, index: Tensor, table: Tensor, inner: number): Tensor {
  const groups = table.shape.slice(0, -1 - inner)
  if (table.ndim <= inner || (groups.length > 0 && !isGrouped(groups, index.shape))) {
    const entry = ['n', 'length'].slice(0, 1 + inner).join(', ')
    throw new SinterError('shape', `the table has shape [${table.shape.join(', ')}]; it is [${entry}] or [...groups, ${entry}]`, {
      op,
      operands: [index, table],
      hint: 'there is a group count for each dimension of the positions, which divides its size',
    })
  }
  if (groups.length === 0) return take(table, index, 0)
  const n = table.shape[groups.length]!
  const number = (value: number): Tensor => constant(value, index)
  // The number of each position's group, row by row.
  let group = number(0)
  for (const [d, count] of groups.entries()) {
    if (count === 1) continue
    const along = index.shape.map((size, other) => (other === d ? size : 1))
    const own = record(ops.floorDiv, [iota('int32', along, d, index.device), number(index.shape[d]! / count)])
    group = record(ops.add, [group, record(ops.mul, [own, number(sizeOf(groups.slice(d + 1)))])])
  }
  const counted = record(ops.select, [record(ops.less, [index, number(0)]), record(ops.add, [index, number(n)]), index])
  const fits = record(ops.logicalAnd, [record(ops.greaterEqual, [counted, number(0)]), record(ops.less, [counted, number(n)])])
  const rows = sizeOf(groups) * n
  const flat = record(ops.add, [record(ops.mul, [group, number(n)]), counted])
  return take(reshape(table, [rows, ...table.shape.slice(groups.length + 1)]), record(ops.select, [fits, flat, number(rows)]), 0)
}

const halfByte = 4

/** Integers as 4 bits each, two to a byte along the last axis, whose size is even: the first in the low half. Higher bits are lost. */
export function packInt4(x: Tensor): Tensor {
  const op = 'packInt4'
  checkQuantized(op, x)
  const size = x.shape.at(-1)
  if (size === undefined || size % 2 !== 0) {
    throw new SinterError('shape', 'the last axis has an even number of elements', { op, operands: [x], hint: 'pad it' })
  }
  const pairs = reshape(cast(x, 'uint8'), [...x.shape.slice(0, -1), size / 2, 2])
  const half = (i: number): Tensor => reshape(sliceAxis(pairs, x.ndim, i, 1), pairs.shape.slice(0, -1))
  const low = record(ops.bitwiseAnd, [half(0), constant(15, pairs)])
  return record(ops.bitwiseOr, [low, record(ops.shiftLeft, [half(1), constant(halfByte, pairs)])])
}

export interface UnpackOptions {
  /** Whether the halves are -8 to 7 (int8, default) or 0 to 15 (uint8). */
  readonly signed?: boolean | undefined
}

/** The integers that packInt4 packed: the last axis has twice as many elements as x, uint8, has. */
export function unpackInt4(x: Tensor, options: UnpackOptions = {}): Tensor {
  const op = 'unpackInt4'
  checkOptions(op, options, ['signed'])
  checkTensor(op, x)
  if (x.dtype !== 'uint8' || x.ndim === 0)
    throw new SinterError('dtype', 'packed halves are a uint8 tensor of rank 1 or more', { op, operands: [x] })
  const signed = options.signed ?? true
  checkBoolean(op, 'signed', signed)
  const bytes = signed ? record(ops.bitcast, [x], { dtype: 'int8' }) : x
  // The low half moves up first, by 4; the high half is there already.
  const place = iota(bytes.dtype, [2], 0, x.device)
  const distance = record(ops.mul, [record(ops.sub, [constant(1, place), place]), constant(halfByte, place)])
  const up = record(ops.shiftLeft, [expandDims(bytes, -1), distance])
  const halves = record(ops.shiftRight, [up, constant(halfByte, up)])
  return reshape(halves, [...x.shape.slice(0, -1), x.shape.at(-1)! * 2])
}
