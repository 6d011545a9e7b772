// Leaves: graph inputs, baked constants, index sequences.

import { z } from 'zod'
import { type DType, dtypes, isBig, realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, roundTo } from '../host.js'
import { defineFamily } from '../op.js'
import { contiguousStrides } from '../shape.js'
import { typeOf } from '../type.js'
import { dtypeSchema, shapeSchema } from './schema.js'

const elementSchema = z.union([z.number(), z.bigint(), z.nan(), z.literal(Infinity), z.literal(-Infinity)])

export const leafOps = defineFamily('leaf', {
  input: {
    doc: 'A graph input: its value is bound when the graph runs. Its type is stated where it is listed.',
    operands: [],
    dtypes,
    attrs: z.strictObject({}),
    traits: { leaf: true },
    infer: () => {
      throw new SinterError('internal', 'the type of an input is stated, never inferred')
    },
    gradient: 'zero',
    evaluate: () => {
      throw new SinterError('internal', 'an input has no value of its own')
    },
    samples: [],
  },
  constant: {
    doc: 'A value baked into the graph. (C1) `values` holds one value for every element, or a single one for all of them; each is rounded to the dtype. (C2) Values are bigints for int64 and uint64, numbers otherwise.',
    operands: [],
    dtypes: realDTypes,
    attrs: z
      .strictObject({ dtype: dtypeSchema, shape: shapeSchema, values: z.array(elementSchema) })
      .refine(({ dtype, values }) => values.every((value) => (typeof value === 'bigint') === isBig(dtype)), {
        path: ['values'],
        error: 'bigints for int64 and uint64, numbers for other dtypes (C2)',
      }),
    traits: { leaf: true },
    infer: (_, attrs) => {
      const type = typeOf(attrs.dtype, attrs.shape)
      if (attrs.values.length !== 1 && attrs.values.length !== type.size) {
        throw new SinterError('attribute', `${attrs.values.length} values for ${type} (C1)`, { op: 'constant' })
      }
      return type
    },
    gradient: 'zero',
    evaluate: (_, attrs, [type]) => {
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < values.length; i++) {
        const value = attrs.values.length === 1 ? attrs.values[0] : attrs.values[i]
        values[i] = isBig(type!.dtype) ? BigInt(value) : roundTo(type!.dtype, Number(value))
      }
      return [{ type: type!, values }]
    },
    samples: (['float32', 'int64', 'bool'] as DType[]).map((dtype) => ({
      inputs: [],
      attrs: { dtype, shape: [2, 2], values: dtype === 'int64' ? [1n, 0n, 3n, 1n] : [1, 0, 1, 0] },
    })),
  },
  iota: {
    doc: 'The index along `axis` at every element, rounded (floats) or wrapped (integers) to the dtype. (C1) axis is a dimension of shape.',
    operands: [],
    dtypes: realDTypes.filter((dtype) => dtype !== 'bool'),
    attrs: z.strictObject({ dtype: dtypeSchema, shape: shapeSchema, axis: z.int().min(0) }),
    traits: { leaf: true },
    infer: (_, attrs) => {
      if (!(attrs.axis >= 0 && attrs.axis < attrs.shape.length)) {
        throw new SinterError('attribute', `axis ${attrs.axis} is not a dimension of [${attrs.shape}] (C1)`, { op: 'iota' })
      }
      if (attrs.dtype === 'bool') throw new SinterError('dtype', 'bool cannot count; use an integer dtype', { op: 'iota' })
      return typeOf(attrs.dtype, attrs.shape)
    },
    gradient: 'zero',
    evaluate: (_, attrs, [type]) => {
      const values = emptyValues(type!.dtype, type!.size)
      const stride = contiguousStrides(type!.shape)[attrs.axis]!
      for (let i = 0; i < values.length; i++) {
        const index = Math.floor(i / stride) % type!.shape[attrs.axis]!
        values[i] = isBig(type!.dtype) ? BigInt(index) : roundTo(type!.dtype, index)
      }
      return [{ type: type!, values }]
    },
    samples: [
      { inputs: [], attrs: { dtype: 'int32', shape: [3, 4], axis: 1 } },
      { inputs: [], attrs: { dtype: 'float32', shape: [5], axis: 0 } },
      { inputs: [], attrs: { dtype: 'int64', shape: [3, 2], axis: 0 } },
    ],
  },
})
