// Does anything grow when a cached plan runs over and over?

import { memory, type Tensor } from '../lib/index.js'
import { collectGarbage } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { cheapSteps, filled, through } from './support/programs.js'

const realizes = 100_000
const warmUp = 20_000

interface Growth {
  readonly residentMB: number
  readonly allocations: number
}

/** Resident memory and system allocations over many realizes, after a warm-up. */
async function growth(once: () => Promise<void>): Promise<Growth> {
  for (let i = 0; i < warmUp; i++) await once()
  collectGarbage()
  const before = process.memoryUsage().rss
  const allocations = memory().systemAllocations
  for (let i = 0; i < realizes; i++) await once()
  collectGarbage()
  return { residentMB: (process.memoryUsage().rss - before) / 2 ** 20, allocations: memory().systemAllocations - allocations }
}

export const benchmark: Benchmark = {
  name: 'steady',
  question: 'Do 100,000 cached realizes make memory grow or allocate from the system?',
  async run(recorder) {
    const x = filled([1024])
    const steps = cheapSteps(filled([1024], 2))
    const program = (): Tensor => through(x, steps)
    const disposed = await growth(async () => {
      const result = await program().realize()
      result.dispose()
    })
    recorder.figure('100,000 realizes: resident memory grows by', disposed.residentMB, 'MB', { most: 2 }, 'results disposed')
    recorder.figure('100,000 realizes: system allocations', disposed.allocations, '', { most: 0 }, 'results disposed')
    const left = await growth(async () => {
      await program().realize()
    })
    recorder.figure(
      'the same, results left to the collector: grows by',
      left.residentMB,
      'MB',
      undefined,
      `${left.allocations} system allocations`,
    )
  },
}
