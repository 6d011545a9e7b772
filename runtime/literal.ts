// Constant elements as the bytes a program carries.

import { type DType, isBig } from '../ir/dtype.js'
import { emptyValues, encode } from '../ir/host.js'
import { typeOf } from '../ir/type.js'

/** The stored bytes of values, which must be representable in the dtype. */
export function literalBytes(dtype: DType, values: readonly (number | bigint)[]): Uint8Array {
  const host = emptyValues(dtype, values.length)
  values.forEach((value, i) => {
    host[i] = isBig(dtype) ? BigInt(value) : Number(value)
  })
  const data = encode({ type: typeOf(dtype, [values.length]), values: host })
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
