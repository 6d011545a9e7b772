// Products with sparse matrices.

import type { sparseOps } from '../../../../ir/ops/sparse.js'
import { codeOf, type KernelLowering } from './kernel.js'

export const sparseKernels: { readonly [Name in keyof typeof sparseOps]: KernelLowering } = {
  sparseMatmul: ({ node, operand, target, kernel }) => {
    const [values, rows, , dense] = node.inputs.map(({ type }) => type)
    const [k, n] = dense!.shape as [number, number]
    const m = node.type.shape[0]!
    kernel('sparse_matmul', (values!.size + m) * (n / 8 + 1), (words) => {
      words.push(codeOf(node.type.dtype), codeOf(rows!.dtype))
      words.long(values!.size, m, k, n)
      words.push(operand(0), operand(1), operand(2), operand(3), target())
    })
  },
}
