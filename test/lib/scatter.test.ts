// Reading and writing at positions against PyTorch and NumPy: test/data/scatter.json, made by make_scatter.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { planOf } from '../../lib/realize.js'
import { describeCases } from './cases.js'

describeCases('scatter.json')

const { tensor } = sinter

describe('what does not fit is refused', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const index = tensor([0, 1], { dtype: 'int32' })
  it.each<[string, () => unknown, RegExp]>([
    ['a mode', () => sinter.scatter(x, index, 1, { axis: 0, mode: 'mean' as never }), /there is no mode "mean"/],
    ['an option', () => sinter.scatterNd(x, index, 1, { axis: 0 } as never), /there is no option 'axis'/],
    ['indices of two dimensions', () => sinter.scatter(x, tensor([[0]], { dtype: 'int32' }), 1, { axis: 0 }), /indices have 2 dimensions/],
    ['indices that are floats', () => sinter.scatterAlongAxis(x, tensor([[0, 0, 0]]), 1, { axis: 0 }), /indices are integers/],
    ['updates of a wider dtype', () => sinter.scatter(index, index, tensor([1.5, 2]), {}), /updates of dtype float32 do not fit int32/],
    ['updates that do not broadcast', () => sinter.scatter(x, index, tensor([1, 2]), { axis: 0 }), /broadcast/],
    ['index vectors that are too long', () => sinter.gatherNd(x, tensor([[0, 0, 0]], { dtype: 'int32' })), /do not index f32/],
    ['batch dimensions that differ', () => sinter.gatherNd(x, tensor([[0]], { dtype: 'int32' }), { batchDims: 1 }), /1 batch dimensions/],
    ['a box that is too large', () => sinter.dynamicUpdateSlice(x, sinter.zeros([3, 1]), [0, 0]), /do not fit/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message)
  })
})

describe('indices beyond int32', () => {
  const x = tensor([1, 2, 3])
  it('are out of range, in lists and as numbers', async () => {
    expect(await sinter.take(x, [2 ** 40, 2 ** 32 + 1, -(2 ** 40), 1]).js()).toEqual([0, 0, 0, 2])
    expect(await sinter.take(x, 2 ** 40).js()).toBe(0)
    expect(await sinter.indexSelect(x, [2 ** 31, 2]).js()).toEqual([0, 3])
    expect(await sinter.scatter(x, [2 ** 32, 1], 9).js()).toEqual([1, 9, 3])
    expect(await sinter.indexAdd(x, [2 ** 32, 1], tensor([1, 1])).js()).toEqual([1, 3, 3])
  })

  it('do not wrap from uint64', async () => {
    const top = tensor([2n ** 64n - 1n, 2n ** 63n, 1n], { dtype: 'uint64' })
    expect(await sinter.take(x, top).js()).toEqual([0, 0, 2])
  })
})

describe('embedding', () => {
  it('gives the row for padding no gradient', async () => {
    const weight = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    const ids = tensor([2, 0, -1, 2], { dtype: 'int32' })
    for (const paddingIdx of [2, -1]) {
      expect(await sinter.embedding(ids, weight, { paddingIdx }).js()).toEqual(await sinter.embedding(ids, weight).js())
      const gradient = sinter.grad((w: sinter.Tensor) => sinter.embedding(ids, w, { paddingIdx }).sum())(weight)
      expect(await gradient.js()).toEqual([
        [1, 1],
        [0, 0],
        [0, 0],
      ])
    }
  })
})

describe('in place', () => {
  const bytes = 4096 * 4
  const arenaOf = (make: (x: sinter.Tensor) => sinter.Tensor): number => {
    const x = sinter.arange(4096, { dtype: 'float32' })
    return (planOf([make(x).node], 'cpu') as unknown as { arenaBytes: number }).arenaBytes
  }
  const update = (x: sinter.Tensor, value: number): sinter.Tensor => sinter.sliceUpdate(x, value, [0], [4])

  it('what is computed for an update alone is not copied', () => {
    expect(arenaOf((x) => update(update(x.exp(), 1), 2))).toBeLessThan(bytes)
    const used = arenaOf((x) => update(update(x.exp(), 1), 2).cumsum(0).sum())
    expect(used).toBeGreaterThan(bytes)
    expect(used).toBeLessThan(3 * bytes)
  })

  it('what is used again stays as it is', () => {
    const x = sinter.arange(8, { dtype: 'float32' })
    const y = x.mul(2)
    const changed = sinter.sliceUpdate(y, y.at('4:'), [0], [4])
    const scattered = sinter.scatter(y, [0, 1, 2, 3, 4, 5, 6, 7], y, { mode: 'add' })
    sinter.realizeSync([changed, scattered, y])
    expect(y.jsSync()).toEqual([0, 2, 4, 6, 8, 10, 12, 14])
    expect(changed.jsSync()).toEqual([8, 10, 12, 14, 8, 10, 12, 14])
    expect(scattered.jsSync()).toEqual([0, 4, 8, 12, 16, 20, 24, 28])
  })

  it('an argument stays as it is', () => {
    const x = tensor([1, 2, 3])
    expect(sinter.sliceUpdate(x, 9, [0], [1]).jsSync()).toEqual([9, 2, 3])
    expect(x.jsSync()).toEqual([1, 2, 3])
  })
})
