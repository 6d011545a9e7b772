// Making tensors: from data, and from rules (constants and index sequences, which hold no data until realized).

import { emit, inputNode } from '../ir/build.js'
import { type DType, dtypeInfo, isComplex, isInexact, isInteger, partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { typeOf } from '../ir/type.js'
import {
  checkAnyDType,
  checkBoolean,
  checkDevice,
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  describeValue,
  shapeArgument,
} from './check.js'
import { hostData, type TensorData } from './data.js'
import { constantOf, isHalf } from './operand.js'
import { type ComplexNumber, dtypeOfValue, isComplexNumber } from './promote.js'
import { bindData, defaultDevice } from './realize.js'
import { cast, record, scalar, scalarValue, wrap } from './record.js'
import { Tensor } from './tensor.js'

export interface CreateOptions {
  /** Element type; the default depends on the function. */
  readonly dtype?: DType | undefined
  /** Device name; default: SINTER_DEVICE or 'cpu'. */
  readonly device?: string | undefined
}

export interface TensorOptions extends CreateOptions {
  /** Shape to give the elements; default: that of the nested arrays. */
  readonly shape?: readonly number[] | undefined
}

const createNames = ['dtype', 'device']
const none: CreateOptions = {}

function checkCreate(op: string, options: CreateOptions, known = createNames): void {
  if (options === none) return
  checkOptions(op, options, known)
  if (options.dtype !== undefined) checkAnyDType(op, options.dtype)
  if (options.device !== undefined) checkDevice(op, options.device)
}

/**
 * A tensor of the given data, which is copied. Nested arrays of numbers are float32 by default, of bigints int64, of booleans bool; typed arrays keep
 * their own dtype; { re, im } objects are complex64. With dtype 'float16' or 'bfloat16' numbers are rounded, while a Uint16Array is taken as bit patterns. Integer dtypes refuse values
 * that are not whole or out of range.
 */
export function tensor(data: TensorData, options: TensorOptions = none): Tensor {
  checkCreate('tensor', options, ['dtype', 'shape', 'device'])
  if (data instanceof Tensor)
    throw new SinterError('argument', 'the data is a tensor already', {
      op: 'tensor',
      operands: [data],
      hint: 'use it as it is; change its dtype with x.astype(...)',
    })
  const host = hostData(data, options.dtype)
  const shape = options.shape === undefined ? host.shape : shapeArgument('tensor', options.shape)
  if (sizeOf(shape) !== sizeOf(host.shape)) {
    throw new SinterError('shape', `${sizeOf(host.shape)} elements do not fill shape [${shape.join(', ')}], which has ${sizeOf(shape)}`, {
      op: 'tensor',
    })
  }
  return fromData(host.data, host.dtype, shape, options.device ?? defaultDevice())
}

/** A tensor of elements in storage form, copied. */
export function fromData(data: Parameters<typeof bindData>[1], dtype: DType, shape: readonly number[], device: string): Tensor {
  const node = inputNode(typeOf(dtype, shape))
  bindData(node, data, device)
  return new Tensor(node, device)
}

/** Zeros of the given shape; float32 by default. */
export function zeros(shape: readonly number[] | number, options: CreateOptions = none): Tensor {
  return filled('zeros', shape, 0, options, 'float32')
}

/** Ones of the given shape; float32 by default. */
export function ones(shape: readonly number[] | number, options: CreateOptions = none): Tensor {
  return filled('ones', shape, 1, options, 'float32')
}

/** One value everywhere; the dtype follows the value (number float32, bigint int64, boolean bool, { re, im } complex64) unless given. */
export function full(
  shape: readonly number[] | number,
  value: number | bigint | boolean | ComplexNumber,
  options: CreateOptions = none,
): Tensor {
  return filled('full', shape, value, options, undefined)
}

/** Zeros with x's shape, dtype and device, unless options say otherwise. */
export function zerosLike(x: Tensor, options: CreateOptions = none): Tensor {
  return filledLike('zerosLike', x, 0, options)
}

/** Ones with x's shape, dtype and device, unless options say otherwise. */
export function onesLike(x: Tensor, options: CreateOptions = none): Tensor {
  return filledLike('onesLike', x, 1, options)
}

/** One value with x's shape, dtype and device, unless options say otherwise. */
export function fullLike(x: Tensor, value: number | bigint | boolean | ComplexNumber, options: CreateOptions = none): Tensor {
  return filledLike('fullLike', x, value, options)
}

function filledLike(op: string, x: Tensor, value: number | bigint | boolean | ComplexNumber, options: CreateOptions): Tensor {
  checkTensor(op, x)
  return filled(op, x.shape, value, options, x.dtype, x.device)
}

// Values that rewrites look for are baked into the graph; any other is a run-time scalar, so that changing it never recompiles.
const baked = new Set<number | bigint>([0, 1, -1, 2, 0.5, 0n, 1n, -1n, 2n])

function filled(
  op: string,
  shape: readonly number[] | number,
  value: number | bigint | boolean | ComplexNumber,
  options: CreateOptions,
  dtype: DType | undefined,
  device?: string,
): Tensor {
  checkCreate(op, options)
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean' && !isComplexNumber(value)) {
    throw new SinterError('argument', `the value is a number, bigint, boolean or { re, im }, got ${describeValue(value)}`, {
      op,
      hint: 'to repeat a tensor use broadcastTo',
    })
  }
  const sizes = shapeArgument(op, shape)
  const chosen = options.dtype ?? dtype ?? dtypeOfValue(value)
  const where = options.device ?? device ?? defaultDevice()
  if (typeof value === 'object') {
    if (!isComplex(chosen)) throw new SinterError('dtype', `a complex value does not fit ${chosen}`, { op, hint: 'choose a complex dtype' })
    return record(ops.broadcast, [scalar(value, chosen, where, op)], { shape: sizes })
  }
  if (isComplex(chosen)) return cast(filled(op, sizes, value, { device: where }, partDType(chosen)), chosen)
  const exact = scalarValue(value, chosen, op)
  if (baked.has(exact) || chosen === 'bool') return wrap(constantOf(exact, chosen, sizes, where).node, where)
  return record(ops.broadcast, [scalar(exact, chosen, where, op)], { shape: sizes })
}

