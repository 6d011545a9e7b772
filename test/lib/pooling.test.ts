// Pooling: PyTorch's values over a grid of attributes, and what PyTorch has no word for.

import { describe, expect, it } from 'vitest'
import {
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  arange,
  avgPool2d,
  grad,
  lpPool2d,
  maxPool1d,
  maxPool2d,
  maxUnpool2d,
  type Tensor,
  tensor,
} from '../../lib/index.js'
import { testAgainstTorch } from './torch-cases.js'

testAgainstTorch('pooling.json', 2e-6)

describe('pooling', () => {
  const image = (): Tensor => arange(0, 24, 1, { dtype: 'float32' }).reshape(1, 4, 6)

  it('gives positions inside of the windows', async () => {
    const x = tensor(
      [
        [
          [1, 5, 2, 0, 7, 3],
          [4, 0, 9, 1, 2, 8],
        ],
      ],
      { dtype: 'float32' },
    )
    const [values, indices] = maxPool2d(x, 2, { returnIndices: 'local' })
    expect(await values.js()).toEqual([[[5, 9, 8]]])
    expect(await indices.js()).toEqual([[[1, 2, 3]]])
    expect(indices.dtype).toBe('int32')
    const [, padded] = maxPool2d(x, 3, { stride: 2, padding: 1, returnIndices: 'local' })
    // Windows start at (-1, -1), (-1, 1), (-1, 3).
    expect(await padded.js()).toEqual([[[5, 7, 8]]])
  })

  it('takes channels behind the spatial dimensions', async () => {
    const x = image().reshape(1, 1, 4, 6)
    const last = x.permuteDims(0, 2, 3, 1)
    const [values, indices] = maxPool2d(last, 2, { layout: 'NHWC', returnIndices: true })
    expect(values.shape).toEqual([1, 2, 3, 1])
    expect(await maxPool2d(x, 2).js()).toEqual(await values.permuteDims(0, 3, 1, 2).js())
    expect(await indices.permuteDims(0, 3, 1, 2).js()).toEqual([
      [
        [
          [7, 9, 11],
          [19, 21, 23],
        ],
      ],
    ])
    expect(await maxUnpool2d(values, indices, 2, { layout: 'NHWC' }).sum().item()).toBe(7 + 9 + 11 + 19 + 21 + 23)
    expect(await avgPool2d(last, 2, { layout: 'NHWC' }).permuteDims(0, 3, 1, 2).js()).toEqual(await avgPool2d(x, 2).js())
  })

  it('gives the gradient of windows that differ in size to the first of their maxima', async () => {
    const x = tensor([[[1, 2, 2, 0, 2]]])
    expect(await adaptiveMaxPool1d(x, 2).js()).toEqual([[[2, 2]]])
    expect(await grad((y: Tensor) => adaptiveMaxPool1d(y, 2).sum())(x).js()).toEqual([[[0, 1, 1, 0, 0]]])
    const square = tensor([
      [
        [
          [0, 5, 0],
          [5, 0, 0],
          [0, 0, 5],
        ],
      ],
    ])
    expect(await grad((y: Tensor) => adaptiveMaxPool2d(y, 2).sum())(square).js()).toEqual([
      [
        [
          [0, 2, 0],
          [1, 0, 0],
          [0, 0, 1],
        ],
      ],
    ])
    expect(adaptiveMaxPool1d(x, 2 ** 31).shape).toEqual([1, 1, 2 ** 31])
  })

  it('takes norms of halves whose squares are too large for them', async () => {
    const x = tensor([[[[300, 400]]]], { dtype: 'float16' })
    const norm = lpPool2d(x, 2, [1, 2])
    expect(norm.dtype).toBe('float16')
    expect(await norm.js()).toEqual([[[[500]]]])
  })

  it('divides by finite numbers only', () => {
    for (const divisorOverride of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => avgPool2d(image(), 2, { divisorOverride })).toThrow(/divisorOverride is/)
    }
  })

  it('propagates NaN and points at the first one', async () => {
    const x = tensor([[3, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 1, 2]], { dtype: 'float32' })
    const [values, indices] = maxPool1d(x, 2, { returnIndices: true })
    expect(await values.js()).toEqual([[Number.NaN, Number.NaN, 2]])
    expect(await indices.js()).toEqual([[1, 3, 5]])
    expect(await maxPool1d(x, 6, { returnIndices: true })[1].js()).toEqual([[1]])
  })

  it('works on integers, and on halves by way of float32', async () => {
    const x = tensor([[[-4, 2, 7, -1]]], { dtype: 'int8' })
    expect(await maxPool1d(x, 2).js()).toEqual([[[2, 7]]])
    expect(maxPool1d(x, 2).dtype).toBe('int8')
    // 65504 is the largest float16: a sum of two of them is not one.
    const large = tensor([[[65504, 65504]]], { dtype: 'float16' })
    expect(await avgPool2d(large.reshape(1, 1, 2), [1, 2]).js()).toEqual([[[65504]]])
  })

  it('has norms of any order that include signs', async () => {
    const x = tensor(
      [
        [
          [3, -4],
          [0, 0],
        ],
      ],
      { dtype: 'float32' },
    )
    expect(await lpPool2d(x, 2, 2).js()).toEqual([[[5]]])
    expect(await lpPool2d(x, 1, 2).js()).toEqual([[[7]]])
  })

  it('has second derivatives', async () => {
    const cubes = (pool: (x: Tensor) => Tensor) => (x: Tensor) => pool(x.mul(x).mul(x)).sum()
    const twice = (fn: (x: Tensor) => Tensor) => grad((x: Tensor) => (grad(fn as never) as (x: Tensor) => Tensor)(x).sum())
    const x = tensor([[[1, 2, 3, 4]]], { dtype: 'float32' }).reshape(1, 2, 2)
    // 6x where the maximum is, 6x / 4 everywhere.
    expect(await (twice(cubes((y) => maxPool2d(y, 2)) as never)(x) as Tensor).js()).toEqual([
      [
        [0, 0],
        [0, 24],
      ],
    ])
    expect(await (twice(cubes((y) => avgPool2d(y, 2)) as never)(x) as Tensor).js()).toEqual([
      [
        [1.5, 3],
        [4.5, 6],
      ],
    ])
  })

  it('explains what is wrong', () => {
    const x = image()
    expect(() => maxPool2d(x, 2, { padding: 2 })).toThrow(/maxPool2d.*padding of 2 is more than half of the kernel's 2/)
    expect(() => maxPool2d(x, [1, 2, 3])).toThrow(/kernelSize is a number or 2 of them/)
    expect(() => maxPool2d(x, 5)).toThrow(/a window of 5 does not fit into 4 elements padded by 0 and 0 \(C3\)/)
    expect(() => avgPool2d(arange(6), 2)).toThrow(/needs channels and 2 spatial dimensions/)
    expect(() => avgPool2d(x, 2, { divisorOverride: 0 })).toThrow(/divisorOverride is 0/)
    expect(() => maxPool2d(x, 2, { layout: 'HWC' as never })).toThrow(/layout is 'NCHW' or 'NHWC'/)
    expect(() => adaptiveAvgPool2d(x, 0)).toThrow(/outputSize/)
  })
})
