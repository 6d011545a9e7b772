// Complex tensors: made of parts, and taken apart. All functions that have a complex meaning take complex tensors too; complex-rules.ts says how.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { argument } from './complex-functions.js'
import { concat, sliceAxis } from './join.js'
import { constantOf, floatingPair, widened } from './operand.js'
import { bothParts, joined, partsOf } from './parts.js'
import { negative, times } from './plain.js'
import { asTensor, floating, record, requireReal, type TensorLike } from './record.js'
import { expandDims, squeeze } from './shape.js'
import type { Tensor } from './tensor.js'

/** Whether the tensor is complex64 or complex128. */
export const isComplex = (x: Tensor): boolean => x.type.isComplex

/**
 * The complex tensor of real and imaginary parts, which broadcast: complex128 where one is float64, else complex64. MPSGraph: complexTensorWithRealTensor.
 * Throws `dtype` for complex parts.
 */
export function complex(re: TensorLike, im: TensorLike): Tensor {
  const parts = floatingPair(re, im, 'complex').map(widened)
  requireReal('complex', ...parts)
  return record(ops.complex, parts)
}

/** The complex tensor of magnitudes and angles in radians, which broadcast: abs e^(i angle). */
export function polar(abs: TensorLike, angle: TensorLike): Tensor {
  const [size, turn] = floatingPair(abs, angle, 'polar').map(widened) as [Tensor, Tensor]
  requireReal('polar', size, turn)
  return record(ops.complex, [times(size, record(ops.cos, [turn])), times(size, record(ops.sin, [turn]))])
}

/** The real parts; a real tensor itself. */
export function real(x: TensorLike): Tensor {
  return partsOf(asTensor(x, 'real')).re
}

/** The imaginary parts; zeros for a real tensor. */
export function imag(x: TensorLike): Tensor {
  const own = asTensor(x, 'imag')
  return partsOf(own).im ?? constantOf(0, own.dtype, own.shape, own.device)
}

/** The complex conjugate, re - i im; a real tensor itself. MPSGraph: conjugate. */
export function conj(x: TensorLike): Tensor {
  const { re, im } = partsOf(asTensor(x, 'conj'))
  return joined(re, im && negative(im))
}

/** The angle in radians, -pi to pi: atan2(im, re); of real numbers 0 or pi. */
export function angle(x: TensorLike): Tensor {
  return argument(bothParts(floating(x, 'angle')))
}

/** A complex tensor as a real one with a last dimension of 2, real and imaginary parts. Throws `dtype` for a real one. */
export function viewAsReal(x: Tensor): Tensor {
  const own = asTensor(x, 'viewAsReal')
  if (!own.type.isComplex) throw new SinterError('dtype', `takes a complex tensor, not ${own.dtype}`, { op: 'viewAsReal', operands: [own] })
  const { re, im } = bothParts(own)
  return concat([expandDims(re, -1), expandDims(im, -1)], -1)
}

/** A real tensor with a last dimension of 2 as a complex one of its real and imaginary parts. Throws `shape` where the last dimension is not 2. */
export function viewAsComplex(x: TensorLike): Tensor {
  const own = floating(x, 'viewAsComplex')
  requireReal('viewAsComplex', own)
  if (own.shape.at(-1) !== 2) {
    throw new SinterError('shape', 'the last dimension is not 2', { op: 'viewAsComplex', operands: [own] })
  }
  const wide = widened(own)
  const part = (index: number): Tensor => squeeze(sliceAxis(wide, wide.ndim - 1, index, 1), -1)
  return record(ops.complex, [part(0), part(1)])
}
