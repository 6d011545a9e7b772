// Functions of float32 that MPSGraph lacks, or has without the accuracy or the special values that the ops ask for.

import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/**
 * log(1 + x). For x in [-1/2, 1] it is asinh((x + x / (1 + x)) / 2), which has no cancellation near 0 and does not come near subnormal numbers before x does;
 * elsewhere the logarithm of 1 + x, which is then outside [1/2, 2], where even fast-math logarithms have a small relative error. The second covers -1, numbers
 * below it, infinity and NaN too.
 */
export function log1p(g: Emitter, x: Value): Value {
  const constant = (value: number): Value => g.scalar(value, 'float32')
  const sum = g.add(x, constant(1))
  const near = g.unary('asinh', g.mul(g.add(x, g.div(x, sum)), constant(0.5)))
  const isNear = g.compare('lessThanOrEqualTo', g.unary('absolute', g.sub(x, constant(0.25))), constant(0.75))
  return g.select(isNear, near, g.unary('logarithm', sum))
}

/** exp(x) - 1 as 2 sinh(x) sigmoid(x), accurate factors that overflow together with it. Below -18 it is -1 in float32, while further down the factors become infinity and 0. */
export function expm1(g: Emitter, x: Value): Value {
  const bounded = g.binary('maximumWithNaNPropagation', x, g.scalar(-18, 'float32'))
  const sinh = g.unary('sinh', bounded)
  return g.mul(g.add(sinh, sinh), g.unary('sigmoid', bounded))
}

/** -1, 0, 1 or NaN: MPSGraph's sign of NaN is 0. */
export const sign = (g: Emitter, x: Value): Value => g.select(g.unary('isNaN', x, 'bool'), x, g.unary('sign', x))

/**
 * Whether the exact remainder (with the dividend's sign) has the other sign than the divisor. Also true where both count as 0: for a divisor of 0,
 * where the remainder is NaN or is not used.
 */
const isBelow = (g: Emitter, remainder: Value, y: Value): Value =>
  g.equal(g.unary('sign', remainder), g.unary('sign', g.unary('negative', y)))

/** The remainder with the divisor's sign. MPSGraph's `modulo` is C's fmod; its `floorModulo` is not known for an infinite divisor. */
export function floorMod(g: Emitter, x: Value, y: Value): Value {
  const remainder = g.binary('modulo', x, y)
  return g.select(isBelow(g, remainder, y), g.add(remainder, y), remainder)
}

/** The floor of the exact quotient: the dividend less the remainder is a multiple of the divisor, so that rounding the division to a whole number is safe. */
export function floorDivide(g: Emitter, x: Value, y: Value): Value {
  const zero = g.scalar(0, 'float32')
  // Without a remainder, a divisor of 0 gives the IEEE quotient.
  const remainder = g.select(g.equal(y, zero), zero, g.binary('modulo', x, y))
  const quotient = g.div(g.sub(x, remainder), y)
  return g.unary('rint', g.select(isBelow(g, remainder, y), g.sub(quotient, g.scalar(1, 'float32')), quotient))
}
