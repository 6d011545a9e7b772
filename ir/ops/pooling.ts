// Pooling: maxima and averages of windows that slide over the last dimensions. Leading dimensions are batches; a channel is one of them.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor } from '../host.js'
import type { Node } from '../node.js'
import { type Attrs, defineFamily, type HasType, type Sample } from '../op.js'
import { type Shape, sizeOf } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkCountable, checkFloats, checkIndices, checkNumeric, floatDTypes, numericDTypes } from './check.js'
import { shapeSchema } from './schema.js'
import { arithmeticOf, isNanValue, type Value } from './values.js'
import {
  checkWindows,
  sourceSize,
  type WindowAttrs,
  type WindowCount,
  windowAxes,
  windowConstraints,
  windowCounts,
  windowPositions,
  windowSchema,
} from './windows.js'

export interface AverageAttrs extends WindowAttrs {
  readonly count: WindowCount
}

export interface AverageGradientAttrs extends AverageAttrs {
  /** The spatial dimensions of x. */
  readonly size: readonly number[]
}

const averageSchema = { ...windowSchema, count: z.enum(['inside', 'padded', 'kernel']) }
const countRule =
  "The sum is divided by the number of the window's elements in x ('inside'), in x and its padding ('padded'), or by that of all ('kernel'). "

/** The last `rank` dimensions as one, those before as another. */
function flat(shape: Shape, rank: number): [number, number] {
  const first = shape.length - rank
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first))]
}

/** grad added to zeros of x's type at the positions that a pooling of x returned. */
function spread(b: Builder, x: Node, indices: Node, grad: Node, rank: number): Node {
  const windows = flat(grad.type.shape, rank)
  const zeros = b.reshape(b.fullLike(x, 0), flat(x.type.shape, rank))
  const sums = b.emit('scatterAddAlongAxis', [zeros, b.reshape(indices, windows), b.reshape(grad, windows)], { axis: 1 })
  return b.reshape(sums, x.type.shape)
}

function inferMaximum(op: string, inputs: readonly HasType[], attrs: WindowAttrs): TensorType {
  checkNumeric(op, inputs)
  const { dtype, shape } = inputs[0]!.type
  const windows = checkWindows(op, inputs, attrs, shape)
  checkCountable(op, inputs, sourceSize(windows.axes))
  return typeOf(dtype, windows.shape)
}

function maxima(x: HostTensor, attrs: WindowAttrs, type: TensorType): { values: HostTensor; indices: HostTensor } {
  const axes = windowAxes(attrs, x.type.shape)
  const windows = windowPositions(axes)
  const size = sourceSize(axes)
  const { lowest } = arithmeticOf(type.dtype)
  const values = emptyValues(type.dtype, type.size)
  const indices = new Float64Array(type.size)
  for (let i = 0; i < type.size; i++) {
    const row = Math.floor(i / windows.length) * size
    let best: Value = lowest
    let at = size
    for (const position of windows[i % windows.length]!) {
      const value = x.values[row + position]!
      if (at === size || value > best || (isNanValue(value) && !isNanValue(best))) [best, at] = [value, position]
    }
    values[i] = best
    indices[i] = at
  }
  return { values: { type, values }, indices: { type: typeOf('int32', type.shape), values: indices } }
}

/** One dimension, two of them with everything, three, four. */
const geometries: readonly { readonly shape: string; readonly attrs: WindowAttrs }[] = [
  { shape: '[2,7]', attrs: { kernel: [3], strides: [2], dilations: [1], low: [0], high: [0], ceil: false } },
  { shape: '[9]', attrs: { kernel: [3], strides: [2], dilations: [2], low: [1], high: [2], ceil: true } },
  { shape: '[2,3,6,5]', attrs: { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], low: [0, 0], high: [0, 0], ceil: false } },
  { shape: '[2,5,7]', attrs: { kernel: [3, 3], strides: [2, 1], dilations: [1, 1], low: [1, 1], high: [1, 1], ceil: false } },
  { shape: '[1,2,6,8]', attrs: { kernel: [3, 2], strides: [2, 3], dilations: [1, 2], low: [1, 0], high: [1, 1], ceil: true } },
  { shape: '[2,4,5,21]', attrs: { kernel: [2, 3], strides: [1, 1], dilations: [2, 1], low: [1, 2], high: [0, 1], ceil: false } },
  {
    shape: '[2,3,4,5]',
    attrs: { kernel: [2, 2, 3], strides: [1, 2, 2], dilations: [1, 1, 1], low: [1, 0, 1], high: [0, 0, 1], ceil: false },
  },
  {
    shape: '[2,3,2,4]',
    attrs: { kernel: [2, 2, 1, 2], strides: [1, 1, 1, 2], dilations: [1, 1, 1, 1], low: [0, 1, 0, 0], high: [0, 0, 0, 0], ceil: false },
  },
  { shape: '[0,4,4]', attrs: { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], low: [0, 0], high: [0, 0], ceil: false } },
]

const maximumSamples: readonly Sample[] = geometries.map(({ shape, attrs }) => ({
  inputs: [`$${shape}`],
  attrs: attrs as unknown as Attrs,
}))

