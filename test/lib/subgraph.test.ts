// Subgraphs: recorded once, copied into every caller.

import { describe, expect, it } from 'vitest'
import { customGrad, eager, grad, jit, lstm, ones, random, sort, subgraph, type Tensor, tensor, valueAndGrad } from '../../lib/index.js'

const numbers = (x: Tensor): unknown => x.jsSync()

describe.each(['reference', 'cpu'])('on %s', (device) => {
  const vector = (...values: number[]): Tensor => tensor(values, { device })

  it('runs the function once per kind of arguments, and gives what it gives', () => {
    let runs = 0
    const f = subgraph((tree: { a: Tensor; b: Tensor[] }, mode: string, factor: number) => {
      runs++
      return { sum: tree.a.add(tree.b[0]!).mul(factor), same: tree.a, mode, constant: ones([2], { device }) }
    })
    const first = f({ a: vector(1, 2), b: [vector(3, 4)] }, 'x', 2)
    expect([numbers(first.sum), numbers(first.same), first.mode, numbers(first.constant)]).toEqual([[8, 12], [1, 2], 'x', [1, 1]])
    const argument = vector(5, 6)
    const second = f({ a: argument, b: [vector(7, 8)] }, 'x', 0.5)
    expect(numbers(second.sum)).toEqual([6, 7])
    expect(second.same.node).toBe(argument.node)
    expect(runs).toBe(1)
    f({ a: vector(1), b: [vector(1)] }, 'x', 1)
    f({ a: vector(1), b: [vector(1)] }, 'y', 1)
    expect(f.statistics()).toEqual({ calls: 4, traces: 3, entries: 3 })
    f.clear()
    expect(f.statistics().entries).toBe(0)
  })

  it('stays lazy, and is one kernel with what is around it', () => {
    const square = subgraph((x: Tensor) => x.mul(x).add(1))
    const compiled = jit((x: Tensor) => square(square(x.neg())).exp())
    expect(numbers(compiled(vector(0, 1)))).toEqual(numbers(vector(2, 5).exp()))
    if (device === 'cpu') expect(compiled.explain()).toHaveLength(1)
    expect(square(vector(1)).realized).toBe(false)
    expect(square.statistics().traces).toBe(2)
  })

  it('has the gradients of the function, of second order too', () => {
    const plain = (x: Tensor, y: Tensor): Tensor => x.mul(y).exp().add(x.square().sum())
    const copied = subgraph(plain)
    const [x, y] = [vector(0.5, -1), vector(2, 0.25)]
    for (let i = 0; i < 2; i++) {
      const both = [plain, copied].map((f) => valueAndGrad((a: Tensor, b: Tensor) => f(a, b).sum(), { argnums: [0, 1] })(x, y))
      expect(both[1].flat(2).map(numbers)).toEqual(both[0].flat(2).map(numbers))
      const second = [plain, copied].map(
        (f) => grad((a: Tensor) => (grad((z: Tensor) => f(z, y).sum())(a) as Tensor).square().sum())(x) as Tensor,
      )
      expect(numbers(second[1]!)).toEqual(numbers(second[0]!))
    }
    // A gradient inside.
    const slope = subgraph((a: Tensor) => grad((z: Tensor) => z.mul(z).mul(z).sum())(a) as Tensor)
    slope(x)
    expect(numbers(slope(vector(2, 3)))).toEqual([12, 27])
    const compiled = jit((a: Tensor) => grad((z: Tensor) => copied(z, y).sum())(a) as Tensor)
    expect(numbers(compiled(x))).toEqual(numbers(grad((z: Tensor) => plain(z, y).sum())(x) as Tensor))
    expect(copied.statistics().traces).toBe(1)
  })

  it.each([false, true])('keeps custom gradients; eager: %s', (isEager) => {
    let backward = 0
    const scaled = customGrad(
      (a, b) => a.mul(b),
      (cotangent, result, a, b) => {
        backward++
        return [cotangent.mul(result).mul(100), cotangent.mul(a).add(b)]
      },
    )
    const plain = (a: Tensor, b: Tensor): Tensor => scaled(a.add(1), b).mul(3).sum()
    const f = subgraph(plain)
    const [a, b] = [vector(1, 2), vector(5, 7)]
    const wanted = grad(plain, { argnums: [0, 1] })(a, b) as Tensor[]
    const run = (): unknown => (grad(f, { argnums: [0, 1] })(a, b) as Tensor[]).map(numbers)
    for (let i = 0; i < 2; i++) expect(isEager ? eager(run) : run()).toEqual(wanted.map(numbers))
    expect(backward).toBe(3)
    const other = grad(f, { argnums: [0, 1] })(b, a) as Tensor[]
    expect(other.map(numbers)).toEqual((grad(plain, { argnums: [0, 1] })(b, a) as Tensor[]).map(numbers))
  })

  it('copies ops with several results, and recurrences', () => {
    const order = subgraph((x: Tensor) => sort(x).neg())
    order(vector(1, 2, 3))
    expect(numbers(order(vector(3, 1, 2)))).toEqual([-1, -2, -3])
    const cell = subgraph((x: Tensor, inputWeight: Tensor, recurrentWeight: Tensor) => lstm(x, { inputWeight, recurrentWeight }).output)
    const [w, r] = [ones([8, 3], { device }).mul(0.1), ones([8, 2], { device }).mul(0.2)]
    const x = ones([2, 1, 3], { device })
    expect(numbers(cell(x.mul(2), w, r))).toEqual(numbers(lstm(x.mul(2), { inputWeight: w, recurrentWeight: r }).output))
    expect(numbers(cell(x, w, r))).toEqual(numbers(lstm(x, { inputWeight: w, recurrentWeight: r }).output))
  })

  it('draws anew in every call', () => {
    const draw = subgraph((x: Tensor) => x.add(random.uniform([3], { device })))
    const zero = vector(0, 0, 0)
    random.seed(9)
    const values = [draw(zero), draw(zero), random.uniform([3], { device }), draw(zero)].map(numbers)
    random.seed(9)
    expect(Array.from({ length: 4 }, () => numbers(random.uniform([3], { device })))).toEqual(values)
  })

  it('calls other subgraphs, and uses tensors from outside', () => {
    const table = vector(10, 20).mul(1)
    const inner = subgraph((x: Tensor) => x.add(table))
    const outer = subgraph((x: Tensor) => inner(inner(x)).mul(2))
    expect(numbers(outer(vector(1, 1)))).toEqual([42, 82])
    expect(numbers(outer(vector(2, 2)))).toEqual([44, 84])
    expect(inner.statistics()).toMatchObject({ calls: 2, traces: 1 })
  })
})

it.each([
  ['what is no function', () => subgraph(1 as never), 'made of a function'],
  ['an unknown option', () => subgraph(() => 1, { size: 1 } as never), "no option 'size'"],
  ['a cache of none', () => subgraph(() => 1, { cacheSize: 0 }), 'cacheSize is an integer of at least 1'],
  ['a function among the arguments', () => subgraph((f: unknown) => f)(() => 1), 'an argument holds a function'],
  ['reading a value while recording', () => subgraph((x: Tensor) => x.jsSync())(ones([2])), 'tra'],
  ['an asynchronous function', () => subgraph(async (x: Tensor) => x)(ones([2])), 'asynchronous'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message)
})

it('keeps as many graphs as asked', () => {
  const f = subgraph((x: Tensor) => x.neg(), { cacheSize: 2 })
  for (const size of [1, 2, 1, 3, 1]) f(ones([size]))
  expect(f.statistics()).toEqual({ calls: 5, traces: 3, entries: 2 })
})
