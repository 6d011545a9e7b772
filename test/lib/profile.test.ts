// profile: receipts say what happened (counts, not times), the trace is one that viewers accept.

import { describe, expect, test } from 'vitest'
import { jit, SinterError, softmax, tensor } from '../../lib/index.js'
import { profile } from '../../lib/profile.js'

const x = () =>
  tensor([
    [1, 2],
    [3, 4],
  ])

describe('receipts', () => {
  test('one per realize, with nodes, kernels, bytes and the passes of a compilation', () => {
    const a = x()
    const { result, receipts, totals } = profile(() => {
      a.add(10).mul(a).sum().realizeSync()
      return a.add(11).mul(a).sum().itemSync()
    })
    // (1+11)*1 + (2+11)*2 + (3+11)*3 + (4+11)*4
    expect(result).toBe(12 + 26 + 42 + 60)
    expect(receipts).toHaveLength(2)
    const [first, second] = receipts
    // Recorded: the tensor, the scalar, add, mul, sum.
    expect(first).toMatchObject({
      device: 'cpu',
      nodes: 5,
      inputs: 2,
      outputs: 1,
      cacheHit: false,
      kernels: 1,
      outputBytes: 4,
      offThread: false,
    })
    expect(first!.passes.map(({ pass }) => pass)).toEqual(
      expect.arrayContaining(['canonicalize', 'fold', 'cse', 'movement', 'dce', 'fuse']),
    )
    expect(first!.passes[0]!.nodesBefore).toBe(5)
    first!.passes.reduce((before, pass) => {
      expect(pass.nodesBefore).toBe(before)
      return pass.nodesAfter
    }, 5)
    // Another scalar runs the same plan.
    expect(second).toMatchObject({ cacheHit: true, passes: [], compileMs: 0, kernels: 1 })
    expect(totals).toMatchObject({ realizes: 2, cacheHits: 1, nodes: 10, kernels: 2, outputBytes: 8 })
    expect(totals.peakBytes).toBeGreaterThanOrEqual(a.type.bytes)
  })

  test('rules that fired are counted by name', () => {
    const { receipts } = profile(() => x().mul(1).neg().neg().realizeSync())
    const rules = receipts.flatMap(({ passes }) => passes.flatMap((pass) => Object.keys(pass.rules)))
    expect(rules.join('; ')).toMatch(/neg/)
  })

  test('times add up to no more than the whole', async () => {
    const { totals } = await profile(async () => {
      await x().exp().realize()
      return x().log().js()
    })
    const { recordMs, lookupMs, compileMs, runMs, totalMs } = totals
    for (const value of [recordMs, lookupMs, compileMs, runMs]) expect(value).toBeGreaterThanOrEqual(0)
    expect(recordMs + lookupMs + compileMs + runMs).toBeLessThanOrEqual(totalMs * 1.01 + 0.1)
  })

  test('a compiled function reports its compilation with its first run only', () => {
    const f = jit((a: ReturnType<typeof x>) => softmax(a.matmul(a)))
    const a = x()
    const { receipts } = profile(() => [f(a), f(a)])
    expect(receipts.map(({ cacheHit }) => cacheHit)).toEqual([false, true])
    expect(receipts[0]!.passes.length).toBeGreaterThan(0)
    expect(receipts[0]!.nodes).toBeGreaterThan(3)
    expect(receipts[1]).toMatchObject({ nodes: 0, compileMs: 0, passes: [] })
  })

  test('an off-thread run is told apart', async () => {
    const big = tensor(new Float32Array(1 << 22), { shape: [1 << 11, 1 << 11] })
    const { receipts } = await profile(() => big.matmul(big).sum().realize())
    expect(receipts.map(({ offThread }) => offThread)).toEqual([true])
  })

  test('listening ends with the function, also when it throws', async () => {
    expect(() =>
      profile(() => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    await expect(
      profile(async () => {
        throw new Error('mine too')
      }),
    ).rejects.toThrow('mine too')
    const seen = profile(() => undefined)
    x().sqrt().realizeSync()
    expect(seen.receipts).toEqual([])
    expect(seen.totals.realizes).toBe(0)
  })

  test('what is no function is refused', () => {
    expect(() => profile(x() as never)).toThrow(SinterError)
    expect(() => profile(null as never)).toThrow(/profile: expected a function, got null/)
  })
})

describe('chromeTrace', () => {
  test('valid events: complete ones lie inside their parents, names and counters are there', () => {
    const a = x()
    const trace = profile(() => {
      a.add(1).tanh().realizeSync()
      a.add(2).tanh().realizeSync()
    }).chromeTrace()
    const { traceEvents } = JSON.parse(JSON.stringify(trace)) as typeof trace
    for (const event of traceEvents) {
      expect(event.ph).toMatch(/^[XCM]$/)
      expect(event.pid).toBeTypeOf('number')
      expect(event.tid).toBeTypeOf('number')
      if (event.ph === 'X') {
        expect(event.ts).toBeGreaterThanOrEqual(0)
        expect(event.dur).toBeGreaterThanOrEqual(0)
      }
    }
    const spans = traceEvents.filter(({ ph }) => ph === 'X')
    const whole = spans.find(({ name }) => name === 'profile')!
    const slack = 1
    for (const span of spans) expect(span.ts! + span.dur!).toBeLessThanOrEqual(whole.dur! + slack)
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['realize #0', 'realize #1', 'lookup', 'compile', 'canonicalize', 'fuse', 'lower']),
    )
    expect(spans.filter(({ name }) => name === 'compile')).toHaveLength(1)
    expect(traceEvents.some(({ ph, name }) => ph === 'C' && name === 'peak bytes')).toBe(true)
    expect(traceEvents.some(({ ph, args }) => ph === 'M' && args!.name === 'main thread')).toBe(true)
  })

  test('off-thread runs have tracks of their own', async () => {
    const big = tensor(new Float32Array(1 << 20), { shape: [1 << 10, 1 << 10] })
    const { chromeTrace } = await profile(() => Promise.all([big.matmul(big).realize(), big.matmul(big).add(1).realize()]))
    const runs = chromeTrace().traceEvents.filter(({ cat }) => cat === 'run')
    expect(runs).toHaveLength(2)
    for (const a of runs) {
      for (const b of runs) {
        if (a === b || a.tid !== b.tid) continue
        expect(a.ts! + a.dur! <= b.ts! || b.ts! + b.dur! <= a.ts!).toBe(true)
      }
      expect(a.tid).toBeGreaterThan(1)
    }
  })
})

test('as text: a line per realize and the totals', () => {
  const a = x()
  const text = String(profile(() => [a.cos().realizeSync(), a.cos().realizeSync()]))
  const lines = text.split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^#0 cpu: 2 nodes -> 1 kernels, compiled in /)
  expect(lines[1]).toMatch(/^#1 cpu: 2 nodes -> 1 kernels, cached, /)
  expect(lines[2]).toMatch(/^2 realizes \(1 from the cache\), 2 kernels in /)
})