const averageAttrs: readonly { readonly shape: string; readonly attrs: AverageAttrs }[] = geometries.flatMap(({ shape, attrs }) =>
  (['inside', 'padded', 'kernel'] as const)
    .filter((count) => count === 'inside' || attrs.ceil || attrs.low.some((amount) => amount > 0))
    .map((count) => ({ shape, attrs: { ...attrs, count } })),
)

const sizesOf = (shape: string): number[] => shape.slice(1, -1).split(',').map(Number)

export const poolingOps = defineFamily('pooling', {
  maxPool: {
    doc:
      `The maximum of each window; NaN when there is one in it, and -infinity (the least integer) when it lies in the padding only. ${windowConstraints} ` +
      'MPSGraph: maxPooling2DWithSourceTensor:descriptor:, maxPooling4DWithSourceTensor:descriptor:.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject(windowSchema),
    traits: {},
    infer: (inputs, attrs: WindowAttrs) => inferMaximum('maxPool', inputs, attrs),
    gradient: ({ b, inputs: [x], grad, attrs }) => {
      const indices = b.result(b.emit('maxPoolWithIndices', [x!], attrs), 1)
      return [spread(b, x!, indices, grad, attrs.kernel.length)]
    },
    evaluate: ([x], attrs: WindowAttrs, [type]) => [maxima(x!, attrs, type!).values],
    samples: maximumSamples,
    flops: (_, { kernel }: WindowAttrs) => sizeOf(kernel),
  },
  maxPoolWithIndices: {
    doc:
      'As maxPool, and where each maximum lies among the spatial dimensions of x, flattened (int32): the first of several, and the first NaN. A window that lies in the ' +
      `padding only has the number of these elements. Two results. ${windowConstraints} ` +
      'MPSGraph: maxPooling2DReturnIndicesWithSourceTensor:descriptor:, maxPooling4DReturnIndicesWithSourceTensor:descriptor:.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject(windowSchema),
    traits: {},
    infer: (inputs, attrs: WindowAttrs) => {
      const type = inferMaximum('maxPoolWithIndices', inputs, attrs)
      return [type, typeOf('int32', type.shape)]
    },
    gradient: ({ b, node, inputs: [x], grads: [grad], attrs }) => {
      if (grad === undefined) return [undefined]
      return [spread(b, x!, b.result(node, 1), grad, attrs.kernel.length)]
    },
    evaluate: ([x], attrs: WindowAttrs, [type]) => {
      const { values, indices } = maxima(x!, attrs, type!)
      return [values, indices]
    },
    samples: maximumSamples,
    flops: (_, { kernel }: WindowAttrs) => 2 * sizeOf(kernel),
  },
  avgPool: {
    doc:
      `The average of each window, with zeros in the padding. ${countRule}${windowConstraints} ` +
      'MPSGraph: avgPooling2DWithSourceTensor:descriptor:, avgPooling4DWithSourceTensor:descriptor:.',
    operands: ['x'],
    dtypes: floatDTypes,
    attrs: z.strictObject(averageSchema),
    traits: {},
    infer: (inputs, attrs: AverageAttrs) => {
      checkFloats('avgPool', inputs)
      const { dtype, shape } = inputs[0]!.type
      return typeOf(dtype, checkWindows('avgPool', inputs, attrs, shape).shape)
    },
    gradient: ({ b, inputs: [x], grad, attrs }) => {
      const size = x!.type.shape.slice(-attrs.kernel.length)
      return [b.emit('avgPoolGradient', [grad], { ...attrs, size })]
    },
    evaluate: ([x], attrs: AverageAttrs, [type]) => {
      const axes = windowAxes(attrs, x!.type.shape)
      const [windows, counts, size] = [windowPositions(axes), windowCounts(axes, attrs.count), sourceSize(axes)]
      const { round } = arithmeticOf(type!.dtype)
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < type!.size; i++) {
        const window = i % windows.length
        const row = Math.floor(i / windows.length) * size
        const sum = windows[window]!.reduce((total, at) => total + Number(x!.values[row + at]), 0)
        values[i] = round(sum / counts[window]!)
      }
      return [{ type: type!, values }]
    },
    samples: averageAttrs.map(({ shape, attrs }) => ({ inputs: [`$${shape}`], attrs: attrs as unknown as Attrs })),
    flops: (_, { kernel }: AverageAttrs) => sizeOf(kernel),
  },
  avgPoolGradient: {
    doc:
      'The transpose of avgPool: to each element of x (whose spatial dimensions are size) the sum of what the windows it lies in have, divided as there. ' +
      `${countRule}${windowConstraints} (C4) The last dimensions of the operand are the numbers of windows. ` +
      'MPSGraph: avgPooling2DGradientWithGradientTensor:sourceTensor:descriptor:, avgPooling4DGradientWithGradientTensor:sourceTensor:descriptor:.',
    operands: ['grad'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ ...averageSchema, size: shapeSchema }),
    traits: {},
    infer: (inputs, attrs: AverageGradientAttrs) => {
      checkFloats('avgPoolGradient', inputs)
      const { dtype, shape } = inputs[0]!.type
      const { axes } = checkWindows('avgPoolGradient', inputs, attrs, attrs.size)
      const first = shape.length - axes.length
      if (attrs.size.length !== axes.length || first < 0 || axes.some(({ out }, d) => shape[first + d] !== out)) {
        throw new SinterError('shape', `the operand does not end in [${axes.map(({ out }) => out)}], the windows of [${attrs.size}] (C4)`, {
          op: 'avgPoolGradient',
          operands: inputs,
        })
      }
      return typeOf(dtype, [...shape.slice(0, first), ...attrs.size])
    },
    gradient: ({ b, grad, attrs: { size, ...attrs } }) => [b.emit('avgPool', [grad], attrs)],
    evaluate: ([grad], attrs: AverageGradientAttrs, [type]) => {
      const axes = windowAxes(attrs, attrs.size)
      const [windows, counts, size] = [windowPositions(axes), windowCounts(axes, attrs.count), sourceSize(axes)]
      const { round } = arithmeticOf(type!.dtype)
      const sums = new Float64Array(type!.size)
      for (let i = 0; i < grad!.type.size; i++) {
        const window = i % windows.length
        const row = Math.floor(i / windows.length) * size
        for (const at of windows[window]!) sums[row + at]! += Number(grad!.values[i]) / counts[window]!
      }
      return [{ type: type!, values: sums.map((sum) => round(sum) as number) }]
    },
    samples: averageAttrs.map(({ shape, attrs }) => {
      const whole = sizesOf(shape)
      const axes = windowAxes(attrs, whole)
      const lead = whole.slice(0, whole.length - axes.length)
      const size = whole.slice(whole.length - axes.length)
      return { inputs: [`$[${[...lead, ...axes.map(({ out }) => out)]}]`], attrs: { ...attrs, size } as unknown as Attrs }
    }),
    flops: (_, { kernel }: AverageGradientAttrs) => sizeOf(kernel),
  },
  maxUnpool: {
    doc:
      'Zeros with the elements of x set at positions among the last dimensions (size), flattened, as maxPoolWithIndices returns them; the last of several at one position stays, ' +
      'and the gradient of each is that of its position. Negative indices count from the end; out of range is dropped. (C1) size has 1 to 4 integers, for as many last dimensions of x. ' +
      '(C2) Indices are int32 or int64, of the shape of x.',
    operands: ['x', 'indices'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ size: shapeSchema }),
    traits: {},
    infer: (inputs, { size }: { size: readonly number[] }) => {
      checkNumeric('maxUnpool', inputs)
      const [x, indices] = [inputs[0]!.type, inputs[1]!.type]
      checkIndices('maxUnpool', inputs, indices)
      if (size.length < 1 || size.length > 4 || size.length > x.rank) {
        throw new SinterError('attribute', `size [${size}] is not one of the last 1 to 4 dimensions of x (C1)`, {
          op: 'maxUnpool',
          operands: inputs,
        })
      }
      if (indices.rank !== x.rank || indices.shape.some((length, d) => length !== x.shape[d])) {
        throw new SinterError('shape', `indices are [${indices.shape}], x is [${x.shape}] (C2)`, { op: 'maxUnpool', operands: inputs })
      }
      return typeOf(x.dtype, [...x.shape.slice(0, x.rank - size.length), ...size])
    },
    gradient: ({ b, inputs: [x, indices], grad, attrs }) => {
      const windows = flat(x!.type.shape, attrs.size.length)
      const own = b.emit('takeAlongAxis', [b.reshape(grad, flat(grad.type.shape, attrs.size.length)), b.reshape(indices!, windows)], {
        axis: 1,
      })
      return [b.reshape(own, x!.type.shape), undefined]
    },
    evaluate: ([x, indices], { size }: { size: readonly number[] }, [type]) => {
      const [, count] = flat(x!.type.shape, size.length)
      const n = sizeOf(size)
      const values = emptyValues(type!.dtype, type!.size)
      for (let i = 0; i < x!.type.size; i++) {
        const index = Number(indices!.values[i]!)
        const at = index < 0 ? index + n : index
        if (at >= 0 && at < n) values[Math.floor(i / count) * n + at] = x!.values[i]!
      }
      return [{ type: type!, values }]
    },
    samples: [
      {
        inputs: ['$[1]', 'i32[1]'],
        attrs: { size: [4] },
        range: [
          [-2, 2],
          [-4, 5],
        ],
      },
      {
        inputs: ['$[3,1,1]', 'i64[3,1,1]'],
        attrs: { size: [2, 3] },
        range: [
          [-2, 2],
          [-7, 7],
        ],
      },
      {
        inputs: ['$[2,2,1]', 'i32[2,2,1]'],
        attrs: { size: [5] },
        range: [
          [-2, 2],
          [-5, 5],
        ],
      },
      { inputs: ['$[0,2]', 'i32[0,2]'], attrs: { size: [3] } },
    ],
  },
})
