// How do pooling and resizing compare with PyTorch's?

import { avgPool2d, interpolate, maxPool2d, type Tensor } from '../lib/index.js'
import { contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { filled } from './support/programs.js'
import { startTorch } from './support/torch.js'

const shape = [8, 64, 56, 56]

const programs: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  'max pool 2x2': (x) => maxPool2d(x, 2),
  'max pool 3x3': (x) => maxPool2d(x, 3, { stride: 2, padding: 1 }),
  'average pool 3x3': (x) => avgPool2d(x, 3, { stride: 2, padding: 1 }),
  'bilinear 2x': (x) => interpolate(x, { scaleFactor: 2, mode: 'bilinear' }),
  'bilinear to 28x28': (x) => interpolate(x, { size: 28, mode: 'bilinear' }),
}

export const benchmark: Benchmark = {
  name: 'pool',
  question: 'How fast are pooling and resizing of [8, 64, 56, 56], compared with PyTorch?',
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') recorder.note(torch)
    const x = filled(shape)
    for (const [name, program] of Object.entries(programs)) {
      const run = (): number => {
        const result = program(x).realizeSync()
        result.dispose()
        return result.size
      }
      const contenders = [contender('sinter', run)]
      if (typeof torch !== 'string') contenders.push(torch.contender('PyTorch', name))
      const times = await sideBySide(contenders, { rounds: 21, sampleMilliseconds: 10 })
      const ours = times.median('sinter')
      const title = `${name} [${shape.join(', ')}]`
      if (typeof torch === 'string') {
        recorder.bars(title, [{ name: 'sinter', role: 'fused', microseconds: ours }])
        continue
      }
      const theirs = times.median('PyTorch')
      const detail = `${showTime(ours)} against ${showTime(theirs)}, PyTorch ${torch.version}`
      recorder.figure(`${title}: speed against PyTorch`, times.ratio('PyTorch', 'sinter'), 'x', { least: 1 }, detail)
      recorder.bars(title, [
        { name: 'sinter', role: 'fused', microseconds: ours },
        { name: 'PyTorch', role: 'baseline', microseconds: theirs },
      ])
    }
    if (typeof torch !== 'string') torch.close()
  },
}
