// rnn, lstm and gru against torch.nn's layers, and where those have no option against their equations written out in PyTorch (test/data/recurrent.json).

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { gru, lstm, rnn, type Tensor, tensor } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: 'rnn' | 'lstm' | 'gru'
  /** x, weights, and options that are tensors. */
  readonly operands: Readonly<Record<string, Stored>>
  readonly options: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, Stored>>
  /** Of the sum of all outputs times `weights`, by operand. */
  readonly grads: Readonly<Record<string, Stored>>
}

type Outputs = Readonly<Record<string, Tensor>>

const cases = readData<readonly Case[]>('recurrent.json')
const named = cases.map((one) => [`${one.fn} ${JSON.stringify(one.options)} of ${Object.keys(one.operands).slice(4)}`, one] as const)

function run({ fn, options }: Case, operands: Readonly<Record<string, Tensor>>): Outputs {
  const { x, inputWeight, recurrentWeight, bias, ...rest } = operands
  const weights = { inputWeight: inputWeight!, recurrentWeight: recurrentWeight!, bias }
  return { rnn, lstm, gru }[fn](x!, weights, { ...options, ...rest }) as unknown as Outputs
}

const weighted = (x: Tensor): Tensor =>
  x
    .mul(
      tensor(
        Float64Array.from({ length: x.size }, (_, i) => ((i % 7) - 3) / 4),
        { device: x.device },
      ).reshape(x.shape),
    )
    .sum()

describe.each(devices)('on %s', (device) => {
  it.each(named)('%s', (_, one) => {
    const operands = Object.fromEntries(Object.entries(one.operands).map(([name, value]) => [name, load(value, device)]))
    const outputs = run(one, operands)
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(one.outputs).sort())
    for (const [name, wanted] of Object.entries(one.outputs)) expectClose(outputs[name]!, wanted, 1e-10)

    const names = Object.keys(operands)
    const loss = (...values: Tensor[]): Tensor => {
      const results = run(one, Object.fromEntries(names.map((name, i) => [name, values[i]!])))
      return Object.keys(one.outputs)
        .map((name) => weighted(results[name]!))
        .reduce((a, b) => a.add(b))
    }
    const gradients = sinter.grad(loss, { argnums: names.map((_, i) => i) })(...names.map((name) => operands[name]!)) as Tensor[]
    gradients.forEach((gradient, i) => {
      expectClose(gradient, one.grads[names[i]!]!, 1e-10)
    })
  })
})

describe('arguments', () => {
  const x = sinter.ones([3, 2, 4])
  const weights = { inputWeight: sinter.ones([5, 4]), recurrentWeight: sinter.ones([5, 5]) }

  it('float32 stays float32; one product with the input weights, one recurrent product per step', () => {
    const { output } = rnn(x, weights)
    expect(`${output.dtype} [${output.shape}]`).toBe('float32 [3,2,5]')
    expect(String(output.graph()).match(/= matmul /g)).toHaveLength(4)
  })

  it('are refused with a reason', () => {
    expect(() => rnn(sinter.ones([3, 4]), weights)).toThrow(/\[T, N, I\]/)
    expect(() => lstm(x, weights)).toThrow(/recurrentWeight is \[5,5\], it needs to be \[20,5\]/)
    expect(() => rnn(x, weights, { activation: 'swish' as never })).toThrow(/no activation[\s\S]*hardSigmoid/)
    expect(() => rnn(x, weights, { initCell: x } as never)).toThrow(/no option 'initCell'/)
    expect(() => rnn(x, { ...weights, bias: sinter.ones([4]) })).toThrow(/bias is \[4\], it needs to be \[5\]/)
    const gates = { inputWeight: sinter.ones([15, 4]), recurrentWeight: sinter.ones([15, 5]) }
    expect(() => gru(x, gates, { resetAfter: false, secondaryBias: sinter.ones([5]) })).toThrow(/belongs to resetAfter/)
    expect(() => gru(x, gates, { secondaryBias: sinter.ones([4]) })).toThrow(/secondaryBias is \[4\], it needs to be \[5\]/)
  })
})
