// Choosing between two values per element.

import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { defineFamily } from '../op.js'
import { broadcastType, mapValues } from './kit.js'
import { noAttrsSchema } from './schema.js'

const all = new Set(realDTypes)

export const selectOps = defineFamily('select', {
  select: {
    doc: 'a where the condition is true, else b. (C1) The condition is bool. (C2) a and b have one dtype, any. (C3) The three shapes broadcast.',
    operands: ['condition', 'a', 'b'],
    dtypes: realDTypes,
    attrs: noAttrsSchema,
    traits: { elementwise: true },
    infer: (inputs) => {
      if (inputs[0]!.type.dtype !== 'bool') {
        throw new SinterError('dtype', `the condition is ${inputs[0]!.type.dtype}, not bool (C1)`, {
          op: 'select',
          operands: inputs,
          hint: 'compare it with something first, as in x.notEqual(0)',
        })
      }
      return broadcastType('select', inputs, all, 1)
    },
    gradient: ({ b, grad, inputs, needs }) => {
      const condition = inputs[0]!
      const zero = b.constant(0, grad)
      return [undefined, needs[1] ? b.select(condition, grad, zero) : undefined, needs[2] ? b.select(condition, zero, grad) : undefined]
    },
    evaluate: (inputs, _, types) => [mapValues(inputs, types[0]!, (condition, a, b) => (condition === 1 ? a : b))],
    samples: [
      {
        inputs: ['bool[2,3]', '$[2,3]', '$[2,3]'],
        range: [
          [0, 1],
          [-2, 2],
          [-2, 2],
        ],
      },
      {
        inputs: ['bool[3,1]', '$[2,1,4]', '$[]'],
        range: [
          [0, 1],
          [-2, 2],
          [-2, 2],
        ],
      },
      {
        inputs: ['bool[]', '$[3]', '$[2,3]'],
        range: [
          [0, 1],
          [-2, 2],
          [-2, 2],
        ],
      },
      {
        inputs: ['bool[5]', '$[]', '$[]'],
        range: [
          [0, 1],
          [-2, 2],
          [-2, 2],
        ],
      },
      { inputs: ['bool[0]', '$[0]', '$[1]'] },
      {
        inputs: ['bool[4,19]', '$[19]', '$[4,1]'],
        range: [
          [0, 1],
          [-2, 2],
          [-2, 2],
        ],
      },
    ],
  },
})
