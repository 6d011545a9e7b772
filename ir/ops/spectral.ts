// Orthogonal factorizations: QR, eigenvectors of symmetric matrices, singular values.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { SinterError } from '../error.js'
import type { Node } from '../node.js'
import { defineFamily, type Gradient, type Sample } from '../op.js'
import { typeOf } from '../type.js'
import { wideFloatDTypes } from './check.js'
import {
  checkMatrices,
  checkSquare,
  joined,
  joinedParts,
  matricesOf,
  ontoLower,
  transposedProduct,
  triangles,
  withMatrix,
} from './matrices.js'
import { householder, jacobiEigen, jacobiSvd } from './orthogonal.js'
import { noAttrsSchema } from './schema.js'

/** The matrix with its first rows and columns only. */
const corner = (x: Float64Array, columns: number, m: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, i) => x[Math.floor(i / n) * columns + (i % n)]!)

/** Vectors [..., n] as rows [..., 1, n] or columns [..., n, 1]. */
const asRows = (b: Builder, x: Node): Node => b.reshape(x, [...x.type.shape.slice(0, -1), 1, x.type.shape.at(-1)!])
const asColumns = (b: Builder, x: Node): Node => b.reshape(x, [...x.type.shape, 1])
const orZero = (b: Builder, x: Node | undefined, like: Node): Node => x ?? b.fullLike(like, 0)

/** 1 / (w_j - w_i), 0 on the diagonal. */
function inverseGaps(b: Builder, w: Node): Node {
  const gaps = b.sub(asRows(b, w), asColumns(b, w))
  const n = w.type.shape.at(-1)!
  const off = triangles(b, w, n, 1, 0, 1)
  return b.mul(off, b.div(b.constant(1, w), b.add(gaps, triangles(b, w, n, 0, 1, 0))))
}

const qrGradient: Gradient = ({ b, node, inputs, grads, attrs }) => {
  const [m, n] = inputs[0]!.type.shape.slice(-2) as [number, number]
  if (m < n || (attrs.complete && m !== n)) {
    throw new SinterError(
      'gradient',
      `the derivative of QR is defined for reduced factors of matrices with as many rows as columns or more, not ${m} x ${n}`,
      {
        op: 'qr',
        operands: inputs,
      },
    )
  }
  const q = b.result(node, 0)
  const r = b.result(node, 1)
  const gradQ = orZero(b, grads[0], q)
  const gradR = orZero(b, grads[1], r)
  const middle = b.sub(b.matmul(r, b.transpose(gradR)), transposedProduct(b, gradQ, q))
  const lower = b.mul(middle, triangles(b, middle, n, 1, 1, 0))
  const symmetric = b.add(lower, b.transpose(b.mul(middle, triangles(b, middle, n, 1, 0, 0))))
  const right = b.add(gradQ, b.matmul(q, symmetric))
  return [b.transpose(b.emit('triangularSolve', [r, b.transpose(right)], { lower: false, transpose: false, unitDiagonal: false }))]
}

const eighGradient: Gradient = ({ b, node, grads }) => {
  const w = b.result(node, 0)
  const v = b.result(node, 1)
  let middle = b.mul(asRows(b, orZero(b, grads[0], w)), triangles(b, w, w.type.shape.at(-1)!, 0, 1, 0))
  if (grads[1] !== undefined) middle = b.add(middle, b.mul(transposedProduct(b, v, grads[1]), inverseGaps(b, w)))
  const full = b.matmul(b.matmul(v, middle), b.transpose(v))
  return [ontoLower(b, full)]
}

/** The part of x outside the space of the orthonormal columns of q. */
const outside = (b: Builder, q: Node, x: Node): Node => b.sub(x, b.matmul(q, transposedProduct(b, q, x)))

