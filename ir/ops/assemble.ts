// Ops that put tensors together: concat and constant padding.

import { z } from 'zod'
import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { convert, emptyValues } from '../host.js'
import { defineFamily } from '../op.js'
import { aroundAxis, contiguousStrides } from '../shape.js'
import { typeOf } from '../type.js'
import { checkAxis, checkSameDType } from './check.js'
import { axisSchema, shapeSchema } from './schema.js'
import { filledValues, walkStrided } from './values.js'

interface PadAttrs {
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly value: number | bigint
}

const isAmount = (amount: number): boolean => Number.isSafeInteger(amount) && amount >= 0

export const assembleOps = defineFamily('assemble', {
  concat: {
    doc:
      'The operands one after the other along an axis. (C1) There is at least one. (C2) axis is a dimension of the first. ' +
      '(C3) dtypes agree. (C4) Shapes agree in every other dimension.',
    operands: ['...xs'],
    dtypes: realDTypes,
    attrs: z.strictObject({ axis: axisSchema }),
    traits: {},
    infer: (inputs, { axis }: { axis: number }) => {
      const first = inputs[0]?.type
      if (first === undefined) throw new SinterError('argument', 'needs at least one operand (C1)', { op: 'concat' })
      checkAxis('concat', inputs, axis)
      let along = 0
      for (let i = 0; i < inputs.length; i++) {
        checkSameDType('concat', inputs, i)
        const { shape } = inputs[i]!.type
        let fits = shape.length === first.rank
        for (let d = 0; fits && d < shape.length; d++) fits = d === axis || shape[d] === first.shape[d]
        if (!fits) {
          throw new SinterError('shape', `operand ${i} and operand 0 differ in more than axis ${axis} (C4)`, {
            op: 'concat',
            operands: inputs,
          })
        }
        along += shape[axis]!
      }
      const shape = new Array<number>(first.rank)
      for (let d = 0; d < shape.length; d++) shape[d] = d === axis ? along : first.shape[d]!
      return typeOf(first.dtype, shape)
    },
    gradient: ({ b, inputs, grad, attrs, needs }) => {
      let at = 0
      return inputs.map((input, i) => {
        const { shape } = input.type
        const starts = shape.map((_, d) => (d === attrs.axis ? at : 0))
        at += shape[attrs.axis]!
        return needs[i] ? b.slice(grad, starts, shape) : undefined
      })
    },
    evaluate: (inputs, { axis }: { axis: number }, [type]) => {
      const values = emptyValues(type!.dtype, type!.size)
      const whole = aroundAxis(type!.shape, axis)
      let at = 0
      for (const x of inputs) {
        const rows = x.type.shape[axis]! * whole.inner
        for (let o = 0; o < whole.outer; o++) {
          for (let i = 0; i < rows; i++) values[o * whole.axis * whole.inner + at + i] = x.values[o * rows + i]!
        }
        at += rows
      }
      return [{ type: type!, values }]
    },
    samples: [
      { inputs: ['$[2,3]', '$[1,3]'], attrs: { axis: 0 } },
      { inputs: ['$[2,3,2]', '$[2,1,2]', '$[2,4,2]'], attrs: { axis: 1 } },
      { inputs: ['$[3]', '$[0]', '$[2]'], attrs: { axis: 0 } },
      { inputs: ['$[2,2]'], attrs: { axis: 1 } },
      { inputs: ['$[2,0]', '$[2,0]'], attrs: { axis: 0 } },
    ],
  },
  pad: {
    doc:
      'x with low elements before and high elements after it along each dimension, all equal to value (converted to the dtype as cast does). ' +
      '(C1) low and high have one non-negative integer per dimension.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs: z.strictObject({
      low: shapeSchema,
      high: shapeSchema,
      value: z.union([z.number(), z.bigint(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]),
    }),
    traits: {},
    infer: (inputs, { low, high }: PadAttrs) => {
      const { dtype, shape, rank } = inputs[0]!.type
      if (low.length !== rank || high.length !== rank || !low.every(isAmount) || !high.every(isAmount)) {
        throw new SinterError(
          'attribute',
          `low [${low.join(', ')}] and high [${high.join(', ')}] are not ${rank} non-negative integers each (C1)`,
          {
            op: 'pad',
            operands: inputs,
          },
        )
      }
      const padded = new Array<number>(rank)
      for (let d = 0; d < rank; d++) padded[d] = low[d]! + shape[d]! + high[d]!
      return typeOf(dtype, padded)
    },
    gradient: ({ b, inputs, grad, attrs }) => [b.slice(grad, attrs.low, inputs[0]!.type.shape)],
    evaluate: ([x], { low, value }: PadAttrs, [type]) => {
      const values = filledValues(type!, convert(value, typeof value === 'bigint' ? 'int64' : 'float64', type!.dtype))
      const strides = contiguousStrides(type!.shape)
      const offset = strides.reduce((sum, stride, d) => sum + stride * low[d]!, 0)
      walkStrided(x!.type.shape, strides, offset, (i, at) => {
        values[at] = x!.values[i]!
      })
      return [{ type: type!, values }]
    },
    samples: [
      { inputs: ['$[3]'], attrs: { low: [1], high: [2], value: 0 } },
      { inputs: ['$[2,3]'], attrs: { low: [0, 2], high: [1, 0], value: 1 } },
      { inputs: ['$[2,1,2]'], attrs: { low: [1, 0, 1], high: [0, 0, 1], value: 0 } },
      { inputs: ['$[0,2]'], attrs: { low: [2, 0], high: [0, 1], value: 1 } },
      { inputs: ['$[]'], attrs: { low: [], high: [], value: 0 } },
    ],
  },
})
