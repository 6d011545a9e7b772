// dtype promotion: the array API's rules between tensors, weak typing for JS numbers.

import { type DType, dtypeInfo, isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'

// Indexed by code; filled on first use of a pair, undefined entries are pairs without a common dtype.
const pairs = new Map<number, DType | undefined>()

/**
 * The dtype two tensors are computed in: the wider of two of one kind; the signed one that holds both for mixed integers; the float for a float and an
 * integer; float32 for float16 with bfloat16; bool gives way. uint64 with a signed integer has no common integer and throws `dtype`.
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
  if (x.kind === y.kind) return x.bytes === y.bytes ? 'float32' : x.bytes > y.bytes ? a : b
  if (x.kind === 'float') return a
  if (y.kind === 'float') return b
  const [signed, unsigned] = x.kind === 'int' ? [x, y] : [y, x]
  if (signed.bytes > unsigned.bytes) return signed.name
  return (['int16', 'int32', 'int64'] as const).find((name) => dtypeInfo[name].bytes > unsigned.bytes)
}

/** The dtype in which a tensor of `dtype` meets a JS value: the tensor's own unless the value does not fit its kind. */
export function promoteScalar(dtype: DType, value: number | bigint | boolean): DType {
  if (typeof value === 'boolean' || isFloat(dtype)) return dtype
  if (typeof value === 'number' && !Number.isInteger(value)) return 'float32'
  return dtype === 'bool' ? 'int32' : dtype
}

/** The dtype of a JS value by itself: boolean bool, bigint int64, number float32. */
export function dtypeOfValue(value: number | bigint | boolean): DType {
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int64' : 'float32'
}
