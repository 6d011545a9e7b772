// How ops on complex tensors are recorded: by ops on their parts, one row an op. Importing the package installs them; an op without a row refuses complex operands.

import { type DType, isComplex, partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { Op } from '../ir/op.js'
import { type OpName, ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import {
  absolute,
  arccosine,
  arcsine,
  type Complex,
  exponential,
  exponentialMinus1,
  hyperbolicArccosine,
  hyperbolicArctangent,
  hyperbolicCosine,
  hyperbolicSine,
  hyperbolicTangent,
  logarithm,
  logarithmOf1Plus,
  overI,
  product,
  quotient,
  scaled,
  squareRoot,
  timesI,
} from './complex-functions.js'
import { flip, sliceAxis } from './join.js'
import { constant } from './operand.js'
import { bothParts, byPart, joined, partsOf } from './parts.js'
import { minus, negative, over, plus, times } from './plain.js'
import { type ComplexRule, cast, complexRules, record, refuseComplex } from './record.js'
import { reshape } from './shape.js'
import type { Tensor } from './tensor.js'

/** Ops that are linear in operand 0: done to its parts one by one. Indices and other operands are those of both. */
const linear: readonly OpName[] = [
  ...(['identity', 'stopGradient', 'neg', 'sum', 'cumsum', 'reshape', 'permute', 'broadcast', 'slice'] as const),
  ...(['take', 'takeAlongAxis', 'unfold', 'fold', 'avgPool', 'resize', 'resizeGradient', 'gridSample'] as const),
]

const linearIn0: ComplexRule = (inputs, attrs, op) => {
  if (inputs.slice(1).some(({ type }) => type.isComplex)) refuseComplex(op, inputs)
  return byPart(op, inputs, attrs)
}

/** Ops that place elements of one operand into or beside those of another, with the number of an operand that is indices. A real operand gets zeros beside complex ones. */
const placing: readonly (readonly [OpName, number?])[] = [
  ['concat'],
  ['sliceUpdate'],
  ['indexAdd', 1],
  ['scatterAddAlongAxis', 1],
  ['scatterSlices', 1],
  ['scatterAlongAxis', 1],
]

const placed =
  (indices: number | undefined): ComplexRule =>
  (inputs, attrs, op) => {
    const mode = attrs['mode'] ?? 'set'
    if ((mode !== 'set' && mode !== 'add') || (indices !== undefined && inputs[indices]!.type.isComplex)) refuseComplex(op, inputs)
    const { dtype } = inputs.find(({ type }) => type.isComplex)!
    return byPart(
      op,
      inputs.map((x, i) => (i === indices ? x : cast(x, dtype))),
      attrs,
    )
  }

/** A function of one complex value by its parts. */
const function1 =
  (compute: (z: Complex) => Complex): ComplexRule =>
  ([x]) => {
    const { re, im } = compute(bothParts(x!))
    return joined(re, im)
  }

const test =
  (op: Op, join: Op): ComplexRule =>
  ([x]) => {
    const { re, im } = bothParts(x!)
    return record(join, [record(op, [re]), record(op, [im])])
  }

const sumOf =
  (combine: (a: Tensor, b: Tensor) => Tensor, alone: (b: Tensor) => Tensor): ComplexRule =>
  ([a, b]) => {
    const [x, y] = [partsOf(a!), partsOf(b!)]
    const im = x.im === undefined ? alone(y.im!) : y.im === undefined ? x.im : combine(x.im, y.im)
    return joined(combine(x.re, y.re), im)
  }

/** What is linear in each of two operands: of a real one, done to both parts of the other. */
function bilinearBy(multiply: (x: Tensor, y: Tensor) => Tensor, a: Tensor, b: Tensor): Tensor {
  const [x, y] = [partsOf(a), partsOf(b)]
  if (x.im === undefined) return joined(multiply(x.re, y.re), multiply(x.re, y.im!))
  if (y.im === undefined) return joined(multiply(x.re, y.re), multiply(x.im, y.re))
  return joined(minus(multiply(x.re, y.re), multiply(x.im, y.im)), plus(multiply(x.re, y.im), multiply(x.im, y.re)))
}

const bilinear: ComplexRule = ([a, b], attrs, op) => bilinearBy((x, y) => record(op, [x, y], attrs), a!, b!)

const sparseProduct: ComplexRule = ([values, rows, columns, dense], attrs, op) => {
  const multiply = (x: Tensor, y: Tensor): Tensor => record(op, [x, rows!, columns!, y], attrs)
  return bilinearBy(multiply, values!, dense!)
}

const divide: ComplexRule = ([a, b]) => {
  const divisor = partsOf(b!)
  const { re, im } = bothParts(a!)
  if (divisor.im === undefined) return joined(over(re, divisor.re), over(im, divisor.re))
  const result = quotient({ re, im }, { re: divisor.re, im: divisor.im })
  return joined(result.re, result.im)
}

const compare =
  (differ: boolean): ComplexRule =>
  ([a, b]) => {
    const [x, y] = [bothParts(a!), bothParts(b!)]
    const [op, join] = differ ? [ops.notEqual, ops.logicalOr] : [ops.equal, ops.logicalAnd]
    return record(join, [record(op, [x.re, y.re]), record(op, [x.im, y.im])])
  }

const select: ComplexRule = ([condition, a, b], attrs) => {
  const [x, y] = [bothParts(a!), bothParts(b!)]
  return joined(record(ops.select, [condition!, x.re, y.re], attrs), record(ops.select, [condition!, x.im, y.im], attrs))
}

const convert: ComplexRule = ([x], { dtype }) => {
  const { re, im } = bothParts(x!)
  const wanted = dtype as DType
  if (wanted === 'bool') return record(ops.logicalOr, [cast(re, 'bool'), cast(im, 'bool')])
  if (isComplex(wanted)) return joined(cast(re, partDType(wanted)), cast(im, partDType(wanted)))
  throw new SinterError('dtype', `complex values are not ${wanted}; their imaginary parts would be lost`, {
    op: 'cast',
    operands: [x!],
    hint: 'take real(z), imag(z) or abs(z)',
  })
}

const one = ({ re, im }: Complex): Complex => ({ re: constant(1, re), im: constant(0, im) })
const square = (z: Complex): Complex => product(z, z)
const inverse = (z: Complex): Complex => quotient(one(z), z)
const timesNumber = (z: Complex, value: number): Complex => scaled(z, constant(value, z.re))

/** Powers with small whole exponents are products; others are e^(w log z), with 0^0 = 1 and 0^w = 0 where Re w is positive. */
const power: ComplexRule = ([a, b]) => {
  const base = bothParts(a!)
  const exponent = b!.node.op === ops.constant ? Number((b!.node.attrs['values'] as readonly number[])[0]) : undefined
  const known: Readonly<Record<string, (z: Complex) => Complex>> = {
    0: one,
    1: (z) => z,
    2: square,
    3: (z) => product(square(z), z),
    4: (z) => square(square(z)),
    '-1': inverse,
    '-2': (z) => inverse(square(z)),
    0.5: squareRoot,
    '-0.5': (z) => inverse(squareRoot(z)),
  }
  const direct = exponent === undefined ? undefined : known[exponent]
  if (direct !== undefined) {
    const { re, im } = direct(base)
    return record(ops.broadcast, [joined(re, im)], { shape: a!.shape })
  }
  const w = bothParts(b!)
  const zero = record(
    ops.logicalAnd,
    [base.re, base.im].map((part) => record(ops.equal, [part, constant(0, part)])),
  )
  const { re, im } = exponential(product(w, logarithm({ re: record(ops.select, [zero, constant(1, base.re), base.re]), im: base.im })))
  const never = constant(Number.NaN, w.re)
  const isNothing = record(
    ops.logicalAnd,
    [w.re, w.im].map((part) => record(ops.equal, [part, constant(0, part)])),
  )
  const vanishes = record(ops.greater, [w.re, constant(0, w.re)])
  const ofZero = record(ops.select, [isNothing, constant(1, w.re), record(ops.select, [vanishes, constant(0, w.re), never])])
  const imaginary = record(ops.select, [record(ops.logicalOr, [isNothing, vanishes]), constant(0, w.re), never])
  return joined(record(ops.select, [zero, ofZero, re]), record(ops.select, [zero, imaginary, im]))
}

/** The direction, z / |z|; 0 of 0. */
const direction: ComplexRule = ([x]) => {
  const z = bothParts(x!)
  const size = absolute(z)
  const divisor = record(ops.select, [record(ops.equal, [size, constant(0, size)]), constant(1, size), size])
  return joined(over(z.re, divisor), over(z.im, divisor))
}

/** Products along the last of a reshaped tensor's axes, by halves. */
const productOver: ComplexRule = ([x], attrs) => {
  const axes = attrs['axes'] as readonly number[]
  const kept = x!.shape.flatMap((_, d) => (axes.includes(d) ? [] : [d]))
  const n = sizeOf(axes.map((d) => x!.shape[d]!))
  const moved = record(ops.permute, [x!], { permutation: [...kept, ...axes] })
  let all = reshape(moved, [sizeOf(kept.map((d) => x!.shape[d]!)), n])
  if (n === 0)
    all = record(ops.concat, [all, cast(record(ops.broadcast, [constant(1, x!)], { shape: [all.shape[0]!, 1] }), x!.dtype)], { axis: 1 })
  for (let length = Math.max(n, 1); length > 1; length = Math.ceil(length / 2)) {
    const half = Math.floor(length / 2)
    const pairs = times(sliceAxis(all, 1, 0, half), sliceAxis(all, 1, half, half))
    all = length % 2 === 0 ? pairs : record(ops.concat, [pairs, sliceAxis(all, 1, length - 1, 1)], { axis: 1 })
  }
  const shape = attrs['keepDims'] ? x!.shape.map((size, d) => (axes.includes(d) ? 1 : size)) : kept.map((d) => x!.shape[d]!)
  return reshape(all, shape)
}

/** Running products by doubling: after k steps each element is the product of the last 2^k (Hillis and Steele, "Data parallel algorithms", 1986). */
const runningProducts: ComplexRule = ([x], attrs) => {
  const axis = attrs['axis'] as number
  const size = x!.shape[axis]!
  const cut = (y: Tensor, start: number, count: number): Tensor => sliceAxis(y, axis, start, count)
  const backwards = (y: Tensor): Tensor => (attrs['reverse'] ? flip(y, axis) : y)
  let all = backwards(x!)
  for (let step = 1; step < size; step *= 2) {
    const later = times(cut(all, step, size - step), cut(all, 0, size - step))
    all = record(ops.concat, [cut(all, 0, step), later], { axis })
  }
  if (attrs['exclusive'] && size > 0) {
    const first = record(ops.broadcast, [constant(1, all)], { shape: cut(all, 0, 1).shape })
    all = record(ops.concat, [first, cut(all, 0, size - 1)], { axis })
  }
  return backwards(all)
}

const pad: ComplexRule = ([x], attrs) => {
  const { re, im } = bothParts(x!)
  return joined(record(ops.pad, [re], attrs), record(ops.pad, [im], { ...attrs, value: 0 }))
}

const rows: Readonly<Partial<Record<OpName, ComplexRule>>> = {
  add: sumOf(plus, (b) => b),
  sub: sumOf(minus, negative),
  mul: bilinear,
  matmul: bilinear,
  sparseMatmul: sparseProduct,
  convolution: bilinear,
  convolutionDataGradient: bilinear,
  convolutionWeightsGradient: bilinear,
  div: divide,
  pow: power,
  equal: compare(false),
  notEqual: compare(true),
  select,
  cast: convert,
  pad,
  prod: productOver,
  cumprod: runningProducts,
  abs: ([x]) => absolute(bothParts(x!)),
  sign: direction,
  square: function1(square),
  reciprocal: function1(inverse),
  sqrt: function1(squareRoot),
  rsqrt: function1((z) => inverse(squareRoot(z))),
  exp: function1(exponential),
  exp2: function1((z) => exponential(timesNumber(z, Math.LN2))),
  exp10: function1((z) => exponential(timesNumber(z, Math.LN10))),
  expm1: function1(exponentialMinus1),
  log: function1(logarithm),
  log2: function1((z) => timesNumber(logarithm(z), Math.LOG2E)),
  log10: function1((z) => timesNumber(logarithm(z), Math.LOG10E)),
  log1p: function1(logarithmOf1Plus),
  sin: function1((z) => overI(hyperbolicSine(timesI(z)))),
  cos: function1((z) => hyperbolicCosine(timesI(z))),
  tan: function1((z) => overI(hyperbolicTangent(timesI(z)))),
  sinh: function1(hyperbolicSine),
  cosh: function1(hyperbolicCosine),
  tanh: function1(hyperbolicTangent),
  asin: function1(arcsine),
  acos: function1(arccosine),
  atan: function1((z) => overI(hyperbolicArctangent(timesI(z)))),
  asinh: function1((z) => overI(arcsine(timesI(z)))),
  acosh: function1(hyperbolicArccosine),
  atanh: function1(hyperbolicArctangent),
  sigmoid: function1((z) => {
    const { re, im } = exponential({ re: negative(z.re), im: negative(z.im) })
    return inverse({ re: plus(re, constant(1, re)), im })
  }),
  isNan: test(ops.isNan, ops.logicalOr),
  isInf: test(ops.isInf, ops.logicalOr),
  isFinite: test(ops.isFinite, ops.logicalAnd),
  logicalNot: test(ops.logicalNot, ops.logicalAnd),
}

for (const name of linear) complexRules.set(ops[name], linearIn0)
for (const [name, indices] of placing) complexRules.set(ops[name], placed(indices))
for (const [name, rule] of Object.entries(rows)) complexRules.set(ops[name as OpName], rule)
