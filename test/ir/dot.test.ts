// Graphviz text: the exact form of a small graph, and quoting.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphToDot } from '../../ir/dot.js'
import { parseGraph } from '../../ir/parse.js'
import { randomGraph } from './random-graph.js'

describe('graphToDot', () => {
  it('draws regions as clusters with ports', () => {
    const graph = parseGraph(`graph (%x: f32[4]) {
      %f = fused %x {kind="map"} (%0: f32[4]) { %1 = exp %0 return %1, %1 }
      %r = result %f {index=1}
      return %r
    }`)
    expect(graphToDot(graph, { title: 'say "hi" \\ bye' }).split('\n').slice(4)).toEqual([
      '  labelloc="t"; label="say \\"hi\\" \\\\ bye"',
      '  "0" [label="%0 input 0\\nf32[4]", shape=ellipse, fillcolor="#eef1f5"]',
      '  subgraph "cluster_1" {',
      '    label="%1 map"; labeljust="l"; style="rounded,filled"; fillcolor="#eef4fd"; color="#3b72b8"',
      '    "1.0" [shape=point, width=0.06, color="#3b72b8"]',
      '    "1.1" [label="%1 exp\\nf32[4]"]',
      '    "1.out0" [shape=point, width=0.06, color="#3b72b8"]',
      '    "1.out1" [shape=point, width=0.06, color="#3b72b8"]',
      '    "1.0" -> "1.1"',
      '    "1.1" -> "1.out0"',
      '    "1.1" -> "1.out1"',
      '  }',
      '  "out0" [label="%2 output 0\\nf32[4]", shape=ellipse, fillcolor="#eef1f5"]',
      '  "0" -> "1.0"',
      '  "1.out1" -> "out0"',
      '}',
      '',
    ])
  })

  it('names only nodes it has declared, for random graphs over all ops', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        const lines = graphToDot(graph).split('\n')
        const declared = new Set(lines.flatMap((line) => /^\s*("[^"]+") \[/.exec(line)?.[1] ?? []))
        const ends = lines.flatMap((line) => /^\s*("[^"]+") -> ("[^"]+")$/.exec(line)?.slice(1) ?? [])
        expect(ends.filter((end) => !declared.has(end))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
