// Reductions over any axes. `axis` is a number, an array of numbers, or null (undefined) for all; negative axes count from the end.

import { type DType, dtypeInfo, isInexact } from '../ir/dtype.js'
import type { Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, checkAnyDType, checkBoolean, checkOptions, reducedAxes } from './check.js'
import { constantOf, numeric, truth } from './operand.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { reshape } from './shape.js'
import type { Tensor } from './tensor.js'

export type Axes = number | readonly number[] | null

export interface ReduceOptions {
  /** Leave the reduced axes in place with size 1; default false. */
  readonly keepDims?: boolean | undefined
}

export interface SumOptions extends ReduceOptions {
  /** The dtype to convert to before adding up. */
  readonly dtype?: DType | undefined
}

const none: SumOptions = {}
const reduceNames = ['keepDims']
const sumNames = ['keepDims', 'dtype']

/** Checks reduction options and gives the value of keepDims. */
export function keepDimsOption(op: string, options: ReduceOptions, known: readonly string[] = reduceNames): boolean {
  if (options === none) return false
  checkOptions(op, options, known)
  if (options.keepDims === undefined) return false
  checkBoolean(op, 'keepDims', options.keepDims)
  return options.keepDims
}

/** The dtype in which sums and products of `dtype` accumulate: integers narrower than 32 bits widen, bool becomes int32. */
export function accumulatorDType(dtype: DType): DType {
  const { kind, bytes } = dtypeInfo[dtype]
  if (kind === 'bool' || (kind === 'int' && bytes < 4)) return 'int32'
  return kind === 'uint' && bytes < 4 ? 'uint32' : dtype
}

function accumulate(op: Op, x: TensorLike, axis: Axes | undefined, options: SumOptions): Tensor {
  const own = asTensor(x, op.name)
  const keepDims = keepDimsOption(op.name, options, sumNames)
  if (options.dtype !== undefined) checkAnyDType(op.name, options.dtype)
  const axes = reducedAxes(op.name, own, axis)
  return record(op, [cast(own, options.dtype ?? accumulatorDType(own.node.type.dtype))], { axes, keepDims })
}

function extreme(op: Op, ofBool: Op, x: TensorLike, axis: Axes | undefined, options: ReduceOptions): Tensor {
  const own = asTensor(x, op.name)
  const keepDims = keepDimsOption(op.name, options)
  return record(own.node.type.dtype === 'bool' ? ofBool : op, [own], { axes: reducedAxes(op.name, own, axis), keepDims })
}

/**
 * The sum over axes; of no elements 0. Integers narrower than 32 bits add up in int32 (uint32), bool counts in int32; integers wrap. float16 and bfloat16
 * accumulate in float32 and round once. Another accumulator by `dtype`.
 */
export function sum(x: TensorLike, axis?: Axes, options: SumOptions = none): Tensor {
  return accumulate(ops.sum, x, axis, options)
}

/** The product over axes; of no elements 1. dtypes as for sum. */
export function prod(x: TensorLike, axis?: Axes, options: SumOptions = none): Tensor {
  return accumulate(ops.prod, x, axis, options)
}

/** The largest element over axes; NaN if there is one. Throws `shape` for no elements. Of bool: any. */
export function max(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return extreme(ops.max, ops.any, x, axis, options)
}

/** The smallest element over axes; NaN if there is one. Throws `shape` for no elements. Of bool: all. */
export function min(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return extreme(ops.min, ops.all, x, axis, options)
}

/** The largest element over axes that is not NaN; NaN if all are. */
export function nanmax(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return extreme(ops.nanmax, ops.any, x, axis, options)
}

/** The smallest element over axes that is not NaN; NaN if all are. */
export function nanmin(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return extreme(ops.nanmin, ops.all, x, axis, options)
}

/** The sum over axes with NaN counted as 0. */
export function nansum(x: TensorLike, axis?: Axes, options: SumOptions = none): Tensor {
  return sum(withoutNan(asTensor(x, 'nansum')), axis, options)
}

/** x with 0 in place of NaN. */
export function withoutNan(x: Tensor): Tensor {
  if (!isInexact(x.node.type.dtype)) return x
  return record(ops.select, [record(ops.isNan, [x]), constantOf(0, x.dtype, [], x.device), x])
}

/** Whether some element over axes is true (nonzero); false for no elements. */
export function any(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return reduceTruth(ops.any, x, axis, options)
}

/** Whether all elements over axes are true (nonzero); true for no elements. */
export function all(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  return reduceTruth(ops.all, x, axis, options)
}

function reduceTruth(op: Op, x: TensorLike, axis: Axes | undefined, options: ReduceOptions): Tensor {
  const own = truth(x, op.name)
  const keepDims = keepDimsOption(op.name, options)
  return record(op, [own], { axes: reducedAxes(op.name, own, axis), keepDims })
}

/** The exclusive or of bits over axes, of integers; of bool, whether an odd number is true. */
export function xor(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  const own = asTensor(x, 'xor')
  const keepDims = keepDimsOption('xor', options)
  return record(ops.xor, [own], { axes: reducedAxes('xor', own, axis), keepDims })
}

/** How many elements over axes are true (nonzero), as int32. */
export function countNonzero(x: TensorLike, axis?: Axes, options: ReduceOptions = none): Tensor {
  const own = truth(x, 'countNonzero')
  const keepDims = keepDimsOption('countNonzero', options)
  return record(ops.sum, [cast(own, 'int32')], { axes: reducedAxes('countNonzero', own, axis), keepDims })
}

/** Where the largest element is along an axis, as int32: the first of equal ones, the first NaN before all. Without an axis, in the flattened tensor. */
export function argmax(x: TensorLike, axis?: number | null, options: ReduceOptions = none): Tensor {
  return argument(ops.argmax, x, axis, options)
}

/** Where the smallest element is along an axis, as int32: the first of equal ones, the first NaN before all. Without an axis, in the flattened tensor. */
export function argmin(x: TensorLike, axis?: number | null, options: ReduceOptions = none): Tensor {
  return argument(ops.argmin, x, axis, options)
}

function argument(op: Op, x: TensorLike, axis: number | null | undefined, options: ReduceOptions): Tensor {
  const own = numeric(x, op.name)
  const keepDims = keepDimsOption(op.name, options)
  if (axis !== undefined && axis !== null) return record(op, [own], { axis: axisArgument(op.name, own, axis), keepDims })
  const flat = record(op, [reshape(own, [-1])], { axis: 0, keepDims: false })
  return keepDims
    ? reshape(
        flat,
        own.shape.map(() => 1),
      )
    : flat
}
