// Sorting along an axis, and the largest and smallest elements.

import { emit, resultNode } from '../ir/build.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, checkBoolean, checkInteger, checkOptions } from './check.js'
import { numeric } from './operand.js'
import { asTensor, cast, record, type TensorLike, wrap } from './record.js'
import { moveaxis } from './shape.js'
import type { Tensor } from './tensor.js'

export interface SortOptions {
  /** Largest first; default false. */
  readonly descending?: boolean | undefined
}

/** Positions that would sort x along an axis (default last), as int32; stable in both directions, NaN last. MPSGraph: argSortWithTensor. */
export function argsort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  const { own, place, descending } = sortArguments('argsort', x, axis, options)
  const last = moveaxis(own, place, -1)
  return moveaxis(record(ops.argsort, [last], { descending }), -1, place)
}

/** x sorted along an axis (default last); NaN last in both directions. MPSGraph: sortWithTensor. */
export function sort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  const { own, place, descending } = sortArguments('sort', x, axis, options)
  const sorted = record(ops.sort, [moveaxis(own, place, -1)], { descending })
  return moveaxis(cast(sorted, asTensor(x, 'sort').dtype), -1, place)
}

function sortArguments(op: string, x: TensorLike, axis: number, options: SortOptions): { own: Tensor; place: number; descending: boolean } {
  checkOptions(op, options, ['descending'])
  if (options.descending !== undefined) checkBoolean(op, 'descending', options.descending)
  const own = numeric(x, op)
  return { own, place: axisArgument(op, own, axis), descending: options.descending === true }
}

/** Some elements, and where they stand along the axis. */
export interface ValuesAndIndices {
  readonly values: Tensor
  /** int32. */
  readonly indices: Tensor
}

/**
 * The k largest elements along an axis (default last) in descending order, and their positions. Of equal elements the first comes first, and NaN counts as
 * the largest, as in PyTorch. Throws `argument` when the axis has fewer than k elements. MPSGraph: topKWithSourceTensor.
 */
export function topK(x: TensorLike, k: number, axis = -1): ValuesAndIndices {
  return extremes('topK', x, k, axis, true)
}

/** The k smallest elements along an axis (default last) in ascending order, and their positions; NaN comes last. MPSGraph: bottomKWithSourceTensor. */
export function bottomK(x: TensorLike, k: number, axis = -1): ValuesAndIndices {
  return extremes('bottomK', x, k, axis, false)
}

function extremes(op: string, x: TensorLike, k: number, axis: number, largest: boolean): ValuesAndIndices {
  const own = numeric(x, op)
  const place = axisArgument(op, own, axis)
  checkInteger(op, 'k', k, 0)
  if (k > own.shape[place]!)
    throw new SinterError('argument', `k is ${k}, axis ${place} has ${own.shape[place]} elements`, { op, operands: [own] })
  const node = emit(ops.topK, [moveaxis(own, place, -1).node], { k, largest })
  const [values, indices] = [0, 1].map((i) => moveaxis(wrap(resultNode(node, i), own.device), -1, place))
  return { values: cast(values!, asTensor(x, op).dtype), indices: indices! }
}
