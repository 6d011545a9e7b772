// Every op with every dtype: it takes those its record names, and refuses others in words that say which op, which dtype and which it takes.

import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../../ir/build.js'
import { type DType, dtypeInfo, dtypes, isComplex, isFloat, realDTypes } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import type { Attrs, Op, Sample } from '../../../ir/op.js'
import { ops } from '../../../ir/ops/index.js'
import { parseType, type TensorType } from '../../../ir/type.js'

/** Ops whose samples name a dtype for `$`. */
const records = (Object.values(ops) as Op[]).filter((op) => op.samples.some(({ inputs }) => inputs.some((text) => text.includes('$'))))

/** Words for many dtypes. */
const kinds: readonly (readonly [string, readonly DType[]])[] = [
  ['numbers', realDTypes.filter((dtype) => dtype !== 'bool')],
  ['floats', realDTypes.filter(isFloat)],
  ['integers and bool', realDTypes.filter((dtype) => !isFloat(dtype))],
]

function record(op: Op, sample: Sample, dtype: DType): unknown {
  try {
    const types = sample.inputs.map((text) => parseType(text.replace('$', dtypeInfo[dtype].short)) as TensorType)
    return emit(op, types.map(inputNode), op.attrs.parse(sample.attrs ?? {}) as Attrs)
  } catch (error) {
    return error
  }
}

describe.each(records.map((op) => [op.name, op] as const))('%s', (_, op) => {
  const samples = op.samples.filter(({ inputs }) => inputs.some((text) => text.includes('$')))

  it.each(dtypes.filter((dtype) => op.dtypes.includes(dtype)))('takes %s', (dtype) => {
    for (const sample of samples) {
      const found = record(op, sample, dtype)
      if (found instanceof Error) throw found
    }
  })

  it.each(dtypes.filter((dtype) => !op.dtypes.includes(dtype)))('refuses %s', (dtype) => {
    for (const sample of samples) {
      const found = record(op, sample, dtype)
      expect(found).toBeInstanceOf(SinterError)
      const { code, op: named, message } = found as SinterError
      expect({ code, named }).toEqual({ code: 'dtype', named: op.name })
      expect(message).toMatch(new RegExp(`\\b${dtype}\\b`))
      const kind = kinds.find(([, accepted]) => String(accepted) === String(op.dtypes))?.[0]
      if (isComplex(dtype) && op.traits.complex !== true) {
        expect(message).toContain('works on real tensors')
        continue
      }
      const names = op.dtypes.every((accepted) => new RegExp(`\\b${accepted}\\b`).test(message))
      expect(names || (kind !== undefined && message.includes(` ${kind}, not `)), message).toBe(true)
    }
  })
})
