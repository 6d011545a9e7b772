// One step of an optimizer on one tensor. Composites that fuse into one kernel per tensor, which reads each operand once and writes each result once;
// float16 and bfloat16 are computed in float32 and rounded once.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sameShape } from '../ir/shape.js'
import { checkFinite, checkOptions, describeValue } from './check.js'
import { constant, widened } from './operand.js'
import { minus, over, plus, times } from './plain.js'
import { cast, record, scalar, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

export const sqrt = (x: Tensor): Tensor => record(ops.sqrt, [x])
export const oneMinus = (x: Tensor): Tensor => minus(constant(1, x), x)

/** Throws unless x is a floating tensor. */
export function checkFloating(op: string, name: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new SinterError('argument', `${name} is a floating tensor, got ${describeValue(x)}`, { op })
  if (!isFloat(x.dtype)) {
    throw new SinterError('dtype', `${name} is ${x.dtype}; only floats are optimized`, {
      op,
      operands: [x],
      hint: "convert it: x.astype('float32')",
    })
  }
}

/** Throws unless x is a floating tensor with the shape of the values, on their device. */
export function checkAlike(op: string, name: string, x: unknown, values: Tensor): asserts x is Tensor {
  checkFloating(op, name, x)
  if (!sameShape(x.shape, values.shape))
    throw new SinterError('shape', `${name} is [${x.shape}], the values are [${values.shape}]`, { op, operands: [values, x] })
  if (x.device !== values.device)
    throw new SinterError('device', `${name} is on ${x.device}, the values are on ${values.device}`, { op, operands: [values, x] })
}

/** A number of a rule (a rate, a factor) as a rank-0 tensor like x: a slot filled at run time, so that another value runs the same plan. */
export function coefficient(op: string, name: string, value: unknown, x: Tensor): Tensor {
  if (typeof value === 'number') {
    checkFinite(op, name, value)
    return scalar(value, x.dtype, x.device, op)
  }
  if (!(value instanceof Tensor))
    throw new SinterError('argument', `${name} is a number or a tensor of rank 0, got ${describeValue(value)}`, { op })
  checkFloating(op, name, value)
  if (value.ndim !== 0) throw new SinterError('shape', `${name} is one number of rank 0`, { op, operands: [value] })
  return cast(value, x.dtype)
}

/** 1 - value: of a number on the host, where it does not lose digits. */
export function complement(op: string, name: string, value: TensorLike, x: Tensor): Tensor {
  if (typeof value !== 'number') return oneMinus(coefficient(op, name, value, x))
  checkFinite(op, name, value)
  return scalar(1 - value, x.dtype, x.device, op)
}

/**
 * Stochastic gradient descent: `values - learningRate * gradient`, in the dtype of the values. The learning rate is a number or a floating tensor of rank 0.
 * MPSGraph: stochasticGradientDescentWithLearningRateTensor. Throws `shape` when the gradient has another shape.
 */
export function sgdUpdate(values: Tensor, gradient: Tensor, learningRate: number | Tensor): Tensor {
  const op = 'sgdUpdate'
  checkFloating(op, 'values', values)
  checkAlike(op, 'gradient', gradient, values)
  const wide = widened(values)
  const rate = coefficient(op, 'learningRate', learningRate, wide)
  return cast(minus(wide, times(rate, cast(gradient, wide.dtype))), values.dtype)
}

/** What Adam remembers of a tensor, each of its shape. */
export interface AdamMoments {
  /** The running mean of the gradients. */
  readonly momentum: Tensor
  /** The running mean of their squares. */
  readonly velocity: Tensor
  /** The largest velocity so far: with it the step is AMSGrad's. */
  readonly maximumVelocity?: Tensor | undefined
}

export interface AdamUpdateOptions {
  readonly learningRate: number | Tensor
  /** Default 0.9. */
  readonly beta1?: number | Tensor | undefined
  /** Default 0.999. */
  readonly beta2?: number | Tensor | undefined
  /** Added to the root of the velocity; default 1e-8. */
  readonly epsilon?: number | Tensor | undefined
  /** beta1 and beta2 to the power of the step's number (1 at first): with them the learning rate is corrected for the bias; without it is taken as it is. */
  readonly beta1Power?: number | Tensor | undefined
  readonly beta2Power?: number | Tensor | undefined
}

const adamNames = ['learningRate', 'beta1', 'beta2', 'epsilon', 'beta1Power', 'beta2Power']

/**
 * Adam (Kingma and Ba, 2015) on one tensor: the new values and moments, each in the dtype it came in.
 * `momentum = beta1 momentum + (1 - beta1) gradient`, `velocity = beta2 velocity + (1 - beta2) gradient^2`,
 * `values -= rate * momentum / (sqrt(velocity) + epsilon)`, where `rate = learningRate * sqrt(1 - beta2Power) / (1 - beta1Power)`.
 * MPSGraph: adamWithLearningRateTensor, and adamWithCurrentLearningRateTensor when no powers are given. Throws `shape` when shapes differ.
 */
export function adamUpdate(
  values: Tensor,
  gradient: Tensor,
  moments: AdamMoments,
  options: AdamUpdateOptions,
): { readonly values: Tensor } & AdamMoments {
  const op = 'adamUpdate'
  checkFloating(op, 'values', values)
  checkAlike(op, 'gradient', gradient, values)
  checkOptions(op, options, adamNames)
  checkOptions(op, moments, ['momentum', 'velocity', 'maximumVelocity'])
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, beta1Power, beta2Power } = options
  const wide = widened(values)
  let rate = coefficient(op, 'learningRate', learningRate, wide)
  if ((beta1Power === undefined) !== (beta2Power === undefined))
    throw new SinterError('argument', 'beta1Power and beta2Power come together', { op })
  if (beta1Power !== undefined && beta2Power !== undefined) {
    const corrected = sqrt(complement(op, 'beta2Power', beta2Power, wide))
    rate = over(times(rate, corrected), complement(op, 'beta1Power', beta1Power, wide))
  }
  const numbers: AdamNumbers = {
    rate,
    epsilon: coefficient(op, 'epsilon', epsilon, wide),
    beta1: coefficient(op, 'beta1', beta1, wide),
    rest1: complement(op, 'beta1', beta1, wide),
    beta2: coefficient(op, 'beta2', beta2, wide),
    rest2: complement(op, 'beta2', beta2, wide),
  }
  return adamStep(op, values, wide, cast(gradient, wide.dtype), moments, numbers)
}

