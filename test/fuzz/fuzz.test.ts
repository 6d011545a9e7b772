// Differential fuzzing: random graphs, optimized and fused = each op alone = reference.
//
// SINTER_FUZZ_GRAPHS graphs (default 2,400) from SINTER_FUZZ_SEED on (default 1). A failure names its seed; the shrunk graph is written to failures/, from where it
// belongs into corpus/ once its cause is fixed.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { differenceOn } from './difference.js'
import { randomGraph } from './generate.js'
import { report } from './report.js'

const total = Number(process.env['SINTER_FUZZ_GRAPHS'] ?? 2400)
const first = Number(process.env['SINTER_FUZZ_SEED'] ?? 1)
const batch = 200

describe('random graphs compute the same fused, alone and by the reference', () => {
  const starts = Array.from({ length: Math.ceil(total / batch) }, (_, i) => first + i * batch)
  it.each(starts)('%i ...', { timeout: 600_000 }, (start) => {
    const failures: string[] = []
    for (let seed = start; seed < Math.min(start + batch, first + total) && failures.length < 2; seed++) {
      const graph = randomGraph(seed)
      if (differenceOn(graph, seed) !== undefined) failures.push(report(graph, seed, differenceOn))
    }
    expect(failures).toEqual([])
  })
})

describe('graphs that once failed', () => {
  const corpus = new URL('corpus/', import.meta.url)
  it.each(readdirSync(corpus).filter((name) => name.endsWith('.ir')))('%s', (name) => {
    const graph = parseGraph(readFileSync(new URL(name, corpus), 'utf8'))
    for (let seed = 1; seed <= 4; seed++) expect(differenceOn(graph, seed)).toBeUndefined()
  })
})
