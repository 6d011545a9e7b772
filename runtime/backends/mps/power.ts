// Powers of integers, by squaring.

import { dtypeInfo } from '../../../ir/dtype.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/** x to the power y, wrapped; a negative exponent gives 0, unless x is 1 or -1. */
export function integerPower(g: Emitter, x: Value, y: Value): Value {
  const { dtype } = x.type
  const { bytes, kind } = dtypeInfo[dtype]
  const work = bytes === 8 ? 'int64' : dtype === 'uint32' ? dtype : 'int32'
  const bits = bytes * 8 - (kind === 'int' ? 1 : 0)
  const result = g.cast(powerByBits(g, g.cast(x, work), g.cast(y, work), bits), dtype)
  if (kind === 'uint') return result
  // The bits below the sign of a negative exponent have its parity, so 1 and -1 come out right.
  const [zero, one, minusOne] = [g.scalar(0, dtype), g.scalar(1, dtype), g.scalar(-1, dtype)]
  const unit = g.compare('logicalOR', g.equal(x, one), g.equal(x, minusOne))
  return g.select(g.less(y, zero), g.select(unit, result, zero), result)
}

/** The product of x^(2^k) over the set bits k of y. */
function powerByBits(g: Emitter, x: Value, y: Value, bits: number): Value {
  const one = g.scalar(1, x.type.dtype)
  let square = x
  let result = g.select(bitOf(g, y, 0), x, one)
  for (let k = 1; k < bits; k++) {
    square = g.mul(square, square)
    result = g.select(bitOf(g, y, k), g.mul(result, square), result)
  }
  return result
}

/** Whether bit k is set: not 0 where it is. */
function bitOf(g: Emitter, y: Value, k: number): Value {
  const { dtype } = y.type
  if (dtype !== 'int64') return g.binary('bitwiseAND', y, g.scalar(dtype === 'int32' ? (1 << k) | 0 : (1 << k) >>> 0, dtype))
  // Bitwise methods are limited on 64 bits; a product moves the bit to where the sign is.
  const moved = k === 63 ? y : g.mul(y, g.scalar(BigInt.asIntN(64, 1n << BigInt(63 - k)), dtype))
  return g.less(moved, g.scalar(0, dtype))
}