/** Townsend, "Differentiating the singular value decomposition" (2016); with E_ij = s_j^2 - s_i^2. */
const svdGradient: Gradient = ({ b, node, grads }) => {
  const u = b.result(node, 0)
  const s = b.result(node, 1)
  const v = b.transpose(b.result(node, 2))
  const [m, k, n] = [u.type.shape.at(-2)!, s.type.shape.at(-1)!, v.type.shape.at(-2)!]
  const row = asRows(b, s)
  const gaps = inverseGaps(b, b.square(s))
  const skew = (x: Node): Node => b.mul(b.sub(x, b.transpose(x)), gaps)
  let middle = b.mul(asRows(b, orZero(b, grads[1], s)), triangles(b, s, k, 0, 1, 0))
  const gradU = grads[0]
  const gradV = grads[2] && b.transpose(grads[2])
  if (gradU) middle = b.add(middle, b.mul(skew(transposedProduct(b, u, gradU)), row))
  if (gradV) middle = b.add(middle, b.mul(asColumns(b, s), skew(transposedProduct(b, v, gradV))))
  let left = b.matmul(u, middle)
  if (gradU && m > k) left = b.add(left, b.div(outside(b, u, gradU), row))
  let result = b.matmul(left, b.transpose(v))
  if (gradV && n > k) result = b.add(result, b.matmul(u, b.transpose(b.div(outside(b, v, gradV), row))))
  return [result]
}

const shapes = ['$[1,1]', '$[3,3]', '$[5,3]', '$[2,4,2]', '$[2,1,3,1]']
const wide = ['$[2,4]', '$[2,1,3]']
const emptyShapes = ['$[0,0]', '$[3,0]', '$[0,3]', '$[0,3,2]']
const sampled = (inputs: readonly string[], extra: Partial<Sample> = {}): Sample[] => inputs.map((input) => ({ inputs: [input], ...extra }))
const signs =
  'Signs are fixed: of each column of V (of U for singular vectors) the first element within a thousandth of the largest magnitude is positive.'

