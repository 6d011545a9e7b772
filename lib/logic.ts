// Logic on truth values (nonzero is true; results are bool) and on the bits of integers (and of bool, where that makes sense).

import { ops } from '../ir/ops/index.js'
import { truth } from './operand.js'
import { asTensor, binary, record, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

const both = (op: typeof ops.logicalAnd, a: TensorLike, b: TensorLike): Tensor => record(op, truths(a, b, op.name))

function truths(a: TensorLike, b: TensorLike, op: string): [Tensor, Tensor] {
  if (a instanceof Tensor) return [truth(a, op), truthBeside(b, a, op)]
  const right = truth(b, op)
  return [truthBeside(a, right, op), right]
}

const truthBeside = (x: TensorLike, other: Tensor, op: string): Tensor => truth(asTensor(x, op, other.device), op)

/** Whether both are true. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return both(ops.logicalAnd, a, b)
}

/** Whether at least one is true. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return both(ops.logicalOr, a, b)
}

/** Whether exactly one is true. */
export function logicalXor(a: TensorLike, b: TensorLike): Tensor {
  return both(ops.logicalXor, a, b)
}

/** Whether not both are true. */
export function logicalNand(a: TensorLike, b: TensorLike): Tensor {
  return logicalNot(logicalAnd(a, b))
}

/** Whether neither is true. */
export function logicalNor(a: TensorLike, b: TensorLike): Tensor {
  return logicalNot(logicalOr(a, b))
}

/** Whether both are true or both false. */
export function logicalXnor(a: TensorLike, b: TensorLike): Tensor {
  return logicalNot(logicalXor(a, b))
}

/** Whether x is zero (false). NaN is not. */
export function logicalNot(x: TensorLike): Tensor {
  return record(ops.logicalNot, [asTensor(x, 'logicalNot')])
}

/** Bits set in both; integers and bool. */
export function bitwiseAnd(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.bitwiseAnd, a, b)
}

/** Bits set in at least one; integers and bool. */
export function bitwiseOr(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.bitwiseOr, a, b)
}

/** Bits set in exactly one; integers and bool. */
export function bitwiseXor(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.bitwiseXor, a, b)
}

/** All bits flipped; of bool the logical not. */
export function bitwiseNot(x: TensorLike): Tensor {
  return record(ops.bitwiseNot, [asTensor(x, 'bitwiseNot')])
}

/** The number of bits set, in the dtype of x (an integer). */
export function popcount(x: TensorLike): Tensor {
  return record(ops.popcount, [asTensor(x, 'popcount')])
}

/** Integer a with its bits moved left by b; bits that leave are lost. Counts of the width or more give 0. */
export function leftShift(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.shiftLeft, a, b)
}

/** Integer a with its bits moved right by b, the sign kept. Counts of the width or more give 0, or -1 for negative a. */
export function rightShift(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.shiftRight, a, b)
}
