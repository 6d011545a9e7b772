// Sorting and choosing against PyTorch and NumPy: test/data/order.json, made by make_order.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { describeCases } from './cases.js'

describeCases('order.json')

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
