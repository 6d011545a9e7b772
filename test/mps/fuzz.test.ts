// Random graphs over all ops on the device mps: legalized, divided between GPU and CPU, patterns recognised. SINTER_FUZZ_GRAPHS sets how many.

import { describe, expect, it } from 'vitest'
import { SinterError } from '../../ir/error.js'
import type { Graph } from '../../ir/graph.js'
import { printGraph } from '../../ir/print.js'
import { showsNanBits, valuesFor } from '../fuzz/difference.js'
import { randomGraph } from '../fuzz/generate.js'
import { shrink } from '../fuzz/shrink.js'
import { confirmedDifference } from '../support/oracle.js'
import { compileOn, runExecutable } from '../support/run.js'
import { missingMps } from './device.js'

const count = Number(process.env['SINTER_FUZZ_GRAPHS'] ?? 80)
const first = Number(process.env['SINTER_FUZZ_SEED'] ?? 1)

/** What is wrong on the device mps; undefined when nothing is. Arithmetic on float64 is refused there. */
function problemOf(graph: Graph, seed: number): string | undefined {
  const inputs = valuesFor(graph, seed)
  if (showsNanBits(graph, inputs)) return undefined
  try {
    const executable = compileOn('mps', graph)
    try {
      return confirmedDifference(graph, inputs, runExecutable(executable, graph, inputs, [], 'mps'))
    } finally {
      executable.dispose()
    }
  } catch (error) {
    return error instanceof SinterError && error.code === 'dtype' && error.message.includes('float64')
      ? undefined
      : (error as Error).message
  }
}

describe.skipIf(missingMps !== undefined)('random graphs', () => {
  it(`${count} from seed ${first}`, { timeout: 600_000 }, () => {
    for (let seed = first; seed < first + count; seed++) {
      const graph = randomGraph(seed)
      if (problemOf(graph, seed) === undefined) continue
      const small = shrink(graph, (other) => problemOf(other, seed) !== undefined)
      expect.fail(`seed ${seed}: ${problemOf(small, seed)}\n${printGraph(small)}`)
    }
  })
})
