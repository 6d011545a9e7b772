// Functions of one operand.

import { dtypeInfo } from '../../../../ir/dtype.js'
import type { unaryOps } from '../../../../ir/ops/unary.js'
import { expm1, log1p, sign } from '../floats.js'
import type { Lowering, Table } from '../lowering.js'
import { method, type One, one, oneByKind, oneInFloat32 } from '../rows.js'

const inFloat32 = (name: string): Lowering => one(oneInFloat32(method(name)))
const itself: One = (_, x) => x
/** Rounding: integers have no kernels for it, and need none. */
const rounding = (name: string): Lowering => oneByKind(method(name), itself)
/** An op on integers that leaves unsigned ones as they are. */
const signed =
  (compute: One): One =>
  (g, x) =>
    dtypeInfo[x.type.dtype].kind === 'uint' ? x : compute(g, x)

const negated: One = (g, x) => g.sub(g.scalar(0, x.type.dtype), x)
// The larger of x and -x, also where both are the smallest integer.
const magnitude: One = (g, x) => g.binary('maximum', x, negated(g, x))
// There is no sign of 64-bit integers.
const integerSign: One = (g, x) => {
  const atMost1 = g.binary('minimum', x, g.scalar(1, x.type.dtype))
  return dtypeInfo[x.type.dtype].kind === 'uint' ? atMost1 : g.binary('maximum', atMost1, g.scalar(-1, x.type.dtype))
}
const positivePart =
  (name: string): One =>
  (g, x) =>
    g.binary(name, x, g.scalar(0, x.type.dtype))

export const unaryLowerings: Table<typeof unaryOps> = {
  exp: inFloat32('exponent'),
  exp2: inFloat32('exponentBase2'),
  exp10: inFloat32('exponentBase10'),
  expm1: one(oneInFloat32(expm1)),
  log: inFloat32('logarithm'),
  log2: inFloat32('logarithmBase2'),
  log10: inFloat32('logarithmBase10'),
  log1p: one(oneInFloat32(log1p)),
  sqrt: one(method('squareRoot')),
  rsqrt: inFloat32('reciprocalSquareRoot'),
  reciprocal: inFloat32('reciprocal'),
  square: oneByKind(method('square'), (g, x) => g.mul(x, x)),
  abs: oneByKind(method('absolute'), signed(magnitude)),
  neg: oneByKind(method('negative'), negated),
  sign: oneByKind(sign, integerSign),
  ceil: rounding('ceil'),
  floor: rounding('floor'),
  // `round` takes halves away from zero.
  round: rounding('rint'),
  trunc: rounding('truncate'),
  erf: inFloat32('erf'),
  sin: inFloat32('sin'),
  cos: inFloat32('cos'),
  tan: inFloat32('tan'),
  sinh: inFloat32('sinh'),
  cosh: inFloat32('cosh'),
  tanh: inFloat32('tanh'),
  asin: inFloat32('asin'),
  acos: inFloat32('acos'),
  atan: inFloat32('atan'),
  asinh: inFloat32('asinh'),
  acosh: inFloat32('acosh'),
  atanh: inFloat32('atanh'),
  sigmoid: inFloat32('sigmoid'),
  // reLU is not known to keep NaN.
  relu: oneByKind(positivePart('maximumWithNaNPropagation'), signed(positivePart('maximum'))),
}
