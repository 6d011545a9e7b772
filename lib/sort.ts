// Sorting along an axis.

import { ops } from '../ir/ops/index.js'
import { axisArgument, checkOptions } from './check.js'
import { numeric } from './operand.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { moveaxis } from './shape.js'
import type { Tensor } from './tensor.js'

export interface SortOptions {
  /** Largest first; default false. */
  readonly descending?: boolean | undefined
}

/** Positions that would sort x along an axis (default last), as int32; stable, NaN last. */
export function argsort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  const { own, place, descending } = sortArguments('argsort', x, axis, options)
  const last = moveaxis(own, place, -1)
  return moveaxis(record(ops.argsort, [last], { descending }), -1, place)
}

/** x sorted along an axis (default last); stable, NaN last. */
export function sort(x: TensorLike, axis = -1, options: SortOptions = {}): Tensor {
  const { own, place, descending } = sortArguments('sort', x, axis, options)
  const last = moveaxis(own, place, -1)
  const order = record(ops.argsort, [last], { descending })
  const sorted = record(ops.takeAlongAxis, [last, order], { axis: last.ndim - 1 })
  return moveaxis(cast(sorted, asTensor(x, 'sort').dtype), -1, place)
}

function sortArguments(op: string, x: TensorLike, axis: number, options: SortOptions): { own: Tensor; place: number; descending: boolean } {
  checkOptions(op, options, ['descending'])
  const own = numeric(x, op)
  return { own, place: axisArgument(op, own, axis), descending: options.descending === true }
}
