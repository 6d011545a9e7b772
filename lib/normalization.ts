// Layer and root-mean-square normalization: composites that fuse into one kernel per row. float16 and bfloat16 are computed in float32.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sameShape } from '../ir/shape.js'
import { checkFinite, checkOptions, checkTensor, reducedAxes } from './check.js'
import { constant, widened } from './operand.js'
import { cast, floatingReal, record, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import { centered, meanOver } from './statistics.js'
import type { Tensor } from './tensor.js'

export interface RmsNormOptions {
  /** Factors per element, of the shape of the normalized axes. */
  readonly weight?: Tensor | undefined
  /** Added to the mean square before the root; default 1e-5. */
  readonly eps?: number | undefined
  /** The axes to normalize over; default the last. */
  readonly axes?: number | readonly number[] | undefined
}

export interface LayerNormOptions extends RmsNormOptions {
  /** Added to each element at the end, of the shape of the normalized axes. */
  readonly bias?: Tensor | undefined
}

interface Prepared {
  readonly own: Tensor
  readonly x: Tensor
  readonly axes: readonly number[]
  readonly eps: number
}

function prepared(op: string, x: TensorLike, options: LayerNormOptions, names: readonly string[]): Prepared {
  checkOptions(op, options, names)
  const eps = options.eps ?? 1e-5
  checkFinite(op, 'eps', eps, 0)
  const own = floatingReal(x, op)
  return { own, x: widened(own), axes: reducedAxes(op, own, options.axes ?? -1), eps }
}

/** A weight or bias in x's dtype, its dimensions placed at the normalized axes. */
function parameter(op: string, name: string, value: Tensor, { x, axes }: Prepared): Tensor {
  checkTensor(op, value, name)
  const wanted = axes.map((axis) => x.shape[axis]!)
  if (!sameShape(value.shape, wanted)) {
    throw new SinterError('shape', `${name} has shape [${value.shape.join(', ')}], the normalized axes [${wanted.join(', ')}]`, {
      op,
      operands: [x, value],
    })
  }
  return cast(
    reshape(
      value,
      x.shape.map((size, d) => (axes.includes(d) ? size : 1)),
    ),
    x.dtype,
  )
}

/** value / sqrt(mean square + eps) */
function scaled(value: Tensor, meanSquare: Tensor, eps: number): Tensor {
  return record(ops.mul, [value, record(ops.rsqrt, [record(ops.add, [meanSquare, constant(eps, meanSquare)])])])
}

/** (x - mean) / sqrt(variance + eps) * weight + bias over axes (default the last) (Ba, Kiros, Hinton, 2016). */
export function layerNorm(x: TensorLike, options: LayerNormOptions = {}): Tensor {
  const op = 'layerNorm'
  const p = prepared(op, x, options, ['weight', 'bias', 'eps', 'axes'])
  const difference = centered(p.x, p.axes)
  let result = scaled(difference, meanOver(record(ops.square, [difference]), p.axes, true), p.eps)
  if (options.weight !== undefined) result = record(ops.mul, [result, parameter(op, 'weight', options.weight, p)])
  if (options.bias !== undefined) result = record(ops.add, [result, parameter(op, 'bias', options.bias, p)])
  return cast(result, p.own.dtype)
}

/** x / sqrt(mean(x^2) + eps) * weight over axes (default the last) (Zhang, Sennrich, 2019). */
export function rmsNorm(x: TensorLike, options: RmsNormOptions = {}): Tensor {
  const op = 'rmsNorm'
  const p = prepared(op, x, options, ['weight', 'eps', 'axes'])
  let result = scaled(p.x, meanOver(record(ops.square, [p.x]), p.axes, true), p.eps)
  if (options.weight !== undefined) result = record(ops.mul, [result, parameter(op, 'weight', options.weight, p)])
  return cast(result, p.own.dtype)
}
