// What surrounds a run on the device mps: compiled functions, promises, lifetimes, memory, eager mode, checks against the CPU.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { clearCache, eager, jit, maxUnpool1d, memory, realize, setMemoryLimit, type Tensor, tanh, tensor } from '../../lib/index.js'
import { library } from '../../runtime/native/library.js'
import { trainingExample } from '../mac/train.js'
import { missingMps } from './device.js'

const on = { device: 'mps' } as const
const here = describe.skipIf(missingMps !== undefined)

/** A matrix whose element i is i modulo 7. */
const sevens = (rows: number, columns = rows): Tensor =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => i % 7),
    { shape: [rows, columns], ...on },
  )

/** Counters of the native library: buffers, buffer bytes, executables, runs so far, devices, runs in flight, tensor data alive. */
const native = (which: 'buffers' | 'executables' | 'runs' | 'inFlight' | 'tensorData'): number =>
  Number(library('mps').call['sinter_counter']!({ buffers: 0, executables: 2, runs: 3, inFlight: 5, tensorData: 6 }[which]))

here('training', () => {
  it('loses as it does on the CPU', async () => {
    const { losses, difference } = await trainingExample('mps')
    expect(losses).toHaveLength(20)
    expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.9)
    expect(difference).toBeLessThan(1e-4)
  })
})

here('compiled functions', () => {
  it('run one executable once per call', () => {
    const f = jit((x: Tensor, by: number) => {
      const y = x.mul(by).add(1)
      return { y, norm: y.square().sum().sqrt() }
    })
    const x = tensor([1, 2], on)
    expect(f(x, 2).y.jsSync()).toEqual([3, 5])
    const before = native('runs')
    for (const by of [0, 1, -1, 0.5]) {
      const { y, norm } = f(x, by)
      expect(y.jsSync()).toEqual([by + 1, 2 * by + 1])
      expect(norm.itemSync()).toBeCloseTo(Math.hypot(by + 1, 2 * by + 1), 5)
    }
    expect(native('runs') - before).toBe(4)
    expect(f.statistics()).toMatchObject({ calls: 5, traces: 1 })
    f.dispose()
  })
})

/** Large enough that an Apple GPU would take longer than a run inline may: such runs are started and waited for. */
const large = (): Tensor => sevens(2500, 2000)

here('maxUnpool', () => {
  it('keeps the last of several values at one position', () => {
    const unpooled = (device: string): unknown => {
      const indices = tensor([[[3, 3, 9, 0, -1, 3, 0]]], { dtype: 'int32', device })
      return maxUnpool1d(tensor([[[1, 2, 3, 4, 5, 6, 7]]], { device }), indices, 1, { outputSize: [5] }).jsSync()
    }
    expect(unpooled('mps')).toEqual([[[7, 0, 0, 6, 5]]])
    expect(unpooled('cpu')).toEqual(unpooled('mps'))
  })
})

here('promises', () => {
  it('let the event loop turn while a long graph runs', async () => {
    const order: string[] = []
    const y = large().mul(2).add(1)
    const run = y.realize().then(() => order.push('value'))
    expect(String(y)).toContain('queued')
    setImmediate(() => order.push('immediate'))
    setTimeout(() => order.push('timer'), 1)
    await run
    expect(order).toEqual(['immediate', 'timer', 'value'])
    expect(y.at(0, 5).itemSync()).toBe(11)
    y.dispose()
  })

  it('may be many at once, and be overtaken', async () => {
    const a = large()
    const sums = Array.from({ length: 5 }, (_, i) => a.add(i))
    const runs = sums.slice(0, 2).map((sum) => sum.realize())
    for (const sum of sums.slice(0, 2)) expect(String(sum)).toContain('queued')
    // Needs a result that is still being computed.
    expect(sums[1]!.slice([10], [11]).max().itemSync()).toBe(7)
    await Promise.all([...runs, ...sums.map((sum) => sum.realize())])
    expect(sums.map((sum) => sum.at(3, 4).itemSync())).toEqual(sums.map((_, i) => ((3 * 2000 + 4) % 7) + i))
    expect(native('inFlight')).toBe(0)
    for (const used of [a, ...sums]) used.dispose()
  })

  it('keep what runs alive when operands and results are disposed meanwhile', async () => {
    const before = memory().activeBytes
    for (let round = 0; round < 3; round++) {
      const a = large()
      const [gone, kept] = [a.add(round), a.mul(round)]
      const runs = [gone.realize(), kept.realize()]
      expect(String(kept)).toContain('queued')
      a.dispose()
      gone.dispose()
      await Promise.all(runs)
      expect(kept.at(2, 5).itemSync()).toBe(((2 * 2000 + 5) % 7) * round)
      kept.dispose()
    }
    expect(native('inFlight')).toBe(0)
    // What is left are single numbers that were read.
    expect(memory().activeBytes - before).toBeLessThan(100_000)
  })
})

