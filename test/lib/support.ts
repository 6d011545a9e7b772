// Stored expectations (test/data/*.json, made by NumPy, SciPy and JAX) as tensors, and their comparison with results.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type DType, isBig, isComplex, partDType } from '../../ir/dtype.js'
import { decode, type HostValues } from '../../ir/host.js'
import type { Tensor } from '../../lib/index.js'
import { tensor, viewAsComplex } from '../../lib/index.js'

/** Devices on which the public functions are checked: the oracle, and the one that users get. */
export const devices = ['reference', 'cpu'] as const

export interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** 'NaN', 'Infinity' and large integers as text; real and imaginary parts of complex elements in turn. */
  readonly data: readonly (number | string)[]
}

export function readData<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8')) as T
}

export function load({ dtype, shape, data }: Stored, device: string): Tensor {
  if (isComplex(dtype)) {
    const parts = tensor(data.map(Number), { dtype: partDType(dtype), shape: [...shape, 2], device })
    return viewAsComplex(parts).realizeSync()
  }
  const values = isBig(dtype) ? data.map(BigInt) : data.map(Number)
  return tensor(values as number[], { dtype, shape, device })
}

/** Elements as plain numbers or bigints, halves decoded. */
export function valuesOf(x: Tensor): HostValues {
  return decode(x.type, x.dataSync()).values
}

/** Exact for integers and bool; floats within `tolerance` times the larger of 1 and the value. NaN equals NaN, and infinities must agree. */
export function expectClose(actual: Tensor, expected: Stored, tolerance: number): void {
  expect(`${actual.dtype} [${actual.shape}]`).toBe(`${expected.dtype} [${expected.shape}]`)
  const values = valuesOf(actual)
  for (const [i, raw] of expected.data.entries()) {
    const value = values[i]!
    if (typeof value === 'bigint') {
      expect(value).toBe(BigInt(raw))
      continue
    }
    const wanted = Number(raw)
    const close = Object.is(value, wanted) || Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted)) || value === wanted
    if (!close) expect.fail(`element ${i} of [${expected.shape}] is ${value}, expected ${wanted} within ${tolerance}`)
  }
}
