// Reading and writing by index.

import { dtypeInfo } from '../../../../ir/dtype.js'
import type { Node } from '../../../../ir/node.js'
import type { indexingOps } from '../../../../ir/ops/indexing.js'
import { scatterModes, type scatterOps } from '../../../../ir/ops/scatter.js'
import { codeOf, type KernelLowering, pushAxis } from './kernel.js'

/** `along`: every element has an index of its own, else every slice. */
const read =
  (name: string, along: boolean): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const [x, indices] = node.inputs as [Node, Node]
    const axis = node.attrs['axis'] as number
    kernel(name, Math.max(x.type.size, node.type.size), (words) => {
      words.push(dtypeInfo[x.type.dtype].bytes, codeOf(indices.type.dtype))
      pushAxis(words, x.type.shape, axis)
      words.long(along ? indices.type.shape[axis]! : indices.type.size)
      words.push(operand(0), operand(1), target())
    })
  }

/** In the order of their numbers in programs. */
const modes: readonly unknown[] = ['add', ...scatterModes]

const write =
  (name: string, along: boolean): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const [base, indices, updates] = node.inputs as [Node, Node, Node]
    const axis = node.attrs['axis'] as number
    kernel(name, base.type.size + updates.type.size, (words) => {
      words.push(codeOf(base.type.dtype), codeOf(indices.type.dtype), modes.indexOf(node.attrs['mode'] ?? 'add'))
      pushAxis(words, base.type.shape, axis)
      words.long(indices.type.shape[along ? axis : 0]!)
      words.push(operand(0), operand(1), operand(2), target())
    })
  }

export const indexingKernels: { readonly [Name in keyof typeof indexingOps | keyof typeof scatterOps]: KernelLowering } = {
  take: read('take', false),
  takeAlongAxis: read('take_along', true),
  indexAdd: write('scatter_slices', false),
  scatterAddAlongAxis: write('scatter_along', true),
  scatterSlices: write('scatter_slices', false),
  scatterAlongAxis: write('scatter_along', true),
}
