// What is fusing softmax and layer norm worth, and how do they compare with PyTorch's own kernels?

import { eager, type Tensor } from '../lib/index.js'
import { contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { filled, requireClose, rowFunctions } from './support/programs.js'
import { startTorch } from './support/torch.js'

const shape = [4096, 1024]

export const benchmark: Benchmark = {
  name: 'rows',
  question: 'How much faster are softmax and layer norm of [4096, 1024] fused than op by op, and than PyTorch?',
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') recorder.note(torch)
    const [x, weight, bias] = [filled(shape), filled([1024], 2), filled([1024], 3)]
    const programs = { softmax: () => rowFunctions.softmax(x), 'layer norm': () => rowFunctions['layer norm'](x, weight, bias) }
    for (const [name, program] of Object.entries(programs)) {
      requireClose(name, program().dataSync(), eager(program).dataSync(), 1e-5)
      const run = (make: () => Tensor) => (): number => {
        const result = make().realizeSync()
        result.dispose()
        return result.size
      }
      const contenders = [contender('fused', run(program)), contender('eager', run(eagerProgram(name, x, weight, bias)))]
      if (typeof torch !== 'string') contenders.push(torch.contender('PyTorch', name))
      const times = await sideBySide(contenders, { rounds: 21, sampleMilliseconds: 10 })
      const [fused, unfused] = [times.median('fused'), times.median('eager')]
      const speed = times.ratio('eager', 'fused')
      recorder.figure(
        `${name} [4096, 1024]: fused against eager`,
        speed,
        'x',
        { least: 2 },
        `${showTime(fused)} against ${showTime(unfused)}`,
      )
      const bars = [
        { name: 'fused', role: 'fused', microseconds: fused },
        { name: 'eager', role: 'eager', microseconds: unfused },
      ] as const
      if (typeof torch === 'string') {
        recorder.bars(`${name} [4096, 1024]`, bars)
        continue
      }
      const theirs = times.median('PyTorch')
      const detail = `${showTime(fused)} against ${showTime(theirs)}, PyTorch ${torch.version}`
      recorder.figure(`${name} [4096, 1024]: speed against PyTorch`, times.ratio('PyTorch', 'fused'), 'x', { least: 1 }, detail)
      recorder.bars(`${name} [4096, 1024]`, [...bars, { name: 'PyTorch', role: 'baseline', microseconds: theirs }])
    }
    if (typeof torch !== 'string') torch.close()
  },
}

/** The same mathematics op by op, every intermediate freed as soon as it is not needed, so that eager memory stays warm. */
function eagerProgram(name: string, x: Tensor, weight: Tensor, bias: Tensor): () => Tensor {
  return () => eager(() => (name === 'softmax' ? softmaxByOps(x) : layerNormByOps(x, weight, bias)))
}

function softmaxByOps(x: Tensor): Tensor {
  const highest = x.max(-1, { keepDims: true })
  const shifted = x.sub(highest)
  const weights = shifted.exp()
  shifted.dispose()
  const total = weights.sum(-1, { keepDims: true })
  const result = weights.div(total)
  for (const made of [highest, weights, total]) made.dispose()
  return result
}

function layerNormByOps(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const mean = x.mean(-1, { keepDims: true })
  const difference = x.sub(mean)
  const squares = difference.square()
  const variance = squares.mean(-1, { keepDims: true })
  squares.dispose()
  const factor = variance.add(1e-5).rsqrt()
  const normal = difference.mul(factor)
  difference.dispose()
  const scaled = normal.mul(weight)
  normal.dispose()
  const result = scaled.add(bias)
  for (const made of [mean, variance, factor, scaled]) made.dispose()
  return result
}
