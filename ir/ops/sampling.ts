// Sampling images at positions that are data.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { SinterError } from '../error.js'
import { emptyValues } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type GradientContext, type Sample } from '../op.js'
import { typeOf } from '../type.js'
import { checkFloats, checkSameDType, floatDTypes } from './check.js'
import { arithmeticOf } from './values.js'

export const samplePaddings = ['zeros', 'border', 'reflection'] as const
export type SamplePadding = (typeof samplePaddings)[number]

export interface GridSampleAttrs {
  readonly mode: 'linear' | 'nearest'
  readonly padding: SamplePadding
  readonly alignCorners: boolean
}

/** The nearest whole number, halves to even. */
function roundEven(value: number): number {
  const up = Math.floor(value + 0.5)
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up
}

/** Where a coordinate in [-1, 1] lies among n elements, after padding. */
function positionOf(coordinate: number, n: number, { padding, alignCorners }: GridSampleAttrs): number {
  const position = alignCorners ? ((coordinate + 1) / 2) * (n - 1) : ((coordinate + 1) * n - 1) / 2
  if (padding === 'zeros') return position
  const clipped = (value: number): number => Math.min(Math.max(value, 0), n - 1)
  if (padding === 'border') return clipped(position)
  const [low, span] = alignCorners ? [0, n - 1] : [-0.5, n]
  if (span === 0) return 0
  const distance = Math.abs(position - low)
  const extra = distance % span
  return clipped(Math.floor(distance / span) % 2 === 0 ? extra + low : span - extra + low)
}

/** The elements around a position and their weights; those outside are left out. */
function tapsAt(position: number, n: number, mode: GridSampleAttrs['mode']): (readonly [number, number])[] {
  const low = Math.floor(position)
  const taps: (readonly [number, number])[] =
    mode === 'nearest'
      ? [[roundEven(position), 1]]
      : [
          [low, low + 1 - position],
          [low + 1, position - low],
        ]
  return taps.filter(([index]) => index >= 0 && index < n)
}

/** One axis of the grid: positions, and what they change by when the coordinate does. Nodes of [batch, 1, points]. */
function positions(b: Builder, coordinate: Node, n: number, { padding, alignCorners }: GridSampleAttrs): { at: Node; slope: Node } {
  const value = (x: number): Node => b.constant(x, coordinate)
  const factor = alignCorners ? (n - 1) / 2 : n / 2
  const plain = alignCorners
    ? b.mul(b.add(coordinate, value(1)), value(factor))
    : b.sub(b.mul(b.add(coordinate, value(1)), value(factor)), value(0.5))
  const full = b.fullLike(coordinate, factor)
  if (padding === 'zeros') return { at: plain, slope: full }
  const zero = value(0)
  const last = value(n - 1)
  const clip = (position: Node, slope: Node): { at: Node; slope: Node } => ({
    at: b.minimum(b.maximum(position, zero), last),
    slope: b.select(b.logicalAnd(b.greater(position, zero), b.less(position, last)), slope, b.fullLike(slope, 0)),
  })
  if (padding === 'border') return clip(plain, full)
  const [low, span] = alignCorners ? [0, n - 1] : [-0.5, n]
  if (span === 0) return { at: b.fullLike(coordinate, 0), slope: b.fullLike(coordinate, 0) }
  const offset = b.sub(plain, value(low))
  const distance = b.abs(offset)
  const turns = b.emit('floor', [b.div(distance, value(span))])
  const extra = b.sub(distance, b.mul(turns, value(span)))
  const half = b.mul(turns, value(0.5))
  const even = b.equal(b.emit('floor', [half]), half)
  const reflected = b.add(b.select(even, extra, b.sub(value(span), extra)), value(low))
  const direction = b.select(b.less(offset, zero), b.fullLike(offset, -factor), full)
  return clip(reflected, b.select(even, direction, b.neg(direction)))
}

interface Tap {
  /** Flat positions among height * width, that of no element where there is none. */
  readonly index: Node
  readonly weight: Node
  /** What the weight changes by along x and y, divided by the slopes. */
  readonly along: readonly [Node, Node]
}

