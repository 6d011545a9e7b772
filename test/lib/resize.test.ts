// Resizing: PyTorch's values over a grid of modes and sizes, and what MPSGraph offers beyond them.

import { describe, expect, it } from 'vitest'
import { interpolate, type ResizeOptions, resize, tensor } from '../../lib/index.js'
import { testAgainstTorch } from './torch-cases.js'

testAgainstTorch('resize.json', 3e-6)

/** A row of images as long as the values. */
const row = (values: readonly number[], dtype: 'float32' | 'int16' = 'float32') =>
  tensor(values as number[], { dtype }).reshape(1, 1, values.length)
const resized = (values: readonly number[], width: number, options: ResizeOptions) =>
  resize(row(values), [1, width], options).reshape(width).js()

describe('resize', () => {
  it('rounds positions in every way', async () => {
    // Positions 0.5, 2.5, 4.5.
    const values = [0, 1, 2, 3, 4, 5]
    const nearest = (nearestRounding: ResizeOptions['nearestRounding']) =>
      resized(values, 3, { mode: 'nearest', nearestRounding, centerResult: true })
    expect(await nearest('preferCeil')).toEqual([1, 3, 5])
    expect(await nearest('preferFloor')).toEqual([0, 2, 4])
    expect(await nearest('ceil')).toEqual([1, 3, 5])
    expect(await nearest('floor')).toEqual([0, 2, 4])
    expect(await nearest('even')).toEqual([0, 2, 4])
    expect(await nearest('odd')).toEqual([1, 3, 5])
    // Positions 0, 4/3, 8/3, 4: thirds that float32 does not hold.
    expect(await resized([0, 1, 2, 3], 3, { mode: 'nearest', nearestRounding: 'floor' })).toEqual([0, 1, 2])
    expect(await resized([0, 1, 2, 3], 3, { mode: 'nearest', nearestRounding: 'ceil' })).toEqual([0, 2, 3])
    const long = Array.from({ length: 49 }, (_, i) => i)
    // 147 positions i / 3: every third is whole.
    expect(await resized(long, 147, { mode: 'nearest', nearestRounding: 'floor' })).toEqual(
      Array.from({ length: 147 }, (_, i) => Math.floor(i / 3)),
    )
  })

  it('places the result by flags or by scale and offset', async () => {
    const values = [0, 4]
    expect(await resized(values, 4, {})).toEqual([0, 2, 4, 4])
    expect(await resized(values, 4, { centerResult: true })).toEqual([0, 1, 3, 4])
    expect(await resized(values, 5, { alignCorners: true })).toEqual([0, 1, 2, 3, 4])
    // Element 1 of x goes to 4 * 1 + 1 in the result.
    expect(await resized(values, 6, { scale: [1, 4], offset: [0, 1] })).toEqual([0, 0, 1, 2, 3, 4])
  })

  it('takes channels behind the spatial dimensions, and keeps integers in nearest modes', async () => {
    const x = row([1, -2], 'int16')
    expect(resize(x.reshape(1, 2, 1), [1, 4], { mode: 'nearest', layout: 'NHWC' }).shape).toEqual([1, 4, 1])
    const large = interpolate(x.reshape(1, 1, 2), { size: 4 })
    expect(large.dtype).toBe('int16')
    expect(await large.js()).toEqual([[[1, 1, -2, -2]]])
    expect(interpolate(x.reshape(1, 1, 2), { size: 4, mode: 'linear' }).dtype).toBe('float32')
  })

  it('explains what is wrong', () => {
    const x = row([1, 2, 3]).reshape(1, 1, 1, 3)
    const scaled = (offset: unknown) => () => resize(x, [2, 2], { scale: 2, offset: offset as number })
    expect(scaled({})).toThrow(/offset is a number, got a Object/)
    expect(scaled([1, 2, 3])).toThrow(/offset is a number or 2 of them/)
    expect(scaled(Number.NaN)).toThrow(/offset is finite, got NaN/)
    expect(() => interpolate(x, {})).toThrow(/needs either size or scaleFactor/)
    for (const dtype of ['float32', 'int32'] as const) {
      expect(() => interpolate(x.astype(dtype), { size: 2 ** 31 })).toThrow(/longer than 16777216/)
    }
    expect(() => interpolate(x, { size: 2, mode: 'linear' })).toThrow(/mode 'linear' is for 1 spatial dimensions, x has 2/)
    expect(() => interpolate(x, { size: 2, alignCorners: true })).toThrow(/alignCorners is for linear and cubic modes/)
    expect(() => interpolate(x, { scaleFactor: 0.5 })).toThrow(/no elements: \[0,1\]/)
    expect(() => resize(x, 2, { centerResult: true, alignCorners: true })).toThrow(/exclude each other/)
    expect(() => resize(x, 2, { offset: 1 })).toThrow(/offset needs scale/)
  })
})
