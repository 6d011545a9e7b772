// Positions of extremes: along the last dimension, since MPSGraph is slow along others.

import { isBig, isFloat } from '../../../../ir/dtype.js'
import type { argOps } from '../../../../ir/ops/arg.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { reduceLast, rowsOf } from './axes.js'
import { isNan, toOrdered } from './carrier.js'

/** `reductionArg<extreme>`: the first of equal elements; NaN never wins. */
function positionOf(g: Emitter, extreme: string, rows: Value): Value {
  const type = typeOf('int32', [rows.type.shape[0]!, 1])
  return g.call(`reductionArg${extreme}WithTensor:axis:name:`, [rows, 1], type)
}

/** Floats, whose first NaN wins, and 64-bit integers: the position of the first element that is the extreme. */
function positionOfEqual(g: Emitter, extreme: string, rows: Value): Value {
  const floats = isFloat(rows.type.dtype)
  const found = reduceLast(g, `reduction${extreme}${floats ? 'PropagateNaN' : ''}`, rows)
  const equal = g.equal(rows, found)
  // Where the extreme is NaN it equals nothing; where it is not, there is no NaN.
  const hit = floats ? g.binary('logicalOR', equal, isNan(g, rows)) : equal
  return positionOf(g, 'Maximum', g.cast(hit, 'int32'))
}

const position = (extreme: string): Lowering => ({
  emit: (g, [x], { attrs, type }) => {
    const rows = rowsOf(g, toOrdered(g, x!), [attrs.axis])
    const { dtype } = rows.type
    const found = isFloat(dtype) || isBig(dtype) ? positionOfEqual(g, extreme, rows) : positionOf(g, extreme, rows)
    return g.reshape(found, type.shape)
  },
})

export const argLowerings: Table<typeof argOps> = {
  argmax: position('Maximum'),
  argmin: position('Minimum'),
}