function taps(b: Builder, [x, y]: readonly [Node, Node], height: number, width: number, mode: GridSampleAttrs['mode']): Tap[] {
  const value = (number: number): Node => b.constant(number, x)
  const at = (column: Node, row: Node, weight: Node, along: readonly [Node, Node]): Tap => {
    const inside = (place: Node, n: number): Node => b.logicalAnd(b.greaterEqual(place, value(0)), b.lessEqual(place, value(n - 1)))
    const integer = (place: Node): Node => b.cast(place, 'int32')
    const flat = b.add(b.mul(integer(row), b.constant(width, 'int32')), integer(column))
    const valid = b.logicalAnd(inside(column, width), inside(row, height))
    return { index: b.select(valid, flat, b.fullLike(flat, height * width)), weight, along }
  }
  const none = b.fullLike(x, 0)
  if (mode === 'nearest') return [at(b.emit('round', [x]), b.emit('round', [y]), b.fullLike(x, 1), [none, none])]
  const sides = (position: Node): (readonly [Node, Node, Node])[] => {
    const low = b.emit('floor', [position])
    const part = b.sub(position, low)
    return [
      [low, b.sub(value(1), part), b.fullLike(position, -1)],
      [b.add(low, value(1)), part, b.fullLike(position, 1)],
    ]
  }
  return sides(y).flatMap(([row, down, rise]) =>
    sides(x).map(([column, across, run]) => at(column, row, b.mul(across, down), [b.mul(run, down), b.mul(rise, across)])),
  )
}

function gradient({ b, inputs: [x, grid], grad, attrs, needs }: GradientContext): (Node | undefined)[] {
  const { dtype, shape } = x!.type
  const [batch, channels, height, width] = shape as [number, number, number, number]
  const points = grad.type.size / (batch * channels)
  if (!Number.isFinite(points)) return [b.fullLike(x!, 0), b.fullLike(grid!, 0)]
  // Halves are computed with in float32.
  const wide = (node: Node): Node => (dtype === 'float16' || dtype === 'bfloat16' ? b.cast(node, 'float32') : node)
  const pairs = b.reshape(wide(grid!), [batch, points, 2])
  const own = attrs as GridSampleAttrs
  const axis = (which: 0 | 1) => {
    const coordinate = b.reshape(b.slice(pairs, [0, 0, which], [batch, points, 1]), [batch, 1, points])
    return positions(b, coordinate, which === 0 ? width : height, own)
  }
  const [across, down] = [axis(0), axis(1)]
  const all = taps(b, [across.at, down.at], height, width, own.mode)
  const given = b.reshape(wide(grad), [batch, channels, points])
  const image = b.reshape(wide(x!), [batch, channels, height * width])
  const everywhere = (index: Node): Node => b.broadcast(index, [batch, channels, points])
  const result: (Node | undefined)[] = [undefined, undefined]
  if (needs[0]) {
    const sums = all.reduce(
      (sum, { index, weight }) => b.emit('scatterAddAlongAxis', [sum, everywhere(index), b.mul(given, weight)], { axis: 2 }),
      b.fullLike(image, 0),
    )
    result[0] = b.cast(b.reshape(sums, shape), dtype)
  }
  if (needs[1]) {
    const moved = all.map(({ index, along }) => {
      const values = b.emit('takeAlongAxis', [image, everywhere(index)], { axis: 2 })
      const change = b.sum(b.mul(given, values), [1], true)
      return along.map((part) => b.mul(change, part))
    })
    const parts = [across, down].map(({ slope }, which) => {
      const total = moved.map((own) => own[which]!).reduce((sum, part) => b.add(sum, part))
      return b.reshape(b.mul(total, slope), [batch, points, 1])
    })
    result[1] = b.cast(b.reshape(b.concat(parts, 2), grid!.type.shape), dtype)
  }
  return result
}

