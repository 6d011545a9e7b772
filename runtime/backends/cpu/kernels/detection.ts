// Choosing among overlapping boxes.

import type { detectionOps, SuppressionAttrs } from '../../../../ir/ops/detection.js'
import { codeOf, type KernelLowering } from './kernel.js'

export const detectionKernels: { readonly [Name in keyof typeof detectionOps]: KernelLowering } = {
  nonMaximumSuppression: ({ node, operand, target, kernel }) => {
    const { iouThreshold, scoreThreshold, perClass, coordinates } = node.attrs as unknown as SuppressionAttrs
    const [batch, boxes, scores] = node.inputs[1]!.type.shape as [number, number, number]
    kernel('suppress', 1 + batch * boxes * (boxes / 8 + scores + 64), (words) => {
      words.push(codeOf(node.inputs[0]!.type.dtype), Number(coordinates.startsWith('centers')), Number(perClass), node.inputs.length - 2)
      words.double(iouThreshold, scoreThreshold)
      words.long(batch, boxes, scores)
      words.push(operand(0), operand(1), node.inputs.length > 2 ? operand(2) : -1, target())
    })
  },
}
