// The library at work, top to bottom: a tour for new readers.

import { expect, it } from 'vitest'
import { grad, jit, type Tensor, tensor } from '../lib/index.js'

const x = tensor([
  [1, 2],
  [3, 4],
])

it('records operations, and runs them as one plan when a value is asked for', async () => {
  const y = x.matmul(x).add(1).relu()
  expect(y.realized).toBe(false)
  expect(y.graph().toString()).toContain('matmul %0, %0')
  expect(await y.js()).toEqual([
    [8, 11],
    [16, 23],
  ])
})

it('fuses the chain into one kernel and says so', () => {
  expect(
    x
      .matmul(x)
      .add(1)
      .relu()
      .explain()
      .map((kernel) => kernel.ops),
  ).toEqual([['matmul', 'add', 'relu']])
})

it('differentiates, and compiles functions', () => {
  const slope = jit(grad((v: Tensor) => v.square().sum()))
  expect(slope(x).jsSync()).toEqual([
    [2, 4],
    [6, 8],
  ])
})