/** Adam's numbers as rank-0 tensors; `rest1` is 1 - beta1. */
export interface AdamNumbers {
  readonly rate: Tensor
  readonly epsilon: Tensor
  readonly beta1: Tensor
  readonly rest1: Tensor
  readonly beta2: Tensor
  readonly rest2: Tensor
}

/** The step itself, in the dtype of `wide` (the values to start from) and `gradient`. */
export function adamStep(
  op: string,
  values: Tensor,
  wide: Tensor,
  gradient: Tensor,
  moments: AdamMoments,
  { rate, epsilon, beta1, rest1, beta2, rest2 }: AdamNumbers,
): { readonly values: Tensor } & AdamMoments {
  checkAlike(op, 'momentum', moments.momentum, values)
  checkAlike(op, 'velocity', moments.velocity, values)
  if (moments.maximumVelocity !== undefined) checkAlike(op, 'maximumVelocity', moments.maximumVelocity, values)
  const own = (x: Tensor): Tensor => cast(x, wide.dtype)
  const momentum = plus(times(own(moments.momentum), beta1), times(gradient, rest1))
  const velocity = plus(times(own(moments.velocity), beta2), times(record(ops.square, [gradient]), rest2))
  const maximum = moments.maximumVelocity && record(ops.maximum, [own(moments.maximumVelocity), velocity])
  const scale = plus(sqrt(maximum ?? velocity), epsilon)
  const stepped = minus(wide, over(times(momentum, rate), scale))
  return {
    values: cast(stepped, values.dtype),
    momentum: cast(momentum, moments.momentum.dtype),
    velocity: cast(velocity, moments.velocity.dtype),
    ...(maximum && { maximumVelocity: cast(maximum, moments.maximumVelocity!.dtype) }),
  }
}
