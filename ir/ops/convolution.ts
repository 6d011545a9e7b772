// Convolutions over one to three spatial dimensions and their two gradients. Each is linear in both operands, and the gradients of one are the other two.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { type HostTensor, roundTo } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type HasType, type Sample } from '../op.js'
import { sameShape, sizeOf } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { floatDTypes } from './check.js'
import {
  type ConvolutionAttrs,
  type ConvolutionShapes,
  checkGroups,
  checkWindow,
  forEachProduct,
  sums,
  windowDoc,
} from './convolution-geometry.js'
import { checkDType } from './kit.js'
import { shapeSchema } from './schema.js'

interface DataGradientAttrs extends ConvolutionAttrs {
  readonly sizes: readonly number[]
}

interface WeightsGradientAttrs extends ConvolutionAttrs {
  readonly kernel: readonly number[]
}

const positive = z.array(z.int().min(1))
export const windowSchema = { strides: positive, dilations: positive, low: shapeSchema, high: shapeSchema }
const attrs = { ...windowSchema, groups: z.int().min(1) }
const floats = new Set(floatDTypes)

const layouts =
  'Data are [N, C, ...sizes], weights [O, C / groups, ...kernel], results [N, O, ...counts]; channels of a group see each other only. ' +
  'Sums are taken in any order, at least in float32, and rounded once. '
const sharedDoc =
  `${windowDoc} (C4) Both operands have one floating dtype and one rank. ` +
  '(C5) groups divides the channels of data and result. (C6) Channels of data and weights, sizes of both operands agree.'

/** The attributes of a convolution without those that only a gradient has. */
const window = ({ strides, dilations, low, high, groups }: ConvolutionAttrs) => ({ strides, dilations, low, high, groups })

function refuse(op: string, inputs: readonly HasType[], message: string): never {
  throw new SinterError('shape', `${message} (C6)`, { op, operands: inputs })
}

/** `evaluate` from which tensor of a product is summed into. */
function accumulate(
  shapes: (inputs: readonly HostTensor[], type: TensorType) => ConvolutionShapes,
  add: (total: Float64Array, a: HostTensor['values'], b: HostTensor['values'], data: number, weight: number, result: number) => void,
) {
  return ([a, b]: readonly HostTensor[], own: ConvolutionAttrs, [type]: readonly TensorType[]): readonly HostTensor[] => {
    const { values, finish } = sums(type!, (value) => roundTo(type!.dtype, value))
    forEachProduct(shapes([a!, b!], type!), own, (data, weight, result) => add(values, a!.values, b!.values, data, weight, result))
    return [finish()]
  }
}

type Case = readonly [data: string, weights: string, result: string, extra: Partial<ConvolutionAttrs>]

/** Shapes of data, weights and result, and the attributes that are not 1 or 0. */
const cases: readonly Case[] = [
  ['[2,3,7]', '[4,3,3]', '[2,4,5]', {}],
  ['[1,2,9]', '[2,1,2]', '[1,2,4]', { strides: [3], dilations: [2], low: [1], high: [2], groups: 2 }],
  ['[2,3,5,6]', '[4,3,3,2]', '[2,4,3,5]', {}],
  ['[1,2,6,5]', '[3,2,3,3]', '[1,3,3,3]', { strides: [2, 2], low: [1, 1], high: [1, 1] }],
  ['[1,4,5,6]', '[6,2,2,3]', '[1,6,5,3]', { strides: [1, 2], dilations: [2, 1], low: [1, 0], high: [1, 1], groups: 2 }],
  ['[2,3,6,7]', '[3,1,3,3]', '[2,3,6,7]', { low: [1, 1], high: [1, 1], groups: 3 }],
  ['[1,2,7,6]', '[4,1,2,3]', '[1,4,3,4]', { strides: [3, 2], low: [0, 2], high: [1, 1], groups: 2 }],
  ['[2,5,3,4]', '[2,5,1,1]', '[2,2,3,4]', {}],
  ['[1,1,3,3]', '[2,1,2,2]', '[1,2,3,3]', { strides: [3, 3], low: [4, 3], high: [2, 3] }],
  ['[1,17,4,4]', '[35,17,3,3]', '[1,35,4,4]', { low: [1, 1], high: [1, 1] }],
  ['[1,2,3,4,5]', '[3,2,2,2,2]', '[1,3,2,3,4]', {}],
  ['[1,2,4,3,5]', '[2,1,2,3,2]', '[1,2,3,3,2]', { strides: [2, 1, 2], low: [1, 1, 0], high: [1, 1, 1], dilations: [1, 1, 3], groups: 2 }],
  ['[1,30,3,3]', '[5,30,3,3]', '[1,5,3,3]', { low: [1, 1], high: [1, 1] }],
  ['[1,9,5,6]', '[9,1,3,3]', '[1,9,5,6]', { low: [1, 1], high: [1, 1], groups: 9 }],
  ['[2,8,6,9]', '[16,1,2,3]', '[2,16,3,3]', { strides: [2, 3], dilations: [1, 2], low: [0, 1], high: [1, 2], groups: 8 }],
  ['[1,16,3,2,40]', '[8,2,2,2,3]', '[1,8,2,3,39]', { low: [0, 1, 0], high: [0, 1, 1], groups: 8 }],
  ['[0,2,4]', '[2,2,2]', '[0,2,3]', {}],
]

