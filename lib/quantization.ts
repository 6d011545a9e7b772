// Numbers as small integers times a scale, and products of them. Composites that fuse with their neighbours. Rounding has no gradient: none flows back
// through quantize, and dequantize of integers has none to give but to its scale.

import { type DType, dtypeInfo, isFloat, isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, checkBoolean, checkDType, checkFinite, checkOptions, checkTensor, describeValue } from './check.js'
import { iota } from './create.js'
import { take } from './gather.js'
import { sliceAxis } from './join.js'
import { constant, widened } from './operand.js'
import { cast, floating, record, scalar, type TensorLike } from './record.js'
import { expandDims, moveaxis, reshape } from './shape.js'
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

/** A scale or zero point as it broadcasts with x: a number, a tensor of one element, or one with an element per place of an axis. */
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
  const at = axisArgument(op, x, axis ?? 0)
  if (own.ndim !== 1 || own.size !== x.shape[at]) {
    throw new SinterError('shape', `${name} has shape [${own.shape.join(', ')}]; it is one number, or one for each place of axis ${at}`, {
      op,
      operands: [x, value],
    })
  }
  return reshape(
    own,
    x.shape.map((size, d) => (d === at ? size : 1)),
  )
}

function storedDType(op: string, dtype: unknown): 'int8' | 'uint8' {
  if (dtype === 'int8' || dtype === 'uint8') return dtype
  throw new SinterError('dtype', `quantizes to int8 or uint8, not to ${describeValue(dtype)}`, { op })
}

/**
 * round(x / scale) + zeroPoint, halves to even, cut to the range of int8 or uint8. scale and zeroPoint are numbers or tensors, of one element or of one per
 * place of an axis. MPSGraph: quantizeTensor:scaleTensor:zeroPointTensor:dataType:axis:name: and those with numbers.
 */
export function quantize(x: TensorLike, scale: number | Tensor, zeroPoint: number | Tensor = 0, options: QuantizeOptions = {}): Tensor {
  const op = 'quantize'
  checkOptions(op, options, ['dtype', 'axis'])
  const dtype = storedDType(op, options.dtype ?? 'int8')
  if (scale === 0) throw new SinterError('argument', 'scale is not 0, which nothing divides by', { op })
  const own = widened(floating(x, op))
  const size = parameter(op, 'scale', scale, own, options.axis, own.dtype)
  const zero = parameter(op, 'zeroPoint', zeroPoint, own, options.axis, own.dtype)
  return stored(record(ops.add, [record(ops.round, [record(ops.div, [own, size])]), zero]), dtype)
}

/** Whole numbers cut to the range of an integer dtype. */
function stored(x: Tensor, dtype: DType, least: number | bigint = dtypeInfo[dtype].min): Tensor {
  const low = record(ops.maximum, [x, constant(least, x)])
  return cast(record(ops.minimum, [low, constant(dtypeInfo[dtype].max, x)]), dtype)
}

/** (x - zeroPoint) * scale for integers x; parameters as for quantize. MPSGraph: dequantizeTensor:scaleTensor:zeroPointTensor:dataType:axis:name:. */
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
  const own = widened(floating(x, op))
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
}

/**
 * table[x]: integers as positions in a table of values, [n], or in a row per place of an axis, [places, n]. Positions out of range give 0. MPSGraph:
 * dequantizeTensor:LUTTensor:name:.
 */
export function dequantizeLookup(x: Tensor, table: Tensor, options: LookupOptions = {}): Tensor {
  const op = 'dequantizeLookup'
  checkOptions(op, options, ['axis'])
  checkQuantized(op, x)
  checkTensor(op, table)
  const index = cast(x, 'int32')
  if (table.ndim === 1) return take(table, index, 0)
  const axis = axisArgument(op, x, options.axis ?? 0)
  const [places, n] = table.shape as [number, number]
  if (table.ndim !== 2 || places !== x.shape[axis]) {
    throw new SinterError('shape', `the table has shape [${table.shape.join(', ')}]; it is [n] or [${x.shape[axis]}, n]`, {
      op,
      operands: [x, table],
    })
  }
  const rows = reshape(moveaxis(index, axis, 0), [places, -1])
  const read = record(ops.takeAlongAxis, [table, rows], { axis: 1 })
  const moved = [places, ...x.shape.toSpliced(axis, 1)]
  return n === 0 ? cast(index, table.dtype) : moveaxis(reshape(read, moved), 0, axis)
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
