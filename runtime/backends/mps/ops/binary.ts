// Arithmetic on two operands.

import type { binaryOps } from '../../../../ir/ops/binary.js'
import { divideIntegers, type Part } from '../division.js'
import { floorDivide, floorMod } from '../floats.js'
import type { Table } from '../lowering.js'
import { integerPower } from '../power.js'
import { methodOfTwo, type Two, two, twoByKind, twoInFloat32 } from '../rows.js'

const native = (name: string) => two(methodOfTwo(name))
const divided =
  (part: Part): Two =>
  (g, a, b) =>
    divideIntegers(g, a, b, part)
/** The methods that propagate NaN raise an exception for integers, the others ignore NaN. */
const extremum = (name: string) => twoByKind(methodOfTwo(`${name}WithNaNPropagation`), methodOfTwo(name))

export const binaryLowerings: Table<typeof binaryOps> = {
  add: native('addition'),
  sub: native('subtraction'),
  mul: native('multiplication'),
  div: twoByKind(methodOfTwo('division'), divided('div')),
  floorDiv: twoByKind(twoInFloat32(floorDivide), divided('floorDiv')),
  mod: twoByKind(twoInFloat32(floorMod), divided('mod')),
  rem: twoByKind(twoInFloat32(methodOfTwo('modulo')), divided('rem')),
  pow: twoByKind(twoInFloat32(methodOfTwo('power')), integerPower),
  minimum: extremum('minimum'),
  maximum: extremum('maximum'),
  fmin: native('minimum'),
  fmax: native('maximum'),
  atan2: two(twoInFloat32(methodOfTwo('atan2'))),
  divNoNan: native('divisionNoNaN'),
}
