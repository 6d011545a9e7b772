// Orthogonal factorizations of stacks of matrices, and what is made of singular values: float32 and float64 (integers become float32), computed in float64 inside.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkNumber, checkOptions, describeValue } from './check.js'
import { greater, where } from './comparison.js'
import { matmul } from './linalg.js'
import { matrices, squareMatrices, symmetrized } from './matrices.js'
import { constant, floatingPair } from './operand.js'
import { record, recordResults, type TensorLike } from './record.js'
import { max, sum } from './reduce.js'
import { expandDims, matrixTranspose, squeeze } from './shape.js'
import type { Tensor } from './tensor.js'

export interface QrOptions {
  /** 'reduced' (default): Q [..., m, k] and R [..., k, n], k the smaller of m and n. 'complete': Q [..., m, m] and R [..., m, n]. */
  readonly mode?: 'reduced' | 'complete' | undefined
}

/** A = Q R of matrices [..., m, n], with LAPACK's signs. Differentiable where m >= n (reduced or square). MPSGraph has no such method. */
export function qr(a: TensorLike, options: QrOptions = {}): [q: Tensor, r: Tensor] {
  const op = 'qr'
  checkOptions(op, options, ['mode'])
  const mode = options.mode ?? 'reduced'
  if (mode !== 'reduced' && mode !== 'complete') {
    throw new SinterError('argument', `there is no mode ${describeValue(mode)}`, { op, hint: 'modes: reduced, complete' })
  }
  return recordResults(ops.qr, [matrices(a, op)], { complete: mode === 'complete' }) as [Tensor, Tensor]
}

/**
 * Eigenvalues [..., n], ascending, and eigenvectors (the columns of [..., n, n]) of symmetric matrices, A taken as (A + A^T) / 2. Of each vector the first
 * element within a thousandth of the largest magnitude is positive. Gradients through vectors need distinct eigenvalues. MPSGraph has no such method.
 */
export function eigh(a: TensorLike): [w: Tensor, v: Tensor] {
  return recordResults(ops.eigh, [symmetrized(squareMatrices(a, 'eigh'))]) as [Tensor, Tensor]
}

/** The eigenvalues of symmetric matrices, ascending. */
export function eigvalsh(a: TensorLike): Tensor {
  return eigh(a)[0]
}

/**
 * A = U diag(s) V^T of matrices [..., m, n]: U [..., m, k], s [..., k] descending, V^T [..., k, n], k the smaller of m and n. Of each column of U the first
 * element within a thousandth of the largest magnitude is positive. Gradients through U and V need distinct, positive values. MPSGraph has no such method.
 */
export function svd(a: TensorLike): [u: Tensor, s: Tensor, vt: Tensor] {
  return recordResults(ops.svd, [matrices(a, 'svd')]) as [Tensor, Tensor, Tensor]
}

/** The singular values of matrices, descending: [..., k]. */
export function svdvals(a: TensorLike): Tensor {
  return record(ops.singularValues, [matrices(a, 'svdvals')])
}

export interface ToleranceOptions {
  /** Singular values up to this times the largest count as zero; default the larger of m and n times the dtype's epsilon. */
  readonly rtol?: number | undefined
}

/** The singular values that count as not zero, as a bool tensor. */
function significant(op: string, x: Tensor, values: Tensor, options: ToleranceOptions): Tensor {
  checkOptions(op, options, ['rtol'])
  if (options.rtol !== undefined) checkNumber(op, 'rtol', options.rtol)
  if (options.rtol !== undefined && !(options.rtol >= 0))
    throw new SinterError('argument', `rtol is not negative, got ${options.rtol}`, { op })
  const epsilon = x.dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const rtol = options.rtol ?? Math.max(...x.shape.slice(-2)) * epsilon
  if (values.shape.at(-1) === 0) return greater(values, values)
  return greater(values, record(ops.mul, [max(values, -1, { keepDims: true }), constant(rtol, values)]))
}

/** The number of singular values of matrices [..., m, n] that are not zero but for rounding: int32 [...]. */
export function matrixRank(a: TensorLike, options: ToleranceOptions = {}): Tensor {
  const own = matrices(a, 'matrixRank')
  return sum(significant('matrixRank', own, svdvals(own), options), -1, { dtype: 'int32' })
}

/** The Moore-Penrose inverse of matrices [..., m, n]: [..., n, m]. */
export function pinv(a: TensorLike, options: ToleranceOptions = {}): Tensor {
  const own = matrices(a, 'pinv')
  const [u, s, vt] = svd(own)
  const keep = significant('pinv', own, s, options)
  const inverses = where(keep, record(ops.reciprocal, [where(keep, s, constant(1, s))]), constant(0, s))
  return matmul(record(ops.mul, [matrixTranspose(vt), expandDims(inverses, -2)]), matrixTranspose(u))
}

/**
 * The X of smallest norm among those that minimize |A X - B|, for A [..., m, n] and B [..., m, k] or a vector [m]; leading dimensions broadcast. By singular
 * values, so that A may have any rank.
 */
export function lstsq(a: TensorLike, b: TensorLike, options: ToleranceOptions = {}): Tensor {
  const op = 'lstsq'
  const [left, right] = floatingPair(a, b, op)
  matrices(left, op)
  if (right.ndim === 0) throw new SinterError('shape', 'the right side has at least one dimension', { op, operands: [right] })
  const inverse = pinv(left, options)
  return right.ndim === 1 ? squeeze(matmul(inverse, expandDims(right, -1)), -1) : matmul(inverse, right)
}
