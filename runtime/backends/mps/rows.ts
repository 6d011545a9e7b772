// Ways to write the row of an op that is computed element by element.

import { type DType, isFloat } from '../../../ir/dtype.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'
import { inFloat32 } from './halves.js'
import type { Lowering } from './lowering.js'

export type One = (g: Emitter, x: Value) => Value
export type Two = (g: Emitter, a: Value, b: Value) => Value

/** A row of one operand. */
export const one = (emit: One): Lowering => ({ emit: (g, [x]) => emit(g, x!) })

/** A row of two operands. */
export const two = (emit: Two): Lowering => ({ emit: (g, [a, b]) => emit(g, a!, b!) })

/** A row of one operand that differs between floats and integers. */
export const oneByKind = (float: One, integer: One): Lowering => one((g, x) => (isFloat(x.type.dtype) ? float : integer)(g, x))

/** A row of two operands that differs between floats and integers. */
export const twoByKind = (float: Two, integer: Two): Lowering => two((g, a, b) => (isFloat(a.type.dtype) ? float : integer)(g, a, b))

/** The method `<method>WithTensor:name:`. */
export const method =
  (name: string, dtype?: DType): One =>
  (g, x) =>
    g.unary(name, x, dtype)

/** The method `<method>WithPrimaryTensor:secondaryTensor:name:`. */
export const methodOfTwo =
  (name: string, dtype?: DType): Two =>
  (g, a, b) =>
    g.binary(name, a, b, dtype)

/** Floats computed in float32. */
export const oneInFloat32 =
  (compute: One): One =>
  (g, x) =>
    inFloat32(g, [x], ([wide]) => compute(g, wide!))

/** Floats computed in float32. */
export const twoInFloat32 =
  (compute: Two): Two =>
  (g, a, b) =>
    inFloat32(g, [a, b], ([x, y]) => compute(g, x!, y!))
