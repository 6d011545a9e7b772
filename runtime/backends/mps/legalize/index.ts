// What is rewritten before a graph is lowered to MPSGraph: what it does not take, or takes badly, as ops that it does.

import type { Graph } from '../../../../ir/graph.js'
import { type Pass, type PassObserver, runPasses } from '../../../../ir/pass.js'
import { decompose } from '../../../../ir/passes/decompose.js'
import { pipeline } from '../../../../ir/pipeline.js'
import { refusal } from '../support.js'
import { casts } from './casts.js'
import { empty } from './empty.js'
import { emulateFloat64, refuseFloat64 } from './float64.js'
import { literals } from './literals.js'
import { loopsWith } from './loops.js'

/** Runs after the shared pipeline, in this order. Values stay what they are, but for sums of float64, which lose their last bits (float64.ts). */
export const legalization: readonly Pass[] = [
  // Before all else; bodies go through the whole of this.
  loopsWith((body) => legalize(body)),
  // So that nothing below meets a tensor without elements.
  empty,
  emulateFloat64,
  literals,
  // Brings the casts around what the others made together.
  casts,
]

/** What the GPU has no method for, or refuses, and the record can write with other ops. float64 stays what it is, to be refused by its own name. */
const writeOut = decompose((node) => {
  if (node.op.decompose === undefined || node.type.dtype === 'float64') return false
  return refusal(node) !== undefined
})

/** The optimized graph as the GPU and, for what it lacks, the CPU compute it. Throws `dtype` for float64 that neither is to compute. */
export function legalize(graph: Graph, observer?: PassObserver): Graph {
  const optimized = runPasses(graph, [writeOut, ...pipeline], observer)
  refuseFloat64(optimized)
  return runPasses(optimized, legalization, observer)
}
