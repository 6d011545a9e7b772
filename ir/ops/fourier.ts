// Discrete Fourier transforms of complex tensors, and those whose operand or result is real.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { complexDType, type DType, partDType } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, roundTo } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type HasType, type Sample } from '../op.js'
import { aroundAxis, type Shape } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkAxes, checkAxis, checkWideFloat, wideFloatDTypes } from './check.js'
import { axesSchema, axisSchema } from './schema.js'

const scalings = ['none', 'size', 'unitary'] as const
/** What sums are divided by: nothing, the number of elements transformed, or its square root. */
export type FourierScaling = (typeof scalings)[number]

export interface FourierAttrs {
  readonly axes: readonly number[]
  readonly inverse: boolean
  readonly scaling: FourierScaling
}

export interface RealFourierAttrs {
  readonly axis: number
  readonly scaling: FourierScaling
}

export interface HermitianAttrs extends RealFourierAttrs {
  /** The number of elements of the result along the axis: even or odd, which the operand does not tell. */
  readonly length: number
}

/** What every sum along axes of these sizes is multiplied by. */
export function scaleOf(scaling: FourierScaling, sizes: readonly number[]): number {
  const size = sizes.reduce((product, n) => product * n, 1)
  return scaling === 'none' ? 1 : scaling === 'size' ? 1 / size : 1 / Math.sqrt(size)
}

/** cos and sin of 2 pi k / n for k = 0 ... n - 1; exact where they are 0, 1/2 or 1 in magnitude up to rounding, and symmetric. */
export function unitRoots(n: number): { cos: Float64Array; sin: Float64Array } {
  const cos = new Float64Array(n)
  const sin = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    // Eighths of a turn: the angle is taken from the nearest axis.
    const eighth = Math.floor((8 * k) / n)
    const quarter = (eighth + 1) >> 1
    const angle = (2 * Math.PI * (k - (quarter * n) / 4)) / n
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    cos[k] = [c, -s, -c, s, c][quarter]!
    sin[k] = [s, c, -s, -c, s][quarter]!
  }
  return { cos, sin }
}

/** Refuses an operand that is not complex. */
function checkComplex(op: string, inputs: readonly HasType[]): TensorType {
  const { type } = inputs[0]!
  if (type.isComplex) return type
  throw new SinterError('dtype', `transforms complex64 and complex128, not ${type.dtype} (C1)`, {
    op,
    operands: inputs,
    hint: 'put real and imaginary parts together with complex(re, im)',
  })
}

function checkNotEmpty(op: string, inputs: readonly HasType[], axes: readonly number[], constraint: string): void {
  const empty = axes.find((axis) => inputs[0]!.type.shape[axis] === 0)
  if (empty === undefined) return
  throw new SinterError('shape', `there is nothing to transform along axis ${empty} (${constraint})`, { op, operands: inputs })
}

const withSize = (shape: Shape, axis: number, size: number): Shape => shape.map((own, d) => (d === axis ? size : own))
const half = (n: number): number => Math.floor(n / 2) + 1

/** Calls `line` with the position of the first element and the stride, of operand and result, for every line along an axis. */
function eachLine(from: Shape, to: Shape, axis: number, line: (from: number, to: number, stride: number) => void): void {
  const { outer, inner } = aroundAxis(from, axis)
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) line(o * from[axis]! * inner + i, o * to[axis]! * inner + i, inner)
}

/** The sums of one line, by the definition. Results are `count` pairs; `part(j)` is element j. */
function transformed(n: number, count: number, inverse: boolean, part: (j: number) => readonly [number, number]): [number, number][] {
  const { cos, sin } = unitRoots(n)
  const values = Array.from({ length: n }, (_, j) => part(j))
  return Array.from({ length: count }, (_, k) => {
    let [re, im] = [0, 0]
    values.forEach(([x, y], j) => {
      const c = cos[(j * k) % n]!
      const s = inverse ? sin[(j * k) % n]! : -sin[(j * k) % n]!
      re += x * c - y * s
      im += x * s + y * c
    })
    return [re, im]
  })
}

function stored(type: TensorType, values: Float64Array): HostTensor {
  const out = emptyValues(type.dtype, type.size)
  for (let i = 0; i < out.length; i++) out[i] = roundTo(partDType(type.dtype), values[i]!)
  return { type, values: out }
}

/** Writes pairs to a line of complex elements. */
function storeLine(values: Float64Array, pairs: readonly (readonly [number, number])[], at: number, stride: number): void {
  pairs.forEach(([re, im], k) => {
    values[2 * (at + k * stride)] = re
    values[2 * (at + k * stride) + 1] = im
  })
}

const pairAt = (values: ArrayLike<number>, at: number): [number, number] => [values[2 * at]!, values[2 * at + 1]!]

