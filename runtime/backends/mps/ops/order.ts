// Sorting. MPSGraph's argSort need not be stable, so that it gets keys of which no two are equal.

import { type DType, isBig, isFloat } from '../../../../ir/dtype.js'
import type { orderOps } from '../../../../ir/ops/order.js'
import { sizeOf } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import { fromKey, type NanPlace, toKey } from './carrier.js'
import { gatherLast, refuseSplit } from './gather.js'
import { takeAlong } from './indexing.js'

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

/** Descending keys are ascending ones turned over: -1 - key. */
const turned = (g: Emitter, key: Value): Value => g.sub(g.scalar(-1, key.type.dtype), key)

/** Keys of -0 and 0 are neighbours and become one. */
function joinZeros(g: Emitter, key: Value, dtype: DType): Value {
  if (!isFloat(dtype)) return key
  return g.select(g.equal(key, g.scalar(-1, key.type.dtype)), g.scalar(0, key.type.dtype), key)
}

/** Positions that sort [rows, n], stably. `nan` says where NaN counts before keys are turned over. */
function argsortRows(g: Emitter, x: Value, descending: boolean, nan: NanPlace): Value {
  if (x.type.shape[1] === 1) return g.splat(0, typeOf('int32', x.type.shape))
  const joined = joinZeros(g, toKey(g, x, nan), x.type.dtype)
  const key = descending ? turned(g, joined) : joined
  return key.type.dtype === 'int64' ? argsort64(g, key) : argsortKeys(g, withPosition(g, key))
}

const asRows = (g: Emitter, x: Value): Value => g.reshape(x, [sizeOf(x.type.shape.slice(0, -1)), x.type.shape.at(-1)!])

/** Positions that come out of a float gather unharmed. */
const most64 = 2 ** 24

const refuseOrder = ([x]: readonly TensorType[]): string | undefined => {
  const n = x!.shape.at(-1)!
  if (!isBig(x!.dtype) || n <= most64) return undefined
  return `of ${n} 64-bit integers is more than the GPU sorts exactly (${most64})`
}

export const orderLowerings: Table<typeof orderOps> = {
  argsort: {
    emit: (g, [x], { attrs, type }) => {
      const order = argsortRows(g, asRows(g, x!), attrs.descending, attrs.descending ? 'first' : 'last')
      return g.reshape(order, type.shape)
    },
    refuse: refuseOrder,
  },
  sort: {
    // Sorted keys are the sorted elements' keys: no position is needed.
    emit: (g, [x], { attrs, type }) => {
      const key = toKey(g, asRows(g, x!), attrs.descending ? 'first' : 'last')
      const ascending = attrs.descending ? turned(g, key) : key
      const sorted = g.call('sortWithTensor:axis:descending:name:', [ascending, 1, 0], key.type)
      return g.reshape(fromKey(g, attrs.descending ? turned(g, sorted) : sorted, type.dtype), type.shape)
    },
  },
  topK: {
    // Not topKWithSourceTensor: nothing says which of equal elements it takes, nor where NaN counts, and more than 16 were refused.
    emit: (g, [x], { attrs, results }) => {
      const rows = asRows(g, x!)
      const order = argsortRows(g, rows, attrs.largest, 'last')
      const first = g.slice(order, [0, 0], [rows.type.shape[0]!, attrs.k])
      return [g.reshape(takeAlong(g, rows, first, 1), results[0]!.shape), g.reshape(first, results[1]!.shape)]
    },
    refuse: ([x], _, types) => refuseOrder([x!]) ?? refuseSplit([x!, types[0]!], 2),
  },
}
