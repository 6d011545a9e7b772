// Losses of classification. Composites: over the last axis they fuse into one kernel per row. float16 and bfloat16 are computed in float32. Names and defaults
// are torch's.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sameShape } from '../ir/shape.js'
import { logSoftmax } from './activation.js'
import { axisArgument, checkInteger, checkNumber, checkOptions, checkTensor } from './check.js'
import { iota } from './create.js'
import { type LossOptions, reductionOf } from './loss.js'
import { constant, indexOperand, widened } from './operand.js'
import { negative, over, plus, times } from './plain.js'
import { cast, floatingReal, record, scalar, type TensorLike } from './record.js'
import { sum } from './reduce.js'
import { expandDims, reshape } from './shape.js'
import { mean } from './statistics.js'
import type { Tensor } from './tensor.js'

export interface NllLossOptions extends LossOptions {
  /** A factor per class, of shape [C]. With reduction 'mean' the sum is divided by the factors of the targets, as torch does. */
  readonly weight?: Tensor | undefined
  /** A class whose elements count 0 and not in the mean; default -100. */
  readonly ignoreIndex?: number | undefined
  /** The dimension of the classes; default 1, or 0 for a 1-D input. */
  readonly axis?: number | undefined
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** How much of each target is spread over all classes, 0 (default) to 1. */
  readonly labelSmoothing?: number | undefined
}

/** The operands of a loss over classes, checked. */
interface Classes {
  readonly op: string
  readonly own: Tensor
  readonly x: Tensor
  readonly axis: number
  readonly reduction: string
  /** Factors, with the dimensions of x. */
  readonly weight: Tensor | undefined
}

function classesOf(op: string, input: TensorLike, options: CrossEntropyOptions, names: readonly string[]): Classes {
  const reduction = reductionOf(op, options, names)
  const own = floatingReal(input, op)
  const axis = axisArgument(op, own, options.axis ?? (own.ndim > 1 ? 1 : 0))
  return { op, own, x: widened(own), axis, reduction, weight: weightOf(op, own, axis, options.weight) }
}

function weightOf(op: string, own: Tensor, axis: number, weight: Tensor | undefined): Tensor | undefined {
  if (weight === undefined) return undefined
  checkTensor(op, weight, 'weight')
  const classes = own.shape[axis]!
  if (!sameShape(weight.shape, [classes])) {
    throw new SinterError('shape', `weight has shape [${weight.shape.join(', ')}], there are ${classes} classes`, {
      op,
      operands: [own, weight],
    })
  }
  const shape = own.shape.map((_, d) => (d === axis ? classes : 1))
  return reshape(cast(floatingReal(weight, op), widened(own).dtype), shape)
}

/** Classes as integers with a dimension of size 1 in place of the classes. */
function targetOf({ op, own, axis }: Classes, target: Tensor): Tensor {
  const index = indexOperand(target, op, own.device)
  const wanted = own.shape.toSpliced(axis, 1)
  if (!sameShape(index.shape, wanted)) {
    throw new SinterError('shape', `targets have shape [${index.shape.join(', ')}], expected [${wanted.join(', ')}]`, {
      op,
      operands: [own, target],
      hint: 'classes have the shape of the input without its dimension of classes; probabilities, of a float dtype, have all of it',
    })
  }
  return expandDims(index, axis)
}

/** The elements of x at the target classes, as sums over a comparison, which fuse with what made x and have a gradient that scatters nothing. */
function atTarget(x: Tensor, hot: Tensor, axis: number): Tensor {
  return record(ops.sum, [record(ops.select, [hot, x, constant(0, x)])], { axes: [axis], keepDims: true })
}

/** Negative log-likelihoods of classes, smoothed and reduced. */
function likelihoods(classes: Classes, logs: Tensor, target: Tensor, ignored: number, smoothing: number): Tensor {
  const { op, own, axis, reduction, weight } = classes
  const index = targetOf(classes, target)
  const counted = record(ops.notEqual, [index, scalar(ignored, index.dtype, index.device, op)])
  const hot = record(ops.equal, [
    index,
    iota(
      index.dtype,
      logs.shape.map((size, d) => (d === axis ? size : 1)),
      axis,
      own.device,
    ),
  ])
  const factors = weight === undefined ? undefined : atTarget(weight, hot, axis)
  const picked = negative(atTarget(logs, hot, axis))
  let losses = factors === undefined ? picked : times(factors, picked)
  if (smoothing !== 0)
    losses = smoothed(op, losses, negative(sumOver(weight === undefined ? logs : times(weight, logs), axis)), smoothing, logs.shape[axis]!)
  const zero = constant(0, losses)
  const kept = record(ops.select, [counted, losses, zero])
  if (reduction === 'none') return cast(reshape(kept, own.shape.toSpliced(axis, 1)), own.dtype)
  if (reduction === 'sum') return cast(sum(kept), own.dtype)
  const share = record(ops.select, [counted, factors ?? constant(1, losses), zero])
  return cast(over(sum(kept), sum(share)), own.dtype)
}