export const spectralOps = defineFamily('spectral', {
  qr: {
    doc:
      'A = Q R by Householder reflections, with the signs of LAPACK. Reduced: Q [..., m, k] with orthonormal columns and upper triangular R [..., k, n], k the smaller of m and n; complete: ' +
      'Q [..., m, m] and R [..., m, n]. Differentiable where m >= n, reduced or square. MPSGraph has no such method. (C1) float32 or float64. (C2) A has at least 2 dimensions.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: z.strictObject({ complete: z.boolean() }),
    traits: {},
    infer: (inputs, { complete }: { complete: boolean }) => {
      const { dtype, shape } = checkMatrices('qr', inputs)
      const [m, n] = shape.slice(-2) as [number, number]
      const k = complete ? m : Math.min(m, n)
      return [typeOf(dtype, withMatrix(shape, m, k)), typeOf(dtype, withMatrix(shape, k, n))]
    },
    gradient: qrGradient,
    evaluate: ([a], _, types) => {
      const [m, n] = a!.type.shape.slice(-2) as [number, number]
      const k = types[0]!.shape.at(-1)!
      const factors = matricesOf(a!).map((matrix) => {
        const { q, r } = householder(matrix, m, n)
        return { q: corner(q, m, m, k), r: corner(r, n, k, n) }
      })
      return joinedParts(types, factors, 'q', 'r')
    },
    samples: [
      ...sampled(shapes, { attrs: { complete: false } }),
      ...sampled(['$[0,0]', '$[3,0]'], { attrs: { complete: false } }),
      ...sampled(wide, { attrs: { complete: false }, noGradientCheck: 'not defined for wide matrices' }),
      ...sampled(['$[0,3]'], { attrs: { complete: false }, noGradientCheck: 'not defined for wide matrices' }),
      ...sampled(['$[2,3,3]'], { attrs: { complete: true } }),
      ...sampled(['$[5,2]', '$[2,4]', '$[2,3,0]', '$[0,4,2]', '$[37,21]'], {
        attrs: { complete: true },
        noGradientCheck: 'not defined for complete factors',
      }),
    ],
    flops: ([a]) => 4 * a!.type.shape.at(-1)!,
  },
  eigh: {
    doc:
      `Eigenvalues, ascending, and eigenvectors (the columns of V) of symmetric matrices: A V = V diag(w). Only the lower triangle is read. ${signs} NaN where an element is not finite. ` +
      'Gradients need distinct eigenvalues where they go through V. MPSGraph has no such method. (C1) float32 or float64. (C2) A has at least 2 dimensions. (C3) Matrices are square.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const type = checkSquare('eigh', inputs)
      return [typeOf(type.dtype, type.shape.slice(0, -1)), type]
    },
    gradient: eighGradient,
    evaluate: ([a], _, types) => {
      const n = types[1]!.shape.at(-1)!
      const pairs = matricesOf(a!).map((matrix) => jacobiEigen(matrix, n))
      return joinedParts(types, pairs, 'w', 'v')
    },
    samples: [
      ...sampled(['$[1,1]', '$[3,3]', '$[2,4,4]', '$[0,0]', '$[0,2,2]']),
      ...sampled(['$[21,21]'], { noGradientCheck: 'eigenvalues are close' }),
    ],
    flops: ([a]) => 9 * a!.type.shape.at(-1)!,
  },
  svd: {
    doc:
      `A = U diag(s) V^T with singular values in descending order, U [..., m, k], V^T [..., k, n], k the smaller of m and n. ${signs} NaN where an element is not finite. ` +
      'Gradients need distinct, positive singular values where they go through U or V. MPSGraph has no such method. (C1) float32 or float64. (C2) A has at least 2 dimensions.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const { dtype, shape } = checkMatrices('svd', inputs)
      const [m, n] = shape.slice(-2) as [number, number]
      const k = Math.min(m, n)
      return [typeOf(dtype, withMatrix(shape, m, k)), typeOf(dtype, [...shape.slice(0, -2), k]), typeOf(dtype, withMatrix(shape, k, n))]
    },
    gradient: svdGradient,
    evaluate: ([a], _, types) => {
      const [m, n] = a!.type.shape.slice(-2) as [number, number]
      const parts = matricesOf(a!).map((matrix) => jacobiSvd(matrix, m, n))
      return joinedParts(types, parts, 'u', 's', 'vt')
    },
    samples: [
      ...sampled(shapes),
      ...sampled(wide),
      ...sampled(emptyShapes),
      ...sampled(['$[17,23]'], { noGradientCheck: 'singular values are close' }),
    ],
    flops: ([a]) => 20 * Math.min(...a!.type.shape.slice(-2)),
  },
  singularValues: {
    doc:
      'The singular values of matrices in descending order, [..., k] with k the smaller of m and n. NaN where an element is not finite. MPSGraph has no such method. ' +
      '(C1) float32 or float64. (C2) A has at least 2 dimensions.',
    operands: ['a'],
    dtypes: wideFloatDTypes,
    attrs: noAttrsSchema,
    traits: {},
    infer: (inputs) => {
      const { dtype, shape } = checkMatrices('singularValues', inputs)
      return typeOf(dtype, [...shape.slice(0, -2), Math.min(...shape.slice(-2))])
    },
    gradient: ({ b, inputs, grad }) => {
      const parts = b.emit('svd', [inputs[0]!])
      return [b.matmul(b.mul(b.result(parts, 0), asRows(b, grad)), b.result(parts, 2))]
    },
    evaluate: ([a], _, [type]) => {
      const [m, n] = a!.type.shape.slice(-2) as [number, number]
      return [
        joined(
          type!,
          matricesOf(a!).map((matrix) => jacobiSvd(matrix, m, n).s),
        ),
      ]
    },
    samples: [...sampled(shapes), ...sampled(wide), ...sampled(emptyShapes)],
    flops: ([a]) => 10 * Math.max(...a!.type.shape.slice(-2)) * Math.min(...a!.type.shape.slice(-2)),
  },
})
