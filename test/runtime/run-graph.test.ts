// Dissolving the regions of fused graphs, which is how the command line runs them: the same program again.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Graph } from '../../ir/graph.js'
import { type HostTensor, hostZeros } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import { isGroup } from '../../ir/op.js'
import { fuseGraph } from '../../ir/passes/fuse.js'
import { verify } from '../../ir/verify.js'
import { withoutRegions } from '../../runtime/run-graph.js'
import { randomGraph } from '../ir/random-graph.js'

/** Small whole numbers, which every dtype holds. */
const inputsOf = (graph: Graph): HostTensor[] =>
  graph.inputs.map(({ type }) => {
    const host = hostZeros(type)
    for (let i = 0; i < host.values.length; i++) host.values[i] = (host.values instanceof Float64Array ? i % 2 : BigInt(i % 2)) as never
    return host
  })

test('random graphs: fused and dissolved they verify and compute the same', () => {
  fc.assert(
    fc.property(randomGraph, (graph) => {
      const fused = fuseGraph(graph).graph
      const dissolved = verify(withoutRegions(fused))
      expect(dissolved.nodes.some(isGroup)).toBe(false)
      const inputs = inputsOf(graph)
      expect(interpret(dissolved, inputs)).toEqual(interpret(fused, inputs))
    }),
    { numRuns: 200, seed: 1 },
  )
})

test('a graph without regions stays itself', () => {
  fc.assert(
    fc.property(randomGraph, (graph) => {
      const dissolved = withoutRegions(graph)
      expect(dissolved === graph).toBe(!graph.nodes.some(isGroup))
    }),
    { numRuns: 20, seed: 1 },
  )
})
