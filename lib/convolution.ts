// Convolutions in one to three dimensions, and transposed ones, with PyTorch's meaning of arguments. Inside, channels come first; other layouts are views.

import { isInexact } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { inversePermutation } from '../ir/shape.js'
import { checkInteger, checkOptions, describeValue } from './check.js'
import { pad } from './pad.js'
import { asTensor, cast, promoted, record, type TensorLike } from './record.js'
import { permuteDims, reshape } from './shape.js'
import { type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

/** Where the channels of data stand: second, or last. */
export type DataLayout = 'NCW' | 'NWC' | 'NCHW' | 'NHWC' | 'NCDHW' | 'NDHWC'
/** Where the output and input channels of weights stand: first, or last in the order input, output. */
export type WeightLayout = 'OIW' | 'WIO' | 'OIHW' | 'HWIO' | 'OIDHW' | 'DHWIO'
/** Zeros around the data: on both sides, one amount per dimension, [before, after] per dimension, none ('valid'), or what keeps the sizes ('same'). */
export type ConvolutionPadding = PerDimension | readonly (readonly [number, number])[] | 'valid' | 'same'

export interface ConvolutionOptions {
  /** Added to each output channel. */
  readonly bias?: Tensor | undefined
  /** Steps of the kernel; default 1. */
  readonly stride?: PerDimension | undefined
  /** Zeros around the data; default 0. 'same' needs stride 1; an odd number of zeros has the additional one behind. */
  readonly padding?: ConvolutionPadding | undefined
  /** Distances between the kernel's elements; default 1. */
  readonly dilation?: PerDimension | undefined
  /** Groups of channels that see each other only; as many as channels make a depthwise convolution. Default 1. */
  readonly groups?: number | undefined
  /** Default: channels second. The result has it too. */
  readonly dataLayout?: DataLayout | undefined
  /** Default: output channels first, then input channels. */
  readonly weightLayout?: WeightLayout | undefined
}

export interface ConvolutionTransposeOptions extends Omit<ConvolutionOptions, 'padding'> {
  /** What the corresponding convolution pads, so what is cut off here; default 0. */
  readonly padding?: PerDimension | readonly (readonly [number, number])[] | undefined
  /** Elements added at the end of each dimension, to choose between the sizes that the convolution maps to the same one; default 0. */
  readonly outputPadding?: PerDimension | undefined
}

type Pairs = readonly (readonly [number, number])[]

const dataLayouts = { first: ['NCW', 'NCHW', 'NCDHW'], last: ['NWC', 'NHWC', 'NDHWC'] } as const
const weightLayouts = { first: ['OIW', 'OIHW', 'OIDHW'], last: ['WIO', 'HWIO', 'DHWIO'] } as const

/** [before, after] of each dimension. */
export function paddingPairs(op: string, padding: unknown, rank: number): Pairs {
  if (Array.isArray(padding) && padding.some(Array.isArray)) {
    const pairs = padding as unknown[][]
    if (pairs.length !== rank || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
      throw new SinterError('argument', `padding in pairs is [before, after] for each of ${rank} spatial dimensions`, { op })
    }
    for (const amount of pairs.flat()) checkInteger(op, 'padding', amount, 0)
    return pairs as unknown as Pairs
  }
  return perDimension(op, 'padding', padding as PerDimension, rank, 0).map((amount) => [amount, amount] as const)
}

/** The padding of a convolution whose dilated kernel spans `extents`. */
function convolutionPadding(op: string, padding: unknown, strides: readonly number[], extents: readonly number[]): Pairs {
  if (typeof padding !== 'string') return paddingPairs(op, padding, extents.length)
  if (padding === 'valid') return extents.map(() => [0, 0] as const)
  if (padding !== 'same') {
    throw new SinterError('argument', `there is no padding ${describeValue(padding)}`, { op, hint: "'valid', 'same', or numbers" })
  }
  if (strides.some((stride) => stride !== 1)) {
    throw new SinterError('argument', `padding 'same' needs stride 1, got [${strides.join(', ')}]`, {
      op,
      hint: 'give the padding in numbers',
    })
  }
  return extents.map((extent) => [(extent - 1) >> 1, extent >> 1] as const)
}

/** Whether the layout has channels last. */
function channelsLast(op: string, name: string, layout: unknown, rank: number, known: typeof dataLayouts | typeof weightLayouts): boolean {
  const [first, last] = [known.first[rank - 1], known.last[rank - 1]]
  if (layout === undefined || layout === first) return false
  if (layout === last) return true
  throw new SinterError('argument', `there is no ${name} ${describeValue(layout)} in ${rank}-D`, { op, hint: `'${first}' or '${last}'` })
}

const spatial = (rank: number): number[] => Array.from({ length: rank }, (_, d) => d)

/** The dimensions of channels-last data in channels-first order: [N, ...sizes, C] to [N, C, ...sizes]. */
const dataFirst = (rank: number): number[] => [0, rank + 1, ...spatial(rank).map((d) => d + 1)]
/** [...kernel, I, O] to [O, I, ...kernel]. */
const weightsFirst = (rank: number): number[] => [rank + 1, rank, ...spatial(rank)]

interface Prepared {
  /** [N, C, ...sizes] and [O, I, ...kernel], of one floating dtype. */
  readonly data: Tensor
  readonly weights: Tensor
  readonly strides: number[]
  readonly dilations: number[]
  readonly groups: number
  /** Spans of the dilated kernel. */
  readonly extents: number[]
  /** Adds the bias and brings a result into the layout of the data. */
  finish(result: Tensor): Tensor
}

const names = ['bias', 'stride', 'padding', 'dilation', 'groups', 'dataLayout', 'weightLayout']

/** The operand as a tensor; throws `dtype` unless it has a floating dtype. */
export function floatOperand(op: string, x: TensorLike): Tensor {
  const own = asTensor(x, op)
  if (isInexact(own.dtype)) return own
  throw new SinterError('dtype', `works on floats, not on ${own.dtype}`, {
    op,
    operands: [own],
    hint: "convert first, for example astype('float32')",
  })
}

function prepare(
  op: string,
  rank: number,
  x: TensorLike,
  weight: TensorLike,
  options: ConvolutionTransposeOptions | ConvolutionOptions,
): Prepared {
  const [own, kernels] = promoted(floatOperand(op, x), floatOperand(op, weight), op)
  if ((own.ndim !== rank + 2 && own.ndim !== rank + 1) || kernels.ndim !== rank + 2) {
    throw new SinterError('shape', `takes data of ${rank + 2} dimensions (${rank + 1} without the batch) and weights of ${rank + 2}`, {
      op,
      operands: [own, kernels],
    })
  }
  const last = channelsLast(op, 'dataLayout', options.dataLayout, rank, dataLayouts)
  const weightsLast = channelsLast(op, 'weightLayout', options.weightLayout, rank, weightLayouts)
  const batched = own.ndim === rank + 2
  const batch = batched ? own : reshape(own, [1, ...own.shape])
  const weights = weightsLast ? permuteDims(kernels, weightsFirst(rank)) : kernels
  const groups = options.groups ?? 1
  checkInteger(op, 'groups', groups, 1)
  const dilations = perDimension(op, 'dilation', options.dilation ?? 1, rank, 1)
  return {
    data: last ? permuteDims(batch, dataFirst(rank)) : batch,
    weights,
    strides: perDimension(op, 'stride', options.stride ?? 1, rank, 1),
    dilations,
    groups,
    extents: dilations.map((dilation, d) => dilation * (weights.shape[d + 2]! - 1) + 1),
    finish: (result) => {
      const biased = options.bias === undefined ? result : channelBias(op, result, options.bias)
      const placed = last ? permuteDims(biased, inversePermutation(dataFirst(rank))) : biased
      return batched ? placed : reshape(placed, placed.shape.slice(1))
    },
  }
}

/** The result [N, O, ...] plus a bias [O]. */
export function channelBias(op: string, result: Tensor, bias: Tensor): Tensor {
  const own = floatOperand(op, bias)
  const channels = result.shape[1]!
  if (own.ndim !== 1 || own.size !== channels) {
    throw new SinterError('shape', `the bias of ${channels} output channels is [${channels}], got [${own.shape}]`, { op, operands: [own] })
  }
  return record(ops.add, [result, reshape(cast(own, result.dtype), [channels, ...result.shape.slice(2).map(() => 1)])])
}

function convolve(op: string, rank: number, x: TensorLike, weight: TensorLike, options: ConvolutionOptions): Tensor {
  checkOptions(op, options, names)
  const { data, weights, strides, dilations, groups, extents, finish } = prepare(op, rank, x, weight, options)
  const pairs = convolutionPadding(op, options.padding ?? 0, strides, extents)
  const [low, high] = [pairs.map(([before]) => before), pairs.map(([, after]) => after)]
  return finish(record(ops.convolution, [data, weights], { strides, dilations, low, high, groups }))
}

function convolveTransposed(op: string, rank: number, x: TensorLike, weight: TensorLike, options: ConvolutionTransposeOptions): Tensor {
  checkOptions(op, options, [...names, 'outputPadding'])
  const { data, weights, strides, dilations, groups, extents, finish } = prepare(op, rank, x, weight, options)
  const pairs = paddingPairs(op, options.padding ?? 0, rank)
  const more = perDimension(op, 'outputPadding', options.outputPadding ?? 0, rank, 0)
  if (more.some((amount, d) => amount >= Math.max(strides[d]!, dilations[d]!))) {
    throw new SinterError('argument', `outputPadding [${more}] is not smaller than stride [${strides}] or dilation [${dilations}]`, { op })
  }
  const low = pairs.map(([before]) => before)
  // What is added at the end is cut off less; where nothing is cut off, a convolution ignores less than a stride, and the rest is zeros.
  const high = pairs.map(([, after], d) => Math.max(0, after - more[d]!))
  const beyond = pairs.map(([, after], d) => Math.max(0, more[d]! - after))
  const zeros = beyond.map((amount, d) => (amount < strides[d]! ? 0 : amount))
  const sizes = data.shape.slice(2).map((size, d) => {
    return (size - 1) * strides[d]! + extents[d]! - low[d]! - high[d]! + beyond[d]! - zeros[d]!
  })
  if (sizes.some((size) => size < 1)) {
    throw new SinterError('shape', `padding leaves a result of spatial sizes [${sizes}]`, { op, operands: [data, weights] })
  }
  const result = record(ops.convolutionDataGradient, [data, weights], { strides, dilations, low, high, groups, sizes })
  return finish(
    zeros.every((amount) => amount === 0) ? result : pad(result, [[0, 0], [0, 0], ...zeros.map((n) => [0, n] as const)] as Pairs),
  )
}

/**
 * The 1-D convolution (cross-correlation) of x [N, C, W] with weight [O, C / groups, K], as PyTorch's conv1d: [N, O, W']. x may lack N. Floats only; float16 and
 * bfloat16 accumulate in float32. Throws `dtype` for integers, `shape` where channels, groups or sizes do not fit. MPSGraph: convolution2D.
 */
export function conv1d(x: TensorLike, weight: TensorLike, options: ConvolutionOptions = {}): Tensor {
  return convolve('conv1d', 1, x, weight, options)
}

/**
 * The 2-D convolution (cross-correlation) of x [N, C, H, W] with weight [O, C / groups, KH, KW], as PyTorch's conv2d: [N, O, H', W']. x may lack N. Layouts
 * NHWC and HWIO by option. Floats only; float16 and bfloat16 accumulate in float32. Throws `dtype` for integers, `shape` where channels, groups or sizes do not
 * fit. MPSGraph: convolution2D, depthwiseConvolution2D.
 */
export function conv2d(x: TensorLike, weight: TensorLike, options: ConvolutionOptions = {}): Tensor {
  return convolve('conv2d', 2, x, weight, options)
}

/**
 * The 3-D convolution (cross-correlation) of x [N, C, D, H, W] with weight [O, C / groups, KD, KH, KW], as PyTorch's conv3d: [N, O, D', H', W']. x may lack N.
 * Floats only; float16 and bfloat16 accumulate in float32. Throws `dtype` for integers, `shape` where channels, groups or sizes do not fit. MPSGraph:
 * convolution3D.
 */
export function conv3d(x: TensorLike, weight: TensorLike, options: ConvolutionOptions = {}): Tensor {
  return convolve('conv3d', 3, x, weight, options)
}

/**
 * The transposed 1-D convolution of x [N, C, W] with weight [C, O / groups, K], as PyTorch's conv_transpose1d: [N, O, (W - 1) stride - padding before and after +
 * dilation (K - 1) + outputPadding + 1]. The weights are those of the convolution that it transposes, so C stands for O in their layout. Errors as conv1d.
 */
export function convTranspose1d(x: TensorLike, weight: TensorLike, options: ConvolutionTransposeOptions = {}): Tensor {
  return convolveTransposed('convTranspose1d', 1, x, weight, options)
}

/** The transposed 2-D convolution of x [N, C, H, W] with weight [C, O / groups, KH, KW], as PyTorch's conv_transpose2d; see convTranspose1d. */
export function convTranspose2d(x: TensorLike, weight: TensorLike, options: ConvolutionTransposeOptions = {}): Tensor {
  return convolveTransposed('convTranspose2d', 2, x, weight, options)
}

/** The transposed 3-D convolution of x [N, C, D, H, W] with weight [C, O / groups, KD, KH, KW], as PyTorch's conv_transpose3d; see convTranspose1d. */
export function convTranspose3d(x: TensorLike, weight: TensorLike, options: ConvolutionTransposeOptions = {}): Tensor {
  return convolveTransposed('convTranspose3d', 3, x, weight, options)
}
