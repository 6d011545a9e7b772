// Random operands for tests: the values that samples ask for, in any dtype.

import { type DType, dtypeInfo, isBig, isInexact, partDType } from '../../ir/dtype.js'
import { emptyValues, type HostTensor, roundTo } from '../../ir/host.js'
import type { Sample } from '../../ir/op.js'
import { parseType, type TensorType } from '../../ir/type.js'

export type Range = readonly [number, number]

/** Uniform numbers in [0, 1) by mulberry32: the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A tensor of values in the range, as far as the dtype goes; integers are whole numbers of it, both ends included. */
export function randomTensor(type: TensorType, random: () => number, range: Range = [-2, 2]): HostTensor {
  const { dtype, size } = type
  const values = emptyValues(dtype, size)
  for (let i = 0; i < values.length; i++) values[i] = valueIn(dtype, range, random())
  return { type, values }
}

function valueIn(dtype: DType, [low, high]: Range, place: number): number | bigint {
  if (isInexact(dtype)) return roundTo(partDType(dtype), low + place * (high - low))
  if (dtype === 'bool') return place < 0.5 ? 0 : 1
  const least = dtypeInfo[dtype].kind === 'uint' ? Math.max(0, Math.ceil(low)) : Math.ceil(low)
  const whole = least + Math.floor(place * Math.max(1, Math.floor(high) - least + 1))
  return isBig(dtype) ? BigInt(whole) : whole
}

/** The type a sample's operand stands for when `$` is the given dtype. */
export const sampleType = (text: string, dtype: DType): TensorType => parseType(text.replace('$', dtypeInfo[dtype].short))!

/** The range of a sample's operand. */
export function sampleRange({ range }: Sample, operand: number): Range {
  if (range === undefined) return [-2, 2]
  return typeof range[0] === 'number' ? (range as Range) : (range[operand] as Range)
}

/** Values for the operands of a sample. */
export const sampleOperands = (sample: Sample, dtype: DType, random: () => number): HostTensor[] =>
  sample.inputs.map((text, i) => {
    const operand = randomTensor(sampleType(text, dtype), random, sampleRange(sample, i))
    return sample.dominant?.includes(i) ? withDominantDiagonals(operand, sampleRange(sample, i)[1]) : operand
  })

/** Matrices of n rows with n * bound added on the diagonal. */
function withDominantDiagonals({ type, values }: HostTensor, bound: number): HostTensor {
  const n = type.shape.at(-1)!
  const onDiagonal = (i: number): boolean => (i % (n * n)) % (n + 1) === 0
  return { type, values: (values as Float64Array).map((value, i) => (onDiagonal(i) ? roundTo(type.dtype, value + n * bound) : value)) }
}
