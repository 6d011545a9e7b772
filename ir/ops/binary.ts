// Arithmetic on two operands of one dtype. Integers wrap; dividing them by 0 gives 0.

import type { Builder } from '../build.js'
import type { Node } from '../node.js'
import { defineFamily } from '../op.js'
import { floorDivide, floorMod, power } from './functions.js'
import { type BinarySpec, binary, partials, records } from './kit.js'

const positiveDivisor = [
  [-2, 2],
  [0.4, 2],
] as const
/** Quotients stay between two whole numbers, so that differences of neighbours do not cross a step. */
const sameStep = [
  [2.1, 2.9],
  [1.5, 2],
] as const
const steps = 'the result is piecewise constant'
const jumps = 'the result jumps where x is a multiple of y'
/** Divisors of both signs, and for integers 0. */
const anyDivisor = {
  inputs: ['$[37]', '$[37]'],
  range: [
    [-100, 100],
    [-7, 7],
  ],
  noGradientCheck: 'divisors come close to 0',
} as const

/** The cotangent for the operand chosen by `wins`; operands that tie get half each. */
const chosen = (b: Builder, g: Node, x: Node, y: Node, wins: Node) =>
  b.select(b.equal(x, y), b.mul(g, b.constant(0.5, g)), b.select(wins, g, b.constant(0, g)))
const orNan = (b: Builder, wins: Node, other: Node) => b.logicalOr(wins, b.isNan(other))
/** The cotangent of y in x - n * y, where n * y = x - out. */
const minusQuotient = (b: Builder, g: Node, x: Node, y: Node, out: Node) => b.neg(b.mul(g, b.emit('round', [b.div(b.sub(x, out), y)])))

/** The exponent y - 1; at x = y = 0 a harmless 1, because the factor y makes the derivative 0 where 0 to the power -1 would make it NaN. */
const lessOne = (b: Builder, x: Node, y: Node) => {
  const [zero, one] = [b.constant(0, y), b.constant(1, y)]
  return b.select(b.logicalAnd(b.equal(x, zero), b.equal(y, zero)), one, b.sub(y, one))
}

const smaller = (x: bigint, y: bigint) => (x < y ? x : y)
const larger = (x: bigint, y: bigint) => (x > y ? x : y)

