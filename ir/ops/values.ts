// What the reference implementations of non-elementwise ops share: arithmetic of one dtype, and row-major walks over strided positions.

import { type DType, dtypeInfo, isBig, isFloat } from '../dtype.js'
import { emptyValues, type HostTensor, type HostValues, roundTo } from '../host.js'
import type { Shape } from '../shape.js'
import type { TensorType } from '../type.js'

/** An element: a bigint for int64 and uint64, else a number. */
export type Value = number | bigint

export type Combine = (a: Value, b: Value) => Value

/**
 * Arithmetic for accumulating in one dtype. Integers wrap at every step. Floats stay in double and are rounded once, by `round`,
 * when they are stored.
 */
export interface Arithmetic {
  readonly zero: Value
  readonly one: Value
  /** What max starts from: -Infinity or the smallest integer. */
  readonly lowest: Value
  /** What min starts from. */
  readonly highest: Value
  readonly add: Combine
  readonly mul: Combine
  readonly round: (value: Value) => Value
}

export function arithmeticOf(dtype: DType): Arithmetic {
  const info = dtypeInfo[dtype]
  if (isBig(dtype)) {
    const wrap = (value: bigint) => (dtype === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))
    return {
      zero: 0n,
      one: 1n,
      lowest: info.min,
      highest: info.max,
      add: (a, b) => wrap((a as bigint) + (b as bigint)),
      mul: (a, b) => wrap((a as bigint) * (b as bigint)),
      round: (value) => value,
    }
  }
  if (isFloat(dtype)) {
    return {
      zero: 0,
      one: 1,
      lowest: Number.NEGATIVE_INFINITY,
      highest: Number.POSITIVE_INFINITY,
      add: (a, b) => (a as number) + (b as number),
      mul: (a, b) => (a as number) * (b as number),
      round: (value) => roundTo(dtype, value as number),
    }
  }
  return {
    zero: 0,
    one: 1,
    lowest: info.min,
    highest: info.max,
    add: (a, b) => roundTo(dtype, (a as number) + (b as number)),
    mul: (a, b) => roundTo(dtype, Math.imul(a as number, b as number)),
    round: (value) => value,
  }
}

export const isNanValue = (value: Value): boolean => Number.isNaN(value)

/** The larger; NaN when either is NaN. Of the two zeros, +0. */
export const maxValue: Combine = (a, b) => {
  if (typeof a === 'number') return Math.max(a, b as number)
  if (b > a) return b
  return a
}
/** The smaller; NaN when either is NaN. Of the two zeros, -0. */
export const minValue: Combine = (a, b) => {
  if (typeof a === 'number') return Math.min(a, b as number)
  if (b < a) return b
  return a
}

/**
 * Visits the elements of `shape` in row-major order: `visit(i, at)` with the element's number and its position under `strides`
 * (one per dimension, any sign) from `offset`.
 */
export function walkStrided(shape: Shape, strides: readonly number[], offset: number, visit: (i: number, at: number) => void): void {
  const rank = shape.length
  const counter = new Array<number>(rank).fill(0)
  if (shape.includes(0)) return
  let at = offset
  for (let i = 0; ; i++) {
    visit(i, at)
    let d = rank - 1
    while (d >= 0 && counter[d] === shape[d]! - 1) {
      at -= counter[d]! * strides[d]!
      counter[d--] = 0
    }
    if (d < 0) return
    counter[d]!++
    at += strides[d]!
  }
}

/** The elements of `x` at strided positions, as a tensor of `type`. */
export function gatherStrided(x: HostTensor, type: TensorType, strides: readonly number[], offset = 0): HostTensor {
  const values = emptyValues(type.dtype, type.size)
  walkStrided(type.shape, strides, offset, (i, at) => {
    values[i] = x.values[at]!
  })
  return { type, values }
}

/** Values of `type`, all equal to `value`. */
export function filledValues(type: TensorType, value: Value): HostValues {
  const values = emptyValues(type.dtype, type.size)
  for (let i = 0; i < values.length; i++) values[i] = value
  return values
}