/** 1 for the first element along the axis, and for the last where n is even; `between` for others, which stand for two of the n. */
function weights(b: Builder, like: Node, axis: number, n: number, between: number): Node {
  const parts: [number, number][] = [[1, 1], [between, half(n) - (n % 2 === 0 ? 2 : 1)], [1, n % 2 === 0 ? 1 : 0]] // biome-ignore format: side by side
  const ones = like.type.shape.map(() => 1)
  const nodes = parts
    .filter(([, size]) => size > 0)
    .map(([value, size]) => b.broadcast(b.constant(value, like), withSize(ones, axis, size)))
  return nodes.length === 1 ? nodes[0]! : b.concat(nodes, axis)
}

/** Complex values times real ones. */
const weighted = (b: Builder, z: Node, weight: Node): Node =>
  b.emit(
    'complex',
    ['real', 'imag'].map((part) => b.mul(b.emit(part, [z]), weight)),
  )

/** The larger of the number of factors of two and 1: for estimates. */
const levels = (n: number): number => Math.ceil(Math.log2(n + 1))

const scalingSchema = z.enum(scalings)
const sums = 'Sums are divided by nothing, by the number of elements transformed or by its square root, as `scaling` says.'
const complexDTypes: readonly DType[] = ['complex64', 'complex128']

function complexSamples(): Sample[] {
  const cases: [string, FourierAttrs][] = [
    ['[8]', { axes: [0], inverse: false, scaling: 'none' }],
    ['[3,16]', { axes: [1], inverse: true, scaling: 'size' }],
    ['[5,6]', { axes: [0], inverse: false, scaling: 'unitary' }],
    ['[2,15,3]', { axes: [1], inverse: true, scaling: 'none' }],
    ['[4,6]', { axes: [0, 1], inverse: false, scaling: 'none' }],
    ['[2,3,5]', { axes: [0, 2], inverse: true, scaling: 'unitary' }],
    ['[17,7]', { axes: [1], inverse: false, scaling: 'none' }],
    ['[2,37]', { axes: [1], inverse: false, scaling: 'size' }],
    ['[3,1]', { axes: [1], inverse: false, scaling: 'none' }],
    ['[2,2]', { axes: [], inverse: true, scaling: 'size' }],
    ['[0,4]', { axes: [1], inverse: false, scaling: 'none' }],
    ['[11,20,9]', { axes: [1], inverse: false, scaling: 'none' }],
    ['[1024]', { axes: [0], inverse: true, scaling: 'size' }],
  ]
  return cases.map(([shape, attrs]) => ({ inputs: [`$${shape}`], attrs: { ...attrs }, tame: true }))
}

