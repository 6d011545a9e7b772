// Conversions between dtypes: by value and by bits.

import { z } from 'zod'
import { type DType, dtypeInfo, isComplex, isDType, isFloat, realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { convert, decode, emptyValues, encode } from '../host.js'
import { defineFamily, type HasType } from '../op.js'
import { typeOf } from '../type.js'
import { numericDTypes } from './check.js'
import { checkDType } from './kit.js'
import { dtypeSchema } from './schema.js'

interface CastAttrs {
  readonly dtype: DType
}

const attrs = z.strictObject({ dtype: dtypeSchema })
const numeric = new Set(numericDTypes)

/** Gradients are checked in float64, and only casts to itself do not round there. */
const stepsInto = (dtype: DType) => (dtype === 'float64' ? {} : { noGradientCheck: 'rounding to a narrower dtype has steps' })

function checkTarget(op: string, inputs: readonly HasType[], dtype: unknown): asserts dtype is DType {
  if (isDType(dtype) && !isComplex(dtype)) return
  throw new SinterError('attribute', `${JSON.stringify(dtype)} is not a real dtype (C1)`, {
    op,
    operands: inputs,
    hint: `use one of ${realDTypes.join(', ')}`,
  })
}

export const castOps = defineFamily('cast', {
  cast: {
    doc: 'Each value in another dtype. Floats round to nearest even, once. Float to integer truncates toward 0 and saturates, NaN gives 0. Integer to integer wraps. To bool is x != 0. (C1) dtype is a real dtype.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs,
    traits: { elementwise: true },
    infer: (inputs, { dtype }: CastAttrs) => {
      checkTarget('cast', inputs, dtype)
      const { type } = inputs[0]!
      return dtype === type.dtype ? type : typeOf(dtype, type.shape)
    },
    gradient: ({ b, grad, inputs }) => {
      const from = inputs[0]!.type.dtype
      return [isFloat(from) && isFloat(grad.type.dtype) ? b.cast(grad, from) : undefined]
    },
    evaluate: ([x], _, [type]) => {
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < values.length; i++) values[i] = convert(x!.values[i]!, x!.type.dtype, type!.dtype)
      return [{ type: type!, values }]
    },
    samples: realDTypes.flatMap((dtype) => [
      { inputs: ['$[2,3]'], attrs: { dtype }, range: [-100, 100] as const, ...stepsInto(dtype) },
      { inputs: ['$[3,37]'], attrs: { dtype }, range: [-2, 2] as const, ...stepsInto(dtype) },
      { inputs: ['$[]'], attrs: { dtype }, ...stepsInto(dtype) },
      { inputs: ['$[0,3]'], attrs: { dtype }, ...stepsInto(dtype) },
    ]),
  },
  bitcast: {
    doc: 'The same bits read as another dtype, little-endian. Between sizes the last dimension scales: f32[2,3] as i8 is i8[2,12]. The payload of a NaN may change. (C1) dtype is a real dtype. (C2) Neither dtype is bool. (C3) When sizes differ there is a last dimension, and its bytes divide by the new size.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs,
    traits: { reinterprets: true },
    infer: (inputs, { dtype }: CastAttrs) => {
      checkTarget('bitcast', inputs, dtype)
      checkDType('bitcast', inputs, 0, numeric)
      if (dtype === 'bool') {
        throw new SinterError('dtype', 'bool has no bits to reinterpret (C2)', {
          op: 'bitcast',
          operands: inputs,
          hint: 'compare with 0, or use astype',
        })
      }
      const { type } = inputs[0]!
      const from = dtypeInfo[type.dtype].bytes
      const to = dtypeInfo[dtype].bytes
      if (from === to) return typeOf(dtype, type.shape)
      const last = type.shape.at(-1)
      if (last === undefined || (last * from) % to !== 0) {
        const why = last === undefined ? 'there is no last dimension to scale' : `${last} elements of ${from} bytes do not divide by ${to}`
        throw new SinterError('shape', `cannot read ${type} as ${dtype}: ${why} (C3)`, { op: 'bitcast', operands: inputs })
      }
      return typeOf(dtype, [...type.shape.slice(0, -1), (last * from) / to])
    },
    gradient: 'zero',
    evaluate: ([x], _, [type]) => {
      const bytes = encode(x!).buffer
      const View = dtypeInfo[type!.dtype].array as unknown as new (buffer: ArrayBufferLike) => ReturnType<typeof encode>
      return [decode(type!, new View(bytes))]
    },
    samples: numericDTypes.flatMap((dtype) => [
      { inputs: ['$[2,8]'], attrs: { dtype }, range: [0, 100] as const, noGradientCheck: 'bits have no gradient' },
      { inputs: ['$[0,8]'], attrs: { dtype }, noGradientCheck: 'bits have no gradient' },
    ]),
  },
})