/** The index along an axis, as a leaf. */
export function iota(dtype: DType, shape: readonly number[], axis: number, device: string): Tensor {
  return wrap(emit(ops.iota, [], { dtype, shape, axis }), device)
}

/**
 * Numbers from start (default 0) up to but without stop, by step (default 1): arange(stop), arange(start, stop), arange(start, stop, step).
 * float32 unless a dtype is given. Each element is start + i * step, computed in the result's dtype.
 */
export function arange(start: number, stop?: number | CreateOptions, step?: number | CreateOptions, options?: CreateOptions): Tensor {
  const op = 'arange'
  const numbers: number[] = [start]
  let given = options
  for (const argument of [stop, step]) {
    if (typeof argument === 'object' && argument !== null) given = argument
    else if (argument !== undefined) numbers.push(argument)
  }
  const chosen = given ?? none
  checkCreate(op, chosen)
  for (const number of numbers) {
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new SinterError('argument', `start, stop and step are finite numbers, got ${describeValue(number)}`, { op })
  }
  const [from, to] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!]
  const by = numbers[2] ?? 1
  if (by === 0) throw new SinterError('argument', 'step is 0', { op })
  const size = Math.max(0, Math.ceil((to - from) / by))
  const dtype = chosen.dtype ?? 'float32'
  if (dtype === 'bool') throw new SinterError('dtype', 'bool cannot count', { op, hint: 'use an integer dtype' })
  if (size > 0 && isInteger(dtype)) {
    scalarValue(from, dtype, op)
    scalarValue(from + (size - 1) * by, dtype, op)
    if (!Number.isInteger(by)) scalarValue(by, dtype, op)
  }
  return sequence(size, from, by, dtype, chosen.device ?? defaultDevice())
}

function sequence(size: number, from: number, by: number, dtype: DType, device: string): Tensor {
  // Unsigned dtypes count down too: in a signed dtype of the same width the wrapped result is the same.
  const kind = isHalf(dtype) ? 'float32' : dtypeInfo[dtype].kind === 'uint' && by < 0 ? 'int64' : partDType(dtype)
  let x = iota(kind, [size], 0, device)
  if (by !== 1 && size > 1) x = record(ops.mul, [x, scalar(by, kind, device, 'arange')])
  if (from !== 0) x = record(ops.add, [x, scalar(from, kind, device, 'arange')])
  return cast(x, dtype)
}

