// Leaves: baked constants and index sequences. Inputs become feeds before any op is lowered.

import { leafOps } from '../../../../ir/ops/leaf.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { Table } from '../lowering.js'

export const leafLowerings: Table<typeof leafOps> = {
  input: { unsupported: 'inputs are feeds' },
  constant: {
    emit: (g, _, { attrs, type }) => {
      // Evaluating wraps and rounds values as the dtype does.
      const valuesAs = (of: TensorType) => leafOps.constant.evaluate([], attrs, [of])[0]!
      return attrs.values.length === 1 ? g.splat(valuesAs(typeOf(type.dtype, [])).values[0]!, type) : g.constant(valuesAs(type))
    },
  },
  iota: {
    emit: (g, _, { attrs, type }) => {
      const axis: number = attrs.axis
      const sizes = type.shape.map((size, d) => (d === axis ? size : 1))
      const along = g.call('coordinateAlongAxis:withShape:name:', [axis, sizes], typeOf('int32', sizes))
      return g.broadcast(g.cast(along, type.dtype), type.shape)
    },
  },
}
