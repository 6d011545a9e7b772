// Windows of data as columns (im2col), and columns added up where they came from (col2im). Each is the other's gradient.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { roundTo } from '../host.js'
import type { Node } from '../node.js'
import { type DecomposeContext, defineFamily, type HasType, type Sample } from '../op.js'
import { type Shape, sizeOf } from '../shape.js'
import { typeOf } from '../type.js'
import { floatDTypes } from './check.js'
import { windowSchema } from './convolution.js'
import {
  type ConvolutionShapes,
  checkWindow,
  forEachProduct,
  sums,
  type WindowAttrs,
  windowCounts,
  windowDoc,
} from './convolution-geometry.js'
import { checkDType } from './kit.js'
import { shapeSchema } from './schema.js'

interface UnfoldAttrs extends WindowAttrs {
  readonly kernel: readonly number[]
}

interface FoldAttrs extends UnfoldAttrs {
  readonly sizes: readonly number[]
}

const floats = new Set(floatDTypes)
const attrs = { kernel: z.array(z.int().min(1)), ...windowSchema }

/** The convolution with one filter per tap whose products are the moves from data to columns: channels apart, as groups. */
const asConvolution = (data: Shape, kernel: Shape, counts: Shape): ConvolutionShapes => {
  const taps = sizeOf(kernel)
  return { data: [data[0]! * data[1]!, 1, ...data.slice(2)], weights: [1, 1, ...kernel], result: [data[0]! * data[1]!, taps, ...counts] }
}

/** Visits each element of the columns that lies inside the data, with its place there. */
function forEachElement(data: Shape, own: UnfoldAttrs, counts: Shape, visit: (data: number, column: number) => void): void {
  const [taps, points] = [sizeOf(own.kernel), sizeOf(counts)]
  forEachProduct(asConvolution(data, own.kernel, counts), { ...own, groups: 1 }, (at, tap, result) => {
    // One filter: the result's number is plane * points + point.
    const [plane, point] = [Math.floor(result / points), result % points]
    visit(at, (plane * taps + tap) * points + point)
  })
}

/** Positions of taps, one index per spatial dimension. */
function tapsOf(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>((known, size) => known.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])), [[]])
}

function decomposeUnfold({ b, inputs, attrs: own, node }: DecomposeContext): Node {
  const { kernel, strides, dilations, low, high } = own as UnfoldAttrs
  const [x] = inputs as [Node]
  const [batch, channels] = x.type.shape as [number, number]
  const counts = windowCounts(x.type.shape.slice(2), kernel, own)
  const padded = [...low, ...high].some((amount) => amount > 0)
    ? b.emit('pad', [x], { low: [0, 0, ...low], high: [0, 0, ...high], value: 0 })
    : x
  const columns = tapsOf(kernel).map((tap) => {
    const starts = [0, 0, ...tap.map((i, d) => i * dilations[d]!)]
    const taken = b.slice(padded, starts, [batch, channels, ...counts], [1, 1, ...strides])
    return b.reshape(taken, [batch, channels, 1, sizeOf(counts)])
  })
  return b.reshape(columns.length === 1 ? columns[0]! : b.concat(columns, 2), node.type.shape)
}

/** x with stride - 1 zeros behind every element of a dimension but the last. */
function spread(b: DecomposeContext['b'], x: Node, d: number, stride: number): Node {
  if (stride === 1) return x
  const { shape } = x.type
  const zeros = shape.map(() => 0)
  const apart = b.reshape(x, [...shape.slice(0, d + 1), 1, ...shape.slice(d + 1)])
  const high = [...zeros, 0].map((_, i) => (i === d + 1 ? stride - 1 : 0))
  const wide = b.emit('pad', [apart], { low: [...zeros, 0], high, value: 0 })
  const long = b.reshape(
    wide,
    shape.map((size, i) => (i === d ? size * stride : size)),
  )
  return b.slice(
    long,
    zeros,
    shape.map((size, i) => (i === d ? (size - 1) * stride + 1 : size)),
  )
}

function decomposeFold({ b, inputs, attrs: own, node }: DecomposeContext): Node {
  const { kernel, strides, dilations, low, high, sizes } = own as FoldAttrs
  const [batch, channels] = node.type.shape as [number, number]
  const counts = windowCounts(sizes, kernel, own)
  const taps = tapsOf(kernel)
  const columns = b.reshape(inputs[0]!, [batch, channels, taps.length, ...counts])
  const whole = sizes.map((size, d) => size + low[d]! + high[d]!)
  const placed = taps.map((tap, i) => {
    const starts = [0, 0, i, ...counts.map(() => 0)]
    const one = b.reshape(b.slice(columns, starts, [batch, channels, 1, ...counts]), [batch, channels, ...counts])
    const apart = strides.reduce((x, stride, d) => spread(b, x, d + 2, stride), one)
    const before = tap.map((index, d) => index * dilations[d]!)
    const after = before.map((amount, d) => whole[d]! - amount - apart.type.shape[d + 2]!)
    return b.emit('pad', [apart], { low: [0, 0, ...before], high: [0, 0, ...after], value: 0 })
  })
  return b.slice(placed.reduce(b.add), [0, 0, ...low], node.type.shape)
}

