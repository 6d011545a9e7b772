// Gathers and scatters as MPSGraph does them exactly: of floats, with indices that are known to be in range.

import { type DType, dtypeInfo, isFloat } from '../../../../ir/dtype.js'
import type { Shape } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import { maxElements } from '../dtypes.js'
import type { Emitter } from '../emitter.js'
import { toBool } from './carrier.js'

/** Positions in range, int32, and whether the index at each place meant one. */
export interface Positions {
  readonly at: Value
  readonly valid: Value
}

/** What indices mean along an axis of n elements: negative ones count from the end. Decided in the indices' own dtype, so that none wraps into range. */
export function resolve(g: Emitter, indices: Value, n: number): Positions {
  const { dtype } = indices.type
  const zero = g.scalar(0, dtype)
  const size = g.scalar(n, dtype)
  const counted = g.select(g.less(indices, zero), g.add(indices, size), indices)
  const valid = g.binary('logicalAND', g.compare('greaterThanOrEqualTo', counted, zero), g.less(counted, size))
  return { at: g.cast(g.select(valid, counted, zero), 'int32'), valid }
}

/** Floats that stand for elements in a gather: themselves, their values where float32 holds them, or values of their 16-bit parts, side by side. */
export interface Parts {
  readonly floats: Value
  /** How many stand for one element. */
  readonly count: number
}

const isSplit = (dtype: DType): boolean => !isFloat(dtype) && dtypeInfo[dtype].bytes >= 4

/** Why elements of the types are too many once they are split, as the end of a sentence. */
export function refuseSplit(types: readonly TensorType[], bytesPerPart: number): string | undefined {
  const large = types.find(({ dtype, size }) => !isFloat(dtype) && (size * dtypeInfo[dtype].bytes) / bytesPerPart > maxElements)
  return (
    large && `splits ${large} into parts of ${bytesPerPart} bytes, which are more than the ${maxElements} elements of a tensor on the GPU`
  )
}

/** 32- and 64-bit integers make the last dimension longer. */
export function toParts(g: Emitter, x: Value): Parts {
  const { dtype } = x.type
  if (isFloat(dtype)) return { floats: x, count: 1 }
  if (!isSplit(dtype)) return { floats: g.cast(x, 'float32'), count: 1 }
  return { floats: g.cast(g.reinterpret(x, 'uint16'), 'float32'), count: dtypeInfo[dtype].bytes / 2 }
}

export function fromParts(g: Emitter, floats: Value, dtype: DType): Value {
  if (isFloat(dtype)) return floats
  if (dtype === 'bool') return toBool(g, floats)
  return isSplit(dtype) ? g.reinterpret(g.cast(floats, 'uint16'), dtype) : g.cast(floats, dtype)
}

/** 0 where the index was out of range; `valid` broadcasts to x. */
export const zeroUnless = (g: Emitter, valid: Value, x: Value): Value => g.select(valid, x, g.scalar(0, x.type.dtype))

/** Slices of [outer, n, inner] at the positions [count] of its axis 1. */
export function gatherSlices(g: Emitter, x: Value, { at, valid }: Positions): Value {
  const [outer, , inner] = x.type.shape as [number, number, number]
  const { floats, count: parts } = toParts(g, x)
  const count = at.type.size
  const type = typeOf(floats.type.dtype, [outer, count, inner * parts])
  const found = g.call('gatherWithUpdatesTensor:indicesTensor:axis:batchDimensions:name:', [floats, at, 1, 0], type)
  return fromParts(g, zeroUnless(g, g.reshape(valid, [1, count, 1]), found), x.type.dtype)
}

/** gatherAlongAxis on floats; shapes agree but along the axis. */
export function gatherAlong(g: Emitter, x: Value, at: Value, axis: number): Value {
  return g.call('gatherAlongAxis:withUpdatesTensor:indicesTensor:name:', [axis, x, at], typeOf(x.type.dtype, at.type.shape))
}

/** int32 values below 2^24 of [rows, n] at positions along the last axis, all of them in range. */
export function gatherLast(g: Emitter, x: Value, at: Value): Value {
  return g.cast(gatherAlong(g, g.cast(x, 'float32'), at, 1), 'int32')
}

/** Where in a row-major tensor [outer, n, inner] the elements at positions [outer, count, inner] of axis 1 lie. */
export function flatPositions(g: Emitter, at: Value, n: number): Value {
  const [outer, , inner] = at.type.shape as [number, number, number]
  const counter = (d: number, shape: Shape): Value => g.call('coordinateAlongAxis:withShape:name:', [d, shape], typeOf('int32', shape))
  let flat = g.mul(at, g.scalar(inner, 'int32'))
  if (outer > 1) flat = g.add(flat, g.mul(counter(0, [outer, 1, 1]), g.scalar(n * inner, 'int32')))
  return inner > 1 ? g.add(flat, counter(2, [1, 1, inner])) : flat
}
