// Sorting and choosing against PyTorch and NumPy: test/data/order.json, made by make_order.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: string
  readonly inputs: readonly Stored[]
  readonly args: readonly unknown[]
  readonly out: readonly Stored[]
  /** The derivative, with respect to input 0, of the sum of the first result times 1, 2, 3, ... */
  readonly grad?: Stored
}

type Call = (...args: unknown[]) => sinter.Tensor | Record<string, sinter.Tensor>
const functions = sinter as unknown as Record<string, Call>
const call = ({ fn, args }: Case, inputs: readonly sinter.Tensor[]): sinter.Tensor[] => {
  const result = functions[fn]!(...inputs, ...args)
  return result instanceof sinter.Tensor ? [result] : Object.values(result)
}

const cases = readData<Case[]>('order.json')
const names = [...new Set(cases.map(({ fn }) => fn))]

describe.each(devices)('on %s', (device) => {
  it.each(names)('%s', (name) => {
    for (const one of cases.filter(({ fn }) => fn === name)) {
      const inputs = one.inputs.map((x) => load(x, device))
      const results = call(one, inputs)
      expect(results.length).toBe(one.out.length)
      results.forEach((result, i) => {
        expectClose(result, one.out[i]!, 1e-6)
      })
      if (one.grad === undefined) continue
      const gradient = sinter.grad((x: sinter.Tensor) => {
        const y = call(one, [x, ...inputs.slice(1)])[0]!
        return y.mul(sinter.arange(1, y.size + 1, { dtype: y.dtype, device }).reshape(y.shape)).sum()
      })(inputs[0]!)
      expectClose(gradient as sinter.Tensor, one.grad, 1e-12)
    }
  })
})

describe('topK and bottomK', () => {
  const x = sinter.tensor([3, 1, 2])
  it('take an axis of bool as numbers, and give bool back', () => {
    const { values, indices } = sinter.topK(sinter.tensor([false, true, true]), 2)
    expect([values.dtype, values.jsSync(), indices.jsSync()]).toEqual(['bool', [true, true], [1, 2]])
  })
  it('choose nothing for k = 0', () => {
    expect(sinter.topK(x, 0).values.jsSync()).toEqual([])
  })
  it('refuse more elements than there are, and rank 0', () => {
    expect(() => sinter.topK(x, 4)).toThrow(/k is 4, axis 0 has 3 elements/)
    expect(() => sinter.bottomK(x, -1)).toThrow(/k is an integer of at least 0/)
    expect(() => sinter.topK(sinter.tensor(1), 1)).toThrow(/rank-0/)
  })
})
