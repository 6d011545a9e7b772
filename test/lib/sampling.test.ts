// Sampling: PyTorch's values in all modes, and special positions.

import { describe, expect, it } from 'vitest'
import { concat, grad, gridSample, type Tensor, tensor } from '../../lib/index.js'
import { testAgainstTorch } from './torch-cases.js'

testAgainstTorch('sampling.json', 3e-6)

describe('gridSample', () => {
  const image = tensor([[[[1, 2, 4, 8]]]], { dtype: 'float32' })
  const at = (...xs: number[]): Tensor => tensor([[xs.map((x) => [x, 0])]] as never, { dtype: 'float32' })

  it('reads nothing at positions that are not numbers or far away', async () => {
    expect(await gridSample(image, at(Number.NaN, Number.POSITIVE_INFINITY, -1e30), { mode: 'nearest' }).js()).toEqual([[[[0, 0, 0]]]])
    expect(await gridSample(image, at(-1e30, 1e30), { paddingMode: 'border' }).js()).toEqual([[[[1, 8]]]])
  })

  it('does not read elements that it does not weigh', async () => {
    const infinite = tensor([[[[Number.POSITIVE_INFINITY, 2, 4, 8]]]], { dtype: 'float32' })
    // Position 3.5 lies between the last element and a zero.
    expect(await gridSample(infinite, at(1)).js()).toEqual([[[[4]]]])
  })

  it('has second derivatives', async () => {
    // Between two equal rows, and between 2 and 4 along them: x(p) = 2 + 2 (p - 1), where p = (g + 1) * 2 - 0.5; of its square with respect to g the second derivative is 2 * (2 * 2)^2.
    const rows = concat([image, image], 2)
    const square = (grid: Tensor): Tensor => gridSample(rows, grid).square().sum()
    const second = grad((grid: Tensor) => (grad(square)(grid) as Tensor).sum())(at(0.1)) as Tensor
    expect(await second.js()).toEqual([[[[expect.closeTo(32, 3), 0]]]])
  })

  it('explains what is wrong', () => {
    expect(() => gridSample(image, image)).toThrow(/gridSample.*\(C1\)/)
    expect(() => gridSample(image, at(0), { mode: 'bicubic' as never })).toThrow(/mode is 'bilinear' or 'nearest'/)
  })
})
