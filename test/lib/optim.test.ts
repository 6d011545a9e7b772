// Optimizers against torch.optim (test/data/optim.json, made by make_optim.py), step by step.

import { describe, expect, it } from 'vitest'
import { grad, jit, ones, optim, type Tensor, tensor, zeros } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Case {
  readonly fn: 'sgd' | 'adam' | 'adamW'
  readonly options: Readonly<Record<string, number | boolean>>
  readonly rates: readonly number[] | null
  readonly start: readonly Stored[]
  readonly gradients: readonly (readonly Stored[])[]
  readonly after: readonly (readonly Stored[])[]
}

type Parameters = { readonly weight: Tensor; readonly more: readonly Tensor[] }

/** What all optimizers have in common. */
interface AnyOptimizer {
  init(parameters: Parameters): unknown
  update(
    parameters: Parameters,
    gradients: Parameters,
    state: unknown,
    options?: optim.UpdateOptions,
  ): { parameters: Parameters; state: unknown }
}

const cases = readData<readonly Case[]>('optim.json')
const named = cases.map((one) => [`${one.fn} ${JSON.stringify(one.options)} ${one.rates ?? ''} ${one.start[0]!.dtype}`, one] as const)
const treeOf = ([weight, bias]: readonly Stored[], device: string): Parameters => ({
  weight: load(weight!, device),
  more: [load(bias!, device)],
})

describe.each(devices)('on %s', (device) => {
  it.each(named)('%s', (_, { fn, options, rates, start, gradients, after }) => {
    const optimizer = optim[fn](options) as AnyOptimizer
    const tolerance = start[0]!.dtype === 'float64' ? 1e-13 : 2e-6
    for (const compiled of [false, true]) {
      const step = (parameters: Parameters, given: Parameters, state: unknown, learningRate?: number | Tensor) =>
        optimizer.update(parameters, given, state, { learningRate })
      const run = compiled ? jit(step) : step
      let parameters = treeOf(start, device)
      let state = optimizer.init(parameters)
      for (const [i, given] of gradients.entries()) {
        const rate = rates === null ? [] : [tensor(rates[i]!, { dtype: start[0]!.dtype, device })]
        ;({ parameters, state } = run(parameters, treeOf(given, device), state, ...rate))
        expectClose(parameters.weight, after[i]![0]!, tolerance)
        expectClose(parameters.more[0]!, after[i]![1]!, tolerance)
      }
    }
  })

  it('one step on one tensor is that of the tree', () => {
    const p = tensor([[1, -2, 3]], { device, dtype: 'float64' })
    const g = tensor([[0.5, 0.25, -1]], { device, dtype: 'float64' })
    expect(valuesOf(optim.sgdUpdate(p, g, 0.1))).toEqual(Float64Array.of(1 - 0.1 * 0.5, -2 - 0.1 * 0.25, 3 + 0.1))

    const optimizer = optim.adam({ amsgrad: true, epsilon: 1e-30 })
    let tree = { parameters: p, state: optimizer.init(p) }
    let alone: ReturnType<typeof optim.adamUpdate> = { values: p, ...momentsOf(tree.state) }
    for (let step = 1; step <= 3; step++) {
      tree = optimizer.update(tree.parameters, g.mul(step), tree.state)
      const { values, ...moments } = alone
      alone = optim.adamUpdate(values, g.mul(step), moments, {
        learningRate: tensor(1e-3, { device, dtype: 'float64' }),
        epsilon: 1e-30,
        beta1Power: 0.9 ** step,
        beta2Power: tensor(0.999 ** step, { device, dtype: 'float64' }),
      })
    }
    const wanted = valuesOf(tree.parameters)
    for (const [i, value] of valuesOf(alone.values).entries()) expect(value).toBeCloseTo(Number(wanted[i]), 12)
    // Without powers the rate is taken as it is: the first step of plain Adam moves by it.
    const plain = optim.adamUpdate(p, g, { momentum: g, velocity: g.square() }, { learningRate: 0.5, epsilon: 0 })
    for (const [i, value] of valuesOf(plain.values.sub(p)).entries()) expect(value).toBeCloseTo([-0.5, -0.5, 0.5][i]!, 12)
  })
})

const momentsOf = ({ momentum, velocity, maximumVelocity }: optim.AdamState<Tensor>): optim.AdamMoments => ({
  momentum,
  velocity,
  maximumVelocity,
})