const table = {
  add: {
    doc: 'x + y.',
    commutative: true,
    float: (x, y) => x + y,
    integer: (x, y) => x + y,
    gradient: partials(
      (_, g) => g,
      (_, g) => g,
    ),
  },
  sub: {
    doc: 'x - y.',
    float: (x, y) => x - y,
    integer: (x, y) => x - y,
    gradient: partials(
      (_, g) => g,
      (b, g) => b.neg(g),
    ),
  },
  mul: {
    doc: 'x * y.',
    commutative: true,
    float: (x, y) => x * y,
    integer: (x, y) => x * y,
    gradient: partials(
      (b, g, _, y) => b.mul(g, y),
      (b, g, x) => b.mul(g, x),
    ),
  },
  div: {
    doc: 'x / y. Integers truncate toward 0; x / 0 is 0, and the smallest signed integer / -1 wraps to itself.',
    float: (x, y) => x / y,
    integer: (x, y) => (y === 0n ? 0n : x / y),
    gradient: partials(
      (b, g, _, y) => b.div(g, y),
      (b, g, _, y, out) => b.neg(b.div(b.mul(g, out), y)),
    ),
    range: positiveDivisor,
    samples: [anyDivisor],
  },
  floorDiv: {
    doc: "The exact quotient rounded down (Python's //). Integers by 0 give 0; floats by 0 the IEEE quotient.",
    float: (x, y) => floorDivide(x, y),
    integer: (x, y) => (y === 0n ? 0n : x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y),
    gradient: 'zero',
    range: positiveDivisor,
    noGradientCheck: steps,
    samples: [anyDivisor],
    flops: 8,
  },
  mod: {
    doc: "x - y * floorDiv(x, y): the remainder with the divisor's sign (Python's %). Integers by 0 give 0, floats NaN.",
    float: (x, y) => floorMod(x, y),
    integer: (x, y) => (y === 0n ? 0n : x % y !== 0n && x < 0n !== y < 0n ? (x % y) + y : x % y),
    gradient: partials((_, g) => g, minusQuotient),
    range: positiveDivisor,
    noGradientCheck: jumps,
    samples: [{ inputs: ['$[2,3]', '$[3]'], range: sameStep }, anyDivisor],
    flops: 8,
  },
  rem: {
    doc: "x - y * trunc(x / y), exact: the remainder with the dividend's sign (C's fmod and %). Integers by 0 give 0, floats NaN.",
    float: (x, y) => x % y,
    integer: (x, y) => (y === 0n ? 0n : x % y),
    gradient: partials((_, g) => g, minusQuotient),
    range: positiveDivisor,
    noGradientCheck: jumps,
    samples: [{ inputs: ['$[2,3]', '$[3]'], range: sameStep }, anyDivisor],
    flops: 8,
  },
  pow: {
    doc: "x to the power y, as C's pow for floats (1 to any power and anything to the power 0 are 1). Integers wrap; negative exponents give 0, unless x is 1 or -1.",
    float: (x, y) => power(x, y),
    integer: integerPower,
    gradient: partials(
      (b, g, x, y) => b.mul(g, b.mul(y, b.pow(x, lessOne(b, x, y)))),
      // At x = 0 the result is constant around any y > 0, so log(0) is replaced.
      (b, g, x, _, out) => b.mul(g, b.mul(out, b.log(b.select(b.equal(x, b.constant(0, x)), b.constant(1, x), x)))),
    ),
    range: [
      [0.3, 2],
      [-2, 3],
    ],
    flops: 25,
  },
  minimum: {
    doc: 'The smaller; NaN where either is NaN. Which of two zeros of different sign is unspecified. Ties share the gradient.',
    commutative: true,
    float: Math.min,
    integer: smaller,
    gradient: partials(
      (b, g, x, y) => chosen(b, g, x, y, b.less(x, y)),
      (b, g, x, y) => chosen(b, g, x, y, b.less(y, x)),
    ),
    distinct: true,
  },
  maximum: {
    doc: 'The larger; NaN where either is NaN. Which of two zeros of different sign is unspecified. Ties share the gradient.',
    commutative: true,
    float: Math.max,
    integer: larger,
    gradient: partials(
      (b, g, x, y) => chosen(b, g, x, y, b.greater(x, y)),
      (b, g, x, y) => chosen(b, g, x, y, b.greater(y, x)),
    ),
    distinct: true,
  },
  fmin: {
    doc: 'The smaller; the other where one is NaN. Which of two zeros of different sign is unspecified. Ties share the gradient.',
    commutative: true,
    float: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
    integer: smaller,
    gradient: partials(
      (b, g, x, y) => chosen(b, g, x, y, orNan(b, b.less(x, y), y)),
      (b, g, x, y) => chosen(b, g, x, y, orNan(b, b.less(y, x), x)),
    ),
    distinct: true,
  },
  fmax: {
    doc: 'The larger; the other where one is NaN. Which of two zeros of different sign is unspecified. Ties share the gradient.',
    commutative: true,
    float: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
    integer: larger,
    gradient: partials(
      (b, g, x, y) => chosen(b, g, x, y, orNan(b, b.greater(x, y), y)),
      (b, g, x, y) => chosen(b, g, x, y, orNan(b, b.greater(y, x), x)),
    ),
    distinct: true,
  },
  atan2: {
    doc: 'The angle of the point (y, x) in (-pi, pi], where x is operand 0, the ordinate, and y operand 1, the abscissa.',
    float: (x, y) => Math.atan2(x, y),
    gradient: partials(
      (b, g, x, y) => b.div(b.mul(g, y), b.add(b.square(x), b.square(y))),
      (b, g, x, y) => b.neg(b.div(b.mul(g, x), b.add(b.square(x), b.square(y)))),
    ),
    range: [
      [0.4, 2],
      [-2, 2],
    ],
    flops: 20,
  },
  divNoNan: {
    doc: 'x / y, but 0 wherever y is 0.',
    float: (x, y) => (y === 0 ? 0 : x / y),
    gradient: partials(
      (b, g, _, y) => b.emit('divNoNan', [g, y]),
      (b, g, _, y, out) => b.neg(b.emit('divNoNan', [b.mul(g, out), y])),
    ),
    range: positiveDivisor,
    flops: 2,
  },
} as const satisfies Record<string, BinarySpec>

/** By squaring; the caller wraps, and wrapping early to 64 bits keeps the numbers small. */
function integerPower(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n
  let result = 1n
  for (let base = x, rest = y; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * base)
    base = BigInt.asIntN(64, base * base)
  }
  return result
}

export const binaryOps = defineFamily('binary', records<keyof typeof table, BinarySpec>(table, binary))
