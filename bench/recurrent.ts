// How fast are recurrent layers, forwards and backwards, against PyTorch's?

import { jit, lstm, mapTree, realizeSync, type Tensor, valueAndGrad } from '../lib/index.js'
import { type Contender, contender, sideBySide } from './harness.js'
import { type Benchmark, type Recorder, showTime } from './support/figure.js'
import { threads } from './support/machine.js'
import { filled } from './support/programs.js'
import { startTorch, type Torch } from './support/torch.js'

const [layers, steps, batch, hidden] = [2, 64, 16, 256]

interface Layer {
  readonly inputWeight: Tensor
  readonly recurrentWeight: Tensor
  readonly bias: Tensor
}

function createLayers(gates: number): readonly Layer[] {
  return Array.from({ length: layers }, (_, i) => {
    const part = (shape: readonly number[], seed: number): Tensor => {
      const weight = filled(shape, 3 * i + seed).div(Math.sqrt(hidden))
      realizeSync(weight)
      return weight
    }
    return {
      inputWeight: part([gates * hidden, hidden], 1),
      recurrentWeight: part([gates * hidden, hidden], 2),
      bias: part([gates * hidden], 3),
    }
  })
}

const through = (model: readonly Layer[], x: Tensor): Tensor => model.reduce((at, layer) => lstm(at, layer).output, x)

async function measure(recorder: Recorder, torch: Torch | undefined): Promise<void> {
  const model = createLayers(4)
  const x = filled([steps, batch, hidden], 17)
  const cotangent = filled([steps, batch, hidden], 18)
  // The number is read: a run may go on behind a call that does not need its results yet.
  const forward = jit((m: readonly Layer[], input: Tensor) => {
    const output = through(m, input)
    return [output.slice([0, 0, 0], [1, 1, 1]), output]
  })
  const backward = jit(valueAndGrad((m: readonly Layer[], input: Tensor) => through(m, input).mul(cotangent).sum(), { argnums: [0, 1] }))
  const run = (program: () => unknown) => (): unknown => {
    const results = program() as readonly [Tensor, unknown]
    const [read] = results[0].dataSync()
    mapTree((result: Tensor) => result.dispose(), results)
    return read
  }
  const cases = [
    { name: 'LSTM', program: () => forward(model, x), what: 'forward', target: undefined },
    { name: 'LSTM gradient', program: () => backward(model, x), what: 'forward and backward', target: { least: 0.8 } },
  ]
  for (const { name, program, what, target } of cases) {
    const contenders: Contender[] = [contender('Sinter', run(program))]
    if (torch !== undefined) contenders.push(torch.contender('PyTorch', name))
    const times = await sideBySide(contenders, { rounds: 15, sampleMilliseconds: 40 })
    const label = `LSTM, ${layers} layers of ${hidden}, ${steps} steps, batch ${batch}, ${what}`
    const ours = times.median('Sinter')
    if (torch === undefined) recorder.figure(label, ours, 'us')
    else {
      const detail = `${showTime(ours)} against ${showTime(times.median('PyTorch'))}`
      recorder.figure(`${label}: speed against PyTorch`, times.ratio('PyTorch', 'Sinter'), 'x', target, detail)
    }
  }
}

export const benchmark: Benchmark = {
  name: 'recurrent',
  question: `How fast are recurrent layers on ${threads} threads?`,
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') recorder.note(torch)
    await measure(recorder, typeof torch === 'string' ? undefined : torch)
    if (typeof torch !== 'string') torch.close()
  },
}
