// Running sums, products and extremes along one axis.

import { z } from 'zod'
import type { Builder } from '../build.js'
import type { DType } from '../dtype.js'
import { emptyValues } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type Gradient, type OpSpec, type Sample } from '../op.js'
import { aroundAxis } from '../shape.js'
import { checkAxis, checkNumeric, numericDTypes } from './check.js'
import { axisSchema } from './schema.js'
import { arithmeticOf, type Combine, maxValue, minValue, type Value } from './values.js'

interface ScanAttrs {
  readonly axis: number
  readonly exclusive: boolean
  readonly reverse: boolean
}

const samplesOf = (extra: Omit<Sample, 'inputs' | 'attrs'> = {}): Sample[] => [
  ...[false, true].flatMap((exclusive) =>
    [false, true].flatMap((reverse) => [
      { inputs: ['$[2,5,3]'], attrs: { axis: 1, exclusive, reverse }, ...extra },
      { inputs: ['$[6]'], attrs: { axis: 0, exclusive, reverse }, ...extra },
    ]),
  ),
  { inputs: ['$[3,1]'], attrs: { axis: 1, exclusive: false, reverse: false }, ...extra },
  { inputs: ['$[2,0]'], attrs: { axis: 1, exclusive: false, reverse: false }, ...extra },
  { inputs: ['$[0,2]'], attrs: { axis: 1, exclusive: true, reverse: true }, ...extra },
]

function scan(
  op: string,
  doc: string,
  gradient: Gradient,
  identity: (dtype: DType) => Value,
  combineFor: (dtype: DType) => Combine,
  extra?: Omit<Sample, 'inputs' | 'attrs'>,
): OpSpec {
  return {
    doc:
      `${doc} With reverse it runs from the end; with exclusive each element leaves itself out, so that the first is the identity. ` +
      '(C1) axis is a dimension of x.',
    operands: ['x'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ axis: axisSchema, exclusive: z.boolean(), reverse: z.boolean() }),
    traits: {},
    infer: (inputs, { axis }: ScanAttrs) => {
      checkNumeric(op, inputs)
      checkAxis(op, inputs, axis)
      return inputs[0]!.type
    },
    gradient,
    evaluate: ([x], { axis, exclusive, reverse }: ScanAttrs, [type]) => {
      const { outer, axis: n, inner } = aroundAxis(type!.shape, axis)
      const { round } = arithmeticOf(type!.dtype)
      const combine = combineFor(type!.dtype)
      const values = emptyValues(type!.dtype, type!.size)
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let running = identity(type!.dtype)
          for (let step = 0; step < n; step++) {
            const at = (o * n + (reverse ? n - 1 - step : step)) * inner + i
            const next = combine(running, x!.values[at]!)
            values[at] = round(exclusive ? running : next)
            running = next
          }
        }
      }
      return [{ type: type!, values }]
    },
    samples: samplesOf(extra),
    flops: 1,
  }
}

const sumGradient: Gradient = ({ b, grad, attrs }) => [b.emit('cumsum', [grad], { ...attrs, reverse: !attrs.reverse })]

/** x moved by `distance` along the scan's axis toward its start, zeros following: element j becomes what was at j + distance. */
function ahead(b: Builder, x: Node, { axis, reverse }: ScanAttrs, distance: number): Node {
  const { shape } = x.type
  const sizes = shape.map((size, d) => (d === axis ? size - distance : size))
  const by = shape.map((_, d) => (d === axis ? distance : 0))
  const none = shape.map(() => 0)
  const rest = b.slice(x, reverse ? none : by, sizes)
  return b.emit('pad', [rest], { low: reverse ? by : none, high: reverse ? none : by, value: 0 })
}

/**
 * dx_j = (product of what precedes x_j) * r_j, where r gathers the later cotangents: r_j = g_j + x_{j+1} r_{j+1}
 * (g_{j+1} in place of g_j when exclusive). The recurrence is solved by doubling (Hillis and Steele, 1986) in log2(n) steps of whole-tensor
 * operations. Nothing is divided, so zeros are exact, and the result can be differentiated again.
 */
const prodGradient: Gradient = ({ b, inputs, grad, attrs }) => {
  const x = inputs[0]!
  const n = x.type.shape[attrs.axis]!
  if (x.type.size === 0) return [grad]
  const before = b.emit('cumprod', [x], { ...attrs, exclusive: true })
  let later = attrs.exclusive ? ahead(b, grad, attrs, 1) : grad
  let factor = ahead(b, x, attrs, 1)
  for (let distance = 1; distance < n; distance *= 2) {
    later = b.add(later, b.mul(factor, ahead(b, later, attrs, distance)))
    if (distance * 2 < n) factor = b.mul(factor, ahead(b, factor, attrs, distance))
  }
  return [b.mul(before, later)]
}

/**
 * Each cotangent goes to the element that was the extreme there: the first (in scan direction) of equal ones, or the first NaN. Its position is itself a
 * running extreme, of the positions where a new record was set. Exclusive scans start from an index that is out of range, and so is dropped.
 */
const extremeGradient =
  (beaten: 'lessEqual' | 'greaterEqual', op: 'cummax' | 'cummin'): Gradient =>
  ({ b, inputs, grad, attrs }) => {
    const x = inputs[0]!
    const { shape } = x.type
    const { axis, exclusive, reverse }: ScanAttrs = attrs
    const before = b.emit(op, [x], { axis, exclusive: true, reverse })
    const record = b.logicalNot(b.logicalOr(b[beaten](x, before), b.isNan(before)))
    const position = b.emit('iota', [], { dtype: 'int32', shape, axis })
    const start = b.constant(reverse ? shape[axis]! - 1 : 0, 'int32')
    const positions = b.select(record, position, start)
    const winner = b.emit(reverse ? 'cummin' : 'cummax', [positions], { axis, exclusive, reverse })
    return [b.emit('scatterAddAlongAxis', [b.fullLike(x, 0), winner, grad], { axis })]
  }

export const scanOps = defineFamily('scan', {
  cumsum: scan(
    'cumsum',
    'Running sums along an axis. Integers wrap; floats accumulate at least in float32 and round at each result.',
    sumGradient,
    (dtype) => arithmeticOf(dtype).zero,
    (dtype) => arithmeticOf(dtype).add,
  ),
  cumprod: scan(
    'cumprod',
    'Running products along an axis. Integers wrap; floats accumulate at least in float32 and round at each result.',
    prodGradient,
    (dtype) => arithmeticOf(dtype).one,
    (dtype) => arithmeticOf(dtype).mul,
  ),
  cummax: scan(
    'cummax',
    'Running maximum along an axis; NaN from the first NaN on. The identity is -Infinity or the smallest integer.',
    extremeGradient('lessEqual', 'cummax'),
    (dtype) => arithmeticOf(dtype).lowest,
    () => maxValue,
    { distinct: true },
  ),
  cummin: scan(
    'cummin',
    'Running minimum along an axis; NaN from the first NaN on. The identity is Infinity or the largest integer.',
    extremeGradient('greaterEqual', 'cummin'),
    (dtype) => arithmeticOf(dtype).highest,
    () => minValue,
    { distinct: true },
  ),
})
