// Random numbers from an explicit Philox4x32-10 state: every draw gives its numbers and the next state. The numbers of bits, uniform, normal by Box and Muller
// and randint are those of PyTorch's stateless generator for the key [seed, offset], which is the state of key `seed` and counter `offset`.

import { type DType, dtypeInfo, isBig, isFloat, isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { checkDType, checkFinite, checkNumber, checkOptions, describeValue, shapeArgument } from './check.js'
import { constant, constantOf, isHalf } from './operand.js'
import { drawBlocks, interleave } from './philox-words.js'
import { cast, floating, record, scalar, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import { erfinv } from './special.js'
import type { Tensor } from './tensor.js'

export { type PhiloxCounter, state } from './philox-words.js'

type ShapeLike = readonly number[] | number

/** The numbers, and the state to draw from next. */
export type Draw = [value: Tensor, state: Tensor]

export interface PhiloxOptions {
  /** float32 by default; for bits uint32, for integers int32. */
  readonly dtype?: DType | undefined
}

export interface PhiloxUniformOptions extends PhiloxOptions {
  /** Lowest value, included; default 0. */
  readonly min?: number | undefined
  /** Upper bound, excluded (but for rounding); default 1. */
  readonly max?: number | undefined
}

export interface PhiloxNormalOptions extends PhiloxOptions {
  /** Default 0. */
  readonly mean?: number | undefined
  /** Standard deviation, at least 0; default 1. */
  readonly std?: number | undefined
  /** How: by Box and Muller (1958), the default, or by the inverse of the cumulative distribution. */
  readonly samplingMethod?: 'boxMuller' | 'inverseCdf' | undefined
}

export interface PhiloxTruncatedOptions extends PhiloxOptions {
  /** Of the distribution before it is cut; defaults 0 and 1. */
  readonly mean?: number | undefined
  readonly std?: number | undefined
}

const and = (a: Tensor, b: number | bigint): Tensor => record(ops.bitwiseAnd, [a, constant(b, a)])
const shiftRight = (a: Tensor, by: number): Tensor => record(ops.shiftRight, [a, constant(isBig(a.dtype) ? BigInt(by) : by, a)])
const times = (a: Tensor, b: number): Tensor => record(ops.mul, [a, constant(b, a)])
const plus = (a: Tensor, b: number): Tensor => record(ops.add, [a, constant(b, a)])

/** n numbers made from random words: of 32 bits, or of 64 (the earlier word is the upper half). `convert` gives as many tensors as it takes. */
function draw(
  op: string,
  state: unknown,
  shape: ShapeLike,
  wide: boolean,
  convert: (words: readonly Tensor[]) => readonly Tensor[],
): { value: Tensor; next: Tensor } {
  const sizes = shapeArgument(op, shape)
  const n = sizeOf(sizes)
  const { words, next } = drawBlocks(op, state, Math.ceil(n / (wide ? 2 : 4)))
  const [a, b, c, d] = words as [Tensor, Tensor, Tensor, Tensor]
  const parts = convert(wide ? [joined(a, b), joined(c, d)] : words)
  return { value: reshape(interleave(parts, n), sizes), next }
}

function joined(high: Tensor, low: Tensor): Tensor {
  const upper = cast(high, 'uint64')
  return record(ops.bitwiseOr, [record(ops.shiftLeft, [upper, constant(32n, upper)]), cast(low, 'uint64')])
}

function floatOption(op: string, dtype: DType | undefined): DType {
  if (dtype === undefined) return 'float32'
  checkDType(op, dtype)
  if (!isFloat(dtype)) throw new SinterError('dtype', `draws floats, not ${dtype}`, { op, hint: 'for integers use philox.randint' })
  return dtype
}

/** Random bits of the given shape in an unsigned dtype (default uint32): a word per element, the lower bits of it, or two words for uint64. */
export function bits(state: Tensor, shape: ShapeLike, options: PhiloxOptions = {}): Draw {
  const op = 'bits'
  checkOptions(op, options, ['dtype'])
  const { dtype = 'uint32' } = options
  checkDType(op, dtype)
  if (dtypeInfo[dtype].kind !== 'uint')
    throw new SinterError('dtype', `random bits are unsigned, not ${dtype}`, { op, hint: 'use uint8, uint16, uint32 or uint64' })
  const { value, next } = draw(op, state, shape, isBig(dtype), (words) => words.map((word) => cast(word, dtype)))
  return [value, next]
}

/** The digits of each dtype's mantissa. */
const digits: Readonly<Partial<Record<DType, number>>> = { float64: 53, float32: 24, float16: 11, bfloat16: 8 }

/** As many lower bits as the dtype has digits, as a fraction in [0, 1). */
function fraction(word: Tensor, dtype: DType): Tensor {
  const count = digits[dtype]!
  const mask = isBig(word.dtype) ? (1n << BigInt(count)) - 1n : 2 ** count - 1
  return times(cast(and(word, mask), dtype), 2 ** -count)
}

/** Numbers evenly distributed over [min, max), by default [0, 1). MPSGraph: randomUniformTensorWithShape, and the uniform distribution of descriptors. */
export function uniform(state: Tensor, shape: ShapeLike, options: PhiloxUniformOptions = {}): Draw {
  const op = 'uniform'
  checkOptions(op, options, ['dtype', 'min', 'max'])
  const { min = 0, max = 1 } = options
  checkFinite(op, 'min', min)
  checkFinite(op, 'max', max)
  if (min > max) throw new SinterError('argument', `min ${min} is above max ${max}`, { op })
  const dtype = floatOption(op, options.dtype)
  const { value, next } = draw(op, state, shape, dtype === 'float64', (words) => words.map((word) => fraction(word, dtype)))
  return [min === 0 && max === 1 ? value : moved(op, value, max - min, min), next]
}

/** value * scale + offset, the numbers as run-time slots. */
function moved(op: string, value: Tensor, scale: number, offset: number): Tensor {
  const scaled = scale === 1 ? value : record(ops.mul, [value, scalar(scale, value.dtype, value.device, op)])
  return offset === 0 ? scaled : record(ops.add, [scaled, scalar(offset, value.dtype, value.device, op)])
}

/** Normally distributed numbers. MPSGraph: the normal distribution of descriptors, with its sampling methods; no number is NaN or infinite. */
export function normal(state: Tensor, shape: ShapeLike, options: PhiloxNormalOptions = {}): Draw {
  const op = 'normal'
  checkOptions(op, options, ['dtype', 'mean', 'std', 'samplingMethod'])
  const { mean = 0, std = 1, samplingMethod = 'boxMuller' } = options
  checkFinite(op, 'mean', mean)
  checkDeviation(op, std)
  if (samplingMethod !== 'boxMuller' && samplingMethod !== 'inverseCdf') {
    throw new SinterError('argument', `there is no sampling method ${describeValue(samplingMethod)}`, {
      op,
      hint: 'boxMuller or inverseCdf',
    })
  }
  const dtype = floatOption(op, options.dtype)
  const own = isHalf(dtype) ? 'float32' : dtype
  const convert = samplingMethod === 'boxMuller' ? boxMuller : inverseCdf
  const { value, next } = draw(op, state, shape, own === 'float64', (words) => convert(words, own))
  return [cast(moved(op, value, std, mean), dtype), next]
}

function checkDeviation(op: string, std: number): void {
  checkFinite(op, 'std', std)
  if (std < 0) throw new SinterError('argument', `std is at least 0, got ${std}`, { op })
}

function boxMuller(words: readonly Tensor[], dtype: DType): Tensor[] {
  const width = isBig(words[0]!.dtype) ? 64 : 32
  // In (0, 1], so that the logarithm is finite.
  const unit = words.map((word) => plus(times(cast(word, dtype), 2 ** -width), 2 ** (-width - 1)))
  const numbers: Tensor[] = []
  for (let i = 0; i < unit.length; i += 2) {
    const radius = record(ops.sqrt, [times(record(ops.log, [unit[i]!]), -2)])
    const angle = times(unit[i + 1]!, 2 * Math.PI)
    for (const part of [ops.cos, ops.sin]) numbers.push(record(ops.mul, [radius, record(part, [angle])]))
  }
  return numbers
}

const inverseCdf = (words: readonly Tensor[], dtype: DType): Tensor[] =>
  words.map((word) => times(erfinv(centred(word, dtype)), Math.SQRT2))

/** A number in (-1, 1) whose distribution is symmetric: odd multiples of an ulp, which are exact. */
function centred(word: Tensor, dtype: DType): Tensor {
  const wide = isBig(word.dtype)
  const count = digits[dtype]!
  const index = cast(shiftRight(word, (wide ? 64 : 32) - count), wide ? 'int64' : 'int32')
  const whole = (value: number): Tensor => constant(wide ? BigInt(value) : value, index)
  const odd = record(ops.add, [record(ops.mul, [index, whole(2)]), whole(1 - 2 ** count)])
  return times(cast(odd, dtype), 2 ** -count)
}

/**
 * Normally distributed numbers between min and max, by the inverse of the cumulative distribution.
 * MPSGraph: the truncated normal distribution of descriptors.
 */
export function truncatedNormal(state: Tensor, shape: ShapeLike, min: number, max: number, options: PhiloxTruncatedOptions = {}): Draw {
  const op = 'truncatedNormal'
  checkOptions(op, options, ['dtype', 'mean', 'std'])
  const { mean = 0, std = 1 } = options
  checkFinite(op, 'mean', mean)
  checkDeviation(op, std)
  checkNumber(op, 'min', min)
  checkNumber(op, 'max', max)
  if (!(min < max)) throw new SinterError('argument', `min ${min} is not below max ${max}`, { op })
  if (std === 0) throw new SinterError('argument', 'std is above 0, got 0', { op })
  const dtype = floatOption(op, options.dtype)
  const own = isHalf(dtype) ? 'float32' : dtype
  const { value, next } = draw(op, state, shape, own === 'float64', (words) => words.map((word) => fraction(word, own)))
  const number = (x: number): Tensor => scalar(x, own, value.device, op)
  const [from, to] = [min, max].map((bound) => record(ops.erf, [number((bound - mean) / std / Math.SQRT2)])) as [Tensor, Tensor]
  const drawn = record(ops.add, [record(ops.mul, [value, record(ops.sub, [to, from])]), from])
  // Short of 1 and -1, where the inverse is infinite: an infinite bound is no result.
  const most = 1 - 2 ** -digits[own]!
  const u = record(ops.minimum, [record(ops.maximum, [drawn, constant(-most, drawn)]), constant(most, drawn)])
  const x = moved(op, times(erfinv(u), Math.SQRT2), std, mean)
  return [cast(record(ops.minimum, [record(ops.maximum, [x, number(min)]), number(max)]), dtype), next]
}

/**
 * Integers evenly distributed over [min, max), int32 unless an integer dtype is given: random words modulo the size of the range, two words where the dtype has 64
 * bits, or where the bias of a large range would show in 32. MPSGraph's descriptors include their maximum.
 */
export function randint(state: Tensor, shape: ShapeLike, min: number | bigint, max: number | bigint, options: PhiloxOptions = {}): Draw {
  const op = 'randint'
  checkOptions(op, options, ['dtype'])
  const { dtype = 'int32' } = options
  checkDType(op, dtype)
  if (!isInteger(dtype)) throw new SinterError('dtype', `draws integers, not ${dtype}`, { op, hint: 'for floats use philox.uniform' })
  const [low, high] = [whole(op, 'min', min), whole(op, 'max', max)]
  const info = dtypeInfo[dtype]
  if (low >= high) throw new SinterError('argument', `no integer is at least ${low} and below ${high}`, { op })
  if (low < BigInt(info.min) || high > BigInt(info.max) + 1n) {
    throw new SinterError('argument', `[${low}, ${high}) reaches beyond ${dtype}, which holds ${info.min} to ${info.max}`, {
      op,
      hint: 'choose a wider dtype',
    })
  }
  const span = high - low
  // In 32 bits the bias of a large range that does not divide 2^32 would show.
  const wide = isBig(dtype) || (span >= 1n << 28n && (1n << 32n) % span !== 0n)
  const width = wide ? 64n : 32n
  const { value, next } = draw(op, state, shape, wide, (words) =>
    words.map((word) => {
      const offset = span === 1n << width ? word : record(ops.rem, [word, scalar(wide ? span : Number(span), word.dtype, word.device, op)])
      const own = cast(offset, dtype)
      return low === 0n ? own : record(ops.add, [own, scalar(isBig(dtype) ? low : Number(low), dtype, own.device, op)])
    }),
  )
  return [value, next]
}

/**
 * Each element of x set to 0 with probability `rate`, the others divided by 1 - rate: those are kept whose number of philox.uniform(state, x.shape) is below
 * 1 - rate. The rate is no part of the compiled plan. Integers become float32. MPSGraph: dropoutTensor:rate:name:, which has no state.
 */
export function dropout(state: Tensor, x: TensorLike, rate = 0.5): Draw {
  const op = 'dropout'
  checkNumber(op, 'rate', rate)
  if (!(rate >= 0 && rate <= 1)) throw new SinterError('argument', `the rate lies between 0 and 1, got ${rate}`, { op })
  const own = floating(x, op)
  const [drawn, next] = uniform(state, own.shape)
  const kept = record(ops.less, [drawn, scalar(1 - rate, 'float32', own.device, op)])
  const scaled = record(ops.mul, [own, scalar(rate === 1 ? 0 : 1 / (1 - rate), own.dtype, own.device, op)])
  return [record(ops.select, [kept, scaled, constantOf(0, own.dtype, [], own.device)]), next]
}

function whole(op: string, name: string, value: number | bigint): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new SinterError('argument', `${name} is an integer, got ${describeValue(value)}`, { op })
  return BigInt(value)
}
