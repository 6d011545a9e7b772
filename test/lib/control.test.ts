// Control flow: values and gradients against PyTorch (test/data/control.json, made by make_control.py), semantics against loops of JavaScript.

import { describe, expect, it } from 'vitest'
import { graphFromJson, graphToJson } from '../../ir/json.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import {
  arange,
  cond,
  eager,
  fft,
  foriLoop,
  full,
  grad,
  jit,
  memory,
  ones,
  random,
  scan,
  stack,
  type Tensor,
  tensor,
  variable,
  vjp,
  whileLoop,
} from '../../lib/index.js'
import { library } from '../../runtime/native/library.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly inputs: readonly Stored[]
  readonly out: readonly Stored[]
  readonly grads: readonly Stored[]
}

const cell = (w: Tensor, u: Tensor) => (h: Tensor, x: Tensor) => {
  const next = h.matmul(w).add(x.matmul(u)).tanh()
  return [next, next.mul(x.sum())] as const
}

const programs: Readonly<Record<string, (...inputs: Tensor[]) => Tensor[]>> = {
  recurrent: (h, xs, w, u) => scan(cell(w!, u!), h, xs),
  recurrentReversed: (h, xs, w, u) => scan(cell(w!, u!), h, xs, { reverse: true }),
  counted: (x, w) => [foriLoop(2, 12, (i, c: Tensor) => c.mul(w!).sin().add(i.astype('float64').mul(0.1)), x)],
  aligned: (c, xs) => scan((c: Tensor, x: Tensor) => [c.mul(0.5).add(x.exp()), c.mul(x)], c, xs),
  // biome-ignore lint/suspicious/noThenProperty: the name of a case
  then: (x, w) => [
    cond(
      true,
      (x: Tensor) => x.mul(w!.exp()),
      (x: Tensor) => x.square().add(1),
      x,
    ),
  ],
  else: (x, w) => [
    cond(
      false,
      (x: Tensor) => x.mul(w!.exp()),
      (x: Tensor) => x.square().add(1),
      x,
    ),
  ],
}

const inLoops: Readonly<Record<string, (...inputs: Tensor[]) => Tensor[]>> = {
  scanInScan: (c, xs) =>
    scan(
      (c: Tensor, x: Tensor) => {
        const [d, zs] = scan(
          (d: Tensor, y: Tensor) => {
            const next = d.mul(c).sin().add(y)
            return [next, next.square()]
          },
          c,
          x,
        ) as [Tensor, Tensor]
        return [d.mul(0.5), zs.sum(0)]
      },
      c,
      xs,
    ),
  branchInScan: (c, xs, w) =>
    scan(
      (c: Tensor, x: Tensor) => {
        const next = cond(
          x.sum().greater(0),
          () => c.mul(w!.exp()).add(x),
          () => c.cos().mul(x),
        )
        return [next, next.sum()]
      },
      c,
      xs,
    ),
  ...Object.fromEntries(
    [true, false].map((first) => [
      first ? 'scanInThen' : 'scanInElse',
      (c: Tensor, xs: Tensor) => [
        cond(
          first,
          () => scan((c: Tensor, x: Tensor) => [c.add(x).tanh(), null], c, xs)[0],
          () => c.mul(xs.sum(0)),
        ),
      ],
    ]),
  ),
  threeDeep: (c, xs, w) => {
    const inner = (i: Tensor, d: Tensor): Tensor =>
      foriLoop(0, 2, (j, e: Tensor) => e.mul(w!).sin().add(i.mul(j).astype('float64').mul(0.1)), d)
    return [scan((c: Tensor, x: Tensor) => [foriLoop(0, 4, (i, d: Tensor) => inner(i, d).add(x), c), null], c, xs)[0]]
  },
}

/** Adds 1 in as many loops of two turns, each in the next. */
const nested = (depth: number): ((x: Tensor) => Tensor) =>
  depth === 0 ? (x) => x.add(1) : (x) => foriLoop(0, 2, (_, c: Tensor) => nested(depth - 1)(c), x)

/** What make_control.py weighs results with. */
const weights = (out: Tensor): Tensor =>
  arange(0, out.size, 1, { dtype: 'float64', device: out.device })
    .div(Math.max(1, out.size - 1))
    .add(0.5)
    .reshape(out.shape)

