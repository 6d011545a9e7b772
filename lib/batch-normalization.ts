// Normalization over batches and groups of channels. Composites; float16 and bfloat16 are computed in float32.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastsTo, sameShape, sizeOf } from '../ir/shape.js'
import { axisArgument, checkFinite, checkInteger, checkOptions, checkTensor } from './check.js'
import { constant, widened } from './operand.js'
import { cast, floatingReal, record, scalar, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import { centered, meanOver } from './statistics.js'
import type { Tensor } from './tensor.js'

export interface ChannelNormOptions {
  /** A factor per channel. */
  readonly weight?: Tensor | undefined
  /** Added per channel at the end. */
  readonly bias?: Tensor | undefined
  /** Added to the variance before the root; default 1e-5. */
  readonly eps?: number | undefined
  /** The dimension of the channels; default 1. */
  readonly axis?: number | undefined
}

export interface BatchNormTrainingOptions extends ChannelNormOptions {
  /** Statistics so far, one per channel. */
  readonly runningMean?: Tensor | undefined
  readonly runningVariance?: Tensor | undefined
  /** The weight of this batch in the new statistics; default 0.1. */
  readonly momentum?: number | undefined
}

export interface BatchNormResult {
  readonly output: Tensor
  /** The statistics for the next call (or for batchNorm): those of this batch where none were given. No gradient flows through them. */
  readonly runningMean: Tensor
  readonly runningVariance: Tensor
}

interface Channels {
  readonly op: string
  readonly own: Tensor
  readonly x: Tensor
  readonly axis: number
  readonly eps: number
}

const channelNames = ['weight', 'bias', 'eps', 'axis']

function channelsOf(op: string, x: TensorLike, options: ChannelNormOptions, names: readonly string[] = channelNames): Channels {
  checkOptions(op, options, names)
  const eps = options.eps ?? 1e-5
  checkFinite(op, 'eps', eps, 0)
  const own = floatingReal(x, op)
  return { op, own, x: widened(own), axis: axisArgument(op, own, options.axis ?? 1), eps }
}

/** A number per channel, in x's dtype and with its dimensions. */
function perChannel({ op, x, axis }: Channels, name: string, value: Tensor): Tensor {
  checkTensor(op, value, name)
  const size = x.shape[axis]!
  if (!sameShape(value.shape, [size])) {
    throw new SinterError('shape', `${name} has shape [${value.shape.join(', ')}], there are ${size} channels`, {
      op,
      operands: [x, value],
    })
  }
  const shape = x.shape.map((_, d) => (d === axis ? size : 1))
  return cast(reshape(value, shape), x.dtype)
}

/** value * weight / sqrt(variance + eps) + bias, with the factors joined where they are small. */
function applied(channels: Channels, value: Tensor, variance: Tensor, options: ChannelNormOptions): Tensor {
  const root = record(ops.rsqrt, [record(ops.add, [variance, constant(channels.eps, variance)])])
  const joined = options.weight === undefined ? root : record(ops.mul, [root, perChannel(channels, 'weight', options.weight)])
  const result = record(ops.mul, [value, joined])
  const shifted = options.bias === undefined ? result : record(ops.add, [result, perChannel(channels, 'bias', options.bias)])
  return cast(shifted, channels.own.dtype)
}

export interface NormalizationOptions {
  /** Factors at the end, gamma. */
  readonly weight?: Tensor | undefined
  /** Added after them, beta. */
  readonly bias?: Tensor | undefined
  /** Added to the variance before the root; default 1e-5. */
  readonly eps?: number | undefined
}

/**
 * (x - mean) / sqrt(variance + eps) * weight + bias, where each of them has any shape that broadcasts to x's: batch, layer, group or instance normalization,
 * depending on how mean and variance were taken. Differentiable in all five. MPSGraph:
 * normalizationWithTensor:meanTensor:varianceTensor:gammaTensor:betaTensor:epsilon:name:. Throws `shape` for what does not broadcast to x.
 */
export function normalization(x: TensorLike, mean: Tensor, variance: Tensor, options: NormalizationOptions = {}): Tensor {
  const op = 'normalization'
  checkOptions(op, options, ['weight', 'bias', 'eps'])
  const { eps = 1e-5, weight, bias } = options
  checkFinite(op, 'eps', eps, 0)
  const own = floatingReal(x, op)
  const wide = widened(own)
  const operand = (name: string, value: Tensor): Tensor => {
    checkTensor(op, value, name)
    if (broadcastsTo(value.shape, own.shape)) return cast(floatingReal(value, op), wide.dtype)
    throw new SinterError('shape', `${name} is [${value.shape.join(', ')}], which does not broadcast to [${own.shape.join(', ')}]`, {
      op,
      operands: [own, value],
    })
  }
  const spread = operand('variance', variance)
  const root = record(ops.rsqrt, [record(ops.add, [spread, constant(eps, spread)])])
  let result = record(ops.mul, [record(ops.sub, [wide, operand('mean', mean)]), root])
  if (weight !== undefined) result = record(ops.mul, [result, operand('weight', weight)])
  if (bias !== undefined) result = record(ops.add, [result, operand('bias', bias)])
  return cast(result, own.dtype)
}

/**
 * (x - mean) / sqrt(variance + eps) * weight + bias with given statistics per channel: batch normalization as it infers (Ioffe, Szegedy, 2015). x is
 * [N, C, ...]; mean, variance, weight and bias are [C]. MPSGraph: normalizationWithTensor:meanTensor:varianceTensor:gammaTensor:betaTensor:epsilon:name:.
 */
export function batchNorm(x: TensorLike, mean: Tensor, variance: Tensor, options: ChannelNormOptions = {}): Tensor {
  const channels = channelsOf('batchNorm', x, options)
  const difference = record(ops.sub, [channels.x, perChannel(channels, 'mean', mean)])
  return applied(channels, difference, perChannel(channels, 'variance', variance), options)
}

/**
 * Batch normalization as it trains: with the mean and variance of x, [N, C, ...], over all dimensions but the channels', and with the running statistics
 * that result: (1 - momentum) * running + momentum * batch, of the variance with divisor n - 1, as torch counts it.
 */
export function batchNormTraining(x: TensorLike, options: BatchNormTrainingOptions = {}): BatchNormResult {
  const op = 'batchNormTraining'
  const channels = channelsOf(op, x, options, [...channelNames, 'runningMean', 'runningVariance', 'momentum'])
  const momentum = options.momentum ?? 0.1
  checkFinite(op, 'momentum', momentum)
  const wide = channels.x
  const axes = wide.shape.flatMap((_, d) => (d === channels.axis ? [] : [d]))
  const count = axes.reduce((product, d) => product * wide.shape[d]!, 1)
  const mean = meanOver(wide, axes, true)
  // Squared the other way round, so that the differences are computed twice rather than stored between two passes over x.
  const variance = meanOver(record(ops.square, [record(ops.sub, [mean, wide])]), axes, true)
  const unbiased = record(ops.mul, [variance, constant(count / Math.max(1, count - 1), variance)])
  const next = (batch: Tensor, name: string, before: Tensor | undefined): Tensor => {
    const own = record(ops.stopGradient, [batch])
    const flat = (value: Tensor): Tensor => reshape(value, [channels.x.shape[channels.axis]!])
    if (before === undefined) return flat(own)
    const given = record(ops.stopGradient, [perChannel(channels, name, before)])
    const share = scalar(momentum, own.dtype, own.device, op)
    const rest = scalar(1 - momentum, own.dtype, own.device, op)
    return cast(flat(record(ops.add, [record(ops.mul, [given, rest]), record(ops.mul, [own, share])])), before.dtype)
  }
  return {
    output: applied(channels, record(ops.sub, [wide, mean]), variance, options),
    runningMean: next(mean, 'runningMean', options.runningMean),
    runningVariance: next(unbiased, 'runningVariance', options.runningVariance),
  }
}

/** (x - mean) / sqrt(variance + eps) over rows of a tensor seen as [rows, length], in x's shape. */
function overRows({ x, eps }: Channels, rows: number): Tensor {
  const flat = reshape(x, [rows, rows === 0 ? 0 : x.size / rows])
  const difference = centered(flat, [1])
  const variance = meanOver(record(ops.square, [difference]), [1], true)
  const root = record(ops.rsqrt, [record(ops.add, [variance, constant(eps, variance)])])
  return reshape(record(ops.mul, [difference, root]), x.shape)
}

function withChannels(channels: Channels, value: Tensor, { weight, bias }: ChannelNormOptions): Tensor {
  let result = value
  if (weight !== undefined) result = record(ops.mul, [result, perChannel(channels, 'weight', weight)])
  if (bias !== undefined) result = record(ops.add, [result, perChannel(channels, 'bias', bias)])
  return cast(result, channels.own.dtype)
}

export type GroupNormOptions = Omit<ChannelNormOptions, 'axis'>

const groupNames = ['weight', 'bias', 'eps']

/** Each channel of each element of a batch normalized by itself: x is [N, C, ...], weight and bias are [C] (Ulyanov, Vedaldi, Lempitsky, 2016). */
export function instanceNorm(x: TensorLike, options: GroupNormOptions = {}): Tensor {
  const op = 'instanceNorm'
  const channels = channelsOf(op, x, options, groupNames)
  return withChannels(channels, overRows(channels, sizeOf(channels.x.shape.slice(0, 2))), options)
}

/** Groups of neighbouring channels of each element of a batch normalized together: x is [N, C, ...], weight and bias are [C] (Wu, He, 2018). */
export function groupNorm(x: TensorLike, groups: number, options: GroupNormOptions = {}): Tensor {
  const op = 'groupNorm'
  const channels = channelsOf(op, x, options, groupNames)
  checkInteger(op, 'the number of groups', groups, 1)
  const [batch, count] = channels.x.shape as [number, number]
  if (count % groups !== 0) {
    throw new SinterError('shape', `${count} channels do not divide into ${groups} groups`, { op, operands: [channels.own] })
  }
  return withChannels(channels, overRows(channels, batch * groups), options)
}
