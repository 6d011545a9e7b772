// Resizing: sparse maps along the last dimensions, with their tables as constants.

import type { Node } from '../../../../ir/node.js'
import { type AxisMap, type ResizeAttrs, resizeMaps, transposed } from '../../../../ir/ops/resampling.js'
import type { ResizeGradientAttrs, resizeOps } from '../../../../ir/ops/resize.js'
import { sizeOf } from '../../../../ir/shape.js'
import { codeOf, type KernelLowering } from './kernel.js'

const bytesOf = ({ buffer }: { buffer: ArrayBuffer }): Uint8Array => new Uint8Array(buffer)

const resample =
  (mapsOf: (node: Node) => readonly AxisMap[]): KernelLowering =>
  ({ node, operand, target, constant, kernel }) => {
    const maps = mapsOf(node)
    const { dtype, size } = node.inputs[0]!.type
    kernel('resample', size + 2 * node.type.size, (words) => {
      words.push(codeOf(dtype))
      words.long(size / sizeOf(maps.map((map) => map.size)))
      words.push(maps.length)
      for (const map of maps) {
        words.long(map.size, map.out, map.indices.length)
        const weights = dtype === 'float64' ? Float64Array.from(map.weights) : Float32Array.from(map.weights)
        words.push(
          constant(bytesOf(Int32Array.from(map.offsets))),
          constant(bytesOf(Int32Array.from(map.indices))),
          constant(bytesOf(weights)),
        )
      }
      words.push(operand(0), target())
    })
  }

export const resizeKernels: { readonly [Name in keyof typeof resizeOps]: KernelLowering } = {
  resize: resample(({ attrs, inputs: [x] }) => {
    const own = attrs as unknown as ResizeAttrs
    return resizeMaps(own, x!.type.shape.slice(-own.size.length))
  }),
  resizeGradient: resample(({ attrs }) => {
    const own = attrs as unknown as ResizeGradientAttrs
    return resizeMaps(own, own.from).map(transposed)
  }),
}
