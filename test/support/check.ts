// A function on nodes run on the CPU and compared with the reference.

import { expect } from 'vitest'
import { inputNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import { printGraph } from '../../ir/print.js'
import { parseType } from '../../ir/type.js'
import { confirmedDifference } from './oracle.js'
import { runOnCpu } from './run.js'
import { type Range, randomFrom, randomTensor } from './values.js'

export type Build = (...inputs: Node[]) => Node | readonly Node[]

/** The graph of a function on inputs of the given types (`f32[2,3]`). */
export function graphOf(types: readonly string[], build: Build): Graph {
  const inputs = types.map((text) => inputNode(parseType(text)!))
  return new Graph(inputs, [build(...inputs)].flat())
}

/** Random values for a graph's inputs. */
export function randomInputs(graph: Graph, seed = 1, range?: Range): HostTensor[] {
  const random = randomFrom(seed)
  return graph.inputs.map(({ type }) => randomTensor(type, random, range))
}

/** Expects the CPU to compute what the reference does, on random values. */
export function expectSame(types: readonly string[], build: Build, range?: Range, scalar: readonly boolean[] = []): void {
  const graph = graphOf(types, build)
  const inputs = randomInputs(graph, 1, range)
  const problem = confirmedDifference(graph, inputs, runOnCpu(graph, inputs, scalar))
  expect(problem === undefined ? undefined : `${problem}\n${printGraph(graph)}`).toBeUndefined()
}
