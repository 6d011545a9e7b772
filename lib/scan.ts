// Running sums, products and extremes along an axis (which may be left out for 1-D tensors).

import type { Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { checkBoolean, checkOptions, onlyAxis } from './check.js'
import { numeric } from './operand.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { accumulatorDType } from './reduce.js'
import type { Tensor } from './tensor.js'

export interface ScanOptions {
  /** Leave each element out of its own result, so that the first is the identity (0, 1, or the extreme of the dtype); default false. */
  readonly exclusive?: boolean | undefined
  /** Run from the end; default false. */
  readonly reverse?: boolean | undefined
}

const none: ScanOptions = {}

function scan(op: Op, x: Tensor, axis: number | undefined, options: ScanOptions): Tensor {
  if (options !== none) {
    checkOptions(op.name, options, ['exclusive', 'reverse'])
    if (options.exclusive !== undefined) checkBoolean(op.name, 'exclusive', options.exclusive)
    if (options.reverse !== undefined) checkBoolean(op.name, 'reverse', options.reverse)
  }
  return record(op, [x], { axis: onlyAxis(op.name, x, axis), exclusive: options.exclusive ?? false, reverse: options.reverse ?? false })
}

function widening(op: Op, x: TensorLike): Tensor {
  const own = asTensor(x, op.name)
  return cast(own, accumulatorDType(own.node.type.dtype))
}

/** Running sums. Integers narrower than 32 bits add up in int32 (uint32), bool in int32. */
export function cumsum(x: TensorLike, axis?: number, options: ScanOptions = none): Tensor {
  return scan(ops.cumsum, widening(ops.cumsum, x), axis, options)
}

/** Running products. Integers narrower than 32 bits multiply in int32 (uint32), bool in int32. */
export function cumprod(x: TensorLike, axis?: number, options: ScanOptions = none): Tensor {
  return scan(ops.cumprod, widening(ops.cumprod, x), axis, options)
}

/** Running maxima; NaN from the first NaN on. */
export function cummax(x: TensorLike, axis?: number, options: ScanOptions = none): Tensor {
  return scan(ops.cummax, numeric(x, 'cummax'), axis, options)
}

/** Running minima; NaN from the first NaN on. */
export function cummin(x: TensorLike, axis?: number, options: ScanOptions = none): Tensor {
  return scan(ops.cummin, numeric(x, 'cummin'), axis, options)
}
