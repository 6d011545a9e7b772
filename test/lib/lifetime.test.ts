// Realizing, reading, scopes, disposal, memory limits, eager mode, the bound on pending graphs.

import { afterEach, describe, expect, it } from 'vitest'
import {
  arange,
  cacheInfo,
  clearCache,
  eager,
  isEager,
  keep,
  linalg,
  memory,
  ones,
  onRecompile,
  realize,
  realizeSync,
  scope,
  setMemoryLimit,
  type Tensor,
  tensor,
  zeros,
} from '../../lib/index.js'
import { library } from '../../runtime/native/library.js'

const live = () => memory().buffers

describe('realize', () => {
  it('computes trees together, in one plan', async () => {
    const x = tensor([1, 2])
    const tree = { a: x.add(1), list: [x.mul(2), 'text', 7] as unknown[] }
    const before = cacheInfo()
    await realize(tree, x.sub(1))
    expect(cacheInfo().misses - before.misses).toBe(1)
    expect(tree.a.realized).toBe(true)
    expect((tree.list[0] as Tensor).jsSync()).toEqual([2, 4])
  })

  it('drops the graph, keeps the value, and shares what is asked for twice', () => {
    const x = tensor([1, 2, 3])
    const y = x.exp()
    const z = y.add(1)
    realizeSync(y, y, z)
    expect(y.node.inputs).toEqual([])
    expect([...(z.sub(y).dataSync() as Float32Array)].map((value) => Number(value.toFixed(5)))).toEqual([1, 1, 1])
  })

  it('returns inputs and duplicates as values of their own', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
    const a = x.add(0)
    const b = x.add(0)
    const t = x.transpose()
    realizeSync(a, b, t)
    a.dispose()
    expect(b.jsSync()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(t.jsSync()).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(x.jsSync()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it('never runs anything for console.log, toString, graph() or explain()', () => {
    const x = tensor([1, 2]).add(1)
    expect(`${x}`).toBe('Tensor float32 [2] cpu lazy (add)')
    x.graph().toString()
    expect(x.explain().length).toBe(1)
    expect(x.realized).toBe(false)
    expect(() => (x as unknown as number) + 1).toThrow(/not a number/)
  })

  it('reads long computations off-thread while the event loop turns', async () => {
    const a = ones([1200, 1200]).realizeSync()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const product = a.matmul(a).matmul(a)
    const pending = product.realize()
    expect(String(product)).toContain('queued')
    await pending
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    expect(product.at(0, 0).itemSync()).toBe(1200 * 1200)
  })

  it('orders synchronous work after off-thread work it depends on', () => {
    const a = ones([1024, 1024]).realizeSync()
    const product = a.matmul(a)
    void product.realize()
    expect(product.sum().itemSync()).toBe(1024 ** 3)
  })
})

describe('lifetimes', () => {
  it('dispose frees once; later use says so', () => {
    const before = live()
    const x = tensor([1, 2, 3])
    expect(live()).toBe(before + 1)
    x.dispose()
    x.dispose()
    expect(live()).toBe(before)
    expect(String(x)).toContain('disposed')
    for (const use of [() => x.dataSync(), () => x.add(1).dataSync(), () => x.realizeSync()]) {
      expect(use).toThrow(expect.objectContaining({ code: 'disposed' }))
    }
  })

  it('using disposes at the end of the block', () => {
    const before = live()
    {
      using x = tensor([1])
      expect(x.jsSync()).toEqual([1])
    }
    expect(live()).toBe(before)
  })

  it('scope frees what was realized inside, except the result and what it still needs', () => {
    const before = live()
    const result = scope(() => {
      const a = ones([10]).realizeSync()
      const b = a.add(1).realizeSync()
      zeros([5]).realizeSync()
      return { lazy: b.mul(2) }
    })
    expect(live()).toBe(before + 1)
    expect(result.lazy.sum().itemSync()).toBe(40)
  })

  it('scope works for promises, nests, keeps what keep() names, and cleans up after errors', async () => {
    const before = live()
    let kept: Tensor | undefined
    const outer = await scope(async () => {
      await Promise.resolve()
      const a = ones([3]).realizeSync()
      const inner = scope(() => a.add(ones([3]).realizeSync()).realizeSync())
      kept = keep(a.mul(5).realizeSync())
      return inner
    })
    expect(outer.jsSync()).toEqual([2, 2, 2])
    expect(kept!.jsSync()).toEqual([5, 5, 5])
    expect(live()).toBe(before + 2)
    expect(() =>
      scope(() => {
        ones([3]).realizeSync()
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(live()).toBe(before + 2)
  })
})

describe('memory', () => {
  afterEach(() => setMemoryLimit(Number.POSITIVE_INFINITY))

  it('reuses disposed blocks: no allocation from the system in steady state', () => {
    const x = ones([5000]).realizeSync()
    const round = () => x.mul(2).add(1).realizeSync().dispose()
    for (let i = 0; i < 10; i++) round()
    const before = memory().systemAllocations
    for (let i = 0; i < 1000; i++) round()
    expect(memory().systemAllocations).toBe(before)
  })

  it('a limit refuses, changes nothing, and leaves every tensor valid', () => {
    const x = arange(250_000).realizeSync()
    const pending = x.add(1)
    setMemoryLimit(x.type.bytes + 100_000)
    expect(() => pending.realizeSync()).toThrow(expect.objectContaining({ code: 'memory' }))
    expect(x.dataSync()[7]).toBe(7)
    setMemoryLimit(Number.POSITIVE_INFINITY)
    expect(pending.at(9).itemSync()).toBe(10)
  })

  it('refuses limits that are not positive numbers', () => {
    expect(() => setMemoryLimit(0)).toThrow(expect.objectContaining({ code: 'argument' }))
    expect(() => setMemoryLimit('1' as never)).toThrow(expect.objectContaining({ code: 'argument' }))
  })
})

describe('plans', () => {
  it('are found again by structure, whatever the data and scalars', () => {
    const run = (value: number, factor: number) => tensor([value, 1]).mul(factor).add(value).tanh().realizeSync()
    run(1, 2)
    const before = cacheInfo()
    for (let i = 0; i < 1000; i++) run(i, i / 500)
    expect(cacheInfo().misses).toBe(before.misses)
    expect(cacheInfo().hits).toBe(before.hits + 1000)
  })

  it('tell x + x from x + y', () => {
    const x = tensor([1])
    const y = tensor([10])
    expect(x.add(x).jsSync()).toEqual([2])
    expect(x.add(y).jsSync()).toEqual([11])
    expect(y.add(y).jsSync()).toEqual([20])
  })

  it('say why they were compiled again', () => {
    const reasons: string[] = []
    const stop = onRecompile((reason) => reasons.push(`${reason.field} ${reason.cached} ${reason.recorded}`))
    const run = (size: number) => tensor(new Float32Array(size)).sinh().cosh().atan().realizeSync()
    run(11)
    reasons.length = 0
    run(12)
    run(12)
    stop()
    expect(reasons).toEqual(['type f32[11] f32[12]'])
  })

  it('are released by clearCache', () => {
    tensor([1]).add(1).realizeSync()
    expect(memory().executables).toBeGreaterThan(0)
    clearCache()
    expect(memory().executables).toBe(0)
    expect(tensor([1]).add(1).jsSync()).toEqual([2])
  })
})

describe('eager mode', () => {
  it('runs an op with several results once', () => {
    const x = ones([3, 3]).realizeSync()
    const runs = (): number => Number(library().call['sinter_counter']!(3))
    const before = runs()
    const [u, s, vt] = eager(() => linalg.svd(x))
    expect(runs() - before).toBe(1)
    for (const part of [u, s, vt]) part.dataSync()
    expect(runs() - before).toBe(1)
  })

  it('realizes every op alone, and ends with the function', async () => {
    const intermediate = eager(() => tensor([1, 2]).exp())
    expect(intermediate.realized).toBe(true)
    await eager(async () => {
      expect(isEager()).toBe(true)
      await Promise.resolve()
      expect(tensor([1]).neg().realized).toBe(true)
    })
    expect(isEager()).toBe(false)
    expect(() =>
      eager(() => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    expect(isEager()).toBe(false)
  })
})

describe('pending graphs', () => {
  it('stay bounded: a million recorded ops, never realized in between, work', () => {
    let x = tensor([0])
    for (let i = 0; i < 1_000_000; i++) x = x.add(1)
    expect(x.itemSync()).toBe(1_000_000)
  })

  it('stay bounded when an old lazy value is used for ever', () => {
    const mask = ones([3]).mul(2)
    for (let i = 0; i < 30_000; i++) mask.add(i)
    expect(mask.realized).toBe(true)
    expect(mask.jsSync()).toEqual([2, 2, 2])
  })
})
