// Random numbers by distribution.

import { type DType, dtypeInfo, isFloat, isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { roundTo } from '../ir/host.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { checkDType, checkFinite, checkNumber, checkOptions, describeValue, shapeArgument } from './check.js'
import { bitsOf, type Call, gumbelOf, integersOf, normalOf, openCall, type RandomOptions, uniformOf } from './generate.js'
import { constantOf } from './operand.js'
import { record, scalar } from './record.js'
import { reshape } from './shape.js'
import { erfinvOfXla } from './special.js'
import { Tensor } from './tensor.js'

type ShapeLike = readonly number[] | number

function floatOption(op: string, dtype: DType | undefined): DType {
  if (dtype === undefined) return 'float32'
  checkDType(op, dtype)
  if (!isFloat(dtype)) throw new SinterError('dtype', `draws floats, not ${dtype}`, { op, hint: 'for integers use random.randint' })
  return dtype
}

function rangeOption(op: string, name: string, value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise
  checkFinite(op, name, value)
  return value
}

/** Splits the arguments of (key?, shape, options?). */
function shaped<O extends RandomOptions>(
  op: string,
  args: readonly unknown[],
  names: readonly string[],
): Call & { shape: number[]; n: number; options: O } {
  const keyed = args[0] instanceof Tensor || args[0] === undefined
  const options = (args[keyed ? 2 : 1] ?? {}) as O
  checkOptions(op, options, ['dtype', 'device', ...names])
  const shape = shapeArgument(op, args[keyed ? 1 : 0] as ShapeLike)
  return { ...openCall(op, args, args[0] instanceof Tensor, options), shape, n: sizeOf(shape), options }
}

export interface BitsOptions extends RandomOptions {
  /** An unsigned dtype; default uint32. */
  readonly dtype?: DType | undefined
}

/** Random bits of the given shape in an unsigned dtype (default uint32). */
export function bits(key: Tensor, shape: ShapeLike, options?: BitsOptions): Tensor
export function bits(shape: ShapeLike, options?: BitsOptions): Tensor
export function bits(...args: readonly unknown[]): Tensor {
  const { words, shape, n, options } = shaped<BitsOptions>('bits', args, [])
  const dtype = options.dtype ?? 'uint32'
  checkDType('bits', dtype)
  if (dtypeInfo[dtype].kind !== 'uint')
    throw new SinterError('dtype', `random bits are unsigned, not ${dtype}`, { op: 'bits', hint: 'use uint8, uint16, uint32 or uint64' })
  return reshape(bitsOf(words, dtype, n), shape)
}

export interface UniformOptions extends RandomOptions {
  /** Lowest value, included; default 0. */
  readonly min?: number | undefined
  /** Upper bound, excluded (but for rounding); default 1. */
  readonly max?: number | undefined
}

/** Numbers evenly distributed over [min, max), by default [0, 1); float32 unless a floating dtype is given. */
export function uniform(key: Tensor, shape: ShapeLike, options?: UniformOptions): Tensor
export function uniform(shape: ShapeLike, options?: UniformOptions): Tensor
export function uniform(...args: readonly unknown[]): Tensor {
  const op = 'uniform'
  const { words, shape, n, options } = shaped<UniformOptions>(op, args, ['min', 'max'])
  const [min, max] = [rangeOption(op, 'min', options.min, 0), rangeOption(op, 'max', options.max, 1)]
  if (min > max) throw new SinterError('argument', `min ${min} is above max ${max}`, { op })
  return reshape(uniformOf(words, floatOption(op, options.dtype), n, min, max), shape)
}

export interface NormalOptions extends RandomOptions {
  /** Default 0. */
  readonly mean?: number | undefined
  /** Standard deviation; default 1. */
  readonly std?: number | undefined
}

/** Normally distributed numbers; float32 unless a floating dtype is given. */
export function normal(key: Tensor, shape: ShapeLike, options?: NormalOptions): Tensor
export function normal(shape: ShapeLike, options?: NormalOptions): Tensor
export function normal(...args: readonly unknown[]): Tensor {
  const op = 'normal'
  const { words, shape, n, options, device } = shaped<NormalOptions>(op, args, ['mean', 'std'])
  const [mean, std] = [rangeOption(op, 'mean', options.mean, 0), rangeOption(op, 'std', options.std, 1)]
  if (std < 0) throw new SinterError('argument', `std is at least 0, got ${std}`, { op })
  const dtype = floatOption(op, options.dtype)
  let x = normalOf(words, dtype, n)
  if (std !== 1) x = record(ops.mul, [x, scalar(std, dtype, device, op)])
  if (mean !== 0) x = record(ops.add, [x, scalar(mean, dtype, device, op)])
  return reshape(x, shape)
}

/** Normally distributed numbers (mean 0, standard deviation 1) between min and max; float32 unless a floating dtype is given. */
export function truncatedNormal(key: Tensor, shape: ShapeLike, min: number, max: number, options?: RandomOptions): Tensor
export function truncatedNormal(shape: ShapeLike, min: number, max: number, options?: RandomOptions): Tensor
export function truncatedNormal(...args: readonly unknown[]): Tensor {
  const op = 'truncatedNormal'
  const keyed = args[0] instanceof Tensor || args[0] === undefined
  const [size, min, max, given] = (keyed ? args.slice(1) : args) as [ShapeLike, number, number, RandomOptions | undefined]
  const { words, shape, n, options, device } = shaped<RandomOptions>(op, keyed ? [args[0], size, given] : [size, given], [])
  checkNumber(op, 'min', min)
  checkNumber(op, 'max', max)
  if (!(min < max)) throw new SinterError('argument', `min ${min} is not below max ${max}`, { op })
  const dtype = floatOption(op, options.dtype)
  const [low, high] = [min, max].map((bound) => scalar(bound, dtype, device, op)) as [Tensor, Tensor]
  const root = constantOf(roundTo(dtype, Math.SQRT2), dtype, [], device)
  const [from, to] = [low, high].map((bound) => record(ops.erf, [record(ops.div, [bound, root])])) as [Tensor, Tensor]
  const unit = uniformOf(words, dtype, n, 0, 1)
  const u = record(ops.maximum, [from, record(ops.add, [record(ops.mul, [unit, record(ops.sub, [to, from])]), from])])
  const x = record(ops.mul, [root, erfinvOfXla(u)])
  return reshape(record(ops.minimum, [record(ops.maximum, [x, low]), high]), shape)
}

/** Numbers of the exponential distribution with mean 1; float32 unless a floating dtype is given. */
export function exponential(key: Tensor, shape: ShapeLike, options?: RandomOptions): Tensor
export function exponential(shape: ShapeLike, options?: RandomOptions): Tensor
export function exponential(...args: readonly unknown[]): Tensor {
  const { words, shape, n, options } = shaped<RandomOptions>('exponential', args, [])
  const u = uniformOf(words, floatOption('exponential', options.dtype), n, 0, 1)
  return reshape(record(ops.neg, [record(ops.log1p, [record(ops.neg, [u])])]), shape)
}

/** Numbers of the standard Gumbel distribution; float32 unless a floating dtype is given. */
export function gumbel(key: Tensor, shape: ShapeLike, options?: RandomOptions): Tensor
export function gumbel(shape: ShapeLike, options?: RandomOptions): Tensor
export function gumbel(...args: readonly unknown[]): Tensor {
  const { words, shape, n, options } = shaped<RandomOptions>('gumbel', args, [])
  return reshape(gumbelOf(words, floatOption('gumbel', options.dtype), n), shape)
}

/** Integers evenly distributed over [min, max); int32 unless an integer dtype is given. */
export function randint(key: Tensor, shape: ShapeLike, min: number | bigint, max: number | bigint, options?: RandomOptions): Tensor
export function randint(shape: ShapeLike, min: number | bigint, max: number | bigint, options?: RandomOptions): Tensor
export function randint(...args: readonly unknown[]): Tensor {
  const op = 'randint'
  const keyed = args[0] instanceof Tensor || args[0] === undefined
  const [size, min, max, given] = (keyed ? args.slice(1) : args) as [ShapeLike, number | bigint, number | bigint, RandomOptions | undefined]
  const { words, shape, n, options } = shaped<RandomOptions>(op, keyed ? [args[0], size, given] : [size, given], [])
  const dtype = options.dtype ?? 'int32'
  checkDType(op, dtype)
  if (!isInteger(dtype)) throw new SinterError('dtype', `draws integers, not ${dtype}`, { op })
  return reshape(integersOf(op, words, dtype, n, boundOf(op, 'min', min), boundOf(op, 'max', max)), shape)
}

function boundOf(op: string, name: string, value: number | bigint): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new SinterError('argument', `${name} is an integer, got ${describeValue(value)}`, { op })
  return BigInt(value)
}
