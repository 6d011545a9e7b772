// Reductions. Sums and products accumulate in float32, int32 or int64; extremes of floats have a form that propagates NaN and one that skips it.

import { type DType, isBig, isFloat } from '../../../../ir/dtype.js'
import type { reduceOps } from '../../../../ir/ops/reduce.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { foldHalves, reduceAxes, reduceLast, rowsOf } from './axes.js'
import { fromAccumulator, fromOrdered, isNan, toAccumulator, toBool, toOrdered } from './carrier.js'

/** A lowering from the reduction proper, whose result may have any shape of the right size. */
function reduction(reduce: (g: Emitter, x: Value, axes: readonly number[], dtype: DType) => Value): Lowering {
  return {
    emit: (g, [x], { attrs, type }) => {
      if (attrs.axes.length === 0) return g.identity(x!)
      return g.reshape(reduce(g, x!, attrs.axes, type.dtype), type.shape)
    },
  }
}

const extreme = (method: string): Lowering =>
  reduction((g, x, axes, dtype) => {
    const form = isFloat(dtype) ? `${method}PropagateNaN` : method
    return fromOrdered(g, reduceAxes(g, form, toOrdered(g, x), axes), dtype)
  })

/** The plain method skips NaN, but its result where there is nothing else is an infinity. */
const extremeButNan = (method: string): Lowering =>
  reduction((g, x, axes, dtype) => {
    const ordered = toOrdered(g, x)
    const found = reduceAxes(g, method, ordered, axes)
    if (!isFloat(dtype)) return fromOrdered(g, found, dtype)
    const allNan = toBool(g, reduceAxes(g, 'reductionMinimum', g.cast(isNan(g, ordered), 'int32'), axes))
    return g.cast(g.select(allNan, g.scalar(Number.NaN, 'float32'), found), dtype)
  })

const decision = (method: string): Lowering => reduction((g, x, axes) => toBool(g, reduceAxes(g, method, g.cast(x, 'int32'), axes)))

/** 64-bit products have no reduction: they are multiplied in pairs. */
function product(g: Emitter, x: Value, axes: readonly number[], dtype: DType): Value {
  const rows = rowsOf(g, toAccumulator(g, x), axes)
  const total = isBig(dtype) ? foldHalves(g, rows, 1, g.mul) : reduceLast(g, 'reductionProduct', rows)
  return fromAccumulator(g, total, dtype)
}

/** Whether an odd number is true is the last bit of how many are; other integers are combined in pairs, 64-bit ones as two halves. */
function exclusiveOr(g: Emitter, x: Value, axes: readonly number[], dtype: DType): Value {
  if (dtype === 'bool') {
    const count = reduceAxes(g, 'reductionSum', g.cast(x, 'int32'), axes)
    return toBool(g, g.binary('bitwiseAND', count, g.scalar(1, 'int32')))
  }
  const rows = rowsOf(g, toAccumulator(g, x), axes)
  const [kept, reduced] = rows.type.shape as [number, number]
  const words = g.reinterpret(g.reshape(rows, [kept, reduced, 1]), 'int32')
  const combined = foldHalves(g, words, 1, (a, b) => g.binary('bitwiseXOR', a, b))
  return fromAccumulator(g, isBig(dtype) ? g.reinterpret(combined, 'int64') : combined, dtype)
}

export const reduceLowerings: Table<typeof reduceOps> = {
  sum: reduction((g, x, axes, dtype) => fromAccumulator(g, reduceAxes(g, 'reductionSum', toAccumulator(g, x), axes), dtype)),
  prod: reduction(product),
  max: extreme('reductionMaximum'),
  min: extreme('reductionMinimum'),
  nanmax: extremeButNan('reductionMaximum'),
  nanmin: extremeButNan('reductionMinimum'),
  any: decision('reductionOr'),
  all: decision('reductionAnd'),
  xor: reduction(exclusiveOr),
}
