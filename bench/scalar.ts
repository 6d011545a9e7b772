// Does another learning rate compile another plan?

import { cacheInfo, jit, onRecompile, type Tensor } from '../lib/index.js'
import type { Benchmark } from './support/figure.js'
import { filled } from './support/programs.js'

/** Values that rewrites know (0, 1, -1, 2, 0.5), and many others. */
const rates: readonly number[] = Array.from(
  { length: 1000 },
  (_, i) => [0, 0.5, 1, -1, 2, -0, 1e-8, Number.POSITIVE_INFINITY][i % 16] ?? 0.1 / (i + 1),
)

export const benchmark: Benchmark = {
  name: 'scalar',
  question: 'Does changing a scalar 1,000 times recompile anything?',
  run(recorder) {
    const [weights, gradient] = [filled([64, 32]), filled([64, 32], 2)]
    const update = (rate: number, decay: number): Tensor => weights.sub(gradient.mul(rate)).mul(decay)
    const check = (result: Tensor, rate: number): void => {
      const [value, w, g] = [result.dataSync()[5] as number, weights.dataSync()[5] as number, gradient.dataSync()[5] as number]
      const expected = Math.fround(Math.fround(w - Math.fround(g * Math.fround(rate))) * Math.fround(1 - rate))
      if (!Object.is(value, expected) && !(Math.abs(value - expected) <= 1e-6 * Math.abs(expected)))
        throw new Error(`rate ${rate}: ${value} instead of ${expected}`)
      result.dispose()
    }
    let recompiles = 0
    const stop = onRecompile(() => recompiles++)
    check(update(0.3, 0.7), 0.3)
    const misses = cacheInfo().misses
    for (const rate of rates) check(update(rate, 1 - rate), rate)
    recorder.figure(
      'plans compiled for 1,000 learning rates',
      cacheInfo().misses - misses,
      '',
      { most: 0 },
      `${recompiles} recompiles reported`,
    )
    const compiled = jit(update)
    check(compiled(0.3, 0.7), 0.3)
    const { traces } = compiled.statistics()
    const before = cacheInfo().misses
    for (const rate of rates) check(compiled(rate, 1 - rate), rate)
    const more = compiled.statistics().traces - traces + cacheInfo().misses - before
    recorder.figure('traces and plans for 1,000 arguments of a jitted function', more, '', { most: 0 })
    stop()
  },
}
