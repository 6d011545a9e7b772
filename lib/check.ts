// Checks of what users pass to public functions: options, axes, shapes, dtypes. Each throws a SinterError that names the function.

import { type DType, dtypes, isComplex, isDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { checkDeviceName } from './realize.js'
import { Tensor } from './tensor.js'

/** A JS value as error messages show it. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object') return `a ${value.constructor?.name ?? 'object'}`
  return String(value)
}

/** Throws `argument` for options that are not an object, or hold a name that is not known. */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options instanceof Tensor) {
    throw new SinterError('argument', `options are an object, got ${describeValue(options)}`, { op, hint: `as in { ${known[0]}: ... }` })
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new SinterError('argument', `there is no option '${name}'`, { op, hint: `options: ${known.join(', ')}` })
    }
  }
}

/** Throws `argument` unless the value is a tensor, which an option may give a name. */
export function checkTensor(op: string, x: unknown, name?: string): asserts x is Tensor {
  if (!(x instanceof Tensor)) {
    throw new SinterError('argument', `${name === undefined ? 'expected' : `${name} is`} a tensor, got ${describeValue(x)}`, {
      op,
      hint: 'wrap numbers and arrays with tensor(...)',
    })
  }
}

/** Throws `argument` unless the value is an integer of at least `least`. */
export function checkInteger(op: string, name: string, value: unknown, least = Number.MIN_SAFE_INTEGER): asserts value is number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    const what = least === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer of at least ${least}`
    throw new SinterError('argument', `${name} is ${what}, got ${describeValue(value)}`, { op })
  }
}

/** Throws `argument` unless the value is a JS number; NaN and the infinities pass. */
export function checkNumber(op: string, name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new SinterError('argument', `${name} is a number, got ${describeValue(value)}`, { op })
}

/** Throws `argument` unless the value is a finite number (and not negative). */
export function checkFinite(op: string, name: string, value: unknown, least = Number.NEGATIVE_INFINITY): asserts value is number {
  checkNumber(op, name, value)
  if (!Number.isFinite(value) || value < least)
    throw new SinterError('argument', `${name} is finite${least === 0 ? ' and not negative' : ''}, got ${value}`, { op })
}

/** Throws `argument` unless the value is true or false. */
export function checkBoolean(op: string, name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new SinterError('argument', `${name} is true or false, got ${describeValue(value)}`, { op })
}

/** Throws `dtype` unless the value names a dtype, complex ones included. */
export function checkAnyDType(op: string, dtype: unknown): asserts dtype is DType {
  if (!isDType(dtype)) {
    throw new SinterError('dtype', `${describeValue(dtype)} is not a dtype`, { op, hint: `dtypes: ${dtypes.join(', ')}` })
  }
}

/** Throws `dtype` unless the value names a dtype that is not complex. */
export function checkDType(op: string, dtype: unknown): asserts dtype is DType {
  checkAnyDType(op, dtype)
  if (!isComplex(dtype)) return
  throw new SinterError('dtype', `gives real tensors, not ${dtype}`, { op, hint: `convert the result: astype('${dtype}')` })
}

/** Throws unless the value names a device. */
export function checkDevice(op: string, device: unknown): asserts device is string {
  if (typeof device !== 'string') throw new SinterError('argument', `a device is a name, got ${describeValue(device)}`, { op })
  checkDeviceName(device)
}

/** A copy of a list of sizes (a single number is one size). Throws `argument` for other things, `shape` for sizes that are none. */
export function shapeArgument(op: string, shape: readonly number[] | number): number[] {
  const sizes = typeof shape === 'number' ? [shape] : shape
  if (!Array.isArray(sizes)) throw new SinterError('argument', `a shape is an array of sizes, got ${describeValue(shape)}`, { op })
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new SinterError('shape', `sizes are non-negative integers, got [${sizes.map(describeValue).join(', ')}]`, { op })
    }
  }
  return sizes.slice()
}

/** One axis of x as a non-negative number; negative ones count from the end. */
export function axisArgument(op: string, x: Tensor, axis: number): number {
  return axisOfRank(op, x.node.type.rank, axis, x)
}

/** One of `rank` axes as a non-negative number. */
export function axisOfRank(op: string, rank: number, axis: number, x?: Tensor): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis)) {
    throw new SinterError('argument', `an axis is an integer, got ${describeValue(axis)}`, { op, ...(x && { operands: [x] }) })
  }
  if (axis < -rank || axis >= rank) {
    const range = rank === 0 ? 'a rank-0 tensor has no axes' : `axes here are ${-rank} to ${rank - 1}`
    throw new SinterError('argument', `axis ${axis} is out of range`, { op, hint: range, ...(x && { operands: [x] }) })
  }
  return axis < 0 ? axis + rank : axis
}

/** Distinct axes in the given order, non-negative. */
export function axisList(op: string, x: Tensor, axes: readonly number[] | number, rank = x.node.type.rank): number[] {
  if (typeof axes === 'number') return [axisOfRank(op, rank, axes, x)]
  if (!Array.isArray(axes))
    throw new SinterError('argument', `axes are a number or an array, got ${describeValue(axes)}`, { op, operands: [x] })
  const list = (axes as readonly number[]).map((axis) => axisOfRank(op, rank, axis, x))
  if (new Set(list).size !== list.length) {
    throw new SinterError('argument', `axes [${axes.join(', ')}] name a dimension twice`, { op, operands: [x] })
  }
  return list
}

const everyAxis: readonly (readonly number[])[] = Array.from({ length: 17 }, (_, rank) =>
  Object.freeze(Array.from({ length: rank }, (_, i) => i)),
)

/** Axes to reduce over, ascending: all of them for undefined and null. */
export function reducedAxes(op: string, x: Tensor, axes: readonly number[] | number | null | undefined): readonly number[] {
  if (axes === undefined || axes === null) return everyAxis[x.node.type.rank]!
  return axisList(op, x, axes).sort((a, b) => a - b)
}

/** The axis of a function that works along one: given, or the only one there is. */
export function onlyAxis(op: string, x: Tensor, axis: number | undefined): number {
  if (axis !== undefined) return axisArgument(op, x, axis)
  if (x.node.type.rank === 1) return 0
  throw new SinterError('argument', `which axis? only a 1-D tensor has an obvious one`, { op, operands: [x], hint: 'pass the axis' })
}
