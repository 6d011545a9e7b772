// Positions of extreme elements along one axis.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { defineFamily, type HasType, type OpSpec, type Sample } from '../op.js'
import { aroundAxis, reducedShape } from '../shape.js'
import { typeOf } from '../type.js'
import { checkAxis, checkCountable, checkNumeric, numericDTypes } from './check.js'
import { axisSchema } from './schema.js'
import { isNanValue, type Value } from './values.js'

interface ArgAttrs {
  readonly axis: number
  readonly keepDims: boolean
}

const samples: readonly Sample[] = [
  { inputs: ['$[2,3,4]'], attrs: { axis: 1, keepDims: false } },
  { inputs: ['$[2,3,4]'], attrs: { axis: 2, keepDims: true } },
  { inputs: ['$[7]'], attrs: { axis: 0, keepDims: false } },
  { inputs: ['$[3,1]'], attrs: { axis: 1, keepDims: false } },
  { inputs: ['$[0,3]'], attrs: { axis: 1, keepDims: true } },
]

function argOp(op: string, extreme: string, better: (a: Value, b: Value) => boolean): OpSpec {
  return {
    doc:
      `The position (int32) of the ${extreme} element along an axis; the first of several, and the first NaN before everything else. ` +
      '(C1) axis is a dimension of x. (C2) The axis holds at least one element, and at most 2^31 - 1.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ axis: axisSchema, keepDims: z.boolean() }),
    traits: {},
    infer: (inputs, { axis, keepDims }: ArgAttrs) => {
      checkNumeric(op, inputs)
      checkAxis(op, inputs, axis)
      const { shape } = inputs[0]!.type
      checkCountable(op, inputs, shape[axis]!)
      const type = typeOf('int32', reducedShape(shape, [axis], keepDims))
      if (shape[axis] === 0 && type.size > 0) {
        throw new SinterError('shape', `axis ${axis} of ${inputs[0]!.type} holds no elements, so none is the ${extreme} (C2)`, {
          op,
          operands: inputs,
        })
      }
      return type
    },
    gradient: 'zero',
    evaluate: ([x], { axis }: ArgAttrs, [type]) => {
      const { outer, axis: n, inner } = aroundAxis(x!.type.shape, axis)
      const values = new Float64Array(type!.size)
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          const at = (k: number) => x!.values[(o * n + k) * inner + i]!
          let best = 0
          for (let k = 1; k < n && !isNanValue(at(best)); k++) if (isNanValue(at(k)) || better(at(k), at(best))) best = k
          values[o * inner + i] = best
        }
      }
      return [{ type: type!, values }]
    },
    samples,
    flops: ([x]: readonly HasType[], { axis }: ArgAttrs) => x!.type.shape[axis]!,
  }
}

export const argOps = defineFamily('arg', {
  argmax: argOp('argmax', 'largest', (a, b) => a > b),
  argmin: argOp('argmin', 'smallest', (a, b) => a < b),
})
