// HostTensor: values as the reference implementations see them, and their conversion from and to stored elements.

import { type DataArray, type DType, dtypeInfo, isBig } from './dtype.js'
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from './half.js'
import type { TensorType } from './type.js'

/** int64 and uint64 are bigints, everything else plain numbers (halves decoded, bool 0 / 1). */
export type HostValues = Float64Array | BigInt64Array | BigUint64Array

export interface HostTensor {
  readonly type: TensorType
  /** Row-major; of complex types real and imaginary parts in turn. */
  readonly values: HostValues
}

export function emptyValues(dtype: DType, size: number): HostValues {
  return dtype === 'int64'
    ? new BigInt64Array(size)
    : dtype === 'uint64'
      ? new BigUint64Array(size)
      : new Float64Array(size * dtypeInfo[dtype].stored)
}

/** A zero-filled host tensor. */
export function hostZeros(type: TensorType): HostTensor {
  return { type, values: emptyValues(type.dtype, type.size) }
}

/**
 * The nearest value of `dtype`: floats round (to nearest even), integers truncate toward zero and wrap, bool is value != 0.
 * For conversions from floats to integers, which saturate, see `convert`.
 */
export function roundTo(dtype: DType, value: number): number {
  switch (dtype) {
    case 'float64':
      return value
    case 'float32':
      return Math.fround(value)
    case 'float16':
      return float16ToNumber(numberToFloat16(value))
    case 'bfloat16':
      return bfloat16ToNumber(numberToBfloat16(value))
    case 'bool':
      return value !== 0 ? 1 : 0
    case 'int8':
      return (value << 24) >> 24
    case 'int16':
      return (value << 16) >> 16
    case 'int32':
      return value | 0
    case 'uint8':
      return value & 0xff
    case 'uint16':
      return value & 0xffff
    case 'uint32':
      return value >>> 0
    default:
      return Number(dtype === 'int64' ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : BigInt.asUintN(64, BigInt(Math.trunc(value))))
  }
}

/** One element converted between dtypes as `cast` does: float to integer truncates and saturates, NaN gives 0; integers wrap; to bool is != 0. */
export function convert(value: number | bigint, from: DType, to: DType): number | bigint {
  const toInfo = dtypeInfo[to]
  if (to === 'bool') return (typeof value === 'bigint' ? value !== 0n : value !== 0) ? 1 : 0
  if (toInfo.kind === 'float') return roundTo(to, to === 'float64' ? Number(value) : toOdd(value))
  if (dtypeInfo[from].kind === 'float') {
    const number = value as number
    if (Number.isNaN(number)) return isBig(to) ? 0n : 0
    const whole = Math.trunc(number)
    if (whole <= Number(toInfo.min)) return toInfo.min
    if (whole >= Number(toInfo.max)) return toInfo.max
    return isBig(to) ? BigInt(whole) : whole + 0
  }
  const bits = toInfo.bytes * 8
  const big = BigInt(value)
  const wrapped = toInfo.kind === 'int' ? BigInt.asIntN(bits, big) : BigInt.asUintN(bits, big)
  return isBig(to) ? wrapped : Number(wrapped)
}

/** A number that rounds to any dtype narrower than float64 as `value` itself does: bits that a double cannot hold are kept as a set last bit. */
function toOdd(value: number | bigint): number {
  if (typeof value === 'number') return value
  const magnitude = value < 0n ? -value : value
  if (magnitude < 2n ** 53n) return Number(value)
  const kept = (magnitude >> 11n) | (magnitude & 2047n ? 1n : 0n)
  return Number(value < 0n ? -kept : kept) * 2048
}

/** Stored elements to values. */
export function decode(type: TensorType, data: DataArray): HostTensor {
  switch (type.dtype) {
    case 'int64':
    case 'uint64':
      return { type, values: data.slice() as HostValues }
    case 'float16':
      return { type, values: Float64Array.from(data as Uint16Array, float16ToNumber) }
    case 'bfloat16':
      return { type, values: Float64Array.from(data as Uint16Array, bfloat16ToNumber) }
    default:
      return { type, values: Float64Array.from(data as Float32Array) }
  }
}

/** Values to stored elements; values must be representable (as `roundTo` leaves them). */
export function encode(host: HostTensor): DataArray {
  switch (host.type.dtype) {
    case 'int64':
    case 'uint64':
      return host.values.slice() as DataArray
    case 'float16':
      return Uint16Array.from(host.values as Float64Array, numberToFloat16)
    case 'bfloat16':
      return Uint16Array.from(host.values as Float64Array, numberToBfloat16)
    default: {
      const out = new dtypeInfo[host.type.dtype].array(host.values.length) as Float32Array
      out.set(host.values as Float64Array)
      return out
    }
  }
}
