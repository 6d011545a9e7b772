// A value that is a matrix operand and also part of what follows the product: it has to be in memory before the product runs.

import { describe, expect, it } from 'vitest'
import { matmul, tensor } from '../../lib/index.js'

const x = tensor([
  [1, -2],
  [3, 4],
])
const w = tensor([
  [1, 2],
  [3, 4],
])

describe('an elementwise operand of a product used again behind it', () => {
  it('as the left operand', () => {
    const h = x.relu()
    expect(matmul(h, w).add(h).jsSync()).toEqual([
      [2, 2],
      [18, 26],
    ])
  })

  it('as the right operand, and through a transpose', () => {
    const h = x.relu()
    expect(matmul(w, h).add(h).jsSync()).toEqual([
      [8, 8],
      [18, 20],
    ])
    expect(matmul(w, h.T).mul(h).jsSync()).toEqual([
      [1, 0],
      [9, 100],
    ])
  })

  it('as both operands', () => {
    const h = x.relu()
    expect(matmul(h, h).sub(h).jsSync()).toEqual([
      [0, 0],
      [12, 12],
    ])
  })
})
