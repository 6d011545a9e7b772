// jit: traced once per input types, then only run.

import { describe, expect, it } from 'vitest'
import { cacheInfo, grad, jit, ones, random, type Tensor, tensor, valueAndGrad } from '../../lib/index.js'

describe('jit', () => {
  it('gives what the function gives, and runs the function once per input types', () => {
    let runs = 0
    const f = jit((x: Tensor, y: Tensor) => {
      runs++
      return { sum: x.add(y), both: [x.mul(y), x] }
    })
    const result = f(tensor([1, 2]), tensor([3, 4]))
    expect(result.sum.jsSync()).toEqual([4, 6])
    expect((result.both[0] as Tensor).jsSync()).toEqual([3, 8])
    expect((result.both[1] as Tensor).jsSync()).toEqual([1, 2])
    expect(f(tensor([5, 6]), tensor([7, 8])).sum.jsSync()).toEqual([12, 14])
    expect(runs).toBe(1)
    f(tensor([1, 2, 3]), tensor([1, 2, 3]))
    f(tensor([1, 2], { dtype: 'float64' }), tensor([1, 2], { dtype: 'float64' }))
    expect(runs).toBe(3)
    expect(f.statistics()).toEqual({ calls: 4, traces: 3, entries: 3 })
  })

  it('takes JS numbers as inputs: another value runs the same plan', () => {
    const scale = jit((x: Tensor, factor: number | Tensor) => x.mul(factor as Tensor))
    scale(tensor([1, 2]), 0.5)
    const misses = cacheInfo().misses
    for (const factor of [0, 1, -1, 2, 0.1, 1e30])
      expect(scale(tensor([1, 2]), factor).jsSync()).toEqual([Math.fround(factor), Math.fround(2 * Math.fround(factor))])
    expect(scale.statistics().traces).toBe(1)
    expect(cacheInfo().misses).toBe(misses)
  })

  it('selects versions by strings and other values', () => {
    const f = jit((x: Tensor, mode: string) => (mode === 'double' ? x.mul(2) : x))
    expect(f(tensor([1]), 'double').jsSync()).toEqual([2])
    expect(f(tensor([1]), 'plain').jsSync()).toEqual([1])
    expect(f.statistics().traces).toBe(2)
  })

  it('tells argument trees apart, also right after a call of another kind', () => {
    const f = jit((tree: { a: Tensor; b?: Tensor } | Tensor[]) => (Array.isArray(tree) ? tree.map((x) => x.neg()) : [tree.a.exp()]))
    const x = tensor([0, 0])
    expect(f({ a: x })[0]!.jsSync()).toEqual([1, 1])
    expect(f({ a: x })[0]!.jsSync()).toEqual([1, 1])
    expect(f([x, x])).toHaveLength(2)
    expect(f([x])).toHaveLength(1)
    expect(f({ a: x, b: x })[0]!.jsSync()).toEqual([1, 1])
    expect(f({ a: tensor([0]) })[0]!.jsSync()).toEqual([1])
    expect(f.statistics().traces).toBe(5)
  })

  it('computes lazy tensors from outside once, and keeps using them', () => {
    const table = tensor([1, 2, 3]).mul(10)
    const f = jit((x: Tensor) => x.add(table))
    expect(f(tensor([1, 1, 1])).jsSync()).toEqual([11, 21, 31])
    expect(table.realized).toBe(true)
    expect(f(tensor([2, 2, 2])).jsSync()).toEqual([12, 22, 32])
  })

  it('accepts lazy arguments', () => {
    const f = jit((x: Tensor) => x.sum())
    expect(f(ones([4]).mul(3)).itemSync()).toBe(12)
  })

  it('refuses to read a value while tracing, naming what to do', () => {
    const f = jit((x: Tensor) => x.add(x.sum().itemSync() as number))
    expect(() => f(tensor([1]))).toThrow(expect.objectContaining({ code: 'trace' }))
    // The failed trace leaves nothing behind.
    expect(tensor([1]).add(1).jsSync()).toEqual([2])
  })

  it('refuses asynchronous functions and arguments that are neither tensors nor plain values', () => {
    expect(() => jit(async (x: Tensor) => x)(tensor([1]))).toThrow(/synchronous/)
    expect(() => jit((x: unknown) => x)(new Map())).toThrow(/arguments are tensors, numbers, strings/)
    expect(() => jit((x: Tensor) => x, { cacheSize: 0 })).toThrow(/cacheSize/)
  })

  it('draws new random numbers in every call, the same as without jit', () => {
    const draw = () => random.uniform([3])
    random.seed(7)
    const eagerDraws = [draw().jsSync(), draw().jsSync()]
    random.seed(7)
    const compiled = jit(draw)
    const draws = [compiled().jsSync(), compiled().jsSync()]
    expect(draws).toEqual(eagerDraws)
    expect(draws[0]).not.toEqual(draws[1])
    expect(compiled.statistics().traces).toBe(1)
  })

  it('compiles gradients, and can be differentiated itself', () => {
    const loss = (w: Tensor, x: Tensor) => x.matmul(w).square().mean()
    const step = jit((w: Tensor, x: Tensor, rate: number) => {
      const [value, gradient] = valueAndGrad(loss)(w, x)
      return [value, w.sub(gradient.mul(rate))] as [Tensor, Tensor]
    })
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
    let w = tensor([[1], [1]])
    const losses: number[] = []
    for (let i = 0; i < 20; i++) {
      const [value, next] = step(w, x, 0.03)
      losses.push(value.itemSync() as number)
      w = next
    }
    expect(losses[0]).toBe(29)
    expect(losses.at(-1)).toBeLessThan(0.1)
    const inner = jit((v: Tensor) => v.pow(2).sum())
    expect(grad((v: Tensor) => inner(v).mul(3))(tensor([2, 5])).jsSync()).toEqual([12, 30])
  })

  it('keeps versions bounded, and refuses calls after dispose', () => {
    const f = jit((x: Tensor) => x.neg(), { cacheSize: 2 })
    for (const size of [1, 2, 3, 4]) f(ones([size]))
    expect(f.statistics().entries).toBe(2)
    f.dispose()
    expect(() => f(ones([1]))).toThrow(expect.objectContaining({ code: 'disposed' }))
  })
})
