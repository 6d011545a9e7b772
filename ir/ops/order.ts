// Sorting along the last axis, and what needs an order.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, type HostValues } from '../host.js'
import { defineFamily, type HasType, type Sample } from '../op.js'
import { type TensorType, typeOf } from '../type.js'
import { checkCountable, checkNumeric, numericDTypes } from './check.js'
import { isNanValue, type Value } from './values.js'

interface SortAttrs {
  readonly descending: boolean
}

interface TopAttrs {
  readonly k: number
  readonly largest: boolean
}

/** Negative when a is the smaller. Equal elements, among them the two zeros and all NaN, compare as 0; NaN is larger than everything else. */
function ascending(a: Value, b: Value): number {
  if (isNanValue(a) || isNanValue(b)) return Number(isNanValue(a)) - Number(isNanValue(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** Negative when a comes first: NaN last in both directions. */
function compare(a: Value, b: Value, descending: boolean): number {
  if (isNanValue(a) || isNanValue(b)) return ascending(a, b)
  return descending ? ascending(b, a) : ascending(a, b)
}

/** The same, with -0 below 0. */
function compareSigned(a: Value, b: Value, descending: boolean): number {
  const order = compare(a, b, descending)
  if (order !== 0 || a !== 0 || b !== 0) return order
  const signs = Number(Object.is(b, -0)) - Number(Object.is(a, -0))
  return descending ? -signs : signs
}

/** Requires a last axis that int32 can number; its length. */
function lastAxis(op: string, inputs: readonly HasType[], what: string): number {
  checkNumeric(op, inputs)
  const { shape, rank } = inputs[0]!.type
  if (rank === 0) throw new SinterError('shape', `a rank-0 tensor has no axis to ${what} (C1)`, { op, operands: inputs })
  checkCountable(op, inputs, shape[rank - 1]!)
  return shape[rank - 1]!
}

/** The positions that order each row of n elements. */
function orders(x: HostTensor, n: number, compareValues: (a: Value, b: Value) => number): number[][] {
  const rows = n === 0 ? 0 : x.type.size / n
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: n }, (_, i) => i).sort((i, j) => compareValues(x.values[row * n + i]!, x.values[row * n + j]!)),
  )
}

/** Of every row of x the elements at the given positions. */
function pick(x: HostTensor, n: number, positions: readonly number[][], type: TensorType): HostTensor {
  const values: HostValues = emptyValues(type.dtype, type.size)
  let i = 0
  for (const [row, places] of positions.entries()) for (const at of places) values[i++] = x.values[row * n + at]!
  return { type, values }
}

const logOf = (n: number): number => Math.ceil(Math.log2(Math.max(2, n)))
const sortFlops = ([x]: readonly HasType[]): number => logOf(x!.type.shape.at(-1)!)
const sortSamples: readonly Sample[] = [false, true].flatMap((descending) => [
  { inputs: ['$[7]'], attrs: { descending } },
  { inputs: ['$[3,5]'], attrs: { descending } },
  { inputs: ['$[2,2,4]'], attrs: { descending } },
  { inputs: ['$[3,1]'], attrs: { descending } },
  { inputs: ['$[2,0]'], attrs: { descending } },
])
const distinct = (samples: readonly Sample[]): readonly Sample[] => samples.map((sample): Sample => ({ ...sample, distinct: true }))
const topSample = (x: string, k: number, largest: boolean): Sample => ({ inputs: [x], attrs: { k, largest } })

export const orderOps = defineFamily('order', {
  argsort: {
    doc:
      'The positions (int32) that sort the last axis. Stable: equal elements keep their order in both directions; NaN comes last in both. ' +
      '(C1) x has at least one dimension, the last of at most 2^31 - 1 elements. MPSGraph: argSortWithTensor.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ descending: z.boolean() }),
    traits: {},
    infer: (inputs) => {
      lastAxis('argsort', inputs, 'sort')
      return typeOf('int32', inputs[0]!.type.shape)
    },
    gradient: 'zero',
    evaluate: ([x], { descending }: SortAttrs, [type]) => {
      const order = orders(x!, type!.shape.at(-1)!, (a, b) => compare(a, b, descending))
      return [{ type: type!, values: Float64Array.from(order.flat()) }]
    },
    samples: sortSamples,
    flops: sortFlops,
  },
  sort: {
    doc:
      'The last axis sorted. NaN comes last in both directions; -0 counts as less than 0. ' +
      '(C1) x has at least one dimension, the last of at most 2^31 - 1 elements. MPSGraph: sortWithTensor.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ descending: z.boolean() }),
    traits: {},
    infer: (inputs) => {
      lastAxis('sort', inputs, 'sort')
      return inputs[0]!.type
    },
    gradient: ({ b, inputs: [x], grad, attrs }) => {
      const order = b.emit('argsort', [x!], attrs)
      return [b.emit('scatterAddAlongAxis', [b.fullLike(x!, 0), order, grad], { axis: x!.type.rank - 1 })]
    },
    evaluate: ([x], { descending }: SortAttrs, [type]) => {
      const n = type!.shape.at(-1)!
      return [
        pick(
          x!,
          n,
          orders(x!, n, (a, b) => compareSigned(a, b, descending)),
          type!,
        ),
      ]
    },
    samples: distinct(sortSamples),
    flops: sortFlops,
  },
  topK: {
    doc:
      'The k largest elements of the last axis in descending order, or the k smallest in ascending order, and their positions (int32): two results. Of equal elements ' +
      'the first comes first, and NaN counts as larger than everything else. (C1) x has at least one dimension, the last of at most 2^31 - 1 elements. ' +
      '(C2) k is at most the length of the last axis. MPSGraph: topKWithSourceTensor, bottomKWithSourceTensor.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ k: z.int().min(0), largest: z.boolean() }),
    traits: {},
    infer: (inputs, { k }: TopAttrs) => {
      const n = lastAxis('topK', inputs, 'choose from')
      if (!(Number.isInteger(k) && k >= 0 && k <= n)) {
        throw new SinterError('attribute', `k is ${k}, the last axis has ${n} elements (C2)`, { op: 'topK', operands: inputs })
      }
      const { dtype, shape } = inputs[0]!.type
      const chosen = [...shape.slice(0, -1), k]
      return [typeOf(dtype, chosen), typeOf('int32', chosen)]
    },
    gradient: ({ b, node, inputs: [x], grads: [grad] }) => {
      if (grad === undefined) return [undefined]
      const positions = b.result(node, 1)
      return [b.emit('scatterAddAlongAxis', [b.fullLike(x!, 0), positions, grad], { axis: x!.type.rank - 1 })]
    },
    evaluate: ([x], { k, largest }: TopAttrs, [type, positionType]) => {
      const n = x!.type.shape.at(-1)!
      const chosen = orders(x!, n, (a, b) => (largest ? ascending(b, a) : ascending(a, b))).map((order) => order.slice(0, k))
      return [pick(x!, n, chosen, type!), { type: positionType!, values: Float64Array.from(chosen.flat()) }]
    },
    samples: distinct(
      [true, false].flatMap((largest) => [
        topSample('$[7]', 3, largest),
        topSample('$[3,40]', 2, largest),
        topSample('$[2,2,5]', 5, largest),
        topSample('$[3,1]', 1, largest),
        topSample('$[2,3]', 0, largest),
        topSample('$[0,3]', 2, largest),
      ]),
    ),
    flops: ([x], { k }: TopAttrs) => (k === 0 ? 0 : Math.ceil((2 * x!.type.shape.at(-1)!) / k)),
  },
})
