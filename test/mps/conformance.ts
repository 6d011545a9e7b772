// One op on the device mps against the reference: every dtype and sample of its record.

import { inspect } from 'node:util'
import type { DType } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import type { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import type { Op, Sample } from '../../ir/op.js'
import { printGraph } from '../../ir/print.js'
import { confirmedDifference } from '../support/oracle.js'
import { compileOn, runExecutable } from '../support/run.js'
import { differenceAround, surround, type Where } from '../support/surroundings.js'
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

type Compare = (actual: readonly HostTensor[]) => string | undefined

/** The outcome of a graph on the given values. */
export function outcomeOf(graph: Graph, values: readonly HostTensor[], device = 'mps', compare?: Compare): Outcome {
  try {
    const executable = compileOn(device, graph)
    try {
      const actual = runExecutable(executable, graph, values, [], device)
      const problem = compare === undefined ? confirmedDifference(graph, values, actual) : compare(actual)
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
  return surround(op, sample.attrs ?? {}, operands, 'alone', false).graph
}

/** Every dtype and sample of an op, within surroundings. */
export function conformance(op: Op, device = 'mps', where: Where = 'alone'): Result[] {
  return op.dtypes.flatMap((dtype) =>
    op.samples.map((sample, i) => {
      const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
      const around = surround(op, sample.attrs ?? {}, operands, where, false)
      return {
        op: op.name,
        dtype,
        sample: inspect(sample, { breakLength: 200 }),
        outcome: outcomeOf(around.graph, around.values, device, (actual) => differenceAround(around, actual)),
      }
    }),
  )
}
