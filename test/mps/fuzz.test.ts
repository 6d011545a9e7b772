// Differential fuzzing of the device mps: random graphs against the reference. SINTER_FUZZ_MPS_GRAPHS graphs (default 300) from SINTER_FUZZ_SEED on (default 1);
// failures are saved as those of test/fuzz are, and graphs that failed there are run here too.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { differenceOnMps } from '../fuzz/difference.js'
import { randomGraph } from '../fuzz/generate.js'
import { report } from '../fuzz/report.js'
import { missingMps } from './device.js'

const total = Number(process.env['SINTER_FUZZ_MPS_GRAPHS'] ?? 300)
const first = Number(process.env['SINTER_FUZZ_SEED'] ?? 1)
const batch = 100

describe.skipIf(missingMps !== undefined)('random graphs compute the same as by the reference', () => {
  const starts = Array.from({ length: Math.ceil(total / batch) }, (_, i) => first + i * batch)
  it.each(starts)('%i ...', { timeout: 600_000 }, (start) => {
    const failures: string[] = []
    for (let seed = start; seed < Math.min(start + batch, first + total) && failures.length < 2; seed++) {
      const graph = randomGraph(seed)
      if (differenceOnMps(graph, seed) !== undefined) failures.push(report(graph, seed, differenceOnMps))
    }
    expect(failures).toEqual([])
  })
})

describe.skipIf(missingMps !== undefined)('graphs that once failed', () => {
  const corpus = new URL('../fuzz/corpus/', import.meta.url)
  it.each(readdirSync(corpus).filter((name) => name.endsWith('.ir')))('%s', (name) => {
    const graph = parseGraph(readFileSync(new URL(name, corpus), 'utf8'))
    for (let seed = 1; seed <= 4; seed++) expect(differenceOnMps(graph, seed)).toBeUndefined()
  })
})
