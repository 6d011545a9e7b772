// float16 and bfloat16 operands computed in float32.

import type { DType } from '../../../ir/dtype.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/** Whether the dtype is float16 or bfloat16. */
export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'

/**
 * `compute` on float operands of one dtype, in float32 and rounded once to that dtype. MPSGraph's own half kernels are for what is correctly rounded anyway
 * (+ - * /, square roots, comparisons, rounding): its transcendental ones are off by up to 11 units in the last place, and its float16 power is wrong for
 * negative bases.
 */
export function inFloat32(g: Emitter, operands: readonly Value[], compute: (wide: readonly Value[]) => Value): Value {
  const { dtype } = operands[0]!.type
  return g.cast(compute(operands.map((operand) => g.cast(operand, 'float32'))), dtype)
}
