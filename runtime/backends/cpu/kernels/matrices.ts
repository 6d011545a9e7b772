// Factorizations and what follows from them: one native step on a stack of matrices each.

import { dtypeInfo } from '../../../../ir/dtype.js'
import type { solveOps } from '../../../../ir/ops/solve.js'
import type { spectralOps } from '../../../../ir/ops/spectral.js'
import type { triangularOps } from '../../../../ir/ops/triangular.js'
import { type Shape, sizeOf } from '../../../../ir/shape.js'
import type { KernelContext, KernelLowering } from './kernel.js'

const codeOf = (context: KernelContext): number => dtypeInfo[context.node.inputs[0]!.type.dtype].code
const batchOf = (shape: Shape): number => sizeOf(shape.slice(0, -2))

/** A kernel whose sizes are the batch and the last dimensions of the given operand. */
const square =
  (name: string, cost: number): KernelLowering =>
  (context) => {
    const { node, operand, target, kernel } = context
    const { shape } = node.inputs[0]!.type
    const n = shape.at(-1)!
    kernel(name, 1 + batchOf(shape) * n ** 3 * cost, (words) => {
      words.push(codeOf(context))
      words.long(batchOf(shape), n)
      words.push(operand(0))
      for (let i = 0; i < (node.results?.length ?? 1); i++) words.push(target(i))
    })
  }

/** As `square`, with a right-hand side. */
const system =
  (name: string, cost: number): KernelLowering =>
  (context) => {
    const { node, operand, target, kernel } = context
    const { shape } = node.type
    const [n, columns] = shape.slice(-2) as [number, number]
    const { lower, transpose, unitDiagonal } = node.attrs
    kernel(name, 1 + batchOf(shape) * n * n * (cost * n + columns), (words) => {
      words.push(codeOf(context))
      if (lower !== undefined) words.push(Number(lower), Number(transpose), Number(unitDiagonal))
      words.long(batchOf(shape), n, columns)
      words.push(operand(0), operand(1), target())
    })
  }

/** A kernel whose sizes are the batch and both dimensions of matrices. */
const rectangular =
  (name: string, cost: number): KernelLowering =>
  (context) => {
    const { node, operand, target, kernel } = context
    const { shape } = node.inputs[0]!.type
    const [m, n] = shape.slice(-2) as [number, number]
    kernel(name, 1 + batchOf(shape) * m * n * Math.min(m, n) * cost, (words) => {
      words.push(codeOf(context))
      words.long(batchOf(shape), m, n)
      words.push(operand(0))
      for (let i = 0; i < (node.results?.length ?? 1); i++) words.push(target(i))
    })
  }

/** Singular values, with or without vectors. */
const svd =
  (vectors: boolean): KernelLowering =>
  ({ node, operand, target, kernel }) => {
    const { dtype, shape } = node.inputs[0]!.type
    const [m, n] = shape.slice(-2) as [number, number]
    kernel('svd', 1 + batchOf(shape) * m * n * Math.min(m, n) * 20, (words) => {
      words.push(dtypeInfo[dtype].code, Number(vectors))
      words.long(batchOf(shape), m, n)
      words.push(operand(0))
      if (vectors) words.push(target(1), target(0), target(2))
      else words.push(target())
    })
  }

type Names = keyof typeof solveOps | keyof typeof spectralOps | keyof typeof triangularOps

export const matrixKernels: { readonly [Name in Names]: KernelLowering } = {
  cholesky: square('cholesky', 1 / 6),
  det: square('det', 1 / 3),
  eigh: square('eigh', 10),
  inverse: square('inverse', 4 / 3),
  lu: rectangular('lu', 1 / 3),
  qr: ({ node, operand, target, kernel }) => {
    const { dtype, shape } = node.inputs[0]!.type
    const [m, n] = shape.slice(-2) as [number, number]
    const complete = node.attrs['complete'] === true
    kernel('qr', 1 + 2 * batchOf(shape) * m * (complete ? Math.max(m, n) : n) * Math.min(m, n), (words) => {
      words.push(dtypeInfo[dtype].code, Number(complete))
      words.long(batchOf(shape), m, n)
      words.push(operand(0), target(0), target(1))
    })
  },
  singularValues: svd(false),
  slogdet: square('slogdet', 1 / 3),
  solve: system('solve', 1 / 3),
  svd: svd(true),
  triangularSolve: system('triangular_solve', 0),
}
