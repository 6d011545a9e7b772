// Stand-ins: dtypes in which MPSGraph computes what an op means on a dtype that it computes wrongly, inexactly or not at all.

import { type DType, isBig, isFloat } from '../../../../ir/dtype.js'
import { assert } from '../../../../ir/error.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'

/** The dtype that sums and products accumulate in: float32, or integers that wrap as the dtype's own do once cut to size. */
export const accumulatorOf = (dtype: DType): DType => (isFloat(dtype) ? 'float32' : isBig(dtype) ? 'int64' : 'int32')

/** The values in the accumulator's dtype. Of unsigned integers of its size, the same bits. */
export function toAccumulator(g: Emitter, x: Value): Value {
  const { dtype } = x.type
  return dtype === 'uint32' || dtype === 'uint64' ? g.reinterpret(x, accumulatorOf(dtype)) : g.cast(x, accumulatorOf(dtype))
}

/** Back from the accumulator's dtype: floats round, integers wrap. */
export function fromAccumulator(g: Emitter, x: Value, dtype: DType): Value {
  return dtype === 'uint32' || dtype === 'uint64' ? g.reinterpret(x, dtype) : g.cast(x, dtype)
}

const lowest32 = -(2 ** 31)
const lowest64 = -(2n ** 63n)

/** The values in a dtype that orders the same way and that comparisons, extremes and sorts take: float32, int32 or int64. */
export function toOrdered(g: Emitter, x: Value): Value {
  const signed = toAccumulator(g, x)
  return flipSign(g, signed, x.type.dtype)
}

/** Back from `toOrdered`. */
export function fromOrdered(g: Emitter, x: Value, dtype: DType): Value {
  return fromAccumulator(g, flipSign(g, x, dtype), dtype)
}

/** Unsigned integers of full size order like signed ones whose sign bit is the opposite. */
function flipSign(g: Emitter, x: Value, dtype: DType): Value {
  if (dtype === 'uint32') return g.binary('bitwiseXOR', x, g.scalar(lowest32, 'int32'))
  // Adding the lowest integer wraps to the same, and 64-bit bitwise operations are not to be relied on.
  return dtype === 'uint64' ? g.add(x, g.scalar(lowest64, 'int64')) : x
}

/** What NaN becomes as a key. */
export type NanPlace = 'first' | 'last'

/**
 * Integers that order as the elements do: int64 for 64-bit integers, else int32. Of floats the bits, those of negative ones turned over (so that -0 is -1, just
 * below 0), and every NaN outermost. `floatOfKey` goes back.
 */
export function toKey(g: Emitter, x: Value, nan: NanPlace): Value {
  const ordered = toOrdered(g, x)
  if (ordered.type.dtype !== 'float32') return ordered
  const key = turnNegatives(g, g.reinterpret(ordered, 'int32'))
  const outermost = g.scalar(nan === 'last' ? 2 ** 31 - 1 : lowest32, 'int32')
  return g.select(isNan(g, ordered), outermost, key)
}

/** The elements of dtype `dtype` that `toKey` made keys of; the outermost keys are NaN. */
export function fromKey(g: Emitter, key: Value, dtype: DType): Value {
  if (!isFloat(dtype)) return fromOrdered(g, key, dtype)
  return g.cast(g.reinterpret(turnNegatives(g, key), 'float32'), dtype)
}

/** The key of -Infinity or Infinity, or of an integer of a dtype. */
export function keyOf(value: number | bigint, dtype: DType): number | bigint {
  if (dtype === 'uint32') return Number(value) + lowest32
  if (dtype === 'uint64') return BigInt(value) + lowest64
  if (!isFloat(dtype)) return value
  assert(Math.abs(Number(value)) === Number.POSITIVE_INFINITY, `${value} is no infinity`)
  return Number(value) > 0 ? 0x7f800000 : ~0x7f800000
}

/** All bits but the sign turned over where it is set. Does and undoes. */
function turnNegatives(g: Emitter, bits: Value): Value {
  const sign = g.binary('bitwiseRightShift', bits, g.scalar(31, 'int32'))
  return g.binary('bitwiseXOR', bits, g.binary('bitwiseAND', sign, g.scalar(2 ** 31 - 1, 'int32')))
}

export const isNan = (g: Emitter, x: Value): Value => g.unary('isNaN', x, 'bool')

/** Whether elements are not 0. */
export const toBool = (g: Emitter, x: Value): Value => g.compare('notEqual', x, g.scalar(0, x.type.dtype))
