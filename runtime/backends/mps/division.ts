// Division of integers, exact. MPSGraph's own `division` and `modulo` are not known to be exact on integers (PyTorch and others go through float32, which loses
// what is above 2^24) nor what they give for a divisor of 0, so quotients are estimated in float32 and corrected in integer arithmetic, which wraps.

import { dtypeInfo } from '../../../ir/dtype.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/** Quotient rounded toward 0 or down, or the remainder that belongs to it. */
export type Part = 'div' | 'floorDiv' | 'rem' | 'mod'

/** Part of the division of two integer tensors of one dtype; 0 where the divisor is 0, and quotients wrap. */
export function divideIntegers(g: Emitter, a: Value, b: Value, part: Part): Value {
  const { dtype } = b.type
  const result = dtypeInfo[dtype].bytes <= 2 ? divideNarrow(g, a, b, part) : divideWide(g, a, b, part)
  return g.select(g.equal(b, g.scalar(0, dtype)), g.scalar(0, dtype), result)
}

const isSigned = ({ type }: Value): boolean => dtypeInfo[type.dtype].kind === 'int'

/**
 * 8 and 16 bits. float32 holds the operands, and a quotient that is no whole number is at least 1 / |b| away from one, while the error of a quotient is below
 * 2^-20 |a / b| even with fast-math division: about 2^-4 / |b|. Moving the dividend away from 0 by less than 1 and by more than the error therefore gets the
 * whole part right without any correction.
 */
function divideNarrow(g: Emitter, a: Value, b: Value, part: Part): Value {
  const [x, y] = [g.cast(a, 'float32'), g.cast(b, 'float32')]
  const down = isSigned(a) && (part === 'floorDiv' || part === 'mod')
  const estimate = down
    ? // Half of the divisor's unit moves the quotient up whatever the signs are.
      g.unary('floor', g.div(g.add(x, g.mul(g.unary('sign', y), g.scalar(0.5, 'float32'))), y))
    : g.div(g.mul(x, g.scalar(1 + 2 ** -18, 'float32')), y)
  // By way of int32, which holds -128 / -1: casts of floats saturate, casts of integers wrap.
  const quotient = g.cast(g.cast(estimate, 'int32'), a.type.dtype)
  return part === 'div' || part === 'floorDiv' ? quotient : g.sub(a, g.mul(quotient, b))
}

/**
 * 32 and 64 bits. One estimate is float(rest) * c / float(b), cut off, where c is a little below 1. Its relative error is at most 2^-20.5: two conversions to
 * float that may not round to nearest (2^-23 each), a fast-math division (2.5 * 2^-23), a product (2^-24). c = 1 - 2^-19 makes every estimate too small, never too
 * large, so that the rest keeps the dividend's sign and cannot overflow. Of a quotient up to Q, at most 2^-18 Q + 1 is left for the next estimate:
 * 2^32 -> 2^14 + 1 -> 1 + 2^-4 takes two, 2^64 -> 2^46 + 1 -> 2^28 + 2 -> 2^10 + 2 -> 1 + 2^-7 four. What is then left is less than 2 and is settled by a comparison.
 */
function divideWide(g: Emitter, a: Value, b: Value, part: Part): Value {
  const { dtype } = a.type
  const factor = g.div(g.scalar(1 - 2 ** -19, 'float32'), g.cast(b, 'float32'))
  let [quotient, rest]: [Value | undefined, Value] = [undefined, a]
  for (let step = 0; step < dtypeInfo[dtype].bytes / 2; step++) {
    const estimate = g.cast(g.mul(g.cast(rest, 'float32'), factor), dtype)
    rest = g.sub(rest, g.mul(estimate, b))
    if (part !== 'rem' && part !== 'mod') quotient = quotient === undefined ? estimate : g.add(quotient, estimate)
  }
  return isSigned(a) ? settleSigned(g, a, b, quotient, rest, part) : settleUnsigned(g, b, quotient, rest)
}

/** The last step of an unsigned division: the quotient if there is one, else the rest. */
function settleUnsigned(g: Emitter, b: Value, quotient: Value | undefined, rest: Value): Value {
  const over = g.compare('greaterThanOrEqualTo', rest, b)
  if (quotient === undefined) return g.select(over, g.sub(rest, b), rest)
  return g.select(over, g.add(quotient, g.scalar(1, b.type.dtype)), quotient)
}

function settleSigned(g: Emitter, a: Value, b: Value, quotient: Value | undefined, rest: Value, part: Part): Value {
  const { dtype } = a.type
  const [zero, one] = [g.scalar(0, dtype), g.scalar(1, dtype)]
  const minusB = g.sub(zero, b)
  // -|rest| <= -|b|: the smallest integer has no positive counterpart.
  const over = g.compare('lessThanOrEqualTo', negativeOf(g, rest, g.sub(zero, rest)), negativeOf(g, b, minusB))
  const opposite = g.compare('logicalXOR', g.less(a, zero), g.less(b, zero))
  const settledRest = (): Value => g.select(over, g.sub(rest, g.select(opposite, minusB, b)), rest)
  // Rounding down differs from rounding toward 0 where there is a rest and the signs differ.
  const below = (settled: Value): Value => g.compare('logicalAND', opposite, g.compare('notEqual', settled, zero))
  if (quotient === undefined) {
    const settled = settledRest()
    return part === 'rem' ? settled : g.select(below(settled), g.add(settled, b), settled)
  }
  const settled = g.select(over, g.add(quotient, g.select(opposite, g.scalar(-1, dtype), one)), quotient)
  return part === 'div' ? settled : g.select(below(settledRest()), g.sub(settled, one), settled)
}

const negativeOf = (g: Emitter, x: Value, minusX: Value): Value => g.binary('minimum', x, minusX)
