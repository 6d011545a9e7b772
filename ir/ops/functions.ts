// Scalar functions of the reference implementation that Math lacks, or defines differently from IEEE 754 and NumPy.

/** The nearest whole number, halves to the even one; the sign is kept, also of zero. */
export function roundEven(x: number): number {
  const magnitude = Math.abs(x)
  if (!(magnitude < 2 ** 52)) return x
  // Adding 2^52 leaves no fraction bits: the addition itself rounds half to even.
  const rounded = magnitude + 2 ** 52 - 2 ** 52
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}

/**
 * The error function, within 2 ulp. Below 1 the Maclaurin series (DLMF 7.6.1); from there one minus erfc by its continued fraction
 * (DLMF 7.9.1), evaluated from the tail, whose relative error is scaled down by erfc < 0.16.
 */
export function erf(x: number): number {
  if (Number.isNaN(x) || x === 0) return x
  const z = Math.abs(x)
  if (z >= 6) return Math.sign(x)
  const square = z * z
  if (z < 1) {
    let rest = 0
    let power = z
    for (let n = 1; n < 20; n++) {
      power *= -square / n
      rest += power / (2 * n + 1)
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * (z + rest)
  }
  let fraction = z
  for (let n = Math.ceil(200 / square) + 4; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-square) / Math.sqrt(Math.PI) / fraction)
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** C's pow: unlike JavaScript's, 1 to any power and -1 to an infinite one are 1. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1
  return x ** y
}

/** The remainder with the divisor's sign, exact but for one rounding; a zero takes the divisor's sign. NaN for divisor 0. */
export function floorMod(x: number, y: number): number {
  const remainder = x % y
  if (remainder === 0) return y < 0 || Object.is(y, -0) ? -0 : 0
  return remainder < 0 !== y < 0 ? remainder + y : remainder
}

/**
 * The floor of the exact quotient, consistent with floorMod (x = y * floorDivide + floorMod), as Python and NumPy define it; x / 0 is the
 * IEEE quotient.
 */
export function floorDivide(x: number, y: number): number {
  if (y === 0) return x / y
  const remainder = x % y
  let quotient = (x - remainder) / y
  if (remainder !== 0 && remainder < 0 !== y < 0) quotient -= 1
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0
  return roundEven(quotient)
}
