// Reading and adding at positions. Indices are brought into range first, and what they did not mean is masked: nothing depends on what MPSGraph does out of range.

import { dtypeInfo, isBig, isFloat } from '../../../../ir/dtype.js'
import type { indexingOps } from '../../../../ir/ops/indexing.js'
import { aroundAxis, type Shape } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { CallArgument, Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { around } from './axes.js'
import { accumulatorOf, fromAccumulator, toAccumulator } from './carrier.js'
import { flatPositions, fromParts, gatherAlong, gatherSlices, refuseSplit, resolve, toParts, zeroUnless } from './gather.js'

export const outerAxisInner = (shape: Shape, axis: number): [number, number, number] => {
  const { outer, axis: n, inner } = aroundAxis(shape, axis)
  return [outer, n, inner]
}

/** Whether one dimension only of several is not 1. */
const squeezes = (shape: Shape): boolean => shape.length > 1 && shape.filter((size) => size !== 1).length <= 1

/** gatherAlongAxis for small elements, a gather from a flat tensor for elements that are gathered in parts. */
export function takeAlong(g: Emitter, x: Value, indices: Value, axis: number): Value {
  const [outer, n, inner] = outerAxisInner(x.type.shape, axis)
  const { at, valid } = resolve(g, indices, n)
  const view = around(x.type.shape, axis)
  const places = around(indices.type.shape, axis)
  const whole = isFloat(x.type.dtype) || dtypeInfo[x.type.dtype].bytes < 4
  const wrong = [view.shape, places.shape].some(squeezes) && applies('gather-along-squeezed', g.target)
  if (!whole || wrong) {
    const places3 = g.reshape(at, [outer, indices.type.size / (outer * inner), inner])
    const flat = g.reshape(flatPositions(g, places3, n), [indices.type.size])
    const found = gatherSlices(g, g.reshape(x, [1, x.type.size, 1]), { at: flat, valid: g.reshape(valid, [indices.type.size]) })
    return g.reshape(found, indices.type.shape)
  }
  const { floats } = toParts(g, g.reshape(x, view.shape))
  const found = gatherAlong(g, floats, g.reshape(at, places.shape), view.axis)
  return g.reshape(fromParts(g, zeroUnless(g, g.reshape(valid, places.shape), found), x.type.dtype), indices.type.shape)
}

/** The cases of MPSGraphScatterMode that are used: float32 is exact or rounds as it should in them. */
export type GpuMode = 'Add' | 'Mul' | 'Div' | 'Min' | 'Max'

/** What is combined where: float32, on [outer, n, ...], at positions along axis 1. */
export type Scatter = (g: Emitter, base: Value | Shape, updates: Value, at: Value, mode?: GpuMode) => Value

/** Updates as slices, positions of rank 1. */
export const scatterSlices: Scatter = (g, base, updates, at, mode = 'Add') => scatter(g, base, 'scatterWith', [], [updates, at], [1], mode)

/** A position for each update. */
export const scatterAlong: Scatter = (g, base, updates, at, mode = 'Add') =>
  scatter(g, base, 'scatterAlongAxis:with', [1], [updates, at], [], mode)

function scatter(
  g: Emitter,
  base: Value | Shape,
  method: string,
  before: readonly CallArgument[],
  [updates, at]: readonly [Value, Value],
  axis: readonly CallArgument[],
  mode: GpuMode,
): Value {
  const how = { enumeration: 'MPSGraphScatterMode', case: `MPSGraphScatterMode${mode}` }
  const rest = axis.length > 0 ? 'axis:mode:name:' : 'mode:name:'
  if ('type' in base) {
    const selector = `${method}DataTensor:updatesTensor:indicesTensor:${rest}`
    return g.call(selector, [...before, base, updates, at, ...axis, how], base.type)
  }
  // Without a tensor to add to, MPSGraph adds to zeros.
  const selector = `${method}UpdatesTensor:indicesTensor:shape:${rest}`
  return g.call(selector, [...before, updates, at, base, ...axis, how], typeOf('float32', base))
}

/** Bytes of so many updates add up exactly in float32. */
const mostAdded = Math.floor(2 ** 24 / 255)

/**
 * Integers, a byte at a time: float32 adds bytes exactly. `x` is [outer, k, inner]; the result, in the accumulator's dtype, is what is to be added to the base
 * [outer, n, inner], modulo the size of the dtype.
 */
function scatterBytes(g: Emitter, shape: Shape, updates: Value, at: Value, scatterInto: Scatter): Value {
  const { dtype } = updates.type
  const { bytes } = dtypeInfo[dtype]
  const accumulator = accumulatorOf(dtype)
  const [outer, n, inner] = shape as [number, number, number]
  const count = updates.type.shape[1]!
  const limbs = g.reshape(g.reinterpret(g.reshape(updates, [outer, count, inner, 1]), 'uint8'), [outer, count, inner, bytes])
  const places = at.type.rank === 1 ? at : g.broadcast(g.reshape(at, [outer, count, inner, 1]), limbs.type.shape)
  const sums = g.cast(scatterInto(g, [outer, n, inner, bytes], g.cast(limbs, 'float32'), places), accumulator)
  if (bytes === 1) return g.reshape(sums, shape)
  const type = typeOf(accumulator, [bytes])
  const weights = Array.from({ length: bytes }, (_, i) => 2n ** BigInt(8 * i))
  const values = isBig(dtype) ? BigInt64Array.from(weights) : Float64Array.from(weights, (weight) => Number(BigInt.asIntN(32, weight)))
  const weighted = g.mul(sums, g.constant({ type, values }))
  const summed = g.call('reductionSumWithTensor:axes:name:', [weighted, [3]], typeOf(accumulator, [outer, n, inner, 1]))
  return g.reshape(summed, shape)
}

function addAt(scatterInto: Scatter, maskShape: (indices: TensorType, view: Shape) => Shape): Lowering {
  return {
    emit: (g, [base, indices, updates], { attrs: { axis }, type }) => {
      const shape = outerAxisInner(type.shape, axis)
      const view = outerAxisInner(updates!.type.shape, axis)
      const { at, valid } = resolve(g, indices!, shape[1])
      const places = maskShape(indices!.type, view)
      // Updates that no index means are zeros added to the first element.
      const masked = zeroUnless(g, g.reshape(valid, places), g.reshape(updates!, view))
      const positions = scatterInto === scatterSlices ? at : g.reshape(at, places)
      const own = g.reshape(base!, shape)
      if (isFloat(type.dtype)) {
        const added = scatterInto(g, g.cast(own, 'float32'), g.cast(masked, 'float32'), positions)
        return g.reshape(g.cast(added, type.dtype), type.shape)
      }
      const sums = scatterBytes(g, shape, masked, positions, scatterInto)
      return g.reshape(fromAccumulator(g, g.add(toAccumulator(g, own), sums), type.dtype), type.shape)
    },
    refuse: ([base, indices, updates], { axis }: { axis: number }) => {
      const count = indices!.rank === 1 ? indices!.size : indices!.shape[axis]!
      if (isFloat(base!.dtype)) return undefined
      if (count <= mostAdded) return refuseSplit([base!, updates!], 1)
      return `of ${count} updates of ${base!.dtype} along the axis: the GPU adds through float32, which is exact for up to ${mostAdded}`
    },
  }
}

export const indexingLowerings: Table<typeof indexingOps> = {
  take: {
    emit: (g, [x, indices], { attrs, type, inputs }) => {
      const shape = outerAxisInner(inputs[0]!.shape, attrs.axis)
      const positions = resolve(g, g.reshape(indices!, [indices!.type.size]), shape[1])
      return g.reshape(gatherSlices(g, g.reshape(x!, shape), positions), type.shape)
    },
    refuse: ([x], _, types) => refuseSplit([x!, ...types], 2),
  },
  takeAlongAxis: {
    emit: (g, [x, indices], { attrs }) => takeAlong(g, x!, indices!, attrs.axis),
    refuse: ([x], _, types) => refuseSplit([x!, ...types], 2),
  },
  indexAdd: addAt(scatterSlices, (indices) => [1, indices.size, 1]),
  scatterAddAlongAxis: addAt(scatterAlong, (_, view) => view),
}
