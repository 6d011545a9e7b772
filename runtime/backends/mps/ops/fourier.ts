// Fourier transforms by MPSGraph's own, which take at most four dimensions.

import type { FourierAttrs, FourierScaling, fourierOps, HermitianAttrs, RealFourierAttrs } from '../../../../ir/ops/fourier.js'
import { aroundAxis, type Shape, sameShape } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'
import type { Descriptor, Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'

const mostDimensions = 4

const modes = { none: 'None', size: 'Size', unitary: 'Unitary' } as const

function descriptorOf(scaling: FourierScaling, inverse: boolean, odd = false): Descriptor {
  return {
    descriptor: 'MPSGraphFFTDescriptor',
    properties: {
      inverse: Number(inverse),
      scalingMode: { enumeration: 'MPSGraphFFTScalingMode', case: `MPSGraphFFTScalingMode${modes[scaling]}` },
      roundToOddHermitean: Number(odd),
    },
  }
}

/** The shape with all dimensions before an axis as one, and all after it: three. */
function aroundShape(shape: Shape, axis: number): Shape {
  const { outer, inner } = aroundAxis(shape, axis)
  return [outer, shape[axis]!, inner]
}

/** Complex values under another shape: whether reshapeTensor takes them is not documented. */
function reshaped(g: Emitter, z: Value, shape: Shape): Value {
  if (sameShape(shape, z.type.shape)) return z
  return g.complex(g.reshape(g.part(z, 'real'), shape), g.reshape(g.part(z, 'imaginary'), shape))
}

function transformed(g: Emitter, z: Value, axes: readonly number[], { scaling, inverse }: FourierAttrs): Value {
  return g.call('fastFourierTransformWithTensor:axes:descriptor:name:', [z, axes, descriptorOf(scaling, inverse)], z.type)
}

function fft(g: Emitter, z: Value, attrs: FourierAttrs): Value {
  const { shape } = z.type
  if (attrs.axes.length === 0) return z
  if (shape.length <= mostDimensions) return transformed(g, z, attrs.axes, attrs)
  const along = (x: Value, axis: number): Value => transformed(g, reshaped(g, x, aroundShape(shape, axis)), [1], attrs)
  return reshaped(g, attrs.axes.reduce(along, z), shape)
}

/** 0 for elements whose imaginary part is none, along the middle one of three dimensions; else 1. MPSGraph does not say what it makes of others. */
function imaginaryMask(g: Emitter, length: number): Value {
  const half = Math.floor(length / 2) + 1
  const values = Float64Array.from({ length: half }, (_, k) => (k === 0 || 2 * k === length ? 0 : 1))
  return g.constant({ type: typeOf('float32', [1, half, 1]), values })
}

export const fourierLowerings: Table<typeof fourierOps> = {
  fft: { emit: (g, [z], { attrs }) => fft(g, z!, attrs) },
  rfft: {
    emit: (g, [x], { attrs, type }) => {
      const { axis, scaling } = attrs as RealFourierAttrs
      const flat = g.reshape(x!, aroundShape(x!.type.shape, axis))
      const half = typeOf('complex64', aroundShape(type.shape, axis))
      return reshaped(
        g,
        g.call('realToHermiteanFFTWithTensor:axes:descriptor:name:', [flat, [1], descriptorOf(scaling, false)], half),
        type.shape,
      )
    },
  },
  irfft: {
    emit: (g, [z], { attrs, type }) => {
      const { axis, length, scaling } = attrs as HermitianAttrs
      const [x, y] = (['real', 'imaginary'] as const).map((which) => g.reshape(g.part(z!, which), aroundShape(z!.type.shape, axis))) as [
        Value,
        Value,
      ]
      // One element is its own transform.
      if (length === 1) return g.reshape(x, type.shape)
      const mask = imaginaryMask(g, length)
      const masked = g.select(g.compare('equal', g.broadcast(mask, y.type.shape), g.scalar(0, 'float32')), g.splat(0, y.type), y)
      const args = [g.complex(x, masked), [1], descriptorOf(scaling, true, length % 2 === 1)]
      const result = g.call('HermiteanToRealFFTWithTensor:axes:descriptor:name:', args, typeOf('float32', aroundShape(type.shape, axis)))
      return g.reshape(result, type.shape)
    },
  },
}
