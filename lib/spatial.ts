// What functions over spatial dimensions share: one value for all of them or one each, and channels before or after them.

import { SinterError } from '../ir/error.js'
import { checkInteger, describeValue } from './check.js'
import { moveaxis } from './shape.js'
import type { Tensor } from './tensor.js'

/** One value for every spatial dimension, or one for each. */
export type PerDimension = number | readonly number[]

/** Where the channels of a batch of images stand: before the spatial dimensions ('NCHW', the default) or after them ('NHWC'). Of other ranks, likewise. */
export type Layout = 'NCHW' | 'NHWC'

/** The value of each of n spatial dimensions. */
export function perDimension(op: string, name: string, value: PerDimension, n: number, least: number): number[] {
  const list = typeof value === 'number' ? Array.from({ length: n }, () => value) : value
  if (!Array.isArray(list) || list.length !== n) {
    throw new SinterError('argument', `${name} is a number or ${n} of them, got ${describeValue(value)}`, { op })
  }
  for (const one of list) checkInteger(op, name, one, least)
  return [...list]
}

/** Requires channels, n spatial dimensions, and nothing or batches before them. */
export function checkSpatial(op: string, x: Tensor, n: number): void {
  if (x.ndim > n) return
  throw new SinterError('shape', `needs channels and ${n} spatial dimensions, and may have batches before them`, {
    op,
    operands: [x],
    hint: 'add a dimension with expandDims(x, 0)',
  })
}

function checkLayout(op: string, layout: unknown): asserts layout is Layout {
  if (layout === 'NCHW' || layout === 'NHWC') return
  throw new SinterError('argument', `layout is 'NCHW' or 'NHWC', got ${describeValue(layout)}`, { op })
}

/** Calls `fn` with the channels before the spatial dimensions, and puts them back in its results. */
export function channelsFirst<T extends readonly Tensor[]>(
  op: string,
  x: Tensor,
  n: number,
  layout: Layout | undefined,
  fn: (x: Tensor) => T,
): T {
  checkLayout(op, layout ?? 'NCHW')
  if (layout !== 'NHWC') return fn(x)
  return fn(moveaxis(x, -1, x.ndim - n - 1)).map((result) => moveaxis(result, result.ndim - n - 1, -1)) as unknown as T
}
