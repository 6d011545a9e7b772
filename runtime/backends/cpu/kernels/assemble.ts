// Ops that place whole tensors into others: a few strided copies each.

import type { assembleOps } from '../../../../ir/ops/assemble.js'
import type { updateOps } from '../../../../ir/ops/update.js'
import { contiguousStrides } from '../../../../ir/shape.js'
import { literalBytes } from '../../../literal.js'
import type { KernelLowering } from './kernel.js'

const concat: KernelLowering = ({ node, operand, target, copy }) => {
  const axis = node.attrs['axis'] as number
  const strides = contiguousStrides(node.type.shape)
  let start = 0
  node.inputs.forEach((input, i) => {
    const { shape, size } = input.type
    if (size > 0) copy(operand(i), shape, contiguousStrides(shape), target(), start * strides[axis]!, strides)
    start += shape[axis]!
  })
}

const pad: KernelLowering = ({ node, operand, target, constant, copy }) => {
  const { shape, dtype } = node.type
  const strides = contiguousStrides(shape)
  const value = constant(literalBytes(dtype, [node.attrs['value'] as number | bigint]))
  const none = shape.map(() => 0)
  copy(value, shape, none, target(), 0, strides)
  const inner = node.inputs[0]!.type
  const low = node.attrs['low'] as readonly number[]
  const offset = low.reduce((sum, amount, d) => sum + amount * strides[d]!, 0)
  if (inner.size > 0) copy(operand(0), inner.shape, contiguousStrides(inner.shape), target(), offset, strides)
}

const sliceUpdate: KernelLowering = ({ node, operand, target, copy }) => {
  const { shape } = node.type
  const own = contiguousStrides(shape)
  if (operand(0) !== target()) copy(operand(0), shape, own, target(), 0, own)
  const updates = node.inputs[1]!.type
  const starts = node.attrs['starts'] as readonly number[]
  const steps = node.attrs['steps'] as readonly number[]
  const offset = starts.reduce((sum, start, d) => sum + start * own[d]!, 0)
  const strides = own.map((stride, d) => stride * steps[d]!)
  if (updates.size > 0) copy(operand(1), updates.shape, contiguousStrides(updates.shape), target(), offset, strides)
}

/** Between dtypes of different sizes: the same bytes. */
const bitcast: KernelLowering = ({ node, operand, target, copy }) => {
  const { shape } = node.type
  copy(operand(0), shape, contiguousStrides(shape), target(), 0, contiguousStrides(shape))
}

export const assembleKernels: { readonly [Name in keyof typeof assembleOps | keyof typeof updateOps | 'bitcast']: KernelLowering } = {
  concat,
  pad,
  bitcast,
  sliceUpdate,
}
