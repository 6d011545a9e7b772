// Shifts. MPSGraph takes counts modulo the width; here a count that is negative or not below the width shifts everything out.

import { dtypeInfo } from '../../../ir/dtype.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'
import { joinWords, splitWords, withoutWordAxis, withWordAxis } from './words.js'

const unsigned = { int8: 'uint8', int16: 'uint16', int32: 'uint32' } as const

/** Whether the count is at least 0 and below the width, for integers up to 32 bits. */
function inRange(g: Emitter, count: Value): Value {
  const { dtype } = count.type
  // As unsigned integers, negative counts are large.
  const plain = dtype in unsigned ? unsigned[dtype as keyof typeof unsigned] : dtype
  return g.less(g.cast(count, plain), g.scalar(dtypeInfo[dtype].bytes * 8, plain))
}

/** x * 2^count, wrapped; 0 where the count is out of range. */
export function shiftLeft(g: Emitter, x: Value, count: Value): Value {
  const { dtype } = x.type
  if (dtypeInfo[dtype].bytes === 8) return shiftLeft64(g, x, count)
  return g.select(inRange(g, count), g.binary('bitwiseLeftShift', x, count), g.scalar(0, dtype))
}

/** x / 2^count rounded down; 0 or, for negative x, -1 where the count is out of range. */
export function shiftRight(g: Emitter, x: Value, count: Value): Value {
  const { dtype } = x.type
  const { kind, bytes } = dtypeInfo[dtype]
  if (bytes === 8) return kind === 'int' ? shiftRightSigned64(g, x, count) : shiftRight64(g, x, count)
  const known = inRange(g, count)
  if (kind === 'uint') return g.select(known, g.binary('bitwiseRightShift', x, count), g.scalar(0, dtype))
  return g.binary('bitwiseRightShift', x, g.select(known, count, g.scalar(bytes * 8 - 1, dtype)))
}

/** The count as uint32, 64 where it is out of range. */
function count64(g: Emitter, count: Value): Value {
  const { dtype } = count.type
  const all = g.scalar(64, dtype)
  const most = g.binary('minimum', count, all)
  return g.cast(dtype === 'int64' ? g.select(g.less(count, g.scalar(0, dtype)), all, most) : most, 'uint32')
}

const low5 = (g: Emitter, count: Value): Value => g.binary('bitwiseAND', count, g.scalar(31, 'uint32'))

/** By a product with 2^count, the power being shifted in 32 bits. */
function shiftLeft64(g: Emitter, x: Value, y: Value): Value {
  const { dtype } = x.type
  const count = count64(g, y)
  const word = g.cast(g.binary('bitwiseLeftShift', g.scalar(1, 'uint32'), low5(g, count)), dtype)
  const power = g.mul(word, g.select(g.less(count, g.scalar(32, 'uint32')), g.scalar(1, dtype), g.scalar(2 ** 32, dtype)))
  return g.select(g.less(count, g.scalar(64, 'uint32')), g.mul(x, power), g.scalar(0, dtype))
}

/** Bits of x, which is not negative, moved down word by word. */
function shiftRight64(g: Emitter, x: Value, y: Value): Value {
  const { dtype } = x.type
  const count = count64(g, withWordAxis(g, y))
  const [low, high] = splitWords(g, g.reinterpret(withWordAxis(g, x), 'uint32'))
  const near = g.less(count, g.scalar(32, 'uint32'))
  const few = low5(g, count)
  const moved = g.binary('bitwiseRightShift', high, few)
  // The bits that pass from the high to the low word move up by 32 - few, in two steps since few may be 0.
  const up = g.binary('bitwiseXOR', few, g.scalar(31, 'uint32'))
  const passing = g.binary('bitwiseLeftShift', g.add(high, high), up)
  const both = g.binary('bitwiseOR', g.binary('bitwiseRightShift', low, few), passing)
  const result = joinWords(g, g.select(near, both, moved), g.select(near, moved, g.scalar(0, 'uint32')), dtype)
  return withoutWordAxis(g, g.select(g.less(count, g.scalar(64, 'uint32')), result, g.scalar(0, dtype)))
}

/** Negative x by way of its complement -1 - x: the two are shifted alike. */
function shiftRightSigned64(g: Emitter, x: Value, count: Value): Value {
  const [negative, minusOne] = [g.less(x, g.scalar(0, 'int64')), g.scalar(-1, 'int64')]
  const shifted = shiftRight64(g, g.select(negative, g.sub(minusOne, x), x), count)
  return g.select(negative, g.sub(minusOne, shifted), shifted)
}
