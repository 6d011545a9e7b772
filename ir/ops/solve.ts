// What follows from the LU factors of matrices: the factors themselves, solutions of systems, inverses and determinants.

import { SinterError } from '../error.js'
import { defineFamily, type Sample } from '../op.js'
import { typeOf } from '../type.js'
import { wideFloatDTypes } from './check.js'
import { checkMatrices, checkRightSide, checkSquare, joined, joinedParts, matricesOf, transposedProduct, triangles } from './matrices.js'
import { noAttrsSchema } from './schema.js'
import { substitute } from './triangular.js'

interface Factors {
  /** L below the diagonal, U on and above it. */
  readonly lu: Float64Array
  readonly pivots: number[]
  readonly permutation: number[]
  /** 1 or -1, by the number of exchanged rows. */
  readonly sign: number
  /** A pivot is zero. */
  readonly singular: boolean
}

/** Gaussian elimination with partial pivoting: the largest magnitude of a column, the first of equal ones. A column of zeros is left as it is. */
function factorize(a: Float64Array, m: number, n: number): Factors {
  const lu = a.slice()
  const permutation = Array.from({ length: m }, (_, i) => i)
  const pivots: number[] = []
  let sign = 1
  let singular = false
  for (let j = 0; j < Math.min(m, n); j++) {
    let pivot = j
    for (let i = j + 1; i < m; i++) if (Math.abs(lu[i * n + j]!) > Math.abs(lu[pivot * n + j]!)) pivot = i
    pivots.push(pivot)
    if (pivot !== j) {
      sign = -sign
      for (let k = 0; k < n; k++) [lu[j * n + k], lu[pivot * n + k]] = [lu[pivot * n + k]!, lu[j * n + k]!]
      ;[permutation[j], permutation[pivot]] = [permutation[pivot]!, permutation[j]!]
    }
    if (lu[j * n + j] === 0) {
      singular = true
      continue
    }
    for (let i = j + 1; i < m; i++) {
      const factor = lu[i * n + j]! / lu[j * n + j]!
      lu[i * n + j] = factor
      for (let k = j + 1; k < n; k++) lu[i * n + k] = lu[i * n + k]! - factor * lu[j * n + k]!
    }
  }
  return { lu, pivots, permutation, sign, singular }
}

function solveSystem(a: Float64Array, n: number, b: Float64Array, k: number): Float64Array {
  const { lu, permutation, singular } = factorize(a, n, n)
  if (singular) return b.map(() => Number.NaN)
  const ordered = new Float64Array(n * k)
  permutation.forEach((from, i) => {
    ordered.set(b.subarray(from * k, (from + 1) * k), i * k)
  })
  const half = substitute(lu, n, ordered, k, { lower: true, transpose: false, unitDiagonal: true })
  return substitute(lu, n, half, k, { lower: false, transpose: false, unitDiagonal: false })
}

const identityMatrix = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))

const squares: Sample[] = ['$[1,1]', '$[2,2]', '$[4,4]', '$[2,3,3]', '$[2,1,2,2]', '$[0,0]', '$[0,3,3]'].map((input) => ({
  inputs: [input],
  range: [-1, 1] as const,
  dominant: [0],
}))
const large: Sample = { inputs: ['$[37,37]'], range: [-0.2, 0.2], dominant: [0] }
const pivoted: Sample = { inputs: ['$[3,3]'], range: [-2, 2] }

const systemDoc =
  '(C1) float32 or float64. (C2) A has at least 2 dimensions. (C3) Its matrices are square. (C4) dtypes agree. (C5) B has the leading dimensions of A, and as many rows.'
const squareDoc = '(C1) float32 or float64. (C2) A has at least 2 dimensions. (C3) Matrices are square.'
const notSquare = 'derivatives of factors of matrices that are not square are not defined here'

