// Attention as the CPU computes it: memory, and values beyond what samples reach.

import { describe, expect, it } from 'vitest'
import { inputNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { type Pass, runPasses } from '../../ir/pass.js'
import { decompose } from '../../ir/passes/decompose.js'
import { fuseGraph } from '../../ir/passes/fuse.js'
import { pipeline } from '../../ir/pipeline.js'
import { typeOf } from '../../ir/type.js'
import { lowerGraph } from '../../runtime/backends/cpu/lower.js'
import { runOnCpu } from '../support/run.js'

const attend = (shapes: readonly (readonly number[])[], scale = 1, causal = false): Graph => {
  const inputs = shapes.map((shape) => inputNode(typeOf('float32', shape)))
  return new Graph(inputs, [b.emit('attention', inputs, { scale, causal })])
}

describe('memory', () => {
  const arenaOf = (graph: Graph, passes: readonly Pass[]): number => {
    const optimized = runPasses(graph, passes)
    return lowerGraph(
      fuseGraph(optimized).graph,
      optimized.inputs.map(() => false),
    ).arenaBytes
  }
  const graph = attend([
    [2, 1000, 8],
    [2, 2000, 8],
    [2, 2000, 8],
  ])

  it('holds no scores, which products around a softmax do', () => {
    expect(arenaOf(graph, pipeline)).toBe(0)
    expect(arenaOf(graph, [decompose((node) => node.op === ops.attention), ...pipeline])).toBeGreaterThan(2 * 1000 * 2000 * 4)
  })
})

describe('values', () => {
  const host = (shape: readonly number[], value: (i: number) => number): HostTensor => {
    const type = typeOf('float32', shape)
    return { type, values: Float64Array.from({ length: type.size }, (_, i) => Math.fround(value(i))) }
  }
  const run = (graph: Graph, values: readonly HostTensor[]): readonly number[] => [...(runOnCpu(graph, values)[0]!.values as Float64Array)]

  it('scores that exp alone could not take', () => {
    // Keys 0 to 299 score 0, 3, 6, ...: all weight is on the last, in the last block of keys.
    const keys = 300
    const graph = attend([
      [5, 1],
      [keys, 1],
      [keys, 1],
    ])
    const values = [host([5, 1], () => 3), host([keys, 1], (i) => i), host([keys, 1], (i) => i)]
    const last = 299 - Math.exp(-3) / (1 - Math.exp(-3))
    for (const value of run(graph, values)) expect(value).toBeCloseTo(last, 3)
  })

  it('an infinite score, and NaN, stay in their own query', () => {
    const graph = attend([
      [3, 1],
      [400, 1],
      [400, 2],
    ])
    const values = [
      host([3, 1], (i) => [Number.NaN, 1, Number.POSITIVE_INFINITY][i]!),
      host([400, 1], () => 1),
      host([400, 2], (i) => i % 2),
    ]
    expect(run(graph, values)).toEqual([Number.NaN, Number.NaN, 0, 1, Number.NaN, Number.NaN])
  })

  it('queries that see no key in the first blocks', () => {
    const graph = attend([
      [40, 4],
      [500, 4],
      [500, 4],
      [1, 500],
    ])
    const values = [
      host([40, 4], (i) => Math.sin(i)),
      host([500, 4], (i) => Math.cos(i)),
      host([500, 4], (i) => i / 500),
      host([1, 500], (i) => (i < 450 ? Number.NEGATIVE_INFINITY : 0)),
    ]
    const expected = interpret(graph, values)[0]!.values as Float64Array
    const got = run(graph, values)
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 5)
    const none = [...values.slice(0, 3), host([1, 500], () => Number.NEGATIVE_INFINITY)]
    expect(run(graph, none).every((value) => value === 0)).toBe(true)
  })
})
