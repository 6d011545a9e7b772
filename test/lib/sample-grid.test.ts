// sampleGrid: values and gradients by its definition, in NumPy, over all coordinates, paddings and roundings; halves, and wrong options.

import { describe, expect, it } from 'vitest'
import { gridSample, sampleGrid, type Tensor, tensor } from '../../lib/index.js'
import { testAgainstTorch } from './torch-cases.js'

testAgainstTorch('sample_grid.json', 2e-5)

describe('sampleGrid', () => {
  const image = tensor([[[[1, 2, 4, 8]]]], { dtype: 'float32' })
  const at = (...xs: number[]): Tensor => tensor([[xs.map((x) => [x, 0])]] as never, { dtype: 'float32' })
  const elements = { normalizeCoordinates: false } as const

  it('is gridSample by default', async () => {
    const grid = at(-1, 0.3, 0.9)
    expect(await sampleGrid(image, grid).js()).toEqual(await gridSample(image, grid).js())
  })

  it('does not round what lies just below a half up', async () => {
    const nearest = { ...elements, mode: 'nearest', nearestRoundingMode: 'roundPreferCeil' } as const
    expect(await sampleGrid(image, at(0.49999997, 0.5), nearest).js()).toEqual([[[[1, 2]]]])
  })

  it('has nothing near NaN', async () => {
    const outside = { mode: 'nearest', paddingMode: 'constant', constantValue: 3 } as const
    expect(await sampleGrid(image, at(Number.NaN), outside).js()).toEqual([[[[3]]]])
  })

  it.each(['float16', 'bfloat16'] as const)('keeps %s', async (dtype) => {
    const result = sampleGrid(image.astype(dtype), at(-1, 4.5).astype(dtype), { ...elements, paddingMode: 'antiperiodic' })
    expect(result.dtype).toBe(dtype)
    expect(await result.js()).toEqual([[[[-8, -1.5]]]])
  })

  it('explains what is wrong', () => {
    expect(() => sampleGrid(image, image)).toThrow(/sampleGrid.*grid not \[batch, rows, columns, 2\]/)
    expect(() => sampleGrid(image, at(0), { mode: 'bicubic' as never })).toThrow(/mode is one of bilinear, nearest/)
    expect(() => sampleGrid(image, at(0), { paddingMode: 'wrap' as never })).toThrow(/paddingMode is one of zeros, constant/)
    expect(() => sampleGrid(image, at(0), { mode: 'nearest', nearestRoundingMode: 'up' as never })).toThrow(/nearestRoundingMode is one of/)
    expect(() => sampleGrid(image, at(0), { nearestRoundingMode: 'ceil' })).toThrow(/no effect with mode 'bilinear'/)
    expect(() => sampleGrid(image, at(0), { constantValue: 1 })).toThrow(/no effect with paddingMode 'zeros'/)
    expect(() => sampleGrid(image, at(0), { relativeCoordinates: 1 as never })).toThrow(/relativeCoordinates/)
  })
})