describe.each(devices)('on %s', (device) => {
  const cases = readData<Record<string, Case>>('control.json')
  const all = { ...programs, ...inLoops }
  it.each(Object.keys(all))('%s, as PyTorch', (name) => {
    const { inputs, out, grads } = cases[name]!
    const [results, pullback] = vjp((...xs: Tensor[]) => all[name]!(...xs), ...inputs.map((one) => load(one, device))) as [
      Tensor[],
      (c: unknown) => Tensor[],
    ]
    results.forEach((result, i) => {
      expectClose(result, out[i]!, 1e-12)
    })
    pullback(results.map(weights)).forEach((gradient, i) => {
      expectClose(gradient, grads[i]!, 1e-12)
    })
  })

  const one = (...values: number[]): Tensor => tensor(values, { device })

  it('carries trees, gives null for no xs, and returns what it was given after no turns', () => {
    const [carry, ys] = scan(({ a, b }) => [{ a: b, b: a.add(b) }, a], { a: one(0), b: one(1) }, null, { length: 10 })
    expect(carry.a.dataSync()[0]).toBe(55)
    expect(Array.from(ys.dataSync())).toEqual([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
    expect(foriLoop(5, 3, (_, c: Tensor) => c.add(1), one(7)).dataSync()[0]).toBe(7)
    expect(scan((c: Tensor, x: Tensor) => [c, x], one(1), one().reshape([0]))[1].shape).toEqual([0])
  })

  it('scans nothing, carrying nothing', () => {
    const [carry, ys] = scan(() => [[], tensor([1, 2], { device })], [], null, { length: 3 })
    expect(carry).toEqual([])
    expect(ys.jsSync()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
  })

  it('whileLoop ends by its condition, before the first turn too, or at maxIterations', () => {
    const below = ({ n }: { n: Tensor }) => n.less(1000)
    const triple = ({ n }: { n: Tensor }) => ({ n: n.mul(3) })
    const from = (n: number) => ({ n: tensor(n, { device }) })
    expect(whileLoop(below, triple, from(1)).n.itemSync()).toBe(2187)
    expect(whileLoop(below, triple, from(5000)).n.itemSync()).toBe(5000)
    expect(whileLoop(below, triple, from(1), { maxIterations: 3 }).n.itemSync()).toBe(27)
    const bound = (n: number): Tensor => tensor(n, { dtype: 'int32', device })
    expect(foriLoop(bound(-2), bound(5), (i, c: Tensor) => c.add(i.astype('float32')), one(0)).dataSync()[0]).toBe(7)
  })

  it('exchanges carried values', () => {
    for (const turns of [1, 2, 5]) {
      const [a, b] = foriLoop(0, turns, (_, [a, b]: Tensor[]) => [b, a], [one(1), one(2)]) as [Tensor, Tensor]
      expect([a.dataSync()[0], b.dataSync()[0]]).toEqual(turns % 2 === 0 ? [1, 2] : [2, 1])
    }
  })

  it('works in jit with values that change, and in eager mode', () => {
    const compiled = jit((x: Tensor, k: number) => foriLoop(0, 4, (_, c: Tensor) => c.mul(k).add(x), x))
    for (const k of [2, 3]) expect(compiled(one(1), k).dataSync()[0]).toBe(k ** 4 + k ** 3 + k ** 2 + k + 1)
    expect(compiled.statistics().traces).toBe(1)
    expect(eager(() => foriLoop(0, 4, (_, c: Tensor) => c.mul(2), one(1))).dataSync()[0]).toBe(16)
  })

  it('differentiates twice', () => {
    const cube = (x: Tensor): Tensor => foriLoop(0, 2, (_, c: Tensor) => c.mul(x), x).sum()
    const second = grad((x: Tensor) => (grad(cube)(x) as Tensor).sum())(one(2)) as Tensor
    expect(second.dataSync()[0]).toBeCloseTo(12, 5)
  })
})

describe('the graph', () => {
  const loop = (): Tensor => foriLoop(0, 3, (_, c: Tensor) => c.mul(2).add(full([2], 3)), tensor([1, 2]))

  it('goes through text and JSON', () => {
    const graph = loop().graph().graph
    const text = printGraph(graph)
    expect(text).toContain('loop')
    expect(printGraph(parseGraph(text))).toBe(text)
    expect(printGraph(graphFromJson(JSON.parse(JSON.stringify(graphToJson(graph)))))).toBe(text)
  })

  it('runs loops in loops in one native call', () => {
    const run = (): Tensor => nested(8)(tensor([0])).realizeSync()
    const before = library().call['sinter_counter']!(3)
    expect(run().dataSync()[0]).toBe(2 ** 8)
    expect(Number(library().call['sinter_counter']!(3)) - Number(before)).toBe(1)
  })

  it('runs 1,000 turns in one native call', () => {
    const run = (): Tensor => foriLoop(0, 1000, (_, c: Tensor) => c.add(1), tensor([0])).realizeSync()
    const before = library().call['sinter_counter']!(3)
    const x = run()
    expect(Number(library().call['sinter_counter']!(3)) - Number(before)).toBe(1)
    expect(x.dataSync()[0]).toBe(1000)
  })

  it('holds a body with large tables', () => {
    const n = 2 ** 17
    const turns = jit((x: Tensor) => scan((c: Tensor) => [fft(c).real(), null], x, null, { length: 2 })[0])
    // The transform of ones is n at 0, and that of it n everywhere.
    const values = turns(ones([n])).dataSync()
    expect([values[0], values[1], values[n - 1]]).toEqual([n, n, n])
  })

  it('reads variables, in jit too', () => {
    const by = variable(tensor([2]))
    const compiled = jit((x: Tensor) => foriLoop(0, 3, (_, c: Tensor) => c.mul(by.read()), x))
    for (const value of [2, 3]) {
      by.assign(tensor([value]))
      expect(compiled(tensor([1])).dataSync()[0]).toBe(value ** 3)
    }
  })

  it('another body is another plan', () => {
    const x = tensor([2])
    const run = (f: (c: Tensor) => Tensor): number => foriLoop(0, 3, (_, c: Tensor) => f(c), x).dataSync()[0] as number
    expect(run((c) => c.add(c))).toBe(16)
    expect(run((c) => c.mul(c))).toBe(256)
  })

  it('keeps nothing of its runs', () => {
    const x = tensor([1, 2])
    const run = (): void =>
      foriLoop(0, 3, (_, c: Tensor) => c.mul(2), x)
        .realizeSync()
        .dispose()
    for (let i = 0; i < 20; i++) run()
    const before = memory().systemAllocations
    for (let i = 0; i < 200; i++) run()
    expect(memory().systemAllocations).toBe(before)
  })
})

describe('errors', () => {
  it('refuse what a body takes from another device', () => {
    const there = tensor([1, 2], { device: 'reference' })
    const wrong = expect.objectContaining({ code: 'device' })
    expect(() => scan((c: Tensor) => [c, there], tensor([1]), null, { length: 2 })).toThrow(wrong)
    expect(() =>
      whileLoop(
        (c: Tensor) => c.less(3).all(),
        () => there,
        tensor([1, 2]),
      ),
    ).toThrow(wrong)
  })

  const counter = variable(tensor([0, 0]))
  const x = tensor([1, 2])
  const refused: readonly [string, () => unknown, RegExp][] = [
    ['a carry that changes its type', () => foriLoop(0, 2, (_, c: Tensor) => stack([c, c]), x), /leaf 0 is f32\[2\] and f32\[2,2\]/],
    ['a carry that changes its structure', () => foriLoop(0, 2, (_, c: Tensor) => [c], x), /same structure/],
    ['no length', () => scan((c: Tensor) => [c, null], x, null), /give a length/],
    ['lengths that differ', () => scan((c: Tensor) => [c, null], x, [x, tensor([1])]), /one length/],
    ['a body that returns no pair', () => scan((c: Tensor) => c as never, x, x), /returns \[carry, y\]/],
    ['a value that is read', () => foriLoop(0, 2, (_, c: Tensor) => c.mul(c.itemSync() as number), tensor([1])), /no value while/],
    ['random numbers', () => foriLoop(0, 2, (_, c: Tensor) => c.add(random.uniform([2])), x), /key/],
    ['a variable that is assigned', () => foriLoop(0, 2, (_, c: Tensor) => counter.assign(c.add(1)), x), /carry the value/],
    ['nine loops in each other', () => nested(9)(x), /more than 8 deep in each other/],
    [
      'a predicate of several elements',
      () =>
        cond(
          x.greater(1),
          () => x,
          () => x,
        ),
      /bool\[\]/,
    ],
    [
      'branches that differ',
      () =>
        cond(
          true,
          () => x,
          () => x.sum(),
        ),
      /leaf 0/,
    ],
    [
      'the gradient of a while loop',
      () =>
        grad((x: Tensor) =>
          whileLoop(
            (c: Tensor) => c.sum().less(9),
            (c: Tensor) => c.mul(2),
            x,
          ).sum(),
        )(x),
      /scan/,
    ],
    ['bounds that are no integers', () => foriLoop(0, 2.5, (_, c: Tensor) => c, x), /bounds are integers/],
  ]
  it.each(refused)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
