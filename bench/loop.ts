// What does a turn of a loop cost that runs in one native call?

import { foriLoop, jit, scan, type Tensor } from '../lib/index.js'
import { alone } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { filled } from './support/programs.js'

const turns = 1000

export const benchmark: Benchmark = {
  name: 'loop',
  question: 'What does a turn of a counted loop over a small state cost?',
  run(recorder) {
    const state = filled([64])
    const counted = jit((x: Tensor): Tensor => foriLoop(0, turns, (_, c: Tensor) => c.mul(0.999).add(0.001), x))
    const [weights, inputs] = [filled([16, 16], 2), filled([turns, 16], 3)]
    const recurrent = jit((h: Tensor): Tensor => scan((c: Tensor, x: Tensor) => [c.matmul(weights).add(x).tanh(), c], h, inputs)[1])
    const hidden = filled([1, 16], 4)
    const measured = [
      ['c * 0.999 + 0.001, 64 elements', () => counted(state)],
      ['scan of tanh(c w + x), 16 units, stacked', () => recurrent(hidden)],
    ] as const
    for (const [what, run] of measured) {
      const time = alone(() => run().realizeSync().dispose()).median
      recorder.figure(`1,000 turns of ${what}: one turn`, time / turns, 'us', { most: 3 }, `${time.toFixed(0)} us in all`)
    }
  },
}
