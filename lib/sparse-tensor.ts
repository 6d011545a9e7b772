// Sparse matrices: the elements that are not zero, and where they stand, as tensors. What is made of them is recorded like everything else, so that
// values have gradients and indices may be data of the run.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { add, mul, sub } from './arithmetic.js'
import { describeValue, shapeArgument } from './check.js'
import { greaterEqual, less, where } from './comparison.js'
import { ones, zeros } from './create.js'
import { logicalAnd } from './logic.js'
import { constant, indexOperand, numeric, promotedList, widened } from './operand.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { cumsum } from './scan.js'
import { expandDims, reshape, transpose } from './shape.js'
import type { Tensor } from './tensor.js'

/**
 * Where the elements stand. 'coo': rows and columns of each. 'csr': columns of each, and where each row starts among the elements (one start more than there are
 * rows: the end). 'csc': rows of each, and where each column starts. MPSGraphSparseStorageType.
 */
export type SparseFormat = 'coo' | 'csr' | 'csc'

/** Places of elements: every one either inside the matrix, or in the row after the last. */
interface Coordinates {
  readonly rows: Tensor
  readonly columns: Tensor
}

/** A matrix [m, n] of which only some elements are held; made by sparse.coo, sparse.csr, sparse.csc and sparse.fromDense. */
export class SparseTensor {
  readonly format: SparseFormat
  /** The elements, 1-D. */
  readonly values: Tensor
  /** int32 or int64: rows and columns, columns and starts of rows, or rows and starts of columns. */
  readonly indices: readonly [Tensor, Tensor]
  readonly shape: readonly [number, number]

  /** @internal */
  constructor(op: string, format: SparseFormat, values: TensorLike, indices: readonly [TensorLike, TensorLike], shape: readonly number[]) {
    const sizes = shapeArgument(op, shape)
    const own = numeric(values, op)
    const at = indices.map((index) => indexOperand(index, op, own.device)) as [Tensor, Tensor]
    const wrong = (problem: string): never => {
      throw new SinterError('shape', problem, { op, operands: [own, ...at] })
    }
    if (sizes.length !== 2) wrong(`sparse tensors are matrices, got the shape [${sizes.join(', ')}]`)
    const [m, n] = sizes as [number, number]
    const starts = format === 'coo' ? own.size : (format === 'csr' ? m : n) + 1
    if (own.ndim !== 1) wrong(`values are 1-D, got ${own.type}`)
    if (at[0].ndim !== 1 || at[0].size !== own.size) wrong(`${own.size} values need ${own.size} indices of theirs, got ${at[0].type}`)
    if (at[1].ndim !== 1 || at[1].size !== starts) {
      wrong(
        format === 'coo'
          ? `${starts} values need as many columns, got ${at[1].type}`
          : `${starts - 1} ${format === 'csr' ? 'rows' : 'columns'} have ${starts} starts, the end included, got ${at[1].type}`,
      )
    }
    this.format = format
    this.values = own
    this.indices = at
    this.shape = [m, n]
  }

  get dtype(): Tensor['dtype'] {
    return this.values.dtype
  }

  get device(): string {
    return this.values.device
  }

  /** How many elements are held. */
  get count(): number {
    return this.values.size
  }

  /** See sparse.transpose. */
  transpose(): SparseTensor {
    return transposed(this)
  }

  /** See sparse.toDense. */
  toDense(): Tensor {
    return toDense(this)
  }

  /** See sparse.matmul. */
  matmul(other: TensorLike): Tensor {
    return matmul(this, other)
  }
}

function checkSparse(op: string, x: unknown): asserts x is SparseTensor {
  if (!(x instanceof SparseTensor))
    throw new SinterError('argument', `expected a sparse tensor, got ${describeValue(x)}`, {
      op,
      hint: 'make one with sparse.coo, sparse.csr, sparse.csc or sparse.fromDense',
    })
}

/** The same elements with rows and columns exchanged: no data move. A 'csr' matrix becomes a 'csc' one. */
export function transposed(x: SparseTensor): SparseTensor {
  checkSparse('sparse.transpose', x)
  const [m, n] = x.shape
  const [a, b] = x.indices
  if (x.format === 'coo') return new SparseTensor('transpose', 'coo', x.values, [b, a], [n, m])
  return new SparseTensor('transpose', x.format === 'csr' ? 'csc' : 'csr', x.values, [a, b], [n, m])
}

/** The row of each of `count` elements, given where rows start: as many starts as lie at it or before, less one. */
function expanded(starts: Tensor, count: number): Tensor {
  const rows = starts.size - 1
  if (count === 0) return zeros([0], { dtype: 'int32', device: starts.device })
  const zero = zeros([count], { dtype: 'int32', device: starts.device })
  const marks = record(ops.indexAdd, [zero, starts, ones([starts.size], { dtype: 'int32', device: starts.device })], { axis: 0 })
  const found = sub(cumsum(marks, 0), 1)
  // Elements before the first start belong to no row.
  return where(less(found, constant(0, found)), constant(rows, found), found)
}

