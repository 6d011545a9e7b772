// Complex values and their parts. These are the only ops that touch complex tensors: arithmetic is written on the parts, which fuse like any real ones.

import { complexDType, type DType, dtypes, isComplex, partDType } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor } from '../host.js'
import { defineFamily, type HasType, type OpSpec } from '../op.js'
import { type TensorType, typeOf } from '../type.js'
import { checkWideFloat, wideFloatDTypes } from './check.js'
import { broadcastType, expandValues, shapesOfTwo } from './kit.js'
import { noAttrsSchema } from './schema.js'

const wide = new Set(wideFloatDTypes)
const complexDTypes: readonly DType[] = dtypes.filter(isComplex)

/** The type of the parts of a complex operand. */
function partType(op: string, inputs: readonly HasType[]): TensorType {
  const { dtype, shape } = inputs[0]!.type
  if (isComplex(dtype)) return typeOf(partDType(dtype), shape)
  throw new SinterError('dtype', `takes complex64 and complex128, not ${dtype} (C1)`, {
    op,
    operands: inputs,
    hint: 'a real tensor is its own real part',
  })
}

/** Every other stored number, from `first` on. */
function part({ values }: HostTensor, first: 0 | 1, type: TensorType): HostTensor {
  const out = emptyValues(type.dtype, type.size)
  for (let i = 0; i < out.length; i++) out[i] = values[2 * i + first]!
  return { type, values: out }
}

/** The record that reads part `index`. */
const partSpec = (name: 'real' | 'imag', what: string, index: 0 | 1): OpSpec => ({
  doc: `The ${what} parts of complex values, seen where they lie. (C1) z is complex. MPSGraph: ${what}PartOfTensor.`,
  operands: ['z'],
  dtypes: complexDTypes,
  attrs: noAttrsSchema,
  traits: { movement: true, complex: true },
  infer: (inputs) => partType(name, inputs),
  gradient: ({ b, grad }) => {
    const zero = b.fullLike(grad, 0)
    return [b.emit('complex', index === 0 ? [grad, zero] : [zero, grad])]
  },
  evaluate: ([z], _, [type]) => [part(z!, index, type!)],
  samples: ['[3,4]', '[]', '[7]', '[0,2]'].map((shape) => ({ inputs: [`$${shape}`] })),
})

export const complexOps = defineFamily('complex', {
  complex: {
    doc:
      'Complex values of real and imaginary parts: complex64 of float32, complex128 of float64. (C1) float32 or float64. (C2) Both parts have one dtype, and their shapes broadcast. ' +
      'MPSGraph: complexTensorWithRealTensor.',
    operands: ['re', 'im'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: { elementwise: true },
    infer: (inputs) => {
      checkWideFloat('complex', inputs)
      const { dtype, shape } = broadcastType('complex', inputs, wide)
      return typeOf(complexDType(dtype), shape)
    },
    gradient: ({ b, grad }) => [b.emit('real', [grad]), b.emit('imag', [grad])],
    evaluate: (parts, _, [type]) => {
      const [re, im] = parts.map((part) => expandValues(part, type!.shape))
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < type!.size; i++) {
        values[2 * i] = re![i]!
        values[2 * i + 1] = im![i]!
      }
      return [{ type: type!, values }]
    },
    samples: shapesOfTwo.map((shapes) => ({ inputs: shapes.map((shape) => `$${shape}`) })),
  },
  real: partSpec('real', 'real', 0),
  imag: partSpec('imag', 'imaginary', 1),
})
