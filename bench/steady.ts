// Does anything grow when a cached plan runs over and over?
//
// What may grow for a while without being kept by anybody is V8's young generation: it doubles, in one step and for good, when enough objects have survived
// collections in it, here after about 400,000 realizes, and would count as 16 MB of growth. So objects that survive are made first, until it has its full size.
// V8 also gives pages back on other threads, some milliseconds after a collection: of several readings the least counts. Neither hides a leak: the last
// figure keeps an array of ten numbers per realize on purpose.

import { getHeapSpaceStatistics } from 'node:v8'
import { memory, type Tensor } from '../lib/index.js'
import { collectGarbage, sleep } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { cheapSteps, filled, through } from './support/programs.js'

const realizes = 100_000
const warmUp = 20_000
const readings = 8
const leakedDoubles = 10

interface Growth {
  readonly residentMB: number
  readonly allocations: number
}

/** Bytes of V8's young generation. */
const youngBytes = (): number => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')!.space_size

/** Makes objects that survive a few collections until V8's young generation does not grow any more. */
function growYoungGeneration(): void {
  let before = 0
  for (let round = 0; round < 20 && youngBytes() > before; round++) {
    before = youngBytes()
    for (let batch = 0; batch < 10; batch++) Array.from({ length: 100_000 }, (_, i) => ({ i }))
  }
}

/** Resident memory in MB once V8 has collected and given back what it could. */
async function settledResident(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < readings; i++) {
    collectGarbage()
    await sleep(20)
    least = Math.min(least, process.memoryUsage().rss)
  }
  return least / 2 ** 20
}

/** Resident memory and system allocations over many realizes, after a warm-up. */
async function growth(once: () => Promise<void>): Promise<Growth> {
  for (let i = 0; i < warmUp; i++) await once()
  const before = await settledResident()
  const allocations = memory().systemAllocations
  for (let i = 0; i < realizes; i++) await once()
  const made = memory().systemAllocations - allocations
  return { residentMB: (await settledResident()) - before, allocations: made }
}

export const benchmark: Benchmark = {
  name: 'steady',
  question: 'Do 100,000 cached realizes make memory grow or allocate from the system?',
  async run(recorder) {
    const x = filled([1024])
    const steps = cheapSteps(filled([1024], 2))
    const program = (): Tensor => through(x, steps)
    growYoungGeneration()
    const disposing = async (): Promise<void> => {
      const result = await program().realize()
      result.dispose()
    }
    const disposed = await growth(disposing)
    recorder.figure(
      '100,000 realizes: resident memory grows by',
      disposed.residentMB,
      'MB',
      { most: 2 },
      'results disposed; V8 settled first',
    )
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
    const kept: number[][] = []
    const leaking = await growth(async () => {
      await disposing()
      kept.push(new Array<number>(leakedDoubles).fill(0.5))
    })
    recorder.figure(
      'the same with a leak made on purpose: grows by',
      leaking.residentMB,
      'MB',
      { least: 5 },
      `${leakedDoubles} numbers kept per realize`,
    )
  },
}
