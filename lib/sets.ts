// Results whose size depends on the data: these functions realize what they need to know the size, and so are async (or say Sync).

import { isFloat } from '../ir/dtype.js'
import { ops } from '../ir/ops/index.js'
import { floorDiv, mod, sub } from './arithmetic.js'
import { isNan, notEqual, where } from './comparison.js'
import { iota, ones } from './create.js'
import { concat, stack } from './join.js'
import { logicalAnd, logicalNot } from './logic.js'
import { constant, constantOf, numeric } from './operand.js'
import { realize, realizeSync } from './realizing.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { sum } from './reduce.js'
import { cumsum } from './scan.js'
import { scatter } from './scatter.js'
import { bincount } from './search.js'
import { flatten, reshape } from './shape.js'
import { argsort } from './sort.js'
import type { Tensor } from './tensor.js'

/** The elements that a mask keeps, closed up: what has to be realized, and what is made of it once their number is known. */
interface Kept {
  readonly count: Tensor
  /** Where each kept element goes; the size of the mask for others. */
  readonly places: Tensor
}

function kept(mask: Tensor): Kept {
  const marks = cast(mask, 'int32')
  const places = where(mask, sub(cumsum(marks, 0), 1), constant(mask.size, marks))
  return { count: sum(marks), places }
}

/** The kept ones of `values`. */
const closeUp = (values: Tensor, { places }: Kept, count: number): Tensor =>
  scatter(constantOf(0, values.dtype, [count], values.device), places, values, { axis: 0 })

/** The result for a known number of kept elements, after everything needed for it is there. */
export interface Pending<T> {
  readonly needs: readonly Tensor[]
  readonly count: Tensor
  readonly finish: (count: number) => T
}

export async function settle<T>({ needs, count, finish }: Pending<T>): Promise<T> {
  await realize([...needs, count])
  return finish(Number(await count.item()))
}

export function settleSync<T>({ needs, count, finish }: Pending<T>): T {
  realizeSync([...needs, count])
  return finish(Number(count.itemSync()))
}

export function pendingNonZero(x: TensorLike): Pending<Tensor> {
  const own = asTensor(x, 'nonZero')
  const found = kept(flatten(cast(own, 'bool')))
  const finish = (count: number): Tensor => {
    const flat = closeUp(iota('int32', [own.size], 0, own.device), found, count)
    if (own.ndim === 0) return constantOf(0, 'int32', [count, 0], own.device)
    let stride = own.size
    const columns = own.shape.map((size) => {
      stride /= size || 1
      return mod(floorDiv(flat, constant(stride || 1, flat)), constant(size || 1, flat))
    })
    return stack(columns, -1)
  }
  return { needs: [found.places], count: found.count, finish }
}

/**
 * Where the elements that are not 0 stand, as int32 [count, dimensions of x], in row-major order. Realizes x, since the size of the result depends on it; the
 * positions themselves are recorded. MPSGraph: nonZeroIndicesOfTensor.
 */
export function nonZero(x: TensorLike): Promise<Tensor> {
  return settle(pendingNonZero(x))
}

/** nonZero, waiting for x. */
export function nonZeroSync(x: TensorLike): Tensor {
  return settleSync(pendingNonZero(x))
}

/** The distinct elements of a tensor, and how they relate to it. */
export interface Unique {
  /** Ascending, 1-D. All NaN count as one, the last. */
  readonly values: Tensor
  /** Where each value first occurs in the flattened tensor; int32. */
  readonly indices: Tensor
  /** For each element of the tensor the number of its value; int32, of the tensor's shape. */
  readonly inverse: Tensor
  /** How often each value occurs; int32. */
  readonly counts: Tensor
}

function pendingUnique(x: TensorLike): Pending<Unique> {
  const given = asTensor(x, 'unique')
  const own = flatten(numeric(given, 'unique'))
  const order = argsort(own)
  const sorted = record(ops.take, [own, order], { axis: 0 })
  const starts = startsOfRuns(sorted)
  const found = kept(starts)
  const group = sub(cumsum(cast(starts, 'int32'), 0), 1)
  const finish = (count: number): Unique => ({
    values: cast(closeUp(sorted, found, count), given.dtype),
    indices: closeUp(order, found, count),
    inverse: reshape(scatter(constantOf(0, 'int32', [own.size], own.device), order, group, { axis: 0 }), given.shape),
    counts: bincount(group, count),
  })
  return { needs: [order, sorted, found.places, group], count: found.count, finish }
}

/** Whether each element of sorted values differs from the one before. */
function startsOfRuns(sorted: Tensor): Tensor {
  const { size, device } = sorted
  const first = ones([Math.min(size, 1)], { dtype: 'bool', device })
  if (size <= 1) return first
  const part = (start: number): Tensor => record(ops.slice, [sorted], { starts: [start], sizes: [size - 1], steps: [1] })
  const differ = notEqual(part(1), part(0))
  return concat([first, isFloat(sorted.dtype) ? logicalAnd(differ, logicalNot(isNan(part(0)))) : differ])
}

/**
 * The distinct elements of x in ascending order, with the positions of their first occurrences, the inverse and the counts. Realizes x, since the size of the
 * result depends on it; what is not used of the results costs nothing.
 */
export function unique(x: TensorLike): Promise<Unique> {
  return settle(pendingUnique(x))
}

/** unique, waiting for x. */
export function uniqueSync(x: TensorLike): Unique {
  return settleSync(pendingUnique(x))
}
