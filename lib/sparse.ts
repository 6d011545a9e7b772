// The namespace `sparse`: matrices of which only some elements are held.

import { SinterError } from '../ir/error.js'
import { describeValue } from './check.js'
import { zeros } from './create.js'
import { concat, sliceAxis } from './join.js'
import { asTensor, type TensorLike } from './record.js'
import { cumsum } from './scan.js'
import { gatherNd } from './scatter.js'
import { bincount } from './search.js'
import { type Pending, pendingNonZero, settle, settleSync } from './sets.js'
import { reshape, transpose as transposeDense } from './shape.js'
import { type SparseFormat, SparseTensor, transposed } from './sparse-tensor.js'
import type { Tensor } from './tensor.js'

export { matmul, type SparseFormat, SparseTensor, toDense } from './sparse-tensor.js'

type Shape = readonly [number, number]

/**
 * A matrix of a shape [m, n] from its elements and their places: values, rows and columns, each [count], in any order. Indices are integers; negative ones count
 * from the end, and elements out of range are dropped. Elements at the same place add up.
 */
export function coo(values: TensorLike, rows: Tensor, columns: Tensor, shape: Shape): SparseTensor {
  return new SparseTensor('sparse.coo', 'coo', values, [rows, columns], shape)
}

/**
 * A matrix of a shape [m, n] from its elements row by row: values and columns are [count], rowStarts [m + 1] says where each row starts among them, and ends.
 * Starts ascend; elements before the first and from the last on belong to no row.
 */
export function csr(values: TensorLike, columns: Tensor, rowStarts: Tensor, shape: Shape): SparseTensor {
  return new SparseTensor('sparse.csr', 'csr', values, [columns, rowStarts], shape)
}

/** A matrix of a shape [m, n] from its elements column by column: values and rows are [count], columnStarts [n + 1]. Otherwise as csr. */
export function csc(values: TensorLike, rows: Tensor, columnStarts: Tensor, shape: Shape): SparseTensor {
  return new SparseTensor('sparse.csc', 'csc', values, [rows, columnStarts], shape)
}

/** The transpose of a sparse matrix, which moves no data: a 'csr' matrix becomes a 'csc' one. */
export function transpose(x: SparseTensor): SparseTensor {
  return transposed(x)
}

function pendingSparse(x: TensorLike, format: SparseFormat): Pending<SparseTensor> {
  const op = 'sparse.fromDense'
  const own = asTensor(x, op)
  if (format !== 'coo' && format !== 'csr' && format !== 'csc') {
    throw new SinterError('argument', `there is no format ${describeValue(format)}`, { op, hint: "'coo', 'csr' or 'csc'" })
  }
  if (own.ndim !== 2) throw new SinterError('shape', `sparse tensors are matrices, got ${own.type}`, { op, operands: [own] })
  const [m, n] = own.shape as [number, number]
  // Elements are found row by row, so columns are rows of the transpose.
  const table = format === 'csc' ? transposeDense(own) : own
  const found = pendingNonZero(table)
  const finish = (count: number): SparseTensor => {
    const places = found.finish(count)
    const [major, minor] = [0, 1].map((d) => reshape(sliceAxis(places, 1, d, 1), [count])) as [Tensor, Tensor]
    const values = gatherNd(table, places)
    if (format === 'coo') return new SparseTensor(op, 'coo', values, [major, minor], [m, n])
    const counts = cumsum(bincount(major, table.shape[0]!), 0)
    const starts = concat([zeros([1], { dtype: 'int32', device: own.device }), counts])
    return new SparseTensor(op, format, values, [minor, starts], [m, n])
  }
  return { needs: found.needs, count: found.count, finish }
}

/** The elements of a matrix that are not zero, in order, as a sparse matrix; default 'coo'. Realizes x, since their number depends on it. */
export function fromDense(x: TensorLike, format: SparseFormat = 'coo'): Promise<SparseTensor> {
  return settle(pendingSparse(x, format))
}

/** fromDense, waiting for x. */
export function fromDenseSync(x: TensorLike, format: SparseFormat = 'coo'): SparseTensor {
  return settleSync(pendingSparse(x, format))
}
