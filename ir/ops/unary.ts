// One operand, the dtype unchanged: exponentials, powers, rounding, trigonometry, activations.

import type { Builder } from '../build.js'
import type { Node } from '../node.js'
import { defineFamily } from '../op.js'
import { erf, roundEven, sigmoid } from './functions.js'
import { records, type UnarySpec, unary } from './kit.js'

const steps = 'the result is piecewise constant'
const kink = 'the derivative jumps at 0'
/** An even number of evenly spread values in [-2, 2] leaves 0 out. */
const besidesZero = [{ inputs: ['$[6]'], distinct: true }] as const
const itself = (x: bigint) => x

const onePlusSquare = (b: Builder, x: Node) => b.add(b.square(x), b.constant(1, x))
const oneMinusSquare = (b: Builder, x: Node) => b.sub(b.constant(1, x), b.square(x))
const times = (b: Builder, grad: Node, factor: number, x: Node) => b.mul(grad, b.mul(b.constant(factor, x), x))
const over = (b: Builder, grad: Node, x: Node, factor: number) => b.div(grad, b.mul(b.constant(factor, x), x))

const table = {
  exp: { doc: 'e to the power x.', float: Math.exp, gradient: (b, g, _, y) => b.mul(g, y), flops: 10 },
  exp2: { doc: '2 to the power x.', float: (x) => 2 ** x, gradient: (b, g, _, y) => times(b, g, Math.LN2, y), flops: 10 },
  exp10: { doc: '10 to the power x.', float: (x) => 10 ** x, gradient: (b, g, _, y) => times(b, g, Math.LN10, y), flops: 10 },
  expm1: {
    doc: 'exp(x) - 1 without the cancellation near 0.',
    float: Math.expm1,
    gradient: (b, g, _, y) => b.mul(g, b.add(y, b.constant(1, y))),
    flops: 12,
  },
  log: {
    doc: 'The natural logarithm; of 0 -inf, of negative numbers NaN.',
    float: Math.log,
    gradient: (b, g, x) => b.div(g, x),
    range: [0.1, 4],
    flops: 10,
  },
  log2: { doc: 'The logarithm to base 2.', float: Math.log2, gradient: (b, g, x) => over(b, g, x, Math.LN2), range: [0.1, 4], flops: 10 },
  log10: {
    doc: 'The logarithm to base 10.',
    float: Math.log10,
    gradient: (b, g, x) => over(b, g, x, Math.LN10),
    range: [0.1, 4],
    flops: 10,
  },
  log1p: {
    doc: 'log(1 + x) without the cancellation near 0.',
    float: Math.log1p,
    gradient: (b, g, x) => b.div(g, b.add(b.constant(1, x), x)),
    range: [-0.8, 4],
    flops: 12,
  },
  sqrt: {
    doc: 'The square root, correctly rounded; of negative numbers NaN.',
    float: Math.sqrt,
    gradient: (b, g, _, y) => b.div(b.mul(g, b.constant(0.5, y)), y),
    range: [0.1, 4],
  },
  rsqrt: {
    doc: '1 / sqrt(x).',
    float: (x) => 1 / Math.sqrt(x),
    gradient: (b, g, x, y) => b.mul(g, b.mul(b.constant(-0.5, x), b.div(y, x))),
    range: [0.1, 4],
    flops: 2,
  },
  reciprocal: {
    doc: '1 / x, correctly rounded.',
    float: (x) => 1 / x,
    gradient: (b, g, _, y) => b.neg(b.mul(g, b.square(y))),
    range: [0.3, 3],
  },
  square: { doc: 'x * x; integers wrap.', float: (x) => x * x, integer: (x) => x * x, gradient: (b, g, x) => times(b, g, 2, x) },
  abs: {
    doc: 'The absolute value; the smallest signed integer wraps to itself. The derivative at 0 is 0.',
    float: Math.abs,
    integer: (x) => (x < 0n ? -x : x),
    gradient: (b, g, x) => b.mul(g, b.sign(x)),
    noGradientCheck: kink,
    samples: besidesZero,
  },
  neg: { doc: '-x; integers wrap, unsigned ones too.', float: (x) => -x, integer: (x) => -x, gradient: (b, g) => b.neg(g) },
  sign: {
    doc: '-1, 0 or 1; of either zero 0, of NaN NaN.',
    float: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : Number.NaN),
    integer: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
    gradient: 'zero',
    noGradientCheck: steps,
  },
  ceil: { doc: 'The smallest whole number not below x.', float: Math.ceil, integer: itself, gradient: 'zero', noGradientCheck: steps },
  floor: { doc: 'The largest whole number not above x.', float: Math.floor, integer: itself, gradient: 'zero', noGradientCheck: steps },
  round: {
    doc: 'The nearest whole number, halves to the even one.',
    float: roundEven,
    integer: itself,
    gradient: 'zero',
    noGradientCheck: steps,
  },
  trunc: { doc: 'The whole part, rounded toward 0.', float: Math.trunc, integer: itself, gradient: 'zero', noGradientCheck: steps },
  erf: {
    doc: 'The error function.',
    float: erf,
    gradient: (b, g, x) => times(b, g, 2 / Math.sqrt(Math.PI), b.exp(b.neg(b.square(x)))),
    flops: 15,
  },
  sin: { doc: 'The sine of x in radians; of infinities NaN.', float: Math.sin, gradient: (b, g, x) => b.mul(g, b.cos(x)), flops: 12 },
  cos: {
    doc: 'The cosine of x in radians; of infinities NaN.',
    float: Math.cos,
    gradient: (b, g, x) => b.neg(b.mul(g, b.sin(x))),
    flops: 12,
  },
  tan: {
    doc: 'The tangent of x in radians; of infinities NaN.',
    float: Math.tan,
    gradient: (b, g, _, y) => b.mul(g, onePlusSquare(b, y)),
    range: [-1, 1],
    flops: 15,
  },
  sinh: { doc: 'The hyperbolic sine.', float: Math.sinh, gradient: (b, g, x) => b.mul(g, b.emit('cosh', [x])), flops: 15 },
  cosh: { doc: 'The hyperbolic cosine.', float: Math.cosh, gradient: (b, g, x) => b.mul(g, b.emit('sinh', [x])), flops: 15 },
  tanh: { doc: 'The hyperbolic tangent.', float: Math.tanh, gradient: (b, g, _, y) => b.mul(g, oneMinusSquare(b, y)), flops: 12 },
  asin: {
    doc: 'The inverse sine; NaN outside [-1, 1].',
    float: Math.asin,
    gradient: (b, g, x) => b.mul(g, b.emit('rsqrt', [oneMinusSquare(b, x)])),
    range: [-0.9, 0.9],
    flops: 15,
  },
  acos: {
    doc: 'The inverse cosine; NaN outside [-1, 1].',
    float: Math.acos,
    gradient: (b, g, x) => b.neg(b.mul(g, b.emit('rsqrt', [oneMinusSquare(b, x)]))),
    range: [-0.9, 0.9],
    flops: 15,
  },
  atan: { doc: 'The inverse tangent.', float: Math.atan, gradient: (b, g, x) => b.div(g, onePlusSquare(b, x)), flops: 15 },
  asinh: {
    doc: 'The inverse hyperbolic sine.',
    float: Math.asinh,
    gradient: (b, g, x) => b.mul(g, b.emit('rsqrt', [onePlusSquare(b, x)])),
    flops: 20,
  },
  acosh: {
    doc: 'The inverse hyperbolic cosine; NaN below 1.',
    float: Math.acosh,
    gradient: (b, g, x) => b.mul(g, b.emit('rsqrt', [b.mul(b.sub(x, b.constant(1, x)), b.add(x, b.constant(1, x)))])),
    range: [1.2, 4],
    flops: 20,
  },
  atanh: {
    doc: 'The inverse hyperbolic tangent; infinite at -1 and 1, NaN outside.',
    float: Math.atanh,
    gradient: (b, g, x) => b.div(g, oneMinusSquare(b, x)),
    range: [-0.9, 0.9],
    flops: 20,
  },
  sigmoid: {
    doc: '1 / (1 + exp(-x)), computed so that large negative x keep their precision.',
    float: sigmoid,
    gradient: (b, g, _, y) => b.mul(g, b.mul(y, b.sub(b.constant(1, y), y))),
    flops: 12,
  },
  relu: {
    doc: 'x where it is positive, else 0; NaN stays NaN. The derivative at 0 is 0.',
    float: (x) => Math.max(x, 0),
    integer: (x) => (x < 0n ? 0n : x),
    gradient: (b, g, x) => b.select(b.greater(x, b.constant(0, x)), g, b.constant(0, g)),
    noGradientCheck: kink,
    samples: besidesZero,
  },
} as const satisfies Record<string, UnarySpec>

export const unaryOps = defineFamily('unary', records<keyof typeof table, UnarySpec>(table, unary))
