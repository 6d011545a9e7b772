// Every op, dtype and sample lowered for MPSGraph, for the checks that read calls.

import { inspect } from 'node:util'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import type { DType } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { runPasses } from '../../ir/pass.js'
import type { Block, Call, CallArgument, Program } from '../../runtime/backends/mps/call.js'
import { legalization } from '../../runtime/backends/mps/legalize/index.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { partition } from '../../runtime/backends/mps/partition.js'
import { sampleType } from '../support/values.js'

/** What became of a sample: the programs of its parts on the GPU, and why the rest is not there. */
export interface Emitted {
  readonly op: string
  readonly dtype: DType
  readonly sample: string
  /** Whether a tensor of the sample has no elements: it is answered without the GPU. */
  readonly empty: boolean
  /** Whether anything is left to compute once the graph is legal: a cast to the dtype itself, for example, is not. */
  readonly computes: boolean
  readonly programs: readonly Program[]
  readonly reasons: readonly string[]
}

/** Lowers one graph as the device mps would. A refusal of the whole graph is a reason like any other. */
export function lowerGraph(graph: Graph): Pick<Emitted, 'computes' | 'programs' | 'reasons'> {
  try {
    const legal = runPasses(graph, legalization)
    const { stages, reasons } = partition(legal)
    const programs = stages.filter(({ place }) => place === 'mps').map((stage) => lowerToCalls(stage.graph, []).program)
    return { computes: legal.nodes.some((node) => !node.op.traits.leaf), programs, reasons }
  } catch (error) {
    if (error instanceof SinterError && error.code === 'dtype') return { computes: true, programs: [], reasons: [error.message] }
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
        const empty = [...inputs, ...outputs].some(({ type }) => type.size === 0)
        return { op: op.name, dtype, sample: inspect(sample), empty, ...lowerGraph(new Graph(inputs, outputs)) }
      }),
    ),
  )
}

/** The calls of a program, those inside blocks too. */
export function allCalls(program: Program): Call[] {
  const nested = (call: Call): Call[] => [call, ...call.arguments.filter(isBlock).flatMap((block) => block.calls.flatMap(nested))]
  return program.calls.flatMap(nested)
}

const isBlock = (argument: CallArgument): argument is Block => typeof argument === 'object' && argument !== null && 'block' in argument