type Case = readonly [data: string, columns: string, attrs: Omit<FoldAttrs, 'sizes'>]

const cases: readonly Case[] = [
  ['[2,3,7]', '[2,9,5]', { kernel: [3], strides: [1], dilations: [1], low: [0], high: [0] }],
  ['[2,3,5,6]', '[2,18,15]', { kernel: [3, 2], strides: [1, 1], dilations: [1, 1], low: [0, 0], high: [0, 0] }],
  ['[1,2,6,5]', '[1,18,9]', { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], low: [1, 1], high: [1, 1] }],
  ['[2,1,7,6]', '[2,4,12]', { kernel: [2, 2], strides: [2, 3], dilations: [3, 2], low: [2, 1], high: [1, 3] }],
  ['[1,2,3,3]', '[1,2,4]', { kernel: [1, 1], strides: [2, 2], dilations: [1, 1], low: [0, 0], high: [0, 0] }],
  ['[1,2,3,4,3]', '[1,16,12]', { kernel: [2, 2, 2], strides: [1, 1, 1], dilations: [1, 1, 1], low: [0, 0, 0], high: [0, 0, 0] }],
  ['[0,2,4]', '[0,4,3]', { kernel: [2], strides: [1], dilations: [1], low: [0], high: [0] }],
]

const samples = (make: (one: Case) => Sample): Sample[] => cases.map(make)

const fits = (op: string, inputs: readonly HasType[], fine: boolean, message: string): void => {
  if (!fine) throw new SinterError('shape', `${message} (C4)`, { op, operands: inputs })
}

export const unfoldOps = defineFamily('unfold', {
  unfold: {
    doc:
      'The windows that a kernel sees, as columns: data [N, C, ...sizes] become [N, C * taps, windows], the taps of a channel side by side. MPSGraph: imToCol, ' +
      `whose order of columns is not documented; slices are used instead. ${windowDoc} (C4) Data have at least one channel.`,
    operands: ['x'],
    dtypes: floatDTypes,
    attrs: z.strictObject(attrs),
    traits: {},
    infer: (inputs, own: UnfoldAttrs) => {
      const { type } = inputs[0]!
      checkDType('unfold', inputs, 0, floats)
      const counts = checkWindow('unfold', inputs, type.shape.slice(2), own.kernel, own)
      fits('unfold', inputs, type.shape[1]! > 0, 'there are no channels')
      return typeOf(type.dtype, [type.shape[0]!, type.shape[1]! * sizeOf(own.kernel), sizeOf(counts)])
    },
    gradient: ({ b, inputs, attrs: own, grad }) => [b.emit('fold', [grad], { sizes: inputs[0]!.type.shape.slice(2), ...own })],
    evaluate: ([x], own: UnfoldAttrs, [type]) => {
      const { values, finish } = sums(type!, (value) => value)
      const { shape } = x!.type
      forEachElement(shape, own, windowCounts(shape.slice(2), own.kernel, own), (at, column) => {
        values[column] = Number(x!.values[at])
      })
      return [finish()]
    },
    decompose: decomposeUnfold,
    samples: samples(([data, , own]) => ({ inputs: [`$${data}`], attrs: { ...own } })),
  },
  fold: {
    doc:
      'Columns added up at the places that `unfold` took them from: [N, C * taps, windows] become [N, C, ...sizes]. MPSGraph: colToIm, whose order of columns is ' +
      `not documented; padded tensors are added instead. ${windowDoc} (C4) Columns have the sizes that unfold gives them.`,
    operands: ['columns'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ sizes: shapeSchema, ...attrs }),
    traits: {},
    infer: (inputs, own: FoldAttrs) => {
      const { type } = inputs[0]!
      const taps = sizeOf(own.kernel)
      checkDType('fold', inputs, 0, floats)
      const windows = sizeOf(checkWindow('fold', inputs, own.sizes, own.kernel, own))
      const rows = type.rank === 3 ? type.shape[1]! : 0
      fits('fold', inputs, rows > 0 && rows % taps === 0 && type.shape[2] === windows, `columns are [N, multiple of ${taps}, ${windows}]`)
      return typeOf(type.dtype, [type.shape[0]!, rows / taps, ...own.sizes])
    },
    gradient: ({ b, attrs: { sizes, ...own }, grad }) => [b.emit('unfold', [grad], own)],
    evaluate: ([x], own: FoldAttrs, [type]) => {
      const { values, finish } = sums(type!, (value) => roundTo(type!.dtype, value))
      forEachElement(type!.shape, own, windowCounts(own.sizes, own.kernel, own), (at, column) => {
        values[at]! += Number(x!.values[column])
      })
      return [finish()]
    },
    decompose: (context) => {
      const { b, inputs, node } = context
      const { dtype } = node.type
      if (dtype !== 'float16' && dtype !== 'bfloat16') return decomposeFold(context)
      return b.cast(b.emit('fold', [b.cast(inputs[0]!, 'float32')], context.attrs), dtype)
    },
    samples: samples(([data, columns, own]) => ({ inputs: [`$${columns}`], attrs: { sizes: JSON.parse(data).slice(2), ...own } })),
  },
})
