// dtype promotion: the array API's rules between tensors, weak typing for JS numbers.

import { complexDType, type DType, dtypeInfo, isInexact } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'

/** A complex number as a JS value. */
export interface ComplexNumber {
  readonly re: number
  readonly im: number
}

/** Whether the value is an object of two numbers, `re` and `im`. */
export function isComplexNumber(value: unknown): value is ComplexNumber {
  if (typeof value !== 'object' || value === null) return false
  const { re, im } = value as Partial<ComplexNumber>
  return typeof re === 'number' && typeof im === 'number'
}

// Indexed by code; filled on first use of a pair, undefined entries are pairs without a common dtype.
const pairs = new Map<number, DType | undefined>()

/**
 * The dtype two tensors are computed in: the wider of two of one kind; the signed one that holds both for mixed integers; the float for a float and an
 * integer; float32 for float16 with bfloat16; bool gives way. Complex beside a real dtype is complex128 if either is of float64, else complex64. uint64 with a signed integer has no common integer and throws `dtype`.
 */
export function promote(a: DType, b: DType, op: string): DType {
  if (a === b) return a
  const key = dtypeInfo[a].code * 16 + dtypeInfo[b].code
  let out = pairs.get(key)
  if (out === undefined && !pairs.has(key)) {
    out = compute(a, b)
    pairs.set(key, out)
  }
  if (out === undefined) {
    throw new SinterError('dtype', `${a} and ${b} have no common integer dtype`, {
      op,
      hint: "convert one of them, e.g. x.astype('float64')",
    })
  }
  return out
}

function compute(a: DType, b: DType): DType | undefined {
  const x = dtypeInfo[a]
  const y = dtypeInfo[b]
  if (x.kind === 'bool') return b
  if (y.kind === 'bool') return a
  if (x.kind === 'complex' || y.kind === 'complex') return [a, b].map(complexDType).includes('complex128') ? 'complex128' : 'complex64'
  if (x.kind === y.kind) return x.bytes === y.bytes ? 'float32' : x.bytes > y.bytes ? a : b
  if (x.kind === 'float') return a
  if (y.kind === 'float') return b
  const [signed, unsigned] = x.kind === 'int' ? [x, y] : [y, x]
  if (signed.bytes > unsigned.bytes) return signed.name
  return (['int16', 'int32', 'int64'] as const).find((name) => dtypeInfo[name].bytes > unsigned.bytes)
}

/** The dtype in which a tensor of `dtype` meets a JS value: the tensor's own unless the value does not fit its kind. */
export function promoteScalar(dtype: DType, value: number | bigint | boolean | ComplexNumber): DType {
  if (typeof value === 'object') return complexDType(dtype)
  if (typeof value === 'boolean' || isInexact(dtype)) return dtype
  if (typeof value === 'number' && !Number.isInteger(value)) return 'float32'
  return dtype === 'bool' ? 'int32' : dtype
}

/** The dtype of a JS value by itself: boolean bool, bigint int64, number float32, { re, im } complex64. */
export function dtypeOfValue(value: number | bigint | boolean | ComplexNumber): DType {
  return typeof value === 'object' ? 'complex64' : typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'float32'
}
