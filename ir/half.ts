// float16 and bfloat16 bit patterns to numbers and back, rounding to nearest even.

const f32 = new Float32Array(1)
const u32 = new Uint32Array(f32.buffer)
const f64 = new Float64Array(1)
const u64 = new BigUint64Array(f64.buffer)

export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Rounds once, from the double itself: going through float32 first could round twice. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude >= 65520) return sign | 0x7c00
  if (magnitude < 2 ** -14) return sign | roundHalfEven(magnitude * 2 ** 24)
  const exponent = exponentOf(magnitude)
  const significand = roundHalfEven(magnitude * 2 ** (10 - exponent))
  // A significand that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 14) << 10) + significand)
}

export function bfloat16ToNumber(bits: number): number {
  u32[0] = bits << 16
  return f32[0]!
}

export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  // Half way between the largest finite value and the next power of two.
  if (magnitude >= (2 - 2 ** -8) * 2 ** 127) return sign | 0x7f80
  if (magnitude < 2 ** -126) return sign | roundHalfEven(magnitude * 2 ** 133)
  const exponent = exponentOf(magnitude)
  const significand = roundHalfEven(magnitude * 2 ** (7 - exponent))
  return sign | (((exponent + 126) << 7) + significand)
}

function exponentOf(magnitude: number): number {
  f64[0] = magnitude
  return Number((u64[0]! >> 52n) & 0x7ffn) - 1023
}

/** Round half to even, for finite values well below 2^52. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
