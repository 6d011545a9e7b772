// How fast are convolutions and their gradients, and how do they compare with PyTorch's?

import { conv2d, type Tensor, vjp } from '../lib/index.js'
import { contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { threads } from './support/machine.js'
import { filled } from './support/programs.js'
import { startTorch } from './support/torch.js'

const data = [8, 64, 56, 56]

interface Program {
  /** As torch_server.py calls it. */
  readonly name: string
  readonly least: number
  readonly run: () => Tensor
}

function programs(): Program[] {
  const [x, grad] = [filled(data), filled(data, 3)]
  const weights = { conv: filled([64, 64, 3, 3], 2), depthwise: filled([64, 1, 3, 3], 4) }
  return (['conv', 'depthwise'] as const).flatMap((kind) => {
    const [w, least] = [weights[kind], kind === 'conv' ? 0.8 : 1]
    const options = { padding: 1, groups: kind === 'conv' ? 1 : 64 }
    // What is not asked of a gradient is not computed: only the convolution's own cotangent is.
    const byData = (): Tensor => vjp((y: Tensor) => conv2d(y, w, options), x)[1](grad)[0] as Tensor
    const byWeights = (): Tensor => vjp((v: Tensor) => conv2d(x, v, options), w)[1](grad)[0] as Tensor
    return [
      { name: kind, least, run: () => conv2d(x, w, options) },
      { name: `${kind} by data`, least, run: byData },
      { name: `${kind} by weights`, least, run: byWeights },
    ]
  })
}

export const benchmark: Benchmark = {
  name: 'conv',
  question: `How fast are a 3x3 and a depthwise 3x3 convolution of [${data.join(', ')}] and their gradients on ${threads} threads, against PyTorch?`,
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') recorder.note(torch)
    for (const { name, least, run } of programs()) {
      const own = contender('Sinter', () => {
        const result = run().realizeSync()
        result.dispose()
        return result.size
      })
      const contenders = typeof torch === 'string' ? [own] : [own, torch.contender('PyTorch', name)]
      const times = await sideBySide(contenders, { rounds: 15, sampleMilliseconds: 15 })
      const ours = times.median('Sinter')
      if (typeof torch === 'string') {
        recorder.figure(`${name} 3x3`, ours, 'us')
        continue
      }
      const theirs = times.median('PyTorch')
      const detail = `${showTime(ours)} against ${showTime(theirs)}, PyTorch ${torch.version}`
      recorder.figure(`${name} 3x3: speed against PyTorch`, times.ratio('PyTorch', 'Sinter'), 'x', { least }, detail)
      recorder.bars(`${name} 3x3`, [
        { name: 'Sinter', role: 'fused', microseconds: ours },
        { name: 'PyTorch', role: 'baseline', microseconds: theirs },
      ])
    }
    if (typeof torch !== 'string') torch.close()
  },
}
