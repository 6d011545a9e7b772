// Scans, arg reductions and sorting: kernels along one axis.

import type { argOps } from '../../../../ir/ops/arg.js'
import type { orderOps } from '../../../../ir/ops/order.js'
import type { scanOps } from '../../../../ir/ops/scan.js'
import { codeOf, type KernelLowering, pushAxis } from './kernel.js'

const scan =
  (operation: number): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const { dtype, shape, size } = node.type
    const { axis, exclusive, reverse } = node.attrs
    kernel('scan', size, (words) => {
      words.push(codeOf(dtype), operation, Number(exclusive), Number(reverse))
      pushAxis(words, shape, axis as number)
      words.push(operand(0), target())
    })
  }

const argReduce =
  (operation: number): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const { dtype, shape, size } = node.inputs[0]!.type
    kernel('arg_reduce', size, (words) => {
      words.push(codeOf(dtype), operation)
      pushAxis(words, shape, node.attrs['axis'] as number)
      words.push(operand(0), target())
    })
  }

const sorting =
  (name: string, nanoseconds: number): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const { dtype, shape, size } = node.inputs[0]!.type
    const length = shape[shape.length - 1]!
    kernel(name, nanoseconds * size, (words) => {
      words.push(codeOf(dtype), Number(node.attrs['descending']))
      words.long(size / length, length)
      words.push(operand(0), target())
    })
  }

const topK: KernelLowering = ({ node, operand, target, kernel }) => {
  const { dtype, shape, size } = node.inputs[0]!.type
  const length = shape[shape.length - 1]!
  const { k, largest } = node.attrs
  kernel('top_k', size, (words) => {
    words.push(codeOf(dtype), Number(largest))
    words.long(size / length, length, k as number)
    words.push(operand(0), target(0), target(1))
  })
}

export const alongKernels: { readonly [Name in keyof typeof argOps | keyof typeof orderOps | keyof typeof scanOps]: KernelLowering } = {
  argmax: argReduce(0),
  argmin: argReduce(1),
  argsort: sorting('argsort', 60),
  sort: sorting('sort', 8),
  topK,
  cumsum: scan(0),
  cumprod: scan(1),
  cummax: scan(2),
  cummin: scan(3),
}
