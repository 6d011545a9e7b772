// Factors, systems and determinants of stacks of matrices: float32 and float64 (integers become float32), computed in float64 inside.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkBoolean, checkInteger, checkOptions } from './check.js'
import { eye, tril, triu } from './create.js'
import { oneHot } from './gather.js'
import { sliceAxis } from './join.js'
import { matmul } from './linalg.js'
import { matrices, squareMatrices, symmetrized, systemOperands } from './matrices.js'
import { floatingPair } from './operand.js'
import { record, recordResults, type TensorLike } from './record.js'
import { broadcastTo, expandDims, matrixTranspose, squeeze } from './shape.js'
import type { Tensor } from './tensor.js'

export interface CholeskyOptions {
  /** Give U = L^T with A = U^T U; default false. */
  readonly upper?: boolean | undefined
}

/**
 * The lower triangular L with positive diagonal and A = L L^T, for symmetric positive definite matrices [..., n, n]. A is taken as (A + A^T) / 2.
 * Where that is not positive definite the triangle is NaN. Throws `dtype` for halves, `shape` for other shapes. MPSGraph has no such method.
 */
export function cholesky(a: TensorLike, options: CholeskyOptions = {}): Tensor {
  const op = 'cholesky'
  checkOptions(op, options, ['upper'])
  const factor = record(ops.cholesky, [symmetrized(squareMatrices(a, op))])
  return flag(op, 'upper', options.upper, false) ? matrixTranspose(factor) : factor
}

function flag(op: string, name: string, value: boolean | undefined, otherwise: boolean): boolean {
  if (value === undefined) return otherwise
  checkBoolean(op, name, value)
  return value
}

export interface TriangularSolveOptions {
  /** The triangle of A that is read; default true. */
  readonly lower?: boolean | undefined
  /** Solve with A^T; default false. */
  readonly transpose?: boolean | undefined
  /** Take the diagonal as ones; default false. */
  readonly unitDiagonal?: boolean | undefined
  /** A X = B (default), or X A = B when false. */
  readonly left?: boolean | undefined
}

/**
 * X of A X = B for triangular A [..., n, n] and B [..., n, k]; leading dimensions broadcast. The other triangle is not read. Zeros on the diagonal give
 * infinities and NaN. MPSGraph has no such method.
 */
export function triangularSolve(a: TensorLike, b: TensorLike, options: TriangularSolveOptions = {}): Tensor {
  const op = 'triangularSolve'
  checkOptions(op, options, ['lower', 'transpose', 'unitDiagonal', 'left'])
  const left = flag(op, 'left', options.left, true)
  const transpose = flag(op, 'transpose', options.transpose, false)
  const [x, y] = left ? systemOperands(op, a, b) : systemOperands(op, a, matrixTranspose(b))
  const result = record(ops.triangularSolve, [x, y], {
    lower: flag(op, 'lower', options.lower, true),
    transpose: left ? transpose : !transpose,
    unitDiagonal: flag(op, 'unitDiagonal', options.unitDiagonal, false),
  })
  return left ? result : matrixTranspose(result)
}

/**
 * X of A X = B for A [..., n, n] and B [..., n, k] or a vector [n], by LU factors with partial pivoting; leading dimensions broadcast. All NaN for a matrix
 * with a zero pivot. MPSGraph has no such method.
 */
export function solve(a: TensorLike, b: TensorLike): Tensor {
  const op = 'solve'
  const [left, right] = floatingPair(a, b, op)
  if (right.ndim !== 1) return record(ops.solve, systemOperands(op, left, right))
  return squeeze(record(ops.solve, systemOperands(op, left, expandDims(right, -1))), -1)
}

/**
 * The inverse of square matrices [..., n, n]. All NaN for a matrix with a zero pivot. Solving a system is faster and more exact with `solve`.
 * MPSGraph's inverseOfTensor is not used: its result is undefined for badly conditioned matrices.
 */
export function inverse(a: TensorLike): Tensor {
  return record(ops.inverse, [squareMatrices(a, 'inverse')])
}

/** The determinants of square matrices [..., n, n]: [...]. The gradient is NaN where a matrix is singular. MPSGraph has no such method. */
export function det(a: TensorLike): Tensor {
  return record(ops.det, [squareMatrices(a, 'det')])
}

/** The sign of the determinants and the logarithm of their magnitudes: 0 and -Infinity for singular matrices. MPSGraph has no such method. */
export function slogdet(a: TensorLike): [sign: Tensor, logabsdet: Tensor] {
  return recordResults(ops.slogdet, [squareMatrices(a, 'slogdet')]) as [Tensor, Tensor]
}

/**
 * LU factors of matrices [..., m, n] with partial pivoting: both factors in one matrix (L without its diagonal of ones), the row that each step exchanged
 * with (int32, from 0), and the permutation p (int32) with A[p] = L U. Differentiable for square matrices. MPSGraph has no such method.
 */
export function luFactor(a: TensorLike): [lu: Tensor, pivots: Tensor, permutation: Tensor] {
  return recordResults(ops.lu, [matrices(a, 'luFactor')]) as [Tensor, Tensor, Tensor]
}

/** A = P L U for matrices [..., m, n]: a permutation matrix [..., m, m], L [..., m, k] with ones on the diagonal and U [..., k, n], k the smaller of m and n. */
export function lu(a: TensorLike): [p: Tensor, l: Tensor, u: Tensor] {
  const own = matrices(a, 'lu')
  const [packed, , permutation] = luFactor(own)
  const [m, n] = own.shape.slice(-2) as [number, number]
  const k = Math.min(m, n)
  const columns = sliceAxis(packed, packed.ndim - 1, 0, k)
  const l = record(ops.add, [tril(columns, { k: -1 }), eye(m, k, { dtype: own.dtype, device: own.device })])
  return [matrixTranspose(oneHot(permutation, m, { dtype: own.dtype })), l, triu(sliceAxis(packed, packed.ndim - 2, 0, k))]
}

/** A to an integer power by repeated squaring, of square matrices [..., n, n]; negative powers are those of the inverse, power 0 the identity. */
export function matrixPower(a: TensorLike, exponent: number): Tensor {
  const op = 'matrixPower'
  const own = squareMatrices(a, op)
  checkInteger(op, 'the exponent', exponent)
  if (Math.abs(exponent) > 2 ** 31) throw new SinterError('argument', `the exponent ${exponent} is beyond 2^31`, { op })
  if (exponent === 0) return broadcastTo(eye(own.shape.at(-1)!, { dtype: own.dtype, device: own.device }), own.shape)
  let square = exponent < 0 ? inverse(own) : own
  let result: Tensor | undefined
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : matmul(result, square)
    if (rest > 1) square = matmul(square, square)
  }
  return result!
}
