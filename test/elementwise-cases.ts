// Reads data/elementwise.json (made by data/make_elementwise.py, which documents it) and measures distances in units in the last place.

import { readFileSync } from 'node:fs'
import { type DType, isBig, isFloat } from '../ir/dtype.js'
import { numberToBfloat16, numberToFloat16 } from '../ir/half.js'
import { emptyValues, type HostTensor } from '../ir/host.js'
import type { Attrs } from '../ir/op.js'
import { typeOf } from '../ir/type.js'

type Stored = number | string | null

export interface StoredTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** null in outputs: unspecified, not to be compared. */
  readonly data: readonly Stored[]
}

export interface Case {
  readonly op: string
  readonly dtype: DType
  readonly set: 'values' | 'shapes' | 'large'
  readonly attrs: Attrs
  readonly inputs: readonly StoredTensor[]
  readonly outputs: readonly StoredTensor[]
  readonly ulp: number
}

export interface GradientRow {
  readonly op: string
  readonly at: readonly Stored[]
  readonly first: readonly Stored[]
  readonly second?: readonly (readonly Stored[])[]
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

export const elementwiseCases = (read('data/elementwise.json') as { cases: Case[] }).cases
export const elementwiseGradients = read('data/elementwise_gradients.json') as GradientRow[]

/** A stored element as a value: a bigint for int64 and uint64. */
export const fromStored = (value: Stored, dtype: DType): number | bigint => (isBig(dtype) ? BigInt(value!) : Number(value))

/** A stored input as a host tensor. Decimals are the shortest that read back, so they are rounded to the dtype first. */
export function hostOf(stored: StoredTensor, round: (dtype: DType, value: number) => number): HostTensor {
  const values = emptyValues(stored.dtype, stored.data.length)
  stored.data.forEach((element, i) => {
    const value = fromStored(element, stored.dtype)
    values[i] = typeof value === 'bigint' ? value : round(stored.dtype, value)
  })
  return { type: typeOf(stored.dtype, stored.shape), values }
}

const bytes = new DataView(new ArrayBuffer(8))

/** Bits of a float as an integer that counts representable values from 0 up, negative for negative numbers; both zeros are 0. */
function ordinal(dtype: DType, value: number): bigint {
  const magnitude = Math.abs(value)
  let bits: bigint
  if (dtype === 'float16') bits = BigInt(numberToFloat16(magnitude))
  else if (dtype === 'bfloat16') bits = BigInt(numberToBfloat16(magnitude))
  else if (dtype === 'float32') {
    bytes.setFloat32(0, magnitude)
    bits = BigInt(bytes.getUint32(0))
  } else {
    bytes.setFloat64(0, magnitude)
    bits = bytes.getBigUint64(0)
  }
  return value < 0 ? -bits : bits
}

/** Units in the last place between two values: 0 for equal ones (NaN equals NaN, 0 equals -0), Infinity where only one is NaN. */
export function ulpDistance(dtype: DType, a: number | bigint, b: number | bigint): number {
  if (!isFloat(dtype)) return a === b ? 0 : Number.POSITIVE_INFINITY
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY
  const distance = ordinal(dtype, a as number) - ordinal(dtype, b as number)
  return Number(distance < 0n ? -distance : distance)
}

/** What is wrong with `actual` against a stored output, one line for each of the first few elements; empty when it is within `ulp`. */
export function differences(actual: HostTensor, expected: HostTensor, stored: StoredTensor, ulp: number): string[] {
  const lines: string[] = []
  for (let i = 0; i < stored.data.length && lines.length < 5; i++) {
    if (stored.data[i] === null) continue
    const got = actual.values[i]!
    const want = expected.values[i]!
    const distance = ulpDistance(stored.dtype, got, want)
    // With no tolerance zeros must agree in sign, too.
    if (distance > ulp || (ulp === 0 && got === 0 && !Object.is(got, want))) {
      lines.push(`element ${i}: got ${Object.is(got, -0) ? '-0' : got}, expected ${Object.is(want, -0) ? '-0' : want} (${distance} ulp)`)
    }
  }
  return lines
}