here('memory', () => {
  afterEach(() => setMemoryLimit(Number.POSITIVE_INFINITY, 'mps'))

  it('is counted, pooled and used again', () => {
    const x = sevens(64).add(0).realizeSync()
    const round = (): void => x.mul(2).add(1).realizeSync().dispose()
    for (let i = 0; i < 5; i++) round()
    const before = memory()
    const [buffers, alive] = [native('buffers'), native('tensorData')]
    const y = x.mul(2).add(1).realizeSync()
    expect(memory().activeBytes - before.activeBytes).toBeGreaterThanOrEqual(64 * 64 * 4)
    expect(memory().buffers - before.buffers).toBe(1)
    y.dispose()
    expect(memory().activeBytes).toBe(before.activeBytes)
    for (let i = 0; i < 200; i++) round()
    expect(memory().systemAllocations).toBe(before.systemAllocations)
    expect(native('buffers')).toBe(buffers)
    expect(native('tensorData')).toBeLessThanOrEqual(alive + 2)
  })

  it('has a limit that refuses and changes nothing', () => {
    const x = sevens(300).add(0).realizeSync()
    clearCache()
    const pending = x.add(1)
    setMemoryLimit(300 * 300 * 4 + 100_000, 'mps')
    expect(() => pending.realizeSync()).toThrow(expect.objectContaining({ code: 'memory' }))
    expect(x.dataSync()[5]).toBe(5)
    setMemoryLimit(Number.POSITIVE_INFINITY, 'mps')
    expect(pending.at(0, 5).itemSync()).toBe(6)
  })

  it('of executables goes with the cache', () => {
    sevens(4).mul(3).add(2).realizeSync()
    expect(native('executables')).toBeGreaterThan(0)
    clearCache()
    expect(native('executables')).toBe(0)
  })
})

here('eager mode', () => {
  it('runs op by op with the same results', () => {
    const x = tensor([[1, 2, 3]], on)
    const compute = (): Tensor => x.mul(2).exp().sum(1).log()
    const before = native('runs')
    const plain = eager(() => compute())
    expect(native('runs') - before).toBe(4)
    expect(plain.itemSync()).toBeCloseTo(compute().itemSync() as number, 5)
    expect(plain.itemSync()).toBeCloseTo(Math.log(Math.exp(2) + Math.exp(4) + Math.exp(6)), 5)
  })
})

here("realize({ verify: 'cpu' })", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-mps-'))
  const wrong = 'MPSGRAPH_EMULATION_BREAK'
  afterEach(() => {
    delete process.env[wrong]
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('agrees where the GPU is right', async () => {
    const x = sevens(8).div(7)
    const tree = { a: tanh(x).add(1), b: [x.sum(1)] }
    await realize(tree, { verify: 'cpu' })
    expect(tree.a.device).toBe('mps')
  })

  it.runIf(process.platform === 'linux')('names the first op that differs where the GPU is wrong', async () => {
    process.env[wrong] = 'tanh'
    const x = sevens(3).add(1)
    const y = tanh(x.mul(0.1)).mul(2).exp()
    const error = await y.realize({ verify: 'cpu', saveTo: folder }).then(
      () => expect.fail('nothing was thrown'),
      (thrown: unknown) => thrown as Error,
    )
    expect(error).toMatchObject({ code: 'mismatch', op: 'realize' })
    expect(error.message).toMatch(
      /^realize: tanh \(node \d+\) gives another result on mps than on cpu: element \[0, 0\] of f32\[3,3\] is -0\.09/,
    )
    expect(existsSync(join(folder, 'op-inputs.json'))).toBe(true)
    const op = parseGraph(readFileSync(join(folder, 'op.ir'), 'utf8'))
    expect(op.outputs[0]!.op.name).toBe('tanh')
  })
})
