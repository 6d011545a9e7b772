// How random bits become numbers: flat tensors of n elements from the words of a key. The algorithms are JAX's (jax/_src/random).

import { type DType, dtypeInfo } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { roundTo } from '../ir/host.js'
import { ops } from '../ir/ops/index.js'
import { checkDevice } from './check.js'
import { iota } from './create.js'
import { splitWords, threefry, type Words, wordsOf } from './key.js'
import { constant } from './operand.js'
import { defaultDevice } from './realize.js'
import { cast, record, scalar } from './record.js'
import { erfinvOfXla } from './special.js'
import { Tensor } from './tensor.js'

export interface RandomOptions {
  readonly dtype?: DType | undefined
  /** Device of the result when no key says it. */
  readonly device?: string | undefined
}

/** The arguments after an optional leading key. */
export interface Call {
  readonly words: Words
  readonly device: string
  readonly rest: readonly unknown[]
}

/** Splits off the key; `keyed` says whether the first argument is one. Options are the last of `count` arguments. */
export function openCall(op: string, args: readonly unknown[], keyed: boolean, options: RandomOptions | undefined): Call {
  const given = keyed ? (args[0] as Tensor) : undefined
  if (options?.device !== undefined) checkDevice(op, options.device)
  const device = given instanceof Tensor ? given.device : (options?.device ?? defaultDevice())
  return { words: wordsOf(op, given, device), device, rest: keyed ? args.slice(1) : args }
}

/** n elements of random bits in an unsigned dtype. */
export function bitsOf(words: Words, dtype: DType, n: number): Tensor {
  if (n > 2 ** 32) throw new SinterError('shape', `${n} random numbers from one key, at most 2^32`, { op: 'random', hint: 'split the key' })
  const [high, low] = threefry(words, iota('uint32', [n], 0, words[0].device))
  if (dtype !== 'uint64') return cast(record(ops.bitwiseXor, [high, low]), dtype)
  const upper = cast(high, 'uint64')
  return record(ops.bitwiseOr, [record(ops.shiftLeft, [upper, constant(32n, upper)]), cast(low, 'uint64')])
}

interface FloatBits {
  /** What is drawn, what it widens to, how far it moves right, and the bits of 1.0. */
  readonly drawn: DType
  readonly stored: DType
  readonly shift: number
  readonly one: number | bigint
}

const floatBits: Readonly<Partial<Record<DType, FloatBits>>> = {
  float32: { drawn: 'uint32', stored: 'uint32', shift: 9, one: 0x3f800000 },
  float64: { drawn: 'uint64', stored: 'uint64', shift: 12, one: 0x3ff0000000000000n },
  float16: { drawn: 'uint16', stored: 'uint16', shift: 6, one: 0x3c00 },
  bfloat16: { drawn: 'uint8', stored: 'uint16', shift: 1, one: 0x3f80 },
}

/** n numbers in [min, max): random mantissas under the exponent of [1, 2), less 1, scaled. */
export function uniformOf(words: Words, dtype: DType, n: number, min: number, max: number): Tensor {
  const { drawn, stored, shift, one } = floatBits[dtype]!
  const bits = cast(bitsOf(words, drawn, n), stored)
  const mantissa = record(ops.shiftRight, [bits, constant(shift, bits)])
  const float = record(ops.bitcast, [record(ops.bitwiseOr, [mantissa, constant(one, bits)])], { dtype })
  const unit = record(ops.sub, [float, constant(1, float)])
  if (min === 0 && max === 1) return unit
  const device = words[0].device
  const low = roundTo(dtype, min)
  const start = scalar(low, dtype, device, 'uniform')
  const span = scalar(roundTo(dtype, roundTo(dtype, max) - low), dtype, device, 'uniform')
  return record(ops.maximum, [start, record(ops.add, [record(ops.mul, [unit, span]), start])])
}

// Just above -1, so that erfinv stays finite.
const aboveMinusOne: Readonly<Partial<Record<DType, number>>> = {
  float32: -1 + 2 ** -24,
  float64: -1 + 2 ** -53,
  float16: -1 + 2 ** -11,
  bfloat16: -1 + 2 ** -8,
}

/** n standard normal numbers: sqrt(2) * erfinv(uniform in (-1, 1)). */
export function normalOf(words: Words, dtype: DType, n: number): Tensor {
  const u = uniformOf(words, dtype, n, aboveMinusOne[dtype]!, 1)
  return record(ops.mul, [erfinvOfXla(u), constant(roundTo(dtype, Math.SQRT2), u)])
}

/** n numbers of the standard Gumbel distribution. */
export function gumbelOf(words: Words, dtype: DType, n: number): Tensor {
  const tiny = dtype === 'float64' ? 2 ** -1022 : dtype === 'float16' ? 2 ** -14 : 2 ** -126
  const u = uniformOf(words, dtype, n, tiny, 1)
  return record(ops.neg, [record(ops.log, [record(ops.neg, [record(ops.log, [u])])])])
}

/** n integers in [min, max): twice as many random bits as the dtype has, modulo the span, so that the bias is small. */
export function integersOf(op: string, words: Words, dtype: DType, n: number, min: bigint, max: bigint): Tensor {
  const info = dtypeInfo[dtype]
  if (min >= max) throw new SinterError('argument', `no integer is at least ${min} and below ${max}`, { op })
  if (min < BigInt(info.min) || max > BigInt(info.max) + 1n) {
    throw new SinterError('argument', `[${min}, ${max}) reaches beyond ${dtype}, which holds ${info.min} to ${info.max}`, {
      op,
      hint: 'choose a wider dtype',
    })
  }
  // Narrow integers are drawn in 32 bits, where the bias is smaller.
  if (info.bytes < 4) return cast(integersOf(op, words, 'int32', n, min, max), dtype)
  const { device } = words[0]
  const width = BigInt(info.bytes * 8)
  const unsigned = `uint${width}` as DType
  const span = max - min
  const [first, second] = splitWords(words, 2) as [Words, Words]
  const lower = bitsOf(second, unsigned, n)
  const number = (value: bigint): Tensor => scalar(value, unsigned, device, op)
  let offset = lower
  if (span < 1n << width) {
    const higher = bitsOf(first, unsigned, n)
    const divisor = number(span)
    // 2^width modulo span, which the upper half of the bits counts for; its square wraps as JAX's does.
    const root = (1n << (width / 2n)) % span
    const multiplier = BigInt.asUintN(Number(width), root * root) % span
    const upper = record(ops.mul, [record(ops.rem, [higher, divisor]), number(multiplier)])
    offset = record(ops.rem, [record(ops.add, [upper, record(ops.rem, [lower, divisor])]), divisor])
  }
  return record(ops.add, [cast(offset, dtype), scalar(min, dtype, device, op)])
}
