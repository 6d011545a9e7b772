// Attention: one step that never holds the scores.

import type { Node } from '../../../../ir/node.js'
import type { attentionOps } from '../../../../ir/ops/attention.js'
import { contiguousStrides } from '../../../../ir/shape.js'
import { codeOf, type KernelLowering } from './kernel.js'

/** Steps in the operand per dimension of a shape that it broadcasts to. */
function broadcastStrides(operand: Node, shape: readonly number[]): number[] {
  const own = operand.type.shape
  const strides = contiguousStrides(own)
  const lead = shape.length - own.length
  return shape.map((_, d) => (d < lead || own[d - lead] === 1 ? 0 : strides[d - lead]!))
}

const attention: KernelLowering = ({ node, operand, target, kernel }) => {
  const [q, k, v, mask] = node.inputs as [Node, Node, Node, Node | undefined]
  const { shape, size } = node.type
  const batch = shape.slice(0, -2)
  const [queries, width] = q.type.shape.slice(-2) as [number, number]
  const [keys, valueWidth] = v.type.shape.slice(-2) as [number, number]
  const strides = [
    broadcastStrides(q, [...batch, queries, width]),
    broadcastStrides(k, [...batch, keys, width]),
    broadcastStrides(v, [...batch, keys, valueWidth]),
    mask === undefined ? shape.map(() => 0) : broadcastStrides(mask, [...batch, queries, keys]),
  ]
  const work = (size / Math.max(1, valueWidth)) * keys
  kernel('attention', work * ((width + valueWidth) / 60 + 0.25), (out) => {
    out.push(codeOf(q.type.dtype), mask === undefined ? -1 : codeOf(mask.type.dtype), Number(node.attrs['causal']), batch.length)
    out.double(node.attrs['scale'] as number)
    out.long(queries, keys, width, valueWidth, ...strides[3]!.slice(-2))
    batch.forEach((extent, d) => {
      out.long(extent, ...strides.map((of) => of[d]!))
    })
    out.push(operand(0), operand(1), operand(2), mask === undefined ? -1 : operand(3), target())
  })
}

export const attentionKernels: { readonly [Name in keyof typeof attentionOps]: KernelLowering } = { attention }
