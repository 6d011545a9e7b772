// What does it cost from the first recorded op to the value, when the plan is cached and the data small?

import { jit, type Tensor } from '../lib/index.js'
import { alone, collectGarbage, median } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { cheapSteps, filled, through } from './support/programs.js'

export const benchmark: Benchmark = {
  name: 'chain',
  question: 'What does a cached realize of 20 ops on 1,024 float32 cost, recording included?',
  run(recorder) {
    const x = filled([1024])
    const y = filled([1024], 2)
    const steps = [...cheapSteps(y), ...cheapSteps(y)]
    const run = (program: () => Tensor) => (): number => {
      const result = program().realizeSync()
      result.dispose()
      return result.size
    }
    const passes: number[] = []
    for (let pass = 0; pass < 5; pass++) {
      collectGarbage()
      passes.push(
        alone(
          run(() => through(x, steps)),
          600,
        ).median,
      )
    }
    const [low, high] = [Math.min(...passes), Math.max(...passes)]
    recorder.figure(
      '20-op chain on 1,024 float32, end to end',
      median(passes),
      'us',
      { most: 40 },
      `${low.toFixed(1)} to ${high.toFixed(1)} us in 5 passes; aim 15`,
    )
    recorder.figure('of which recording', alone(() => through(x, steps), 400).median, 'us')
    const compiled = jit((a: Tensor) => through(a, steps))
    recorder.figure(
      'the same under jit',
      alone(
        run(() => compiled(x)),
        400,
      ).median,
      'us',
    )
  },
}
