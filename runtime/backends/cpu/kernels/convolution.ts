// Convolutions and their gradients: one native step each.

import type { Node } from '../../../../ir/node.js'
import type { convolutionOps } from '../../../../ir/ops/convolution.js'
import type { ConvolutionAttrs } from '../../../../ir/ops/convolution-geometry.js'
import { codeOf, type KernelLowering } from './kernel.js'

/** Three entries, absent leading dimensions being `fill`. */
const inThree = (values: readonly number[], fill: number): number[] => [...Array<number>(3 - values.length).fill(fill), ...values]

/** `mode` as shim/cpu/conv.h numbers it; `tensors` picks data, weights and result out of the operands and the node. */
const step =
  (mode: number, tensors: (node: Node) => readonly [data: Node, weights: Node, result: Node]): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const [data, weights, result] = tensors(node).map(({ type }) => type.shape) as [readonly number[], readonly number[], readonly number[]]
    const { strides, dilations, low, groups } = node.attrs as unknown as ConvolutionAttrs
    const products = result.reduce((a, b) => a * b, 1) * weights.slice(1).reduce((a, b) => a * b, 1)
    kernel('convolution', products / 32, (words) => {
      words.push(codeOf(node.type.dtype), mode)
      words.long(data[0]!, groups, weights[1]!, weights[0]! / groups)
      words.long(...inThree(data.slice(2), 1), ...inThree(weights.slice(2), 1), ...inThree(result.slice(2), 1))
      words.long(...inThree(strides, 1), ...inThree(dilations, 1), ...inThree(low, 0))
      words.push(operand(0), operand(1), target())
    })
  }

export const convolutionKernels: { readonly [Name in keyof typeof convolutionOps]: KernelLowering } = {
  convolution: step(0, (node) => [node.inputs[0]!, node.inputs[1]!, node]),
  convolutionDataGradient: step(1, (node) => [node, node.inputs[1]!, node.inputs[0]!]),
  convolutionWeightsGradient: step(2, (node) => [node.inputs[0]!, node, node.inputs[1]!]),
}
