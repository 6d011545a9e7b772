// Lengths and angles of vectors along an axis. Composites; float16 and bfloat16 are computed in float32.

import { ops } from '../ir/ops/index.js'
import { axisArgument, axisList, checkNumber, checkOptions } from './check.js'
import { constant, floatingPair, widened } from './operand.js'
import { cast, floatingReal, record, requireReal, type TensorLike } from './record.js'
import { broadcastTensors } from './shape.js'
import { norm } from './statistics.js'
import type { Tensor } from './tensor.js'

export interface NormalizeOptions {
  /** Which norm, as in norm; default 2. */
  readonly ord?: number | undefined
  /** The axis or axes of the vectors; default 1, as in torch (0 for a 1-D tensor). */
  readonly axis?: number | readonly number[] | undefined
  /** What the norm is at least; default 1e-12. */
  readonly eps?: number | undefined
}

/** x / max(norm, eps): vectors along an axis brought to length 1 (torch.nn.functional.normalize). */
export function normalize(x: TensorLike, options: NormalizeOptions = {}): Tensor {
  const op = 'normalize'
  checkOptions(op, options, ['ord', 'axis', 'eps'])
  const eps = options.eps ?? 1e-12
  checkNumber(op, 'eps', eps)
  const own = floatingReal(x, op)
  const wide = widened(own)
  const length = norm(wide, axisList(op, own, options.axis ?? (own.ndim > 1 ? 1 : 0)), { ord: options.ord ?? 2, keepDims: true })
  return cast(record(ops.div, [wide, record(ops.maximum, [length, constant(eps, length)])]), own.dtype)
}

export interface CosineSimilarityOptions {
  /** The axis of the vectors; default 1, as in torch (0 for 1-D tensors). */
  readonly axis?: number | undefined
  /** What each norm is at least; default 1e-8. */
  readonly eps?: number | undefined
}

/** The cosine of the angle between vectors along an axis, which disappears; the tensors broadcast. */
export function cosineSimilarity(a: TensorLike, b: TensorLike, options: CosineSimilarityOptions = {}): Tensor {
  const op = 'cosineSimilarity'
  checkOptions(op, options, ['axis', 'eps'])
  const eps = options.eps ?? 1e-8
  checkNumber(op, 'eps', eps)
  const pair = floatingPair(a, b, op)
  requireReal(op, ...pair)
  const [x, y] = broadcastTensors(widened(pair[0]), widened(pair[1])) as [Tensor, Tensor]
  const axis = axisArgument(op, x, options.axis ?? (x.ndim > 1 ? 1 : 0))
  const unit = (v: Tensor): Tensor => {
    const length = norm(v, axis, { keepDims: true })
    return record(ops.div, [v, record(ops.maximum, [length, constant(eps, length)])])
  }
  const cosine = record(ops.sum, [record(ops.mul, [unit(x), unit(y)])], { axes: [axis], keepDims: false })
  return cast(cosine, pair[0].dtype)
}
