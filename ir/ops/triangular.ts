// Cholesky factors and triangular systems.

import { z } from 'zod'
import { defineFamily, type Sample } from '../op.js'
import { wideFloatDTypes } from './check.js'
import { checkRightSide, checkSquare, joined, matricesOf, ontoLower, transposedProduct, triangles } from './matrices.js'
import { noAttrsSchema } from './schema.js'

interface TriangularAttrs {
  readonly lower: boolean
  readonly transpose: boolean
  readonly unitDiagonal: boolean
}

/** The lower factor of a matrix of which only the lower triangle is read; NaN in the whole triangle when there is none. */
function choleskyFactor(a: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]!
      for (let k = 0; k < j; k++) rest -= factor[i * n + k]! * factor[j * n + k]!
      if (i === j && !(rest > 0 && rest < Number.POSITIVE_INFINITY)) {
        return factor.map((_, at) => (at % n <= Math.floor(at / n) ? Number.NaN : 0))
      }
      factor[i * n + j] = i === j ? Math.sqrt(rest) : rest / factor[j * n + j]!
    }
  }
  return factor
}

/** X of op(A) X = B by substitution. */
export function substitute(a: Float64Array, n: number, b: Float64Array, k: number, attrs: TriangularAttrs): Float64Array {
  const { lower, transpose, unitDiagonal } = attrs
  const x = b.slice()
  const at = (i: number, j: number): number => a[transpose ? j * n + i : i * n + j]!
  const forward = lower !== transpose
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step
    for (let column = 0; column < k; column++) {
      let rest = x[i * k + column]!
      for (let before = 0; before < step; before++) {
        const j = forward ? before : n - 1 - before
        rest -= at(i, j) * x[j * k + column]!
      }
      x[i * k + column] = unitDiagonal ? rest : rest / at(i, i)
    }
  }
  return x
}

const systems: Sample[] = [true, false].flatMap((lower) =>
  [true, false].flatMap((transpose) =>
    [true, false].flatMap((unitDiagonal) => [
      { inputs: ['$[4,4]', '$[4,3]'], attrs: { lower, transpose, unitDiagonal }, range: [-1, 1] as const, dominant: [0] },
      { inputs: ['$[2,3,3]', '$[2,3,1]'], attrs: { lower, transpose, unitDiagonal }, range: [-1, 1] as const, dominant: [0] },
    ]),
  ),
)
const plain = { lower: true, transpose: false, unitDiagonal: false }

export const triangularOps = defineFamily('triangular', {
  cholesky: {
    doc:
      'The lower triangular L with positive diagonal and A = L L^T; zeros above the diagonal. Only the lower triangle of A is read. ' +
      'Where A is not positive definite, the whole lower triangle is NaN. MPSGraph has no such method. ' +
      '(C1) float32 or float64. (C2) A has at least 2 dimensions. (C3) Matrices are square.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => checkSquare('cholesky', inputs),
    gradient: ({ b, node, grad }) => {
      const n = node.type.shape.at(-1)!
      const attrs = { lower: true, transpose: true, unitDiagonal: false }
      const phi = b.mul(transposedProduct(b, node, grad), triangles(b, node, n, 1, 0.5, 0))
      const left = b.emit('triangularSolve', [node, phi], attrs)
      return [ontoLower(b, b.emit('triangularSolve', [node, b.transpose(left)], attrs))]
    },
    evaluate: ([a], _, [type]) => {
      const n = type!.shape.at(-1)!
      return [
        joined(
          type!,
          matricesOf(a!).map((matrix) => choleskyFactor(matrix, n)),
        ),
      ]
    },
    samples: [
      ...['$[1,1]', '$[2,2]', '$[5,5]', '$[2,3,3]', '$[2,1,2,2]', '$[0,0]', '$[0,3,3]', '$[2,0,0]'].map((input) => ({
        inputs: [input],
        range: [-1, 1] as const,
        dominant: [0],
      })),
      { inputs: ['$[37,37]'], range: [-0.2, 0.2], dominant: [0] },
      { inputs: ['$[3,3]'], range: [-2, -1], noGradientCheck: 'not positive definite: NaN' },
    ],
    flops: ([a]) => a!.type.shape.at(-1)! / 3,
  },
  triangularSolve: {
    doc:
      'X of op(A) X = B, where A is triangular and op(A) is A or, with transpose, A^T. lower says which triangle of A is read; with unitDiagonal the diagonal is ' +
      'taken as ones and not read. Zeros on the diagonal give infinities and NaN. MPSGraph has no such method. ' +
      '(C1) float32 or float64. (C2) A has at least 2 dimensions. (C3) Its matrices are square. (C4) dtypes agree. (C5) B has the leading dimensions of A, and as many rows.',
    operands: ['a', 'b'],
    dtypes: wideFloatDTypes,
    attrs: z.strictObject({ lower: z.boolean(), transpose: z.boolean(), unitDiagonal: z.boolean() }),
    traits: {},
    infer: (inputs) => {
      checkSquare('triangularSolve', inputs)
      return checkRightSide('triangularSolve', inputs)
    },
    gradient: ({ b, node, inputs, grad, attrs, needs }) => {
      const { lower, transpose, unitDiagonal }: TriangularAttrs = attrs
      const a = inputs[0]!
      const right = b.emit('triangularSolve', [a, grad], { lower, transpose: !transpose, unitDiagonal })
      if (!needs[0]) return [undefined, right]
      const product = transpose ? b.matmul(node, b.transpose(right)) : b.matmul(right, b.transpose(node))
      const mask = triangles(b, a, a.type.shape.at(-1)!, lower ? -1 : 0, unitDiagonal ? 0 : -1, lower ? 0 : -1)
      return [b.select(b.equal(mask, b.constant(0, a)), b.fullLike(product, 0), b.neg(product)), right]
    },
    evaluate: ([a, b], attrs: TriangularAttrs, [type]) => {
      const [n, k] = type!.shape.slice(-2) as [number, number]
      const right = matricesOf(b!)
      return [
        joined(
          type!,
          matricesOf(a!).map((matrix, i) => substitute(matrix, n, right[i]!, k, attrs)),
        ),
      ]
    },
    samples: [
      ...systems,
      { inputs: ['$[37,37]', '$[37,18]'], attrs: plain, range: [-0.2, 0.2], dominant: [0] },
      { inputs: ['$[37,37]', '$[37,1]'], attrs: { ...plain, lower: false }, range: [-0.2, 0.2], dominant: [0] },
      { inputs: ['$[1,1]', '$[1,2]'], attrs: plain, range: [1, 2] },
      { inputs: ['$[0,0]', '$[0,2]'], attrs: plain },
      { inputs: ['$[3,3]', '$[3,0]'], attrs: plain },
      { inputs: ['$[0,2,2]', '$[0,2,2]'], attrs: plain },
    ],
    flops: ([a]) => a!.type.shape.at(-1)!,
  },
})
