// Functions of float32 that MPSGraph lacks, or has without the accuracy or the special values that the ops ask for.

import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/**
 * log(1 + x). Near 0 it is 2 atanh(x / (2 + x)), whose argument has no cancellation; elsewhere the logarithm of 1 + x, which is then outside [1/2, 2], where
 * fast-math logarithms have a small relative error. The second covers -1, numbers below it, infinity and NaN too.
 */
export function log1p(g: Emitter, x: Value): Value {
  const constant = (value: number): Value => g.scalar(value, 'float32')
  const far = g.unary('logarithm', g.add(x, constant(1)))
  const argument = g.div(x, g.add(x, constant(2)))
  const half = g.unary('atanh', argument)
  const isNear = g.compare('lessThanOrEqualTo', g.unary('absolute', argument), constant(1 / 3))
  return g.select(isNear, g.add(half, half), far)
}

/**
 * exp(x) - 1 as 2 sinh(x / 2) exp(x / 2), a product of accurate factors. Below -18 the result is -1 in float32, while further down the factors would
 * become infinity and 0.
 */
export function expm1(g: Emitter, x: Value): Value {
  const half = g.mul(g.binary('maximumWithNaNPropagation', x, g.scalar(-18, 'float32')), g.scalar(0.5, 'float32'))
  const product = g.mul(g.unary('sinh', half), g.unary('exponent', half))
  return g.add(product, product)
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