describe('a compiled step', () => {
  const parameters = { weight: ones([300, 40]), bias: ones([40]) }
  type Both = typeof parameters

  it.each([
    ['sgd', optim.sgd({ momentum: 0.9, weightDecay: 0.1, nesterov: true }), 2],
    ['adam', optim.adam({ weightDecay: 0.1 }), 3],
    ['adamW with amsgrad', optim.adamW({ amsgrad: true }), 4],
  ] as const)('%s is one kernel for each parameter', (_, optimizer, results) => {
    const { init, update } = optimizer as optim.Adam
    const step = jit((p: Both, g: Both, state: optim.AdamState<Both>, learningRate: number) => update(p, g, state, { learningRate }))
    const state = init(parameters)
    step(parameters, parameters, state, 0.1)
    step(parameters, parameters, state, 0.2)
    expect(step.statistics()).toMatchObject({ calls: 2, traces: 1 })
    const large = step.explain().filter(({ outputs }) => outputs.some((type) => !String(type).endsWith('[]')))
    expect(large.map(({ outputs }) => outputs.map(String))).toEqual(
      expect.arrayContaining([Array(results).fill('f32[300,40]'), Array(results).fill('f32[40]')]),
    )
    expect(large).toHaveLength(2)
  })

  it('finds a minimum', () => {
    const target = tensor([1, -2, 3])
    const loss = (x: Tensor): Tensor => x.sub(target).square().sum()
    for (const optimizer of [
      optim.sgd({ learningRate: 0.1, momentum: 0.5 }),
      optim.adam({ learningRate: 0.1 }),
      optim.adamW({ learningRate: 0.1, weightDecay: 0 }),
    ]) {
      const { init, update } = optimizer as optim.Adam
      const step = jit((x: Tensor, state: optim.AdamState<Tensor>) => update(x, grad(loss)(x), state))
      let x = zeros([3])
      let state = init(x)
      for (let i = 0; i < 400; i++) ({ parameters: x, state } = step(x, state))
      for (const [i, value] of valuesOf(x).entries()) expect(value).toBeCloseTo([1, -2, 3][i]!, 2)
    }
  })

  it('keeps float16 parameters in float16 and their moments in float32', () => {
    const p = ones([5], { dtype: 'float16' })
    const optimizer = optim.adam()
    const { parameters: next, state } = optimizer.update(p, p, optimizer.init(p))
    expect([next.dtype, state.momentum.dtype, state.velocity.dtype, state.step.dtype]).toEqual(['float16', 'float32', 'float32', 'int32'])
    expect(Number(valuesOf(next)[0])).toBeCloseTo(0.999, 3)
  })
})

const x = ones([2, 3])
it.each([
  ['a negative rate', () => optim.sgd({ learningRate: -1 }), 'learningRate is at least 0, got -1'],
  ['a rate that is no number', () => optim.adam({ learningRate: '1' as never }), 'learningRate is a number or a tensor of rank 0, got "1"'],
  ['a beta of 1', () => optim.adam({ beta2: 1 }), 'beta2 is below 1, got 1'],
  ['nesterov without momentum', () => optim.sgd({ nesterov: true }), 'nesterov needs a momentum'],
  ['an unknown option', () => optim.adam({ eps: 1 } as never), "no option 'eps'"],
  ['integer parameters', () => optim.adam().init([x, zeros([2], { dtype: 'int32' })]), 'leaf 1 of the parameters is int32'],
  ['numbers as parameters', () => optim.adam().init([1]), 'leaf 0 of the parameters is a floating tensor, got 1'],
  ['gradients of another structure', () => optim.sgd().update([x], x as never, {}), 'gradients: not a tree of the parameters'],
  ['gradients of another shape', () => optim.sgd().update([x], [ones([3])], {}), 'leaf 0 of gradients is [3], the values are [2,3]'],
  ['a state of another optimizer', () => optim.adam().update(x, x, {} as never), "the state's step is an int32 tensor"],
  ['moments of another shape', () => optim.adamUpdate(x, x, { momentum: ones([3]), velocity: x }, { learningRate: 1 }), 'momentum is [3]'],
  ['one power', () => optim.adamUpdate(x, x, { momentum: x, velocity: x }, { learningRate: 1, beta1Power: 0.9 }), 'come together'],
  ['a rate with dimensions', () => optim.sgdUpdate(x, x, ones([1])), 'learningRate is one number of rank 0'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message)
})
