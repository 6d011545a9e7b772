// Where elements of a resized dimension come from: the tables that resizing's records and lowerings share.

/** Elements of the longest dimension that is resized. */
export const longestResized = 2 ** 24

export const resizeModes = ['nearest', 'linear', 'cubic', 'area'] as const
export type ResizeMode = (typeof resizeModes)[number]

export const nearestRoundings = ['preferCeil', 'preferFloor', 'ceil', 'floor', 'even', 'odd'] as const
/** How a position becomes an index: to the nearest with halves up, down, to even or to odd ones, or always up or down. */
export type NearestRounding = (typeof nearestRoundings)[number]

/** Attributes of resizing; every list has one member per spatial dimension. */
export interface ResizeAttrs {
  /** Elements of the result. */
  readonly size: readonly number[]
  /** Element i of the result stands at start + step * i in x. Not used by 'area'. */
  readonly steps: readonly number[]
  readonly starts: readonly number[]
  readonly mode: ResizeMode
  /** Of 'nearest'. */
  readonly rounding: NearestRounding
}

/** A sparse linear map along a dimension: element i of the result is the sum of weights[k] * x[indices[k]] for k from offsets[i] to offsets[i + 1] - 1. */
export interface AxisMap {
  readonly size: number
  readonly out: number
  readonly offsets: readonly number[]
  readonly indices: readonly number[]
  readonly weights: readonly number[]
}

type Taps = readonly (readonly [index: number, weight: number])[]

const clamp = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1)

/** Whole and half positions that rounding has moved a little are those again, so that it never decides between neighbours. */
function settled(position: number): number {
  const half = Math.round(position * 2) / 2
  return Math.abs(position - half) <= 1e-9 * (1 + Math.abs(position)) ? half : position
}

function roundedTo(position: number, rounding: NearestRounding): number {
  if (rounding === 'ceil') return Math.ceil(position)
  if (rounding === 'floor') return Math.floor(position)
  const up = Math.floor(position + 0.5)
  const down = Math.ceil(position - 0.5)
  if (up === down || rounding === 'preferCeil') return up
  if (rounding === 'preferFloor') return down
  return (up % 2 === 0) === (rounding === 'even') ? up : down
}

/** Keys' cubic convolution with a = -3/4, at distances of the four elements around a position. */
function cubicWeights(t: number): readonly number[] {
  const a = -0.75
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  return [far(t + 1), near(t), near(1 - t), far(2 - t)]
}

function tapsAt(attrs: ResizeAttrs, d: number, size: number, i: number): Taps {
  if (attrs.mode === 'area') {
    const out = attrs.size[d]!
    const [start, end] = [Math.floor((i * size) / out), Math.ceil(((i + 1) * size) / out)]
    return Array.from({ length: end - start }, (_, k) => [start + k, 1 / (end - start)] as const)
  }
  const position = settled(attrs.starts[d]! + attrs.steps[d]! * i)
  if (attrs.mode === 'nearest') return [[clamp(roundedTo(position, attrs.rounding), size), 1]]
  if (attrs.mode === 'linear') {
    const inside = clamp(position, size)
    const low = Math.floor(inside)
    return [
      [low, 1 - (inside - low)],
      [clamp(low + 1, size), inside - low],
    ]
  }
  const low = Math.floor(position)
  return cubicWeights(position - low).map((weight, k) => [clamp(low - 1 + k, size), weight] as const)
}

function mapOf(size: number, rows: readonly Taps[]): AxisMap {
  const offsets = [0]
  for (const taps of rows) offsets.push(offsets.at(-1)! + taps.length)
  const all = rows.flat()
  return { size, out: rows.length, offsets, indices: all.map(([index]) => index), weights: all.map(([, weight]) => weight) }
}

/** The maps from dimensions of `from` elements. */
export const resizeMaps = (attrs: ResizeAttrs, from: readonly number[]): AxisMap[] =>
  from.map((size, d) =>
    mapOf(
      size,
      Array.from({ length: attrs.size[d]! }, (_, i) => tapsAt(attrs, d, size, i)),
    ),
  )

export function transposed(map: AxisMap): AxisMap {
  const rows: [number, number][][] = Array.from({ length: map.size }, () => [])
  for (let i = 0; i < map.out; i++) {
    for (let k = map.offsets[i]!; k < map.offsets[i + 1]!; k++) rows[map.indices[k]!]!.push([i, map.weights[k]!])
  }
  return mapOf(map.out, rows)
}

/** The elements of each place of the result, as many for all: tap k of place i is [k][i]. Places with fewer have weights of 0 at elements they have anyway. */
export function uniformTaps(map: AxisMap): { indices: number[][]; weights: number[][] } {
  const counts = Array.from({ length: map.out }, (_, i) => map.offsets[i + 1]! - map.offsets[i]!)
  const most = Math.max(1, ...counts)
  const at = (i: number, k: number): number => (k < counts[i]! ? map.offsets[i]! + k : -1)
  const places = Array.from({ length: map.out }, (_, i) => i)
  return {
    indices: Array.from({ length: most }, (_, k) =>
      places.map((i) => (counts[i] === 0 ? 0 : map.indices[map.offsets[i]! + Math.min(k, counts[i]! - 1)]!)),
    ),
    weights: Array.from({ length: most }, (_, k) => places.map((i) => (at(i, k) < 0 ? 0 : map.weights[at(i, k)]!))),
  }
}