export const solveOps = defineFamily('solve', {
  lu: {
    doc:
      'LU factors with partial pivoting. Results: L (unit diagonal, not stored) below and U on and above the diagonal of one matrix; the row that each step exchanged with (int32, from 0); ' +
      'and the permutation p (int32) with A[p] = L U. Of equal magnitudes the first is the pivot. Differentiable for square matrices. MPSGraph has no such method. ' +
      '(C1) float32 or float64. (C2) A has at least 2 dimensions.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const type = checkMatrices('lu', inputs)
      const [m, n] = type.shape.slice(-2) as [number, number]
      const lead = type.shape.slice(0, -2)
      return [type, typeOf('int32', [...lead, Math.min(m, n)]), typeOf('int32', [...lead, m])]
    },
    gradient: ({ b, node, inputs, grad }) => {
      const { shape } = inputs[0]!.type
      const [m, n] = shape.slice(-2) as [number, number]
      if (m !== n) throw new SinterError('gradient', `${notSquare}: ${m} x ${n}`, { op: 'lu', operands: inputs })
      const packed = b.result(node, 0)
      const permutation = b.result(node, 2)
      const strictly = triangles(b, packed, n, 1, 0, 0)
      const upper = triangles(b, packed, n, 0, 1, 1)
      const l = b.add(b.mul(packed, strictly), triangles(b, packed, n, 0, 1, 0))
      const u = b.mul(packed, upper)
      const middle = b.add(
        b.mul(transposedProduct(b, l, b.mul(grad, strictly)), strictly),
        b.mul(b.matmul(b.mul(grad, upper), b.transpose(u)), upper),
      )
      const left = b.emit('triangularSolve', [packed, middle], { lower: true, transpose: true, unitDiagonal: true })
      const both = b.emit('triangularSolve', [packed, b.transpose(left)], { lower: false, transpose: false, unitDiagonal: false })
      const rows = b.broadcast(b.reshape(permutation, [...shape.slice(0, -1), 1]), shape)
      return [b.emit('scatterAddAlongAxis', [b.fullLike(inputs[0]!, 0), rows, b.transpose(both)], { axis: shape.length - 2 })]
    },
    evaluate: ([a], _, types) => {
      const [m, n] = types[0]!.shape.slice(-2) as [number, number]
      const factors = matricesOf(a!).map((matrix) => factorize(matrix, m, n))
      return joinedParts(types, factors, 'lu', 'pivots', 'permutation')
    },
    samples: [
      ...squares,
      large,
      pivoted,
      ...['$[4,2]', '$[2,5]', '$[2,37,20]', '$[3,0]', '$[0,3]', '$[2,3,0]'].map((input) => ({
        inputs: [input],
        noGradientCheck: notSquare,
      })),
    ],
    flops: ([a]) => (2 * Math.min(...a!.type.shape.slice(-2))) / 3,
  },
  solve: {
    doc: `X of A X = B, by LU factors with partial pivoting. NaN everywhere for a matrix with a zero pivot. MPSGraph has no such method. ${systemDoc}`,
    operands: ['a', 'b'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      checkSquare('solve', inputs)
      return checkRightSide('solve', inputs)
    },
    gradient: ({ b, node, inputs, grad, needs }) => {
      const right = b.emit('solve', [b.transpose(inputs[0]!), grad])
      return [needs[0] ? b.neg(b.matmul(right, b.transpose(node))) : undefined, right]
    },
    evaluate: ([a, b], _, [type]) => {
      const [n, k] = type!.shape.slice(-2) as [number, number]
      const right = matricesOf(b!)
      return [
        joined(
          type!,
          matricesOf(a!).map((matrix, i) => solveSystem(matrix, n, right[i]!, k)),
        ),
      ]
    },
    samples: [
      { inputs: ['$[4,4]', '$[4,3]'], range: [-1, 1], dominant: [0] },
      { inputs: ['$[2,3,3]', '$[2,3,1]'], range: [-1, 1], dominant: [0] },
      { inputs: ['$[1,1]', '$[1,2]'], range: [1, 2] },
      { inputs: ['$[3,3]', '$[3,2]'] },
      { inputs: ['$[37,37]', '$[37,9]'], range: [-0.2, 0.2], dominant: [0] },
      { inputs: ['$[0,0]', '$[0,2]'] },
      { inputs: ['$[3,3]', '$[3,0]'] },
      { inputs: ['$[0,2,2]', '$[0,2,2]'] },
    ],
    flops: ([a]) => 2 * a!.type.shape.at(-1)!,
  },
  inverse: {
    doc: `The inverse of square matrices, by LU factors with partial pivoting. NaN everywhere for a matrix with a zero pivot. ${squareDoc}`,
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => checkSquare('inverse', inputs),
    gradient: ({ b, node, grad }) => [b.neg(b.matmul(transposedProduct(b, node, grad), b.transpose(node)))],
    evaluate: ([a], _, [type]) => {
      const n = type!.shape.at(-1)!
      return [
        joined(
          type!,
          matricesOf(a!).map((matrix) => solveSystem(matrix, n, identityMatrix(n), n)),
        ),
      ]
    },
    samples: [...squares, large, pivoted],
    flops: ([a]) => 2 * a!.type.shape.at(-1)!,
  },
  det: {
    doc: `The determinant of square matrices, by LU factors; 1 for matrices without elements. Its gradient is NaN where the matrix is singular. MPSGraph has no such method. ${squareDoc}`,
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const type = checkSquare('det', inputs)
      return typeOf(type.dtype, type.shape.slice(0, -2))
    },
    gradient: ({ b, node, inputs, grad }) => {
      const scale = b.reshape(b.mul(grad, node), [...node.type.shape, 1, 1])
      return [b.mul(scale, b.transpose(b.emit('inverse', [inputs[0]!])))]
    },
    evaluate: ([a], _, [type]) => {
      const n = a!.type.shape.at(-1)!
      const determinants = matricesOf(a!).map((matrix) => {
        const { lu, sign } = factorize(matrix, n, n)
        let product = sign
        for (let i = 0; i < n; i++) product *= lu[i * (n + 1)]!
        return product
      })
      return [joined(type!, [determinants])]
    },
    samples: [...squares, large, pivoted],
    flops: ([a]) => a!.type.shape.at(-1)! ** 3,
  },
  slogdet: {
    doc: `The sign of the determinant (0 when it is zero) and the logarithm of its magnitude (-Infinity then), as two results. Its gradient is NaN where the matrix is singular. MPSGraph has no such method. ${squareDoc}`,
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const type = checkSquare('slogdet', inputs)
      const result = typeOf(type.dtype, type.shape.slice(0, -2))
      return [result, result]
    },
    gradient: ({ b, inputs, grads }) => {
      const logarithm = grads[1]
      if (logarithm === undefined) return [b.fullLike(inputs[0]!, 0)]
      return [b.mul(b.reshape(logarithm, [...logarithm.type.shape, 1, 1]), b.transpose(b.emit('inverse', [inputs[0]!])))]
    },
    evaluate: ([a], _, types) => {
      const n = a!.type.shape.at(-1)!
      const parts = matricesOf(a!).map((matrix) => {
        const factors = factorize(matrix, n, n)
        let { sign } = factors
        let logarithm = 0
        for (let i = 0; i < n; i++) {
          const pivot = factors.lu[i * (n + 1)]!
          sign *= Math.sign(pivot)
          logarithm += Math.log(Math.abs(pivot))
        }
        return [sign, logarithm] as const
      })
      return [joined(types[0]!, [parts.map(([sign]) => sign)]), joined(types[1]!, [parts.map(([, logarithm]) => logarithm)])]
    },
    samples: [...squares, large, pivoted],
    flops: ([a]) => a!.type.shape.at(-1)! ** 3,
  },
})
