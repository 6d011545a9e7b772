// Functions of complex numbers on their parts. Formulas are chosen for results that are right near zeros, cuts and overflow; see each. W. Kahan, "Branch cuts
// for complex elementary functions", in The State of the Art in Numerical Analysis (1987), gives most of them and which side of a cut is continuous.

import type { Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { constant } from './operand.js'
import { minus, negative, over, plus, times } from './plain.js'
import { record } from './record.js'
import type { Tensor } from './tensor.js'

/** A complex value by its parts. */
export interface Complex {
  readonly re: Tensor
  readonly im: Tensor
}

const of = (op: Op, ...inputs: Tensor[]): Tensor => record(op, inputs)
const choose = (condition: Tensor, a: Tensor, b: Tensor): Tensor => record(ops.select, [condition, a, b])
const squared = (x: Tensor): Tensor => of(ops.square, x)
const magnitude = (x: Tensor): Tensor => of(ops.abs, x)
const number = constant
const isZero = (x: Tensor): Tensor => of(ops.equal, x, number(0, x))
/** x with the sign of s. */
const withSign = (x: Tensor, s: Tensor): Tensor => choose(of(ops.signbit, s), negative(x), x)

export const conjugate = ({ re, im }: Complex): Complex => ({ re, im: negative(im) })
/** i z. */
export const timesI = ({ re, im }: Complex): Complex => ({ re: negative(im), im: re })
/** -i z. */
export const overI = ({ re, im }: Complex): Complex => ({ re: im, im: negative(re) })
export const scaled = ({ re, im }: Complex, by: Tensor): Complex => ({ re: times(re, by), im: times(im, by) })

export function product(a: Complex, b: Complex): Complex {
  return {
    re: minus(times(a.re, b.re), times(a.im, b.im)),
    im: plus(times(a.re, b.im), times(a.im, b.re)),
  }
}

/** a / b by R. L. Smith's method (Communications of the ACM 5, 1962), which neither overflows nor underflows where the quotient does not. */
export function quotient(a: Complex, b: Complex): Complex {
  const first = of(ops.greaterEqual, magnitude(b.re), magnitude(b.im))
  const large = choose(first, b.re, b.im)
  const small = choose(first, b.im, b.re)
  const ratio = choose(isZero(large), number(0, large), over(small, large))
  const divisor = plus(large, times(small, ratio))
  const re = choose(first, plus(a.re, times(a.im, ratio)), plus(times(a.re, ratio), a.im))
  const im = choose(first, minus(a.im, times(a.re, ratio)), minus(times(a.im, ratio), a.re))
  return { re: over(re, divisor), im: over(im, divisor) }
}

/** The larger magnitude of both parts and the ratio of the smaller one to it, 0 where that is not a number. */
function ordered({ re, im }: Complex): { large: Tensor; ratio: Tensor } {
  const [x, y] = [magnitude(re), magnitude(im)]
  const large = of(ops.maximum, x, y)
  const plain = of(ops.logicalAnd, of(ops.isFinite, large), of(ops.logicalNot, isZero(large)))
  const ratio = choose(plain, over(of(ops.minimum, x, y), choose(plain, large, number(1, large))), number(0, large))
  return { large, ratio }
}

/** |z| without overflow in between; Infinity where a part is, even if the other is NaN. */
export function absolute(z: Complex): Tensor {
  const { large, ratio } = ordered(z)
  const infinite = of(ops.logicalOr, of(ops.isInf, z.re), of(ops.isInf, z.im))
  return choose(infinite, number(Number.POSITIVE_INFINITY, large), times(large, of(ops.sqrt, plus(squared(ratio), number(1, ratio)))))
}

export const argument = ({ re, im }: Complex): Tensor => of(ops.atan2, im, re)

export function exponential({ re, im }: Complex): Complex {
  const size = of(ops.exp, re)
  // An imaginary part of 0 stays 0 where e^re overflows; e^-Infinity is 0 in any direction.
  const sine = choose(isZero(im), im, times(size, of(ops.sin, im)))
  const vanishes = isZero(size)
  return { re: choose(vanishes, size, times(size, of(ops.cos, im))), im: choose(vanishes, choose(isZero(im), im, size), sine) }
}

/** e^z - 1, exact near 0: e^x cos y - 1 = (e^x - 1) cos y - 2 sin^2(y / 2). */
export function exponentialMinus1({ re, im }: Complex): Complex {
  const half = of(ops.sin, times(im, number(0.5, im)))
  const less = times(number(2, half), squared(half))
  return { re: minus(times(of(ops.expm1, re), of(ops.cos, im)), less), im: times(of(ops.exp, re), of(ops.sin, im)) }
}

/** log |z| by log1p((|z| - 1)(|z| + 1)) where |z| is near 1, so that it is exact there. */
function logMagnitude(z: Complex): Tensor {
  const { large, ratio } = ordered(z)
  const one = number(1, large)
  const small = times(large, ratio)
  const near = of(ops.logicalAnd, of(ops.greater, large, number(0.5, large)), of(ops.less, large, number(2, large)))
  const around = plus(times(minus(large, one), plus(large, one)), squared(small))
  const infinite = of(ops.logicalOr, of(ops.isInf, z.re), of(ops.isInf, z.im))
  const far = plus(of(ops.log, large), times(number(0.5, large), of(ops.log1p, squared(ratio))))
  const finite = choose(near, times(number(0.5, large), of(ops.log1p, around)), far)
  return choose(infinite, number(Number.POSITIVE_INFINITY, large), finite)
}

export const logarithm = (z: Complex): Complex => ({ re: logMagnitude(z), im: argument(z) })

/** log(1 + z), exact near 0: log|1 + z| = log1p(x (2 + x) + y^2) / 2. */
export function logarithmOf1Plus(z: Complex): Complex {
  const { re, im } = z
  const shifted = { re: plus(re, number(1, re)), im }
  const near = of(ops.less, of(ops.maximum, magnitude(re), magnitude(im)), number(0.5, re))
  const inside = plus(times(re, plus(re, number(2, re))), squared(im))
  const around = times(number(0.5, re), of(ops.log1p, choose(near, inside, number(0, re))))
  return { re: choose(near, around, logMagnitude(shifted)), im: argument(shifted) }
}

/** The root whose real part is not negative, from t = sqrt((|x| + |z|) / 2). */
export function squareRoot(z: Complex): Complex {
  const { re, im } = z
  const half = number(0.5, re)
  const t = of(ops.sqrt, plus(times(magnitude(re), half), times(absolute(z), half)))
  const zero = isZero(t)
  const one = number(1, t)
  const other = over(times(im, half), choose(zero, one, t))
  const right = of(ops.logicalNot, of(ops.less, re, number(0, re)))
  const infinite = of(ops.isInf, im)
  return {
    re: choose(infinite, magnitude(im), choose(zero, number(0, t), choose(right, t, magnitude(other)))),
    im: choose(of(ops.logicalOr, infinite, zero), im, choose(right, other, withSign(t, im))),
  }
}

/** Sinh and cosh of the first, sin and cos of the second. */
const angles = (x: Tensor, y: Tensor) => ({ sinh: of(ops.sinh, x), cosh: of(ops.cosh, x), sin: of(ops.sin, y), cos: of(ops.cos, y) })

/** Their product; 0 on the real axis, where the other factor may overflow. */
const timesSine = (x: Tensor, sine: Tensor): Tensor => choose(isZero(sine), sine, times(x, sine))

export function hyperbolicSine({ re, im }: Complex): Complex {
  const { sinh, cosh, sin, cos } = angles(re, im)
  return { re: times(sinh, cos), im: timesSine(cosh, sin) }
}

export function hyperbolicCosine({ re, im }: Complex): Complex {
  const { sinh, cosh, sin, cos } = angles(re, im)
  return { re: times(cosh, cos), im: timesSine(sinh, sin) }
}

/** Kahan's: with t = tan y, s = sinh x and b = 1 + t^2, (b s sqrt(1 + s^2) + i t) / (1 + b s^2); where x is large, +-1 and 4 sin y cos y e^-2|x|. */
export function hyperbolicTangent({ re, im }: Complex): Complex {
  const far = of(ops.greater, magnitude(re), number(20, re))
  const x = choose(far, number(0, re), re)
  const t = of(ops.tan, im)
  const b = plus(squared(t), number(1, t))
  const s = of(ops.sinh, x)
  const divisor = plus(times(b, squared(s)), number(1, s))
  const decay = of(ops.exp, times(number(-2, re), magnitude(re)))
  const rest = times(times(number(4, re), times(of(ops.sin, im), of(ops.cos, im))), decay)
  return {
    re: choose(far, of(ops.sign, re), over(times(b, times(s, of(ops.cosh, x))), divisor)),
    im: choose(far, rest, over(t, divisor)),
  }
}

/** The square roots of 1 - z and 1 + z. */
function rootsAround1({ re, im }: Complex): { below: Complex; above: Complex } {
  const one = number(1, re)
  return { below: squareRoot({ re: minus(one, re), im: negative(im) }), above: squareRoot({ re: plus(one, re), im }) }
}

export function arcsine(z: Complex): Complex {
  const { below, above } = rootsAround1(z)
  return { re: of(ops.atan2, z.re, product(below, above).re), im: of(ops.asinh, product(conjugate(below), above).im) }
}

export function arccosine(z: Complex): Complex {
  const { below, above } = rootsAround1(z)
  return {
    re: times(number(2, z.re), of(ops.atan2, below.re, above.re)),
    im: of(ops.asinh, product(conjugate(above), below).im),
  }
}

export function hyperbolicArccosine({ re, im }: Complex): Complex {
  const one = number(1, re)
  const below = squareRoot({ re: minus(re, one), im })
  const above = squareRoot({ re: plus(re, one), im })
  return { re: of(ops.asinh, product(conjugate(below), above).re), im: times(number(2, re), of(ops.atan2, below.im, above.re)) }
}

/** (log1p(4 x / ((1 - x)^2 + y^2)) / 4, atan2(2 y, (1 - x)(1 + x) - y^2) / 2). */
export function hyperbolicArctangent({ re, im }: Complex): Complex {
  const one = number(1, re)
  // By symmetry for |x|, where log1p keeps what is small.
  const x = magnitude(re)
  const distance = plus(squared(minus(one, x)), squared(im))
  const size = times(number(0.25, x), of(ops.log1p, over(times(number(4, x), x), distance)))
  const below = minus(times(minus(one, x), plus(one, x)), squared(im))
  return { re: withSign(size, re), im: times(number(0.5, im), of(ops.atan2, times(number(2, im), im), below)) }
}