const sample = (x: string, grid: string, mode: GridSampleAttrs['mode'], padding: SamplePadding, alignCorners: boolean): Sample => ({
  inputs: [x, grid],
  attrs: { mode, padding, alignCorners },
  range: [
    [-2, 2],
    [-1.7, 1.7],
  ],
})

export const samplingOps = defineFamily('sampling', {
  gridSample: {
    doc:
      'The elements of images x, [batch, channels, height, width], at the positions that grid, [batch, rows, columns, 2], has: (x, y) from -1 to 1, which stand for the centers of the ' +
      "outermost elements (alignCorners) or their outer borders. 'linear' blends the four elements around a position, 'nearest' takes the nearest one (halves to even). Outside of x there are " +
      "zeros, or positions are moved to the border or reflected at it. (C1) x and grid have rank 4, as many batches, a last dimension of 2 in grid, elements in x's images, below 2^31 of them. " +
      '(C2) dtypes agree. MPSGraph: sampleGridWithSourceTensor:coordinateTensor:layout:...',
    operands: ['x', 'grid'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ mode: z.enum(['linear', 'nearest']), padding: z.enum(samplePaddings), alignCorners: z.boolean() }),
    traits: {},
    infer: (inputs) => {
      checkFloats('gridSample', inputs)
      checkSameDType('gridSample', inputs, 1)
      const [x, grid] = [inputs[0]!.type, inputs[1]!.type]
      const pixels = x.rank === 4 ? x.shape[2]! * x.shape[3]! : 0
      if (x.rank !== 4 || grid.rank !== 4 || x.shape[0] !== grid.shape[0] || grid.shape[3] !== 2 || pixels < 1 || pixels > 0x7fffffff) {
        throw new SinterError('shape', 'x is not [batch, channels, height, width], or grid not [batch, rows, columns, 2] (C1)', {
          op: 'gridSample',
          operands: inputs,
        })
      }
      return typeOf(x.dtype, [x.shape[0]!, x.shape[1]!, grid.shape[1]!, grid.shape[2]!])
    },
    gradient,
    evaluate: ([x, grid], attrs: GridSampleAttrs, [type]) => {
      const [, channels, height, width] = x!.type.shape as [number, number, number, number]
      const points = grid!.type.shape[1]! * grid!.type.shape[2]!
      const { round } = arithmeticOf(type!.dtype)
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < type!.size; i++) {
        const image = Math.floor(i / points)
        const point = Math.floor(image / channels) * points + (i % points)
        const columns = tapsAt(positionOf(Number(grid!.values[2 * point]), width, attrs), width, attrs.mode)
        const rows = tapsAt(positionOf(Number(grid!.values[2 * point + 1]), height, attrs), height, attrs.mode)
        let sum = 0
        for (const [row, down] of rows)
          for (const [column, across] of columns) sum += down * across * Number(x!.values[(image * height + row) * width + column])
        values[i] = round(sum)
      }
      return [{ type: type!, values }]
    },
    samples: [
      sample('$[2,3,4,5]', '$[2,3,2,2]', 'linear', 'zeros', false),
      sample('$[1,2,3,4]', '$[1,2,5,2]', 'linear', 'zeros', true),
      sample('$[1,2,3,4]', '$[1,2,5,2]', 'linear', 'border', false),
      sample('$[2,1,5,3]', '$[2,4,1,2]', 'linear', 'border', true),
      sample('$[1,2,3,4]', '$[1,3,3,2]', 'linear', 'reflection', false),
      sample('$[1,1,4,4]', '$[1,2,6,2]', 'linear', 'reflection', true),
      sample('$[2,2,4,5]', '$[2,3,3,2]', 'nearest', 'zeros', false),
      sample('$[1,2,4,5]', '$[1,3,3,2]', 'nearest', 'border', true),
      sample('$[1,2,4,5]', '$[1,3,3,2]', 'nearest', 'reflection', false),
      sample('$[2,0,2,2]', '$[2,1,2,2]', 'linear', 'zeros', false),
      sample('$[1,1,2,2]', '$[1,0,2,2]', 'linear', 'zeros', false),
    ],
    flops: 8,
  },
})
