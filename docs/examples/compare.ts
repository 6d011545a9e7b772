// What compiling a step is worth: the same function run op by op and as one plan, in turns, so that both see the same machine.

import { eager, realizeSync } from 'sinter'

export interface Comparison {
  /** Median milliseconds per call. */
  readonly eager: number
  readonly compiled: number
}

/** Times `plain` in eager mode against `compiled`, which compute the same. Both run a few times first. */
export function compareWithEager(plain: () => unknown, compiled: () => unknown, rounds = 25): Comparison {
  const times = { eager: [] as number[], compiled: [] as number[] }
  for (let round = -5; round < rounds; round++) {
    const eagerTime = milliseconds(() => eager(plain))
    const compiledTime = milliseconds(compiled)
    if (round < 0) continue
    times.eager.push(eagerTime)
    times.compiled.push(compiledTime)
  }
  return { eager: median(times.eager), compiled: median(times.compiled) }
}

function milliseconds(run: () => unknown): number {
  const start = performance.now()
  realizeSync(run())
  return performance.now() - start
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
