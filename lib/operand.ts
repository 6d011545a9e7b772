// Operands of public functions in the dtypes that ops want.

import { constantNode } from '../ir/build.js'
import { type DType, isInexact, partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import type { Shape } from '../ir/shape.js'
import { describeValue } from './check.js'
import { isComplexNumber, promote, promoteScalar } from './promote.js'
import { defaultDevice } from './realize.js'
import { asTensor, cast, checkScalar, promoted, record, scalar, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

/** A rank-0 constant of x's dtype (of its parts', if x is complex) on x's device, baked into the graph: for numbers that are part of a function's definition. */
export function constant(value: number | bigint, x: Tensor): Tensor {
  return new Tensor(constantNode(value, partDType(x.node.type.dtype)), x.device)
}

/** A constant with one value everywhere; for a complex dtype in that of its parts. */
export function constantOf(value: number | bigint, dtype: DType, shape: Shape, device: string): Tensor {
  return new Tensor(constantNode(value, partDType(dtype), shape), device)
}

/** The operand as a number: bool becomes int32. */
export function numeric(x: TensorLike, op: string): Tensor {
  const tensor = asTensor(x, op)
  return tensor.node.type.dtype === 'bool' ? cast(tensor, 'int32') : tensor
}

/** Two operands in their common dtype, int32 where that would be bool. */
export function numericPair(a: TensorLike, b: TensorLike, op: string): [Tensor, Tensor] {
  const pair = promoted(a, b, op)
  if (pair[0].node.type.dtype !== 'bool') return pair
  return [cast(pair[0], 'int32'), cast(pair[1], 'int32')]
}

/** Two operands in their common floating dtype: integers by themselves become float32. */
export function floatingPair(a: TensorLike, b: TensorLike, op: string): [Tensor, Tensor] {
  const left = a instanceof Tensor ? a.node.type.dtype : undefined
  const right = b instanceof Tensor ? b.node.type.dtype : undefined
  const complex = isComplexNumber(a) || isComplexNumber(b)
  if (complex || (left !== undefined && isInexact(left)) || (right !== undefined && isInexact(right))) return promoted(a, b, op)
  const device = a instanceof Tensor ? a.device : b instanceof Tensor ? b.device : undefined
  return [toFloat32(a, op, device), toFloat32(b, op, device)]
}

function toFloat32(x: TensorLike, op: string, device: string | undefined): Tensor {
  if (x instanceof Tensor) return cast(x, 'float32')
  checkScalar(x, op)
  return scalar(Number(x), 'float32', device ?? defaultDevice(), op)
}

/** The operand as conditions: nonzero (NaN included) is true. */
export function truth(x: TensorLike, op: string): Tensor {
  return cast(asTensor(x, op), 'bool')
}

/** Whether the dtype is too narrow for a chain of roundings: computed in float32, rounded once at the end. */
export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'

/** The operand to compute with: float16 and bfloat16 widened to float32. */
export function widened(x: Tensor): Tensor {
  return isHalf(x.node.type.dtype) ? cast(x, 'float32') : x
}

/** An index operand as int32 or int64. Arrays become tensors where the caller has made them; JS integers become run-time scalars. */
export function indexOperand(x: TensorLike, op: string, device: string): Tensor {
  if (typeof x === 'number' || typeof x === 'bigint') return scalar(x, fitsInt32(x) ? 'int32' : 'int64', device, op)
  if (!(x instanceof Tensor)) throw new SinterError('argument', `indices are a tensor of integers, got ${describeValue(x)}`, { op })
  const { dtype } = x.node.type
  if (dtype === 'int32' || dtype === 'int64') return x
  if (dtype === 'uint32') return cast(x, 'int64')
  // What int64 does not hold would wrap to negative numbers, which count from the end.
  if (dtype === 'uint64') return cast(record(ops.minimum, [x, constant(2n ** 63n - 1n, x)]), 'int64')
  if (isInexact(dtype) || dtype === 'bool') {
    throw new SinterError('dtype', `indices are integers, not ${dtype}`, {
      op,
      operands: [x],
      hint:
        dtype === 'bool' ? 'a mask has a result size that depends on data; use where(mask, a, b)' : "convert them: indices.astype('int32')",
    })
  }
  return cast(x, 'int32')
}

/** Whether a number is in the range of int32; what is no integer is refused later. */
export const fitsInt32 = (x: number | bigint): boolean => !(x < -(2 ** 31) || x > 2 ** 31 - 1)

/** Several operands in their common dtype. */
export function promotedList(xs: readonly TensorLike[], op: string): Tensor[] {
  if (xs.length === 0) return []
  // JS values take the dtype that tensors suggest, wherever they stand.
  const first = xs.find((x) => x instanceof Tensor) ?? asTensor(xs[0]!, op)
  let { dtype } = first.node.type
  for (const x of xs) if (x instanceof Tensor) dtype = promote(dtype, x.node.type.dtype, op)
  for (const x of xs) {
    if (x instanceof Tensor) continue
    checkScalar(x, op)
    dtype = promoteScalar(dtype, x)
  }
  return xs.map((x) => (x instanceof Tensor ? cast(x, dtype) : scalar(x, dtype, first.device, op)))
}
