// Resizing. MPSGraph's methods where they are sure to mean the same, gathers with positions and weights that were worked out here where they are not: how the framework rounds
// a position that is not exact in float32 is not documented, and it may decide which neighbour is the nearest.

import { type AxisMap, type NearestRounding, type ResizeAttrs, resizeMaps, transposed, uniformTaps } from '../../../../ir/ops/resampling.js'
import type { ResizeGradientAttrs, resizeOps } from '../../../../ir/ops/resize.js'
import { aroundAxis, type Shape, sizeOf } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { CallArgument, EnumCase, Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'

/** How MPSGraph says where elements come from. */
interface Flags {
  readonly centerResult: 0 | 1
  readonly alignCorners: 0 | 1
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * (1 + Math.abs(b))

/** The flags that mean these positions along every dimension; undefined when none do. */
function flagsOf({ size, steps, starts }: ResizeAttrs, from: readonly number[]): Flags | undefined {
  const all = (fits: (step: number, start: number, n: number, out: number) => boolean): boolean =>
    size.every((out, d) => fits(steps[d]!, starts[d]!, from[d]!, out))
  if (all((step, start, n, out) => near(step, n / out) && near(start, 0))) return { centerResult: 0, alignCorners: 0 }
  if (all((step, start, n, out) => near(step, n / out) && near(start, (n / out - 1) / 2))) return { centerResult: 1, alignCorners: 0 }
  if (all((step, start, n, out) => out > 1 && near(step, (n - 1) / (out - 1)) && near(start, 0)))
    return { centerResult: 0, alignCorners: 1 }
  return undefined
}

const isDyadic = (value: number): boolean => Number.isInteger(value * 1024)

/** Whether float32 holds every position, and the factors between sizes and their inverses, whichever way they are used. */
const isExact = ({ steps, starts }: ResizeAttrs, from: readonly number[]): boolean =>
  [...steps, ...starts].every(isDyadic) && steps.every((step) => step > 0 && isDyadic(1 / step)) && from.every((n) => n <= 4096)

const roundings: Readonly<Record<NearestRounding, string>> = {
  preferCeil: 'RoundPreferCeil',
  preferFloor: 'RoundPreferFloor',
  ceil: 'Ceil',
  floor: 'Floor',
  even: 'RoundToEven',
  odd: 'RoundToOdd',
}

const bilinear: EnumCase = { enumeration: 'MPSGraphResizeMode', case: 'MPSGraphResizeBilinear' }
const nchw: EnumCase = { enumeration: 'MPSGraphTensorNamedDataLayout', case: 'MPSGraphTensorNamedDataLayoutNCHW' }
const rounded = (rounding: NearestRounding): EnumCase => ({
  enumeration: 'MPSGraphResizeNearestRoundingMode',
  case: `MPSGraphResizeNearestRoundingMode${roundings[rounding]}`,
})

/** [batches, channels, height, width] of a shape whose last one or two dimensions are spatial. */
function imageShape(shape: Shape, n: number): number[] {
  const lead = shape.slice(0, shape.length - n)
  return [sizeOf(lead.slice(0, -1)), lead.at(-1) ?? 1, ...(n === 1 ? [1] : []), ...shape.slice(shape.length - n)]
}

/** The attributes of at most two dimensions as those of two. */
const asImage = (attrs: ResizeAttrs): ResizeAttrs =>
  attrs.size.length > 1 ? attrs : { ...attrs, size: [1, ...attrs.size], steps: [1, ...attrs.steps], starts: [0, ...attrs.starts] }

/** The method's flags; undefined where gathers are used. A dimension that keeps its size fits all flags. */
function methodFlags(attrs: ResizeAttrs, from: readonly number[]): Flags | undefined {
  if (from.length > 2 || !(attrs.mode === 'linear' || (attrs.mode === 'nearest' && isExact(attrs, from)))) return undefined
  const kept = (d: number): boolean => attrs.size[d] === from[d] && attrs.steps[d] === 1 && attrs.starts[d] === 0
  const changed = from.flatMap((_, d) => (kept(d) ? [] : [d]))
  const only = (list: readonly number[]): number[] => changed.map((d) => list[d]!)
  return flagsOf({ ...attrs, size: only(attrs.size), steps: only(attrs.steps), starts: only(attrs.starts) }, only(from))
}

/** x, [..., n, ...], mapped along an axis, by a gather for each of the elements that are summed. */
function mapAxis(g: Emitter, x: Value, axis: number, map: AxisMap): Value {
  const { outer, inner } = aroundAxis(x.type.shape, axis)
  const lines = g.reshape(x, [outer, map.size, inner])
  const type = typeOf('float32', [outer, map.out, inner])
  const { indices, weights } = uniformTaps(map)
  const parts = indices.map((own, k) => {
    const at = g.constant({ type: typeOf('int32', [map.out]), values: Float64Array.from(own) })
    const found = g.call('gatherWithUpdatesTensor:indicesTensor:axis:batchDimensions:name:', [lines, at, 1, 0], type)
    if (weights[k]!.every((weight) => weight === 1)) return found
    return g.mul(found, g.constant({ type: typeOf('float32', [1, map.out, 1]), values: Float64Array.from(weights[k]!) }))
  })
  const shape = x.type.shape.map((size, d) => (d === axis ? map.out : size))
  return g.reshape(
    parts.reduce((sum, part) => g.add(sum, part)),
    shape,
  )
}

function mapAxes(g: Emitter, x: Value, maps: readonly AxisMap[]): Value {
  const first = x.type.rank - maps.length
  return maps.reduce((y, map, d) => mapAxis(g, y, first + d, map), x)
}

function resize(g: Emitter, x: Value, attrs: ResizeAttrs, type: TensorType): Value {
  const n = attrs.size.length
  const from = x.type.shape.slice(-n)
  const source = g.cast(x, 'float32')
  const flags = methodFlags(attrs, from)
  if (flags === undefined) return g.cast(mapAxes(g, source, resizeMaps(attrs, from)), type.dtype)
  const { size } = asImage(attrs)
  const image = g.reshape(source, imageShape(x.type.shape, n))
  const result = typeOf('float32', imageShape(type.shape, n))
  const { centerResult, alignCorners } = flags
  if (attrs.mode === 'linear') {
    const args: CallArgument[] = [image, size, bilinear, centerResult, alignCorners, nchw]
    return g.reshape(g.cast(g.call('resizeTensor:size:mode:centerResult:alignCorners:layout:name:', args, result), type.dtype), type.shape)
  }
  const sizes = g.constant({ type: typeOf('int32', [2]), values: Float64Array.from(size) })
  const selector = 'resizeNearestWithTensor:sizeTensor:nearestRoundingMode:centerResult:alignCorners:layout:name:'
  const resized = g.call(selector, [image, sizes, rounded(attrs.rounding), centerResult, alignCorners, nchw], result)
  return g.reshape(g.cast(resized, type.dtype), type.shape)
}

function resizeGradient(g: Emitter, grad: Value, attrs: ResizeGradientAttrs, type: TensorType): Value {
  const n = attrs.size.length
  const source = g.cast(grad, 'float32')
  const flags = methodFlags(attrs, attrs.from)
  if (flags === undefined) return g.cast(mapAxes(g, source, resizeMaps(attrs, attrs.from).map(transposed)), type.dtype)
  const image = g.reshape(source, imageShape(grad.type.shape, n))
  // Its values do not matter, its shape does.
  const like = g.splat(0, typeOf('float32', imageShape(type.shape, n)))
  const { centerResult, alignCorners } = flags
  const linear = attrs.mode === 'linear'
  const selector = linear
    ? 'resizeWithGradientTensor:input:mode:centerResult:alignCorners:layout:name:'
    : 'resizeNearestWithGradientTensor:input:nearestRoundingMode:centerResult:alignCorners:layout:name:'
  const how = linear ? bilinear : rounded(attrs.rounding)
  return g.reshape(g.cast(g.call(selector, [image, like, how, centerResult, alignCorners, nchw], like.type), type.dtype), type.shape)
}

export const resizeLowerings: Table<typeof resizeOps> = {
  resize: { emit: (g, [x], { attrs, type }) => resize(g, x!, attrs, type) },
  resizeGradient: { emit: (g, [grad], { attrs, type }) => resizeGradient(g, grad!, attrs, type) },
}
