// Sorting, as positions: values follow by takeAlongAxis.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { defineFamily } from '../op.js'
import { typeOf } from '../type.js'
import { checkCountable, checkNumeric, numericDTypes } from './check.js'
import { isNanValue, type Value } from './values.js'

/** Negative when a comes first. Equal elements, among them the two zeros and all NaN, compare as 0. */
function compare(a: Value, b: Value, descending: boolean): number {
  if (isNanValue(a) || isNanValue(b)) return Number(isNanValue(a)) - Number(isNanValue(b))
  const order = a < b ? -1 : a > b ? 1 : 0
  return descending ? -order : order
}

export const orderOps = defineFamily('order', {
  argsort: {
    doc:
      'The positions (int32) that sort the last axis. Stable: equal elements keep their order in both directions; NaN comes last in both. ' +
      '(C1) x has at least one dimension, the last of at most 2^31 - 1 elements.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ descending: z.boolean() }),
    traits: {},
    infer: (inputs) => {
      checkNumeric('argsort', inputs)
      const { shape, rank } = inputs[0]!.type
      if (rank === 0) throw new SinterError('shape', 'a rank-0 tensor has no axis to sort (C1)', { op: 'argsort', operands: inputs })
      checkCountable('argsort', inputs, shape[rank - 1]!)
      return typeOf('int32', shape)
    },
    gradient: 'zero',
    evaluate: ([x], { descending }: { descending: boolean }, [type]) => {
      const n = type!.shape.at(-1)!
      const values = new Float64Array(type!.size)
      for (let start = 0; start < values.length; start += n) {
        const order = Array.from({ length: n }, (_, i) => i)
        order.sort((i, j) => compare(x!.values[start + i]!, x!.values[start + j]!, descending))
        values.set(order, start)
      }
      return [{ type: type!, values }]
    },
    samples: [false, true].flatMap((descending) => [
      { inputs: ['$[7]'], attrs: { descending } },
      { inputs: ['$[3,5]'], attrs: { descending } },
      { inputs: ['$[2,2,4]'], attrs: { descending } },
      { inputs: ['$[3,1]'], attrs: { descending } },
      { inputs: ['$[2,0]'], attrs: { descending } },
    ]),
    flops: ([x]) => Math.ceil(Math.log2(Math.max(2, x!.type.shape.at(-1)!))),
  },
})
