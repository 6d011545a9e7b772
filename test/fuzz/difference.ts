// What is wrong with the compiler on one graph: optimized and fused on the CPU, each op alone there, and on the device mps, against the reference.

import { isFloat } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import type { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import type { Node } from '../../ir/node.js'
import { runPasses } from '../../ir/pass.js'
import { fuse } from '../../ir/passes/fuse.js'
import { pipeline } from '../../ir/pipeline.js'
import { verify } from '../../ir/verify.js'
import { confirmedDifference, expectations } from '../support/oracle.js'
import { runEachAlone, runOn, runOnCpu } from '../support/run.js'
import { randomFrom, randomTensor } from '../support/values.js'

/** Values for the inputs of a graph: small numbers; integers small enough to be indices. */
export function valuesFor(graph: Graph, seed: number): HostTensor[] {
  const random = randomFrom(seed)
  return graph.inputs.map(({ type }) => randomTensor(type, random, isFloat(type.dtype) ? [-2, 2] : [-3, 5]))
}

/** A NaN has many bit patterns, of either sign; which one an op yields is not specified, and these ops would show it. */
const readsBits = ({ op }: Node): boolean => op.traits.reinterprets === true || op.name === 'signbit'

/** Whether the outputs depend on which NaN an op yields. */
export function showsNanBits(graph: Graph, inputs: readonly HostTensor[]): boolean {
  if (!graph.nodes.some(readsBits)) return false
  const hasNan = new Map<unknown, boolean>()
  let shown = false
  interpret(graph, inputs, (node, results) => {
    hasNan.set(
      node,
      results.some(({ type, values }) => isFloat(type.dtype) && (values as Float64Array).some(Number.isNaN)),
    )
    if (readsBits(node) && (hasNan.get(node) || hasNan.get(node.inputs[0]!))) shown = true
  })
  return shown
}

/** Which inputs are given by value: those of rank 0, for odd seeds. */
const scalarsOf = (graph: Graph, seed: number): boolean[] =>
  graph.inputs.map(({ type }) => type.rank === 0 && !type.isComplex && seed % 2 === 1)

/** What is wrong on the CPU: the first problem as text, or undefined. */
export function differenceOn(graph: Graph, seed: number): string | undefined {
  const inputs = valuesFor(graph, seed)
  const scalar = scalarsOf(graph, seed)
  try {
    verify(graph)
    runPasses(graph, [...pipeline, fuse], ({ after }) => verify(after))
    if (showsNanBits(graph, inputs)) return undefined
    const expected = expectations(graph, inputs)
    const fused = confirmedDifference(graph, inputs, runOnCpu(graph, inputs, scalar), expected)
    if (fused !== undefined) return `fused: ${fused}`
    const alone = confirmedDifference(graph, inputs, runEachAlone(graph, inputs), expected)
    return alone === undefined ? undefined : `alone: ${alone}`
  } catch (error) {
    return `${(error as Error).message}`
  }
}

/** What is wrong with the graph on the device mps; undefined when nothing is. Graphs that compute with float64 are refused there, and nothing else is. */
export function differenceOnMps(graph: Graph, seed: number): string | undefined {
  const inputs = valuesFor(graph, seed)
  try {
    if (showsNanBits(graph, inputs)) return undefined
    return confirmedDifference(graph, inputs, runOn('mps', graph, inputs, scalarsOf(graph, seed)))
  } catch (error) {
    const isRefusal = error instanceof SinterError && error.code === 'dtype' && graph.nodes.some(({ type }) => type.dtype === 'float64')
    return isRefusal ? undefined : `${(error as Error).message}`
  }
}
