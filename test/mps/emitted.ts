// Every op, dtype and sample, and every recognised pattern, lowered for MPSGraph, for the checks that read calls.

import { inspect } from 'node:util'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import type { Block, Call, CallArgument, Program } from '../../runtime/backends/mps/call.js'
import { legalize } from '../../runtime/backends/mps/legalize/index.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { partition } from '../../runtime/backends/mps/partition.js'
import { fusedAttention } from '../../runtime/backends/mps/patterns/attention.js'
import type { Pattern } from '../../runtime/backends/mps/patterns/pattern.js'
import type { Target } from '../../runtime/backends/mps/target.js'
import { sampleType } from '../support/values.js'
import { attentionGraphs, patternGraphs } from './pattern-graphs.js'

/** What became of a graph: the programs of its parts on the GPU, and why the rest is not there. */
export interface Emitted {
  readonly name: string
  readonly programs: readonly Program[]
  readonly reasons: readonly string[]
  /** Whether optimizing leaves nothing to compute: every output is an input or a constant (tensors without elements are constants). */
  readonly idle: boolean
}

/** Lowers one graph as the device mps would. A refusal of the whole graph is a reason like any other. */
export function lowerGraph(graph: Graph, target?: Target, among?: readonly Pattern[]): Omit<Emitted, 'name'> {
  try {
    const legal = legalize(graph)
    const { stages, reasons } = partition(legal, target)
    const programs = stages.filter(({ place }) => place === 'mps').map((stage) => lowerToCalls(stage.graph, [], target, among).program)
    return { programs, reasons, idle: legal.nodes.every(({ op }) => op.traits.leaf === true) }
  } catch (error) {
    if (error instanceof SinterError && error.code === 'dtype') return { programs: [], reasons: [error.message], idle: false }
    throw error
  }
}

/** One entry per op, dtype and sample of the records. */
export function emittedSamples(): Emitted[] {
  return Object.values<Op>(ops).flatMap((op) =>
    op.dtypes.flatMap((dtype) =>
      op.samples.map((sample) => {
        const inputs = sample.inputs.map((text) => inputNode(sampleType(text, dtype)))
        const node = emit(op, inputs, sample.attrs)
        const outputs = node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
        return { name: `${op.name} ${dtype} ${inspect(sample)}`, ...lowerGraph(new Graph(inputs, outputs)) }
      }),
    ),
  )
}

/** A system without the defects that keep patterns from being used. */
const sound: Target = { macOS: '26.0', family: 'Apple9' }

/** One entry per graph of several ops that patterns recognise. */
export function emittedPatterns(): Emitted[] {
  const usual = patternGraphs().map(({ name, graph }) => ({ name, ...lowerGraph(graph, sound) }))
  const fused = attentionGraphs().map(({ name, graph }) => ({ name: `fused ${name}`, ...lowerGraph(graph, sound, [fusedAttention]) }))
  return [...usual, ...fused]
}

/** The calls of a program, those inside blocks too. */
export function allCalls(program: Program): Call[] {
  const nested = (call: Call): Call[] => [call, ...call.arguments.filter(isBlock).flatMap((block) => block.calls.flatMap(nested))]
  return program.calls.flatMap(nested)
}

const isBlock = (argument: CallArgument): argument is Block => typeof argument === 'object' && argument !== null && 'block' in argument
