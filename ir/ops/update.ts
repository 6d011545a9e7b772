// A tensor with a box of it replaced.

import { z } from 'zod'
import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { defineFamily, type Sample } from '../op.js'
import { contiguousStrides } from '../shape.js'
import { checkSameDType } from './check.js'
import { checkSlice, type SliceAttrs } from './movement.js'
import { integersSchema } from './schema.js'
import { walkStrided } from './values.js'

type UpdateAttrs = Omit<SliceAttrs, 'sizes'>

const sample = (x: string, updates: string, starts: readonly number[], steps: readonly number[]): Sample => ({
  inputs: [x, updates],
  attrs: { starts, steps },
})

export const updateOps = defineFamily('update', {
  sliceUpdate: {
    doc:
      'x with a strided box replaced: along each dimension, element i of updates goes to starts + i * steps. (C1) starts and steps have one integer per dimension, ' +
      'and updates has as many dimensions. (C2) Steps are positive. (C3) The box lies in x. (C4) dtypes agree. MPSGraph: sliceUpdateDataTensor.',
    operands: ['x', 'updates'],
    dtypes: realDTypes,
    attrs: z.strictObject({ starts: integersSchema, steps: integersSchema }),
    traits: {},
    infer: (inputs, { starts, steps }: UpdateAttrs) => {
      checkSameDType('sliceUpdate', inputs, 1)
      checkSlice('sliceUpdate', inputs, { starts, sizes: inputs[1]!.type.shape, steps })
      if (steps.some((step) => step < 0)) {
        throw new SinterError('attribute', `steps [${steps.join(', ')}] are not all positive (C2)`, { op: 'sliceUpdate', operands: inputs })
      }
      return inputs[0]!.type
    },
    gradient: ({ b, inputs: [, updates], grad, attrs: { starts, steps }, needs }) => [
      needs[0] ? b.emit('sliceUpdate', [grad, b.fullLike(updates!, 0)], { starts, steps }) : undefined,
      needs[1] ? b.slice(grad, starts, updates!.type.shape, steps) : undefined,
    ],
    evaluate: ([x, updates], { starts, steps }: UpdateAttrs, [type]) => {
      const values = x!.values.slice()
      const own = contiguousStrides(x!.type.shape)
      const strides = own.map((stride, d) => stride * steps[d]!)
      const offset = own.reduce((sum, stride, d) => sum + stride * starts[d]!, 0)
      walkStrided(updates!.type.shape, strides, offset, (i, at) => {
        values[at] = updates!.values[i]!
      })
      return [{ type: type!, values }]
    },
    samples: [
      sample('$[6]', '$[4]', [1], [1]),
      sample('$[7]', '$[3]', [0], [3]),
      sample('$[4,5]', '$[2,5]', [2, 0], [1, 1]),
      sample('$[4,5,6]', '$[2,3,2]', [1, 0, 1], [2, 2, 4]),
      sample('$[3,4]', '$[0,2]', [3, 1], [1, 1]),
      sample('$[2,3]', '$[2,3]', [0, 0], [1, 1]),
      sample('$[]', '$[]', [], []),
    ],
  },
})
