// Dimensions merged around the axes that an op works along: MPSGraph takes some ops only on the last four dimensions, and is slow where they are not the last.

import { aroundAxis, type Shape, sizeOf } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'

/** The most dimensions on which every op takes any axis. */
export const safeRank = 4

/** x as [what is kept, what is reduced]; the kept dimensions stay in their order. */
export function rowsOf(g: Emitter, x: Value, axes: readonly number[]): Value {
  const { shape } = x.type
  const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d))
  const moved = g.permute(x, withUnitsInPlace(shape, [...kept, ...axes]))
  return g.reshape(moved, [sizeOf(kept.map((d) => shape[d]!)), sizeOf(axes.map((d) => shape[d]!))])
}

/** The permutation, or the identity when only dimensions of size 1 would move. */
function withUnitsInPlace(shape: Shape, permutation: readonly number[]): readonly number[] {
  const moving = permutation.filter((d) => shape[d] !== 1)
  return moving.every((d, i) => i === 0 || moving[i - 1]! < d) ? shape.map((_, d) => d) : permutation
}

/** Sizes before, along and after an axis without sizes of 1 before and after, and the place of the axis in them. */
export function around(shape: Shape, axis: number): { shape: number[]; axis: number } {
  const { outer, axis: along, inner } = aroundAxis(shape, axis)
  return { shape: [...(outer > 1 ? [outer] : []), along, ...(inner > 1 ? [inner] : [])], axis: outer > 1 ? 1 : 0 }
}

/** `<method>WithTensor:axes:`, which leaves the axes as dimensions of size 1, on any rank. */
export function reduceAxes(g: Emitter, method: string, x: Value, axes: readonly number[]): Value {
  if (x.type.rank > safeRank) return reduceLast(g, method, rowsOf(g, x, axes))
  const shape = x.type.shape.map((size, d) => (axes.includes(d) ? 1 : size))
  return g.call(`${method}WithTensor:axes:name:`, [x, axes], typeOf(x.type.dtype, shape))
}

/** The same over the last dimension. */
export function reduceLast(g: Emitter, method: string, x: Value): Value {
  return reduceAxes(g, method, x, [x.type.rank - 1])
}

/** The elements along an axis combined in pairs, log2(n) times: for operations that have no reduction of their own. Leaves the axis with size 1. */
export function foldHalves(g: Emitter, x: Value, axis: number, combine: (a: Value, b: Value) => Value): Value {
  let left = x
  const part = (start: number, size: number): Value =>
    g.slice(
      left,
      left.type.shape.map((_, d) => (d === axis ? start : 0)),
      left.type.shape.map((all, d) => (d === axis ? size : all)),
    )
  for (let n = left.type.shape[axis]!; n > 1; n = left.type.shape[axis]!) {
    const half = Math.floor(n / 2)
    const pairs = combine(part(0, half), part(half, half))
    left = n % 2 === 0 ? pairs : g.concat([pairs, part(n - 1, 1)], axis)
  }
  return left
}
