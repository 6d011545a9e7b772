// Fourier transforms. Planes become complex tensors for MPSGraph's own transforms, which take at most four dimensions.

import type { FourierAttrs, FourierScaling, fourierOps, HermitianAttrs, RealFourierAttrs } from '../../../../ir/ops/fourier.js'
import { aroundAxis, type Shape } from '../../../../ir/shape.js'
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

const partsOf = (g: Emitter, z: Value): [Value, Value] => [g.part(z, 'real'), g.part(z, 'imaginary')]

/** The parts of the transform of planes along axes that fit. */
function transformed(g: Emitter, planes: readonly [Value, Value], axes: readonly number[], attrs: FourierAttrs): [Value, Value] {
  const z = g.complexOperand(...planes)
  const args = [z, axes, descriptorOf(attrs.scaling, attrs.inverse)]
  return partsOf(g, g.call('fastFourierTransformWithTensor:axes:descriptor:name:', args, z.type))
}

function fft(g: Emitter, re: Value, im: Value, attrs: FourierAttrs): readonly Value[] {
  const { shape } = re.type
  if (attrs.axes.length === 0) return [re, im]
  if (shape.length <= mostDimensions) return transformed(g, [re, im], attrs.axes, attrs)
  const along = (planes: readonly [Value, Value], axis: number): [Value, Value] => {
    const flat = planes.map((plane) => g.reshape(plane, aroundShape(shape, axis))) as [Value, Value]
    return transformed(g, flat, [1], attrs).map((plane) => g.reshape(plane, shape)) as [Value, Value]
  }
  return attrs.axes.reduce(along, [re, im])
}

/** 0 for elements whose imaginary part is none, along the middle one of three dimensions; else 1. MPSGraph does not say what it makes of others. */
function imaginaryMask(g: Emitter, length: number): Value {
  const half = Math.floor(length / 2) + 1
  const values = Float64Array.from({ length: half }, (_, k) => (k === 0 || 2 * k === length ? 0 : 1))
  return g.constant({ type: typeOf('float32', [1, half, 1]), values })
}

export const fourierLowerings: Table<typeof fourierOps> = {
  fft: { emit: (g, [re, im], { attrs }) => fft(g, re!, im!, attrs) },
  rfft: {
    emit: (g, [x], { attrs, results }) => {
      const { axis, scaling } = attrs as RealFourierAttrs
      const flat = g.reshape(x!, aroundShape(x!.type.shape, axis))
      const type = typeOf('complex64', aroundShape(results[0]!.shape, axis))
      const z = g.call('realToHermiteanFFTWithTensor:axes:descriptor:name:', [flat, [1], descriptorOf(scaling, false)], type)
      return partsOf(g, z).map((part) => g.reshape(part, results[0]!.shape))
    },
  },
  irfft: {
    emit: (g, [re, im], { attrs, type }) => {
      const { axis, length, scaling } = attrs as HermitianAttrs
      const [x, y] = [re!, im!].map((plane) => g.reshape(plane, aroundShape(plane.type.shape, axis))) as [Value, Value]
      // One element is its own transform.
      if (length === 1) return g.reshape(x, type.shape)
      const mask = imaginaryMask(g, length)
      const masked = g.select(g.compare('equal', g.broadcast(mask, y.type.shape), g.scalar(0, 'float32')), g.splat(0, y.type), y)
      const args = [g.complexOperand(x, masked), [1], descriptorOf(scaling, true, length % 2 === 1)]
      const result = g.call('HermiteanToRealFFTWithTensor:axes:descriptor:name:', args, typeOf('float32', aroundShape(type.shape, axis)))
      return g.reshape(result, type.shape)
    },
  },
}
