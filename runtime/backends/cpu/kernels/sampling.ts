// Sampling images.

import { type GridSampleAttrs, samplePaddings, type samplingOps } from '../../../../ir/ops/sampling.js'
import { codeOf, type KernelLowering } from './kernel.js'

export const samplingKernels: { readonly [Name in keyof typeof samplingOps]: KernelLowering } = {
  gridSample: ({ node, operand, target, kernel }) => {
    const { mode, padding, alignCorners } = node.attrs as unknown as GridSampleAttrs
    const [batch, channels, height, width] = node.inputs[0]!.type.shape as [number, number, number, number]
    kernel('grid_sample', 4 * node.type.size + 5 * node.inputs[1]!.type.size, (words) => {
      words.push(codeOf(node.type.dtype), Number(mode === 'nearest'), samplePaddings.indexOf(padding), Number(alignCorners))
      words.long(batch, channels, height, width, node.type.shape[2]!, node.type.shape[3]!)
      words.push(operand(0), operand(1), target())
    })
  },
}
