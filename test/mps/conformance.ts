// One op on the device mps against the reference: every dtype and sample of its record.

import { inspect } from 'node:util'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import type { DType } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import type { Op, Sample } from '../../ir/op.js'
import { printGraph } from '../../ir/print.js'
import { confirmedDifference } from '../support/oracle.js'
import { compileOn, runExecutable } from '../support/run.js'
import { randomFrom, sampleOperands } from '../support/values.js'

export type Outcome =
  /** Computed on the GPU, and right. */
  | { readonly kind: 'right' }
  /** Right, but (partly) computed on the CPU, with the reason. */
  | { readonly kind: 'fallback'; readonly reason: string }
  /** Refused with a clear error. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly problem: string }

export interface Result {
  readonly op: string
  readonly dtype: DType
  readonly sample: string
  readonly outcome: Outcome
}

/** The outcome of a graph on the given values. */
export function outcomeOf(graph: Graph, values: readonly HostTensor[], device = 'mps'): Outcome {
  try {
    const executable = compileOn(device, graph)
    try {
      const problem = confirmedDifference(graph, values, runExecutable(executable, graph, values, [], device))
      if (problem !== undefined) return { kind: 'wrong', problem: `${problem}\n${printGraph(graph)}` }
      const onCpu = executable.groups.find((group) => group.device === 'cpu')
      return onCpu === undefined ? { kind: 'right' } : { kind: 'fallback', reason: onCpu.reason }
    } finally {
      executable.dispose()
    }
  } catch (error) {
    if (error instanceof SinterError && error.code === 'dtype') return { kind: 'refused', reason: error.message.split('\n')[0]! }
    return { kind: 'wrong', problem: `${(error as Error).message}\n${printGraph(graph)}` }
  }
}

/** A graph of the op alone on inputs of a sample. */
export function sampleGraph(op: Op, operands: readonly HostTensor[], sample: Sample): Graph {
  const inputs = operands.map(({ type }) => inputNode(type))
  const node = emit(op, inputs, sample.attrs)
  return new Graph(inputs, node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i)))
}

/** Every dtype and sample of an op. */
export function conformance(op: Op, device = 'mps'): Result[] {
  return op.dtypes.flatMap((dtype) =>
    op.samples.map((sample, i) => {
      const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
      return {
        op: op.name,
        dtype,
        sample: inspect(sample, { breakLength: 200 }),
        outcome: outcomeOf(sampleGraph(op, operands, sample), operands, device),
      }
    }),
  )
}