/** Rows and columns of the elements, of one dtype, as they were given. */
function placesOf({ format, indices, count }: SparseTensor): [Tensor, Tensor] {
  const [first, second] = format === 'coo' ? indices : [indices[0], expanded(indices[1], count)]
  return promotedList(format === 'csr' ? [second, first] : [first, second], 'sparse') as [Tensor, Tensor]
}

function coordinatesOf(x: SparseTensor): Coordinates {
  const [rows, columns] = placesOf(x)
  const inside = (index: Tensor, size: number): [Tensor, Tensor] => {
    const zero = constant(0, index)
    const counted = where(less(index, zero), add(index, constant(size, index)), index)
    return [counted, logicalAnd(greaterEqual(counted, zero), less(counted, constant(size, index)))]
  }
  const [m, n] = x.shape
  const [row, rowFits] = inside(rows, m)
  const [column, columnFits] = inside(columns, n)
  return { rows: where(logicalAnd(rowFits, columnFits), row, constant(m, row)), columns: column }
}

/**
 * The matrix with zeros where it holds no element; elements at the same place are added up, and those out of range are dropped. Negative indices count from the end.
 * MPSGraph: sparseTensorWithType.
 */
export function toDense(x: SparseTensor): Tensor {
  checkSparse('sparse.toDense', x)
  const [m, n] = x.shape
  const { rows, columns } = coordinatesOf(x)
  const index = (place: Tensor): Tensor => (m * n > 0x7fffffff ? cast(place, 'int64') : place)
  const row = index(rows)
  const places = where(less(row, constant(m, row)), add(mul(row, constant(n, row)), index(columns)), constant(m * n, row))
  const values = widened(x.values)
  const dense = record(ops.indexAdd, [zeros([m * n], { dtype: values.dtype, device: x.device }), places, values], { axis: 0 })
  return cast(reshape(dense, [m, n]), x.dtype)
}

/**
 * The product of a sparse matrix [m, k] and a dense one [k, n] (or a vector [k]), or of a dense one [m, k] (or a vector [k]) and a sparse one [k, n]: dense, in the
 * common dtype; float16 and bfloat16 accumulate in float32. Work and memory are those of the elements held, times the columns (rows) of the dense matrix.
 * Throws `shape` where they do not fit. MPSGraph: matrixMultiplication of a sparseTensor.
 */
export function matmul(a: SparseTensor | TensorLike, b: SparseTensor | TensorLike): Tensor {
  const op = 'sparse.matmul'
  if (a instanceof SparseTensor && b instanceof SparseTensor) {
    throw new SinterError('argument', 'one of the operands is dense', { op, hint: 'sparse.toDense makes one so' })
  }
  if (a instanceof SparseTensor) return sparseTimesDense(op, a, asTensor(b as TensorLike, op))
  if (!(b instanceof SparseTensor))
    throw new SinterError('argument', `one of the operands is sparse, got ${describeValue(b)}`, { op, hint: 'use matmul' })
  const dense = asTensor(a, op)
  if (dense.ndim === 1) return sparseTimesDense(op, transposed(b), dense)
  if (dense.ndim !== 2)
    throw new SinterError('shape', `the dense operand is a matrix or a vector, got ${dense.type}`, { op, operands: [dense] })
  return transpose(sparseTimesDense(op, transposed(b), transpose(dense)))
}

function sparseTimesDense(op: string, a: SparseTensor, b: Tensor): Tensor {
  const [m, k] = a.shape
  if ((b.ndim !== 1 && b.ndim !== 2) || b.shape[0] !== k) {
    throw new SinterError('shape', `a dense operand ${b.type} does not fit a sparse one [${a.shape.join(', ')}]`, {
      op,
      operands: [a.values, b],
    })
  }
  const [values, dense] = promotedList([a.values, numeric(b, op)], op) as [Tensor, Tensor]
  const own = widened(values)
  const factors = b.ndim === 1 ? reshape(widened(dense), [k, 1]) : widened(dense)
  const n = factors.shape[1]!
  let result: Tensor
  if (isFloat(own.dtype)) {
    result = record(ops.sparseMatmul, [own, ...placesOf(a), factors], { rows: m })
  } else {
    const { rows, columns } = coordinatesOf(a)
    const products = mul(record(ops.take, [factors, columns], { axis: 0 }), expandDims(own, 1))
    result = record(ops.indexAdd, [zeros([m, n], { dtype: own.dtype, device: a.device }), rows, products], { axis: 0 })
  }
  const shaped = b.ndim === 1 ? reshape(result, [m]) : result
  return cast(shaped, values.dtype)
}
