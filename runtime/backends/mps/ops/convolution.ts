// Convolutions and their gradients: the methods of the framework, always channels first. One spatial dimension is computed as two. Halves are computed in
// float32 and rounded once.

import type { convolutionOps } from '../../../../ir/ops/convolution.js'
import type { ConvolutionAttrs } from '../../../../ir/ops/convolution-geometry.js'
import type { Shape } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'
import type { CallArgument, Descriptor, Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import { inFloat32 } from '../halves.js'
import type { Lowering, Table } from '../lowering.js'

const layout = (name: string): CallArgument => ({
  enumeration: 'MPSGraphTensorNamedDataLayout',
  case: `MPSGraphTensorNamedDataLayout${name}`,
})
const explicit: CallArgument = { enumeration: 'MPSGraphPaddingStyle', case: 'MPSGraphPaddingStyleExplicit' }

/** Names of the spatial dimensions, and of what is before and behind them. */
const dimensions = [
  { axis: 'Z', low: 'Front', high: 'Back' },
  { axis: 'Y', low: 'Top', high: 'Bottom' },
  { axis: 'X', low: 'Left', high: 'Right' },
] as const

/** The attributes over two or three spatial dimensions. */
function descriptor(kind: string, rank: number, { strides, dilations, low, high }: ConvolutionAttrs, groups?: number): Descriptor {
  const missing = rank - strides.length
  const properties: Record<string, CallArgument> = {}
  dimensions.slice(3 - rank).forEach((names, d) => {
    properties[`strideIn${names.axis}`] = strides[d - missing] ?? 1
    properties[`dilationRateIn${names.axis}`] = dilations[d - missing] ?? 1
    properties[`padding${names.low}`] = low[d - missing] ?? 0
    properties[`padding${names.high}`] = high[d - missing] ?? 0
  })
  properties['paddingStyle'] = explicit
  properties['dataLayout'] = layout(rank === 3 ? 'NCDHW' : 'NCHW')
  properties['weightsLayout'] = layout(rank === 3 ? 'OIDHW' : 'OIHW')
  if (groups !== undefined) properties['groups'] = groups
  return { descriptor: `MPSGraph${kind}${rank}DOpDescriptor`, properties }
}

/** [N, C, W] as [N, C, 1, W]. */
const raised = (shape: Shape): Shape => (shape.length === 3 ? [shape[0]!, shape[1]!, 1, shape[2]!] : shape)

interface Form {
  /** In selectors: `convolution2D`. */
  readonly method: string
  readonly descriptor: Descriptor
  /** Whether weights [C, 1, ...kernel] are given as [1, C, ...kernel]. */
  readonly turned: boolean
}

/** The dedicated methods have no multiplier that is documented, and that for the gradient by the weights ignores the padding. */
function formOf(weights: Shape, own: ConvolutionAttrs, dedicated: boolean): Form {
  const rank = Math.max(2, own.strides.length)
  if (dedicated && rank === 2 && own.groups > 1 && weights[1] === 1 && weights[0] === own.groups) {
    return { method: 'depthwiseConvolution2D', descriptor: descriptor('DepthwiseConvolution', 2, own), turned: true }
  }
  return { method: `convolution${rank}D`, descriptor: descriptor('Convolution', rank, own, own.groups), turned: false }
}

const raise = (g: Emitter, x: Value): Value => g.reshape(x, raised(x.type.shape))

function givenWeights(g: Emitter, weights: Value, { turned }: Form): Value {
  const whole = raise(g, weights)
  return turned ? g.reshape(whole, [1, whole.type.shape[0]!, ...whole.type.shape.slice(2)]) : whole
}

/** A lowering from the call on raised float32 operands that gives a result of the raised shape. */
const lowering = (compute: (g: Emitter, a: Value, b: Value, own: ConvolutionAttrs, shape: Shape) => Value): Lowering => ({
  emit: (g, operands, { attrs, type }) =>
    inFloat32(g, operands, ([a, b]) => g.reshape(compute(g, a!, b!, attrs, raised(type.shape)), type.shape)),
})

const float32 = (shape: Shape) => typeOf('float32', shape)

export const convolutionLowerings: Table<typeof convolutionOps> = {
  convolution: lowering((g, data, weights, own, shape) => {
    const form = formOf(weights.type.shape, own, true)
    const args = [raise(g, data), givenWeights(g, weights, form), form.descriptor]
    return g.call(`${form.method}WithSourceTensor:weightsTensor:descriptor:name:`, args, float32(shape))
  }),
  convolutionDataGradient: lowering((g, grad, weights, own, shape) => {
    const form = formOf(weights.type.shape, own, true)
    const last = form.turned ? 'descriptor' : 'forwardConvolutionDescriptor'
    const selector = `${form.method}DataGradientWithIncomingGradientTensor:weightsTensor:outputShape:${last}:name:`
    return g.call(selector, [raise(g, grad), givenWeights(g, weights, form), shape, form.descriptor], float32(shape))
  }),
  convolutionWeightsGradient: lowering((g, data, grad, own, shape) => {
    const form = formOf(shape, own, false)
    const selector = `${form.method}WeightsGradientWithIncomingGradientTensor:sourceTensor:outputShape:forwardConvolutionDescriptor:name:`
    return g.call(selector, [raise(g, grad), raise(g, data), shape, form.descriptor], float32(shape))
  }),
}
