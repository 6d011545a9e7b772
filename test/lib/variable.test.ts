// Variables: values that functions read and replace, traced or not.

import { describe, expect, it } from 'vitest'
import { eager, grad, jit, ones, optim, random, scope, subgraph, type Tensor, tensor, variable, zeros } from '../../lib/index.js'

const numbers = (x: Tensor): unknown => x.jsSync()

describe.each(['reference', 'cpu'])('on %s', (device) => {
  const vector = (...values: number[]): Tensor => tensor(values, { device })

  it('read gives the last value assigned, and what was read before stays', () => {
    const v = variable(vector(1, 2))
    const before = v.read()
    v.assign(v.read().mul(10))
    expect(v.read().jsSync()).toEqual([10, 20])
    expect(before.jsSync()).toEqual([1, 2])
  })

  it('a compiled function reads and assigns in every call, traced once', () => {
    const v = variable(vector(1, 2))
    const unused = variable(vector(7))
    const step = jit((x: Tensor) => {
      const old = v.read()
      v.assign(old.add(x))
      return { old, now: v.read(), other: unused.read() }
    })
    for (const [before, after] of [
      [1, 2],
      [2, 3],
      [3, 4],
    ] as const) {
      const { old, now, other } = step(vector(1, 1))
      expect([old.jsSync(), now.jsSync(), other.jsSync()]).toEqual([[before, before + 1], [after, after + 1], [7]])
    }
    v.assign(vector(100, 100))
    expect(step(vector(1, 1)).now.jsSync()).toEqual([101, 101])
    expect(v.read().jsSync()).toEqual([101, 101])
    expect(step.statistics()).toMatchObject({ calls: 4, traces: 1 })
  })

  it('values that are moved or come from outside are assigned without a kernel', () => {
    const a = variable(vector(1))
    const b = variable(vector(2))
    const swap = jit(() => {
      const first = a.read()
      a.assign(b.read())
      b.assign(first)
    })
    swap()
    expect([a.read().jsSync(), b.read().jsSync()]).toEqual([[2], [1]])
    swap()
    expect([a.read().jsSync(), b.read().jsSync()]).toEqual([[1], [2]])
    const double = jit(() => a.assign(a.read().mul(2)))
    expect(double().device).toBe(device)
    expect([numbers(double()), numbers(a.read())]).toEqual([[4], [4]])
    const set = jit((x: Tensor) => void a.assign(x))
    set(vector(5))
    expect(a.read().jsSync()).toEqual([5])
  })

  it('goes with random keys, in the order of the calls', () => {
    const total = variable(zeros([3], { device }))
    const accumulate = jit((scale: Tensor) => total.assign(total.read().add(random.uniform([3], { device }).mul(scale))))
    const one = vector(1)
    random.seed(4)
    accumulate(one)
    accumulate(one)
    random.seed(4)
    const wanted = random.uniform([3], { device }).add(random.uniform([3], { device }))
    expect(total.read().jsSync()).toEqual(wanted.jsSync())
  })

  it('holds what a training step keeps', () => {
    const optimizer = optim.sgd({ learningRate: 0.25 })
    const w = variable(vector(1, 2))
    const step = jit((target: Tensor) => {
      const loss = (x: Tensor): Tensor => x.sub(target).square().sum()
      const { parameters } = optimizer.update(w.read(), grad(loss)(w.read()) as Tensor, {})
      w.assign(parameters)
    })
    step(vector(3, 4))
    step(vector(3, 4))
    expect(w.read().jsSync()).toEqual([2.5, 3.5])
  })

  it('outlives scopes', () => {
    const v = variable(vector(1))
    let made: ReturnType<typeof variable> | undefined
    scope(() => {
      v.assign(v.read().add(1))
      v.read().realizeSync()
      scope(() => {
        made = variable(vector(3).mul(2))
        made.read().realizeSync()
      })
    })
    expect([v.read().jsSync(), made!.read().jsSync()]).toEqual([[2], [6]])
  })

  it('works in eager mode and in subgraphs', () => {
    const v = variable(vector(1))
    const add = subgraph((x: Tensor) => v.assign(v.read().add(x)))
    add(vector(1))
    eager(() => add(vector(2)))
    const both = jit((x: Tensor) => add(add(x)))
    // 4 + 3, then 7 + 7.
    expect(both(vector(3)).jsSync()).toEqual([14])
    expect(v.read().jsSync()).toEqual([14])
    expect(add.statistics().traces).toBe(1)
  })
})

it('a failed trace assigns nothing', () => {
  const v = variable(ones([2]))
  const f = jit(() => {
    v.assign(v.read().mul(2))
    throw new Error('on purpose')
  })
  expect(f).toThrow('on purpose')
  expect(v.read().jsSync()).toEqual([1, 1])
})

it.each([
  ['a number', () => variable(1 as never), 'a variable holds a tensor, got 1'],
  ['a number as value', () => variable(ones([2])).assign(1 as never), 'a variable holds a tensor, got 1'],
  ['another shape', () => variable(ones([2])).assign(ones([3])), 'the variable holds f32[2]'],
  ['another dtype', () => variable(ones([2])).assign(ones([2], { dtype: 'float16' })), 'the variable holds f32[2]'],
  [
    'another device',
    () => variable(ones([2])).assign(ones([2], { device: 'reference' })),
    'the variable is on cpu, the value on reference',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message)
})