const sizesIn = (shape: string): number[] => JSON.parse(shape).slice(2)

function samples(
  inputs: (data: string, weights: string, result: string) => string[],
  more: (data: string, weights: string) => object,
): Sample[] {
  return cases.map(([data, weights, result, extra]) => {
    const all = (value: number): number[] => sizesIn(data).map(() => value)
    const full = { strides: all(1), dilations: all(1), low: all(0), high: all(0), groups: 1, ...extra }
    // Tame: whether a padding's zero meets an element that is not finite, or nothing does, is up to the backend.
    return { inputs: inputs(data, weights, result).map((shape) => `$${shape}`), attrs: { ...full, ...more(data, weights) }, tame: true }
  })
}

export const convolutionOps = defineFamily('convolution', {
  convolution: {
    doc: `The cross-correlation of data with kernels, as deep learning calls convolution. ${layouts}MPSGraph: convolution2D, depthwiseConvolution2D, convolution3D. ${sharedDoc}`,
    operands: ['data', 'weights'],
    dtypes: floatDTypes,
    attrs: z.strictObject(attrs),
    traits: {},
    infer: (inputs, own: ConvolutionAttrs) => {
      const op = 'convolution'
      const [data, weights] = [inputs[0]!.type, inputs[1]!.type]
      checkDType(op, inputs, 0, floats)
      checkGroups(op, inputs, own.groups, weights.shape[0]!)
      if (weights.shape[1]! < 1 || data.shape[1] !== weights.shape[1]! * own.groups) {
        refuse(op, inputs, `data have ${data.shape[1]} channels, weights ${weights.shape[1]} for each of ${own.groups} groups`)
      }
      const counts = checkWindow(op, inputs, data.shape.slice(2), weights.shape.slice(2), own)
      return typeOf(data.dtype, [data.shape[0]!, weights.shape[0]!, ...counts])
    },
    gradient: ({ b, inputs, attrs: own, grad, needs }) => {
      const [data, weights] = inputs as [Node, Node]
      return [
        needs[0] ? b.emit('convolutionDataGradient', [grad, weights], { ...window(own), sizes: data.type.shape.slice(2) }) : undefined,
        needs[1] ? b.emit('convolutionWeightsGradient', [data, grad], { ...window(own), kernel: weights.type.shape.slice(2) }) : undefined,
      ]
    },
    evaluate: accumulate(
      ([data, weights], type) => ({ data: data!.type.shape, weights: weights!.type.shape, result: type.shape }),
      (total, data, weights, x, w, y) => {
        total[y]! += Number(data[x]) * Number(weights[w])
      },
    ),
    samples: samples(
      (data, weights) => [data, weights],
      () => ({}),
    ),
    flops: ([, weights]) => 2 * sizeOf(weights!.type.shape.slice(1)),
  },
  convolutionDataGradient: {
    doc:
      'The gradient of a convolution by its data, from that of its result: the transposed convolution. sizes are the spatial sizes of the data. ' +
      `${layouts}MPSGraph: convolution2DDataGradient, depthwiseConvolution2DDataGradient, convolution3DDataGradient. ${sharedDoc}`,
    operands: ['grad', 'weights'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ ...attrs, sizes: shapeSchema }),
    traits: {},
    infer: (inputs, own: DataGradientAttrs) => {
      const op = 'convolutionDataGradient'
      const [grad, weights] = [inputs[0]!.type, inputs[1]!.type]
      checkDType(op, inputs, 0, floats)
      checkGroups(op, inputs, own.groups, weights.shape[0]!)
      if (grad.shape[1] !== weights.shape[0] || weights.shape[1]! < 1) {
        refuse(
          op,
          inputs,
          `the gradient has ${grad.shape[1]} channels, weights have ${weights.shape[0]} for ${weights.shape[1]} of the data`,
        )
      }
      const counts = checkWindow(op, inputs, own.sizes, weights.shape.slice(2), own)
      if (!sameShape(counts, grad.shape.slice(2))) {
        refuse(
          op,
          inputs,
          `data of [${own.sizes.join(', ')}] have results of [${counts.join(', ')}], the gradient is of [${grad.shape.slice(2).join(', ')}]`,
        )
      }
      return typeOf(grad.dtype, [grad.shape[0]!, weights.shape[1]! * own.groups, ...own.sizes])
    },
    gradient: ({ b, inputs, attrs: own, grad, needs }) => {
      const [result, weights] = inputs as [Node, Node]
      return [
        needs[0] ? b.emit('convolution', [grad, weights], window(own)) : undefined,
        needs[1]
          ? b.emit('convolutionWeightsGradient', [grad, result], { ...window(own), kernel: weights.type.shape.slice(2) })
          : undefined,
      ]
    },
    evaluate: accumulate(
      ([grad, weights], type) => ({ data: type.shape, weights: weights!.type.shape, result: grad!.type.shape }),
      (total, grad, weights, x, w, y) => {
        total[x]! += Number(grad[y]) * Number(weights[w])
      },
    ),
    samples: samples(
      (_, weights, result) => [result, weights],
      (data) => ({ sizes: sizesIn(data) }),
    ),
    flops: ([, weights], own: DataGradientAttrs) =>
      Math.ceil((2 * (weights!.type.shape[0]! / own.groups) * sizeOf(weights!.type.shape.slice(2))) / sizeOf(own.strides)),
  },
  convolutionWeightsGradient: {
    doc:
      'The gradient of a convolution by its weights, from that of its result. kernel are the spatial sizes of the weights. ' +
      `${layouts}MPSGraph: convolution2DWeightsGradient, convolution3DWeightsGradient. ${sharedDoc}`,
    operands: ['data', 'grad'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ ...attrs, kernel: positive }),
    traits: {},
    infer: (inputs, own: WeightsGradientAttrs) => {
      const op = 'convolutionWeightsGradient'
      const [data, grad] = [inputs[0]!.type, inputs[1]!.type]
      checkDType(op, inputs, 0, floats)
      checkGroups(op, inputs, own.groups, grad.shape[1]!)
      if (data.shape[1]! < 1 || data.shape[1]! % own.groups !== 0 || data.shape[0] !== grad.shape[0]) {
        refuse(op, inputs, `${data.shape[0]} data of ${data.shape[1]} channels in ${own.groups} groups, and ${grad.shape[0]} gradients`)
      }
      const counts = checkWindow(op, inputs, data.shape.slice(2), own.kernel, own)
      if (!sameShape(counts, grad.shape.slice(2))) {
        refuse(op, inputs, `the data have results of [${counts.join(', ')}], the gradient is of [${grad.shape.slice(2).join(', ')}]`)
      }
      return typeOf(data.dtype, [grad.shape[1]!, data.shape[1]! / own.groups, ...own.kernel])
    },
    gradient: ({ b, inputs, attrs: own, grad, needs }) => {
      const [data, result] = inputs as [Node, Node]
      return [
        needs[0] ? b.emit('convolutionDataGradient', [result, grad], { ...window(own), sizes: data.type.shape.slice(2) }) : undefined,
        needs[1] ? b.emit('convolution', [data, grad], window(own)) : undefined,
      ]
    },
    evaluate: accumulate(
      ([data, grad], type) => ({ data: data!.type.shape, weights: type.shape, result: grad!.type.shape }),
      (total, data, grad, x, w, y) => {
        total[w]! += Number(data[x]) * Number(grad[y])
      },
    ),
    samples: samples(
      (data, _, result) => [data, result],
      (_, weights) => ({ kernel: sizesIn(weights) }),
    ),
    flops: ([data, grad]) => 2 * data!.type.shape[0]! * sizeOf(grad!.type.shape.slice(2)),
  },
})
