// Writing at positions in other ways than by adding. Indices are brought into range first, and updates that they do not mean are made neutral.

import { dtypeInfo, isFloat } from '../../../../ir/dtype.js'
import type { ScatterMode, scatterOps } from '../../../../ir/ops/scatter.js'
import type { Shape } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { isNan } from './carrier.js'
import { gatherSlices, type Positions, refuseSplit, resolve } from './gather.js'
import { type GpuMode, outerAxisInner, type Scatter, scatterAlong, scatterSlices, takeAlong } from './indexing.js'

/** What an update that changes nothing is. */
const neutral = { mul: 1, div: 1, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY } as const
const gpuModes: Readonly<Record<keyof typeof neutral, GpuMode>> = { mul: 'Mul', div: 'Div', min: 'Min', max: 'Max' }

/** Positions that float32 counts exactly. */
const mostOrdered = 2 ** 24

/** Positions along axis 1 of [outer, n, inner], and the shape in which they go with updates [outer, count, inner]. */
interface Places extends Positions {
  readonly shape: Shape
  readonly along: boolean
}

const scatterOf = ({ along }: Places): Scatter => (along ? scatterAlong : scatterSlices)
const positionsOf = (g: Emitter, { at, along, shape }: Places): Value => (along ? g.reshape(at, shape) : at)

/** Floats, or small integers as floats, combined in float32. */
function combine(g: Emitter, base: Value, updates: Value, places: Places, mode: keyof typeof neutral): Value {
  const fill = g.scalar(neutral[mode], 'float32')
  const valid = g.reshape(places.valid, places.shape)
  const scatter = scatterOf(places)
  const at = positionsOf(g, places)
  const extreme = mode === 'min' || mode === 'max'
  if (!extreme || !isFloat(base.type.dtype)) {
    const masked = g.select(valid, g.cast(updates, 'float32'), fill)
    return g.cast(scatter(g, g.cast(base, 'float32'), masked, at, gpuModes[mode]), base.type.dtype)
  }
  // Nothing says what the extreme of a number and NaN is: NaN are left out and counted.
  const [own, theirs] = [g.cast(base, 'float32'), g.cast(updates, 'float32')]
  const [ownNan, theirNan] = [isNan(g, own), isNan(g, theirs)]
  const masked = g.select(g.binary('logicalAND', valid, g.unary('not', theirNan, 'bool')), theirs, fill)
  const found = scatter(g, g.select(ownNan, fill, own), masked, at, gpuModes[mode])
  const counted = g.cast(g.binary('logicalAND', valid, theirNan), 'float32')
  const nans = scatter(g, g.cast(ownNan, 'float32'), counted, at)
  const spoiled = g.compare('greaterThan', nans, g.scalar(0, 'float32'))
  return g.cast(g.select(spoiled, g.scalar(Number.NaN, 'float32'), found), base.type.dtype)
}

/**
 * Updates set in base, both [outer, n, inner]. Which of several values the GPU sets is open: the last update of each place is found first, as a maximum of their
 * numbers, and then read.
 */
export function setAt(g: Emitter, base: Value, updates: Value, places: Places): Value {
  const [outer, n, inner] = base.type.shape as [number, number, number]
  const count = updates.type.shape[1]!
  const numbers = g.call('coordinateAlongAxis:withShape:name:', [1, [1, count, 1]], typeOf('int32', [1, count, 1]))
  const none = g.scalar(-1, 'float32')
  const order = g.select(g.reshape(places.valid, places.shape), g.cast(numbers, 'float32'), none)
  const found = scatterOf(places)(
    g,
    g.splat(-1, typeOf('float32', places.along ? [outer, n, inner] : [1, n, 1])),
    g.broadcast(order, places.shape),
    positionsOf(g, places),
    'Max',
  )
  const written = g.compare('greaterThanOrEqualTo', found, g.scalar(0, 'float32'))
  const last = g.cast(g.select(written, found, g.scalar(0, 'float32')), 'int32')
  const read = places.along
    ? takeAlong(g, updates, last, 1)
    : gatherSlices(g, updates, { at: g.reshape(last, [n]), valid: g.reshape(written, [n]) })
  return g.select(written, read, base)
}

const lowering = (along: boolean): Lowering => ({
  emit: (g, [base, indices, updates], { attrs, type }) => {
    const shape = outerAxisInner(type.shape, attrs.axis)
    const view = outerAxisInner(updates!.type.shape, attrs.axis)
    const places: Places = { ...resolve(g, indices!, shape[1]), shape: along ? view : [1, view[1], 1], along }
    const [own, theirs] = [g.reshape(base!, shape), g.reshape(updates!, view)]
    const result = attrs.mode === 'set' ? setAt(g, own, theirs, places) : combine(g, own, theirs, places, attrs.mode)
    return g.reshape(result, type.shape)
  },
  refuse: ([base, , updates], { axis, mode }: { axis: number; mode: ScatterMode }) => {
    if (mode === 'set') return refuseSet(base!, updates!, updates!.shape[axis]!)
    const { dtype } = base!
    if (isFloat(dtype) || (dtypeInfo[dtype].bytes < 4 && (mode === 'min' || mode === 'max'))) return undefined
    return `of ${dtype} in mode '${mode}': the GPU combines integers through float32, which is inexact`
  },
})

/** Why `setAt` cannot set `count` updates along the axis. */
export function refuseSet(base: TensorType, updates: TensorType, count: number): string | undefined {
  if (count > mostOrdered) return `of ${count} updates along the axis: the GPU tells the order of at most ${mostOrdered}`
  return refuseSplit([base, updates], 2)
}

export const scatterLowerings: Table<typeof scatterOps> = { scatterSlices: lowering(false), scatterAlongAxis: lowering(true) }