export const fourierOps = defineFamily('fourier', {
  fft: {
    doc:
      `The discrete Fourier transform of complex values along axes: element k is the sum over j of x_j e^(-2 pi i j k / n), e^(+2 pi i j k / n) where \`inverse\`. ${sums} ` +
      '(C1) z is complex. (C2) axes are sorted, distinct dimensions with at least one element. MPSGraph: fastFourierTransformWithTensor.',
    operands: ['z'],
    dtypes: complexDTypes,
    attrs: z.strictObject({ axes: axesSchema, inverse: z.boolean(), scaling: scalingSchema }),
    traits: { complex: true },
    infer: (inputs, { axes }: FourierAttrs) => {
      const type = checkComplex('fft', inputs)
      checkAxes('fft', inputs, axes)
      checkNotEmpty('fft', inputs, axes, 'C2')
      return type
    },
    gradient: ({ b, grad, attrs }) => [b.emit('fft', [grad], { ...attrs, inverse: !attrs.inverse })],
    evaluate: ([x], { axes, inverse, scaling }: FourierAttrs, [type]) => {
      const values = Float64Array.from(x!.values as Float64Array)
      const { shape } = type!
      for (const axis of axes) {
        eachLine(shape, shape, axis, (at, _, stride) => {
          const n = shape[axis]!
          storeLine(
            values,
            transformed(n, n, inverse, (j) => pairAt(values, at + j * stride)),
            at,
            stride,
          )
        })
      }
      const scale = scaleOf(
        scaling,
        axes.map((axis) => shape[axis]!),
      )
      return [
        stored(
          type!,
          values.map((value) => value * scale),
        ),
      ]
    },
    samples: complexSamples(),
    flops: ([x], { axes }: FourierAttrs) => axes.reduce((sum, axis) => sum + 5 * levels(x!.type.shape[axis]!), 0),
  },
  rfft: {
    doc:
      `The discrete Fourier transform of real values along an axis: the first n / 2 + 1 (rounded down) of its n elements; the others are their conjugates. ${sums} ` +
      '(C1) float32 or float64. (C2) axis is a dimension with at least one element. MPSGraph: realToHermiteanFFTWithTensor.',
    operands: ['x'],
    dtypes: wideFloatDTypes,
    attrs: z.strictObject({ axis: axisSchema, scaling: scalingSchema }),
    traits: {},
    infer: (inputs, { axis }: RealFourierAttrs) => {
      const { dtype, shape } = inputs[0]!.type
      checkWideFloat('rfft', inputs)
      checkAxis('rfft', inputs, axis)
      checkNotEmpty('rfft', inputs, [axis], 'C2')
      return typeOf(complexDType(dtype), withSize(shape, axis, half(shape[axis]!)))
    },
    gradient: ({ b, inputs, grad, attrs }) => {
      const length = inputs[0]!.type.shape[attrs.axis]!
      const weight = weights(b, b.emit('real', [grad]), attrs.axis, length, 0.5)
      return [b.emit('irfft', [weighted(b, grad, weight)], { axis: attrs.axis, length, scaling: attrs.scaling })]
    },
    evaluate: ([x], { axis, scaling }: RealFourierAttrs, [type]) => {
      const from = x!.type.shape
      const { shape, size } = type!
      const n = from[axis]!
      const scale = scaleOf(scaling, [n])
      const values = new Float64Array(2 * size)
      eachLine(from, shape, axis, (at, to, stride) => {
        storeLine(
          values,
          transformed(n, shape[axis]!, false, (j) => [x!.values[at + j * stride] as number, 0]),
          to,
          stride,
        )
      })
      return [
        stored(
          type!,
          values.map((value) => value * scale),
        ),
      ]
    },
    samples: (
      [
        ['[8]', 0, 'none'],
        ['[3,16]', 1, 'size'],
        ['[6,5]', 0, 'unitary'],
        ['[2,15,3]', 1, 'none'],
        ['[19,10]', 1, 'none'],
        ['[2,74]', 1, 'size'],
        ['[2,37]', 1, 'none'],
        ['[3,1]', 1, 'none'],
        ['[3,2]', 1, 'none'],
        ['[0,4]', 1, 'none'],
      ] as const
    ).map(([shape, axis, scaling]): Sample => ({ inputs: [`$${shape}`], attrs: { axis, scaling }, tame: true })),
    flops: ([x], { axis }: RealFourierAttrs) => 3 * levels(x!.type.shape[axis]!),
  },
  irfft: {
    doc:
      'The real values along an axis whose transform is Hermitian: e^(+2 pi i j k / n) summed over k = 0 ... n - 1, where elements above n / 2 are the conjugates of those that are given. ' +
      `Imaginary parts of element 0, and of element n / 2 for an even n, count as 0. ${sums} ` +
      '(C1) z is complex. (C2) axis is a dimension of length / 2 + 1 (rounded down) elements, length at least 1. MPSGraph: HermiteanToRealFFTWithTensor.',
    operands: ['z'],
    dtypes: complexDTypes,
    attrs: z.strictObject({ axis: axisSchema, length: z.int().min(1), scaling: scalingSchema }),
    traits: { complex: true },
    infer: (inputs, { axis, length }: HermitianAttrs) => {
      const { dtype, shape } = checkComplex('irfft', inputs)
      checkAxis('irfft', inputs, axis)
      if (length < 1 || shape[axis] !== half(length)) {
        throw new SinterError(
          'shape',
          `length ${length} needs ${half(length)} elements along axis ${axis}, there are ${shape[axis]} (C2)`,
          { op: 'irfft', operands: inputs },
        )
      }
      return typeOf(partDType(dtype), withSize(shape, axis, length))
    },
    gradient: ({ b, inputs, grad, attrs }) => {
      const like = b.emit('real', [inputs[0]!])
      const weight = weights(b, like, attrs.axis, attrs.length, 2)
      return [weighted(b, b.emit('rfft', [grad], { axis: attrs.axis, scaling: attrs.scaling }), weight)]
    },
    evaluate: ([x], { axis, length, scaling }: HermitianAttrs, [type]) => {
      const from = x!.type.shape
      const scale = scaleOf(scaling, [length])
      const out = new Float64Array(type!.size)
      eachLine(from, type!.shape, axis, (at, to, stride) => {
        const part = (j: number): [number, number] => {
          const mirrored = 2 * j > length
          const [re, own] = pairAt(x!.values as Float64Array, at + (mirrored ? length - j : j) * stride)
          const im = j === 0 || 2 * j === length ? 0 : own
          return [re, mirrored ? -im : im]
        }
        transformed(length, length, true, part).forEach(([value], k) => {
          out[to + k * stride] = value * scale
        })
      })
      return [stored(type!, out)]
    },
    samples: (
      [
        ['[5]', 0, 8, 'none'],
        ['[3,9]', 1, 16, 'size'],
        ['[3,5]', 0, 5, 'unitary'],
        ['[2,8,3]', 1, 15, 'none'],
        ['[19,6]', 1, 10, 'none'],
        ['[2,38]', 1, 74, 'size'],
        ['[2,19]', 1, 37, 'none'],
        ['[3,1]', 1, 1, 'none'],
        ['[3,2]', 1, 2, 'none'],
        ['[0,3]', 1, 4, 'none'],
      ] as const
    ).map(([shape, axis, length, scaling]): Sample => ({ inputs: [`$${shape}`], attrs: { axis, length, scaling }, tame: true })),
    flops: ([x], { axis }: HermitianAttrs) => 3 * levels(x!.type.shape[axis]!),
  },
})
