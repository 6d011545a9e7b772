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

  it('an LSTM is one op for all steps where activations are those of the op, and steps where they are not', () => {
    const gates = { inputWeight: sinter.ones([20, 4]), recurrentWeight: sinter.ones([20, 5]) }
    const count = (name: string, { output }: { output: Tensor }): number =>
      String(output.graph()).match(new RegExp(`= ${name} `, 'g'))?.length ?? 0
    expect(count('matmul', lstm(x, gates))).toBe(1)
    expect(count('lstm', lstm(x, gates))).toBe(1)
    for (const options of [{ activation: 'none' }, { forgetGateLast: true }, { mask: sinter.ones([2, 5]) }] as const)
      expect([count('lstm', lstm(x, gates, options)), count('matmul', lstm(x, gates, options))]).toEqual([0, 4])
    const halves = { inputWeight: gates.inputWeight.astype('float16'), recurrentWeight: gates.recurrentWeight.astype('float16') }
    expect(count('lstm', lstm(x.astype('float16'), halves))).toBe(0)
  })

  it.each(['forwards', 'backwards'])('second derivatives of the op are those of its steps, %s', (way) => {
    const values = (shape: readonly number[], seed: number): Tensor =>
      tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + 1.7 * i) / 2)).reshape(shape)
    const operands = [values([3, 2, 4], 1), values([12, 4], 2), values([12, 3], 3), values([2, 3], 4), values([2, 3], 5)]
    const second = (mask: Tensor | undefined): Tensor[] => {
      const loss = (source: Tensor, inputWeight: Tensor, recurrentWeight: Tensor, initState: Tensor, initCell: Tensor): Tensor => {
        const options = { initState, initCell, mask, reverse: way === 'backwards' }
        const { output, cell } = lstm(source, { inputWeight, recurrentWeight }, options)
        return weighted(output).add(weighted(cell))
      }
      const argnums = operands.map((_, i) => i)
      const first = sinter.grad(loss, { argnums })
      return sinter.grad((...xs: Tensor[]) => (first(...xs) as Tensor[]).map(weighted).reduce((a, b) => a.add(b)), { argnums })(
        ...operands,
      ) as Tensor[]
    }
    const stepwise = second(sinter.ones([2, 3], { dtype: 'float64' }))
    second(undefined).forEach((derivative, i) => {
      expect(Number(sinter.abs(derivative.sub(stepwise[i]!)).max().dataSync()[0])).toBeLessThan(1e-12)
    })
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
