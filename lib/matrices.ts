// What functions on stacks of matrices (the last two dimensions) share.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastShapes } from '../ir/shape.js'
import { constant, floatingPair } from './operand.js'
import { floating, record, type TensorLike } from './record.js'
import { broadcastTo, matrixTranspose } from './shape.js'
import type { Tensor } from './tensor.js'

/** The operand as a stack of matrices: float32 for integers, at least two dimensions. */
export function matrices(x: TensorLike, op: string): Tensor {
  const own = floating(x, op)
  if (own.ndim < 2) throw new SinterError('shape', 'matrices have at least two dimensions', { op, operands: [own] })
  return own
}

/** As `matrices`; refuses those that are not square. */
export function squareMatrices(x: TensorLike, op: string): Tensor {
  const own = matrices(x, op)
  if (own.shape.at(-1) !== own.shape.at(-2)) throw new SinterError('shape', 'matrices need to be square', { op, operands: [own] })
  return own
}

/** (x + x^T) / 2: functions of symmetric matrices have symmetric derivatives that way. */
export function symmetrized(x: Tensor): Tensor {
  return record(ops.mul, [record(ops.add, [x, matrixTranspose(x)]), constant(0.5, x)])
}

/** Matrices and right-hand sides in one dtype, leading dimensions broadcast. */
export function systemOperands(op: string, a: TensorLike, b: TensorLike): [Tensor, Tensor] {
  const [x, y] = floatingPair(a, b, op)
  squareMatrices(x, op)
  matrices(y, op)
  const lead = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2))
  if (lead === undefined) throw new SinterError('shape', 'leading dimensions do not broadcast', { op, operands: [x, y] })
  return [broadcastTo(x, [...lead, ...x.shape.slice(-2)]), broadcastTo(y, [...lead, ...y.shape.slice(-2)])]
}
