// Products of vectors, matrices and higher tensors. float16 and bfloat16 accumulate in float32; integers wrap, bool multiplies as int32.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { axisArgument, axisList, checkInteger, checkOptions } from './check.js'
import { conj } from './complex.js'
import { sliceAxis } from './join.js'
import { numeric, numericPair } from './operand.js'
import { record, type TensorLike } from './record.js'
import { sum } from './reduce.js'
import { moveaxis, permuteDims, reshape } from './shape.js'
import { Tensor } from './tensor.js'

/**
 * The matrix product with NumPy's rules: [..., m, k] by [..., k, n] gives [..., m, n], leading dimensions broadcast; a 1-D operand is a row on the left, a
 * column on the right, and its dimension disappears from the result. Rank 0 is an error.
 */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericPair(a, b, 'matmul')
  const m = x.node.type.rank
  const n = y.node.type.rank
  if (m >= 2 && n >= 2) return record(ops.matmul, [x, y])
  if (m === 0 || n === 0)
    throw new SinterError('shape', 'needs at least one dimension on either side', {
      op: 'matmul',
      operands: [x, y],
      hint: 'to scale by a number use mul',
    })
  if (m === 1 && n === 1) return dotVectors(x, y)
  if (x.shape[m - 1] !== y.shape[n === 1 ? 0 : n - 2]) {
    throw new SinterError('shape', `inner dimensions ${x.shape[m - 1]} and ${y.shape[n === 1 ? 0 : n - 2]} differ`, {
      op: 'matmul',
      operands: [x, y],
    })
  }
  const product = record(ops.matmul, [m === 1 ? reshape(x, [1, -1]) : x, n === 1 ? reshape(y, [y.size, 1]) : y])
  return reshape(product, m === 1 ? product.shape.toSpliced(-2, 1) : product.shape.slice(0, -1))
}

function dotVectors(x: Tensor, y: Tensor): Tensor {
  if (x.size !== y.size) throw new SinterError('shape', `vectors of ${x.size} and ${y.size} elements`, { op: 'matmul', operands: [x, y] })
  return reshape(record(ops.matmul, [reshape(x, [1, x.size]), reshape(y, [y.size, 1])]), [])
}

/** NumPy's dot: the inner product of vectors, the matrix product, a product with a scalar; in general over a's last and b's second to last dimension. */
export function dot(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericPair(a, b, 'dot')
  if (x.ndim === 0 || y.ndim === 0) return record(ops.mul, [x, y])
  if (y.ndim <= 2) return matmul(x, y)
  return tensordot(x, y, [[-1], [-2]])
}

/** All products of an element of a with one of b, both flattened: [size of a, size of b]. */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numericPair(a, b, 'outer')
  return record(ops.mul, [reshape(x, [x.size, 1]), reshape(y, [1, y.size])])
}

/** The sum of products over pairs of axes: a number n (the last n of a with the first n of b; default 2) or [axes of a, axes of b]. */
export function tensordot(
  a: TensorLike,
  b: TensorLike,
  axes: number | readonly [number | readonly number[], number | readonly number[]] = 2,
): Tensor {
  const op = 'tensordot'
  const [x, y] = numericPair(a, b, op)
  let left: number[]
  let right: number[]
  if (typeof axes === 'number') {
    checkInteger(op, 'the number of axes', axes, 0)
    if (axes > x.ndim || axes > y.ndim)
      throw new SinterError('argument', `${axes} axes are more than an operand has`, { op, operands: [x, y] })
    left = Array.from({ length: axes }, (_, i) => x.ndim - axes + i)
    right = Array.from({ length: axes }, (_, i) => i)
  } else {
    if (!Array.isArray(axes) || axes.length !== 2)
      throw new SinterError('argument', 'axes are a number or two lists', { op, operands: [x, y] })
    left = axisList(op, x, axes[0])
    right = axisList(op, y, axes[1])
  }
  if (left.length !== right.length || left.some((axis, i) => x.shape[axis] !== y.shape[right[i]!])) {
    throw new SinterError('shape', `axes [${left}] and [${right}] do not have equal sizes`, { op, operands: [x, y] })
  }
  const keptLeft = x.shape.map((_, d) => d).filter((d) => !left.includes(d))
  const keptRight = y.shape.map((_, d) => d).filter((d) => !right.includes(d))
  const inner = sizeOf(left.map((d) => x.shape[d]!))
  const shapeLeft = keptLeft.map((d) => x.shape[d]!)
  const shapeRight = keptRight.map((d) => y.shape[d]!)
  const rows = reshape(permuteDims(x, [...keptLeft, ...left]), [sizeOf(shapeLeft), inner])
  const columns = reshape(permuteDims(y, [...right, ...keptRight]), [inner, sizeOf(shapeRight)])
  return reshape(record(ops.matmul, [rows, columns]), [...shapeLeft, ...shapeRight])
}

/** The inner product along an axis (default last), leading dimensions broadcast; of complex tensors with the conjugate of a, as the array API has it. */
export function vecdot(a: TensorLike, b: TensorLike, axis = -1): Tensor {
  const [x, y] = numericPair(a, b, 'vecdot')
  const left = moveaxis(conj(x), axis, -1)
  const right = moveaxis(y, axis, -1)
  if (left.shape.at(-1) !== right.shape.at(-1))
    throw new SinterError('shape', 'sizes along the axis differ', { op: 'vecdot', operands: [x, y] })
  return sum(record(ops.mul, [left, right]), -1, { dtype: x.dtype })
}

export interface DiagonalViewOptions {
  /** Which diagonal: 0 (default) the main one, positive above, negative below. */
  readonly k?: number | undefined
  /** The dimensions that hold the matrices; default the last two. */
  readonly axes?: readonly [number, number] | undefined
}

/** The diagonal of matrices (the last two dimensions unless given) as a new last dimension. */
export function diagonal(x: TensorLike, options: DiagonalViewOptions = {}): Tensor {
  const op = 'diagonal'
  const own = numericOrBool(x, op)
  checkOptions(op, options, ['k', 'axes'])
  const k = options.k ?? 0
  checkInteger(op, 'k', k)
  const axes = options.axes ?? [-2, -1]
  if (own.ndim < 2 || axes.length !== 2) throw new SinterError('shape', 'needs two dimensions', { op, operands: [own] })
  const row = axisArgument(op, own, axes[0])
  const column = axisArgument(op, own, axes[1])
  const matrices = moveaxis(own, [row, column], [own.ndim - 2, own.ndim - 1])
  const [n, m] = matrices.shape.slice(-2) as [number, number]
  const rest = matrices.shape.slice(0, -2)
  const count = Math.max(0, Math.min(n - Math.max(0, -k), m - Math.max(0, k)))
  // In a flattened matrix neighbours on a diagonal are one row and one column apart.
  const flat = reshape(matrices, [...rest, n * m])
  return sliceAxis(flat, rest.length, count === 0 ? 0 : k >= 0 ? k : -k * m, count, count <= 1 ? 1 : m + 1)
}

const numericOrBool = (x: TensorLike, op: string): Tensor => (x instanceof Tensor && x.dtype === 'bool' ? x : numeric(x, op))

/** The sum of a diagonal of matrices; options as for diagonal. dtypes as for sum. */
export function trace(x: TensorLike, options: DiagonalViewOptions = {}): Tensor {
  return sum(diagonal(x, options), -1)
}
