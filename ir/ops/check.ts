// Checks that the records of several non-elementwise families share. Each throws a SinterError that names the operand facts.

import { type DType, isFloat, realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import type { HasType } from '../op.js'
import type { TensorType } from '../type.js'

export const numericDTypes: readonly DType[] = realDTypes.filter((dtype) => dtype !== 'bool')
export const floatDTypes: readonly DType[] = realDTypes.filter(isFloat)

/** Refuses bool operands. */
export function checkNumeric(op: string, inputs: readonly HasType[]): void {
  for (const input of inputs) {
    if (input.type.dtype === 'bool') {
      throw new SinterError('dtype', 'works on numbers, not on bool', {
        op,
        operands: inputs,
        hint: "cast first, for example astype('int32')",
      })
    }
  }
}

/** dtypes of ops whose results mean much with 24 bits or more only: decompositions, transforms, long recurrences. */
export const wideFloatDTypes: readonly DType[] = ['float32', 'float64']

/** Refuses operand 0 unless it is float32 or float64; `rule` is the number of the constraint. */
export function checkWideFloat(op: string, inputs: readonly HasType[], rule = 'C1'): void {
  const { dtype } = inputs[0]!.type
  if (wideFloatDTypes.includes(dtype)) return
  throw new SinterError('dtype', `works on float32 and float64, not on ${dtype} (${rule})`, {
    op,
    operands: inputs,
    hint: "convert first, for example astype('float32')",
  })
}

/** Refuses operands that are not floats. */
export function checkFloats(op: string, inputs: readonly HasType[]): void {
  for (const { type } of inputs) {
    if (!isFloat(type.dtype)) {
      throw new SinterError('dtype', `works on floats, not on ${type.dtype}`, {
        op,
        operands: inputs,
        hint: "cast first, for example astype('float32')",
      })
    }
  }
}

/** Refuses an operand whose dtype is not that of operand 0. */
export function checkSameDType(op: string, inputs: readonly HasType[], operand: number): void {
  const { dtype } = inputs[operand]!.type
  const wanted = inputs[0]!.type.dtype
  if (dtype === wanted) return
  throw new SinterError('dtype', `operand ${operand} is ${dtype}, operand 0 is ${wanted}; they must agree`, { op, operands: inputs })
}

/** Refuses an axis that is not a dimension of operand 0. */
export function checkAxis(op: string, inputs: readonly HasType[], axis: number): void {
  const { rank } = inputs[0]!.type
  if (!(Number.isInteger(axis) && axis >= 0 && axis < rank)) {
    throw new SinterError('attribute', `axis ${axis} is not a dimension of ${inputs[0]!.type}, which has ${rank}`, {
      op,
      operands: inputs,
      ...(rank === 0 ? { hint: 'a rank-0 tensor has no axes; reshape it to [1] first' } : {}),
    })
  }
}

/** Refuses axes of operand 0 that are out of range, repeated or unsorted. */
export function checkAxes(op: string, inputs: readonly HasType[], axes: readonly number[]): void {
  for (let i = 0; i < axes.length; i++) {
    checkAxis(op, inputs, axes[i]!)
    if (i > 0 && axes[i]! <= axes[i - 1]!) {
      throw new SinterError('attribute', `axes [${axes.join(', ')}] are not sorted and distinct`, { op, operands: inputs })
    }
  }
}

/** Refuses an axis with more elements than an int32 can number. */
export function checkCountable(op: string, inputs: readonly HasType[], size: number): void {
  if (size > 0x7fffffff) {
    throw new SinterError('shape', `the axis has ${size} elements, but positions are int32: at most ${0x7fffffff}`, {
      op,
      operands: inputs,
    })
  }
}

/** Refuses index operands that are not int32 or int64. */
export function checkIndices(op: string, inputs: readonly HasType[], indices: TensorType): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64') {
    throw new SinterError('dtype', `indices are int32 or int64, not ${indices.dtype}`, {
      op,
      operands: inputs,
      hint: "cast them, for example astype('int32')",
    })
  }
}
