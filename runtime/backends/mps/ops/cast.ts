// Conversions between dtypes.

import { type DType, dtypeInfo, isBig, isFloat } from '../../../../ir/dtype.js'
import type { castOps } from '../../../../ir/ops/cast.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'

/** MPSGraph truncates and saturates; what NaN gives is not known. */
function floatToInteger(g: Emitter, x: Value, dtype: DType): Value {
  const converted = isBig(dtype) ? floatToBig(g, x, dtype) : g.cast(x, dtype)
  return g.select(g.unary('isNaN', x, 'bool'), g.scalar(0, dtype), converted)
}

/** Saturation has been reported for 8 bits; on 64 bits, which no Apple GPU converts to by itself, nothing relies on it. */
function floatToBig(g: Emitter, x: Value, dtype: DType): Value {
  const { min, max } = dtypeInfo[dtype]
  // Halves become float32 first: 2^63 is a float32, and the bound below which casts are in range.
  const wide = g.cast(x, 'float32')
  const converted = g.cast(g.binary('maximum', wide, g.scalar(Number(min), 'float32')), dtype)
  return g.select(g.compare('greaterThanOrEqualTo', wide, g.scalar(Number(max), 'float32')), g.scalar(max, dtype), converted)
}

export const castLowerings: Table<typeof castOps> = {
  cast: {
    emit: (g, [x], { type: { dtype } }) => {
      const from = x!.type.dtype
      if (dtype === 'bool' && from !== 'bool') return g.compare('notEqual', x!, g.scalar(0, from))
      return isFloat(from) && dtype !== 'bool' && !isFloat(dtype) ? floatToInteger(g, x!, dtype) : g.cast(x!, dtype)
    },
  },
  bitcast: {
    emit: (g, [x], { type }) => g.reinterpret(x!, type.dtype),
  },
}