const sumOver = (x: Tensor, axis: number): Tensor => record(ops.sum, [x], { axes: [axis], keepDims: true })

function smoothed(op: string, losses: Tensor, spread: Tensor, smoothing: number, classes: number): Tensor {
  const number = (value: number): Tensor => scalar(value, losses.dtype, losses.device, op)
  return plus(times(losses, number(1 - smoothing)), times(spread, number(smoothing / classes)))
}

/**
 * -input at the target classes: input holds logarithms of probabilities, [N, C] or [N, C, ...] (or [C]), target classes, [N] or [N, ...] (or none). A class that
 * does not exist counts 0. Throws `shape` where the shapes do not belong together, `dtype` for targets that are no integers.
 */
export function nllLoss(input: TensorLike, target: Tensor, options: NllLossOptions = {}): Tensor {
  const op = 'nllLoss'
  checkTensor(op, target, 'the target')
  const classes = classesOf(op, input, options, ['weight', 'ignoreIndex', 'axis'])
  const ignored = options.ignoreIndex ?? -100
  checkInteger(op, 'ignoreIndex', ignored)
  return likelihoods(classes, classes.x, target, ignored, 0)
}

/**
 * The cross entropy of softmax(input), [N, C] or [N, C, ...] (or [C]), and a target: classes of an integer dtype, [N] or [N, ...], or probabilities of a float
 * dtype and the input's shape. With probabilities the mean is over N (and further dimensions); ignoreIndex is for classes. Errors as nllLoss.
 */
export function crossEntropy(input: TensorLike, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const op = 'crossEntropy'
  checkTensor(op, target, 'the target')
  const classes = classesOf(op, input, options, ['weight', 'ignoreIndex', 'axis', 'labelSmoothing'])
  const smoothing = options.labelSmoothing ?? 0
  checkNumber(op, 'labelSmoothing', smoothing)
  if (!(smoothing >= 0 && smoothing <= 1)) throw new SinterError('argument', `labelSmoothing is 0 to 1, got ${smoothing}`, { op })
  const ignored = options.ignoreIndex ?? -100
  checkInteger(op, 'ignoreIndex', ignored)
  const logs = logSoftmax(classes.x, classes.axis)
  if (!isFloat(target.dtype)) return likelihoods(classes, logs, target, ignored, smoothing)
  return probabilities(classes, logs, target, smoothing)
}

/** The cross entropy with targets that are probabilities. */
function probabilities({ op, own, axis, reduction, weight }: Classes, logs: Tensor, target: Tensor, smoothing: number): Tensor {
  if (!sameShape(target.shape, own.shape)) {
    throw new SinterError('shape', `probabilities have shape [${target.shape.join(', ')}], expected that of the input`, {
      op,
      operands: [own, target],
      hint: 'classes are of an integer dtype',
    })
  }
  const given = cast(target, logs.dtype)
  const number = (value: number): Tensor => scalar(value, logs.dtype, logs.device, op)
  const wanted = smoothing === 0 ? given : plus(times(given, number(1 - smoothing)), number(smoothing / own.shape[axis]!))
  const products = times(weight === undefined ? wanted : times(weight, wanted), logs)
  const losses = negative(record(ops.sum, [products], { axes: [axis], keepDims: false }))
  return cast(reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses), own.dtype)
}

export interface SoftmaxCrossEntropyOptions extends LossOptions {
  /** The dimension of the classes; default last. */
  readonly axis?: number | undefined
}

/**
 * The cross entropy of softmax(logits) and labels, which are probabilities of the same shape, along an axis (default last). MPSGraph:
 * softMaxCrossEntropyWithSourceTensor:labelsTensor:axis:reductionType:name:. Throws `shape` where the shapes differ.
 */
export function softmaxCrossEntropy(logits: TensorLike, labels: TensorLike, options: SoftmaxCrossEntropyOptions = {}): Tensor {
  const op = 'softmaxCrossEntropy'
  checkOptions(op, options, ['axis', 'reduction'])
  const classes = classesOf(op, logits, { ...options, axis: options.axis ?? -1 }, ['axis'])
  return probabilities(classes, logSoftmax(classes.x, classes.axis), floatingReal(labels, op), 0)
}
