// Sorting. MPSGraph's argSort need not be stable, so that it gets keys of which no two are equal.

import { isBig } from '../../../../ir/dtype.js'
import type { orderOps } from '../../../../ir/ops/order.js'
import { sizeOf } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import { toKey } from './carrier.js'
import { gatherLast } from './gather.js'

/** Positions that sort [rows, n] keys, ascending. */
function argsortKeys(g: Emitter, key: Value): Value {
  return g.call('argSortWithTensor:axis:descending:name:', [key, 1, 0], typeOf('int32', key.type.shape))
}

/** Keys and positions as one: the key above, the position in the low 32 bits. */
function withPosition(g: Emitter, key: Value): Value {
  const [, n] = key.type.shape as [number, number]
  const position = g.call('coordinateAlongAxis:withShape:name:', [1, [1, n]], typeOf('int32', [1, n]))
  return g.add(g.mul(g.cast(key, 'int64'), g.scalar(2 ** 32, 'int64')), g.cast(position, 'int64'))
}

/**
 * For each row the number of smaller distinct keys, which has room above a position, and the order it was found by: any order that sorts
 * the keys has equal ones side by side.
 */
function ranked(g: Emitter, key: Value): { order: Value; rank: Value } {
  const [rows, n] = key.type.shape as [number, number]
  const order = argsortKeys(g, key)
  const sorted = g.call('sortWithTensor:axis:descending:name:', [key, 1, 0], key.type)
  const part = (start: number): Value => g.slice(sorted, [0, start], [rows, n - 1])
  const steps = g.cast(g.compare('notEqual', part(1), part(0)), 'int32')
  const first = g.splat(0, typeOf('int32', [rows, 1]))
  const marks = g.concat([first, steps], 1)
  const rank = g.call('cumulativeSumWithTensor:axis:exclusive:reverse:name:', [marks, 1, 0, 0], marks.type)
  return { order, rank }
}

/** Two elements of equal rank keep their order when the rank and their position are sorted together. */
function argsort64(g: Emitter, key: Value): Value {
  const { order, rank } = ranked(g, key)
  const joint = g.add(g.mul(g.cast(rank, 'int64'), g.scalar(2 ** 32, 'int64')), g.cast(order, 'int64'))
  return gatherLast(g, order, argsortKeys(g, joint))
}

/** Keys of -0 and 0 are neighbours and must be one. Descending keys are turned over (-1 - k), NaN stays last. */
function sortKey(g: Emitter, x: Value, descending: boolean): Value {
  const key = toKey(g, x, descending ? 'first' : 'last')
  const minusOne = g.scalar(-1, key.type.dtype)
  const floats = x.type.dtype.includes('float')
  const joined = floats ? g.select(g.equal(key, minusOne), g.scalar(0, key.type.dtype), key) : key
  return descending ? g.sub(minusOne, joined) : joined
}

/** Positions that come out of a float gather unharmed. */
const most64 = 2 ** 24

export const orderLowerings: Table<typeof orderOps> = {
  argsort: {
    emit: (g, [x], { attrs, type }) => {
      const n = type.shape.at(-1)!
      if (n === 1) return g.splat(0, type)
      const rows = g.reshape(x!, [sizeOf(type.shape.slice(0, -1)), n])
      const key = sortKey(g, rows, attrs.descending)
      const order = key.type.dtype === 'int64' ? argsort64(g, key) : argsortKeys(g, withPosition(g, key))
      return g.reshape(order, type.shape)
    },
    refuse: ([x]) => {
      const n = x!.shape.at(-1)!
      if (!isBig(x!.dtype) || n <= most64) return undefined
      return `of ${n} 64-bit integers is more than the GPU sorts exactly (${most64})`
    },
  },
}