export interface LinspaceOptions extends CreateOptions {
  /** Whether stop is the last element; default true. */
  readonly endpoint?: boolean | undefined
}

/** `num` (default 50) evenly spaced numbers from start to stop, both exact; float32 by default. Integer dtypes round down. */
export function linspace(start: number, stop: number, num = 50, options: LinspaceOptions = none): Tensor {
  const op = 'linspace'
  checkCreate(op, options, [...createNames, 'endpoint'])
  checkNumber(op, 'start', start)
  checkNumber(op, 'stop', stop)
  checkInteger(op, 'num', num, 0)
  if (options.endpoint !== undefined) checkBoolean(op, 'endpoint', options.endpoint)
  const dtype = options.dtype ?? 'float32'
  const device = options.device ?? defaultDevice()
  const kind = partDType(dtype) === 'float64' ? 'float64' : 'float32'
  const divisor = Math.max(1, options.endpoint === false ? num : num - 1)
  // Both ends weigh in, as in JAX: start * (1 - t) + stop * t is exact at t = 0 and t = 1 and errs by an ulp or two between.
  const t = record(ops.div, [iota(kind, [num], 0, device), constantOf(divisor, kind, [], device)])
  const rest = record(ops.sub, [constantOf(1, kind, [], device), t])
  const left = record(ops.mul, [rest, scalar(start, kind, device, op)])
  const right = record(ops.mul, [t, scalar(stop, kind, device, op)])
  const line = record(ops.add, [left, right])
  return cast(isInexact(dtype) ? line : record(ops.floor, [line]), dtype)
}

export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, positive above, negative below. */
  readonly k?: number | undefined
}

/** An n by m matrix (m defaults to n) with ones on diagonal k, zeros elsewhere; float32 by default. */
export function eye(n: number, m?: number | (CreateOptions & DiagonalOptions), options?: CreateOptions & DiagonalOptions): Tensor {
  const op = 'eye'
  const given = (typeof m === 'object' && m !== null ? m : options) ?? none
  const columns = typeof m === 'number' ? m : n
  checkCreate(op, given, [...createNames, 'k'])
  checkInteger(op, 'the number of rows', n, 0)
  checkInteger(op, 'the number of columns', columns, 0)
  const device = given.device ?? defaultDevice()
  return cast(compareDiagonal(op, ops.equal, n, columns, (given as DiagonalOptions).k ?? 0, device), given.dtype ?? 'float32')
}

/** row + k against column, as a bool matrix. */
function compareDiagonal(op: string, compare: typeof ops.equal, n: number, m: number, k: number, device: string): Tensor {
  checkInteger(op, 'k', k)
  const rows = iota('int32', [n, 1], 0, device)
  // Diagonals beyond the corners are all alike; k is kept within int32.
  const offset = Math.max(-n - 1, Math.min(m + 1, k))
  const shifted = offset === 0 ? rows : record(ops.add, [rows, constantOf(offset, 'int32', [], device)])
  return record(compare, [shifted, iota('int32', [1, m], 1, device)])
}

/** The lower triangle of the last two dimensions: elements above diagonal k become 0. */
export function tril(x: Tensor, options: DiagonalOptions = {}): Tensor {
  return triangle('tril', ops.greaterEqual, x, options)
}

/** The upper triangle of the last two dimensions: elements below diagonal k become 0. */
export function triu(x: Tensor, options: DiagonalOptions = {}): Tensor {
  return triangle('triu', ops.lessEqual, x, options)
}

function triangle(op: string, compare: typeof ops.equal, x: Tensor, options: DiagonalOptions): Tensor {
  checkTensor(op, x)
  checkOptions(op, options, ['k'])
  if (x.ndim < 2) throw new SinterError('shape', 'needs at least two dimensions', { op, operands: [x] })
  const [n, m] = x.shape.slice(-2) as [number, number]
  const mask = compareDiagonal(op, compare, n, m, options.k ?? 0, x.device)
  return record(ops.select, [mask, x, constantOf(0, x.dtype, [], x.device)])
}
