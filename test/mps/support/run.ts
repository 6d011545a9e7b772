// Running a graph on the device mps.

import { expect } from 'vitest'
import type { Graph } from '../../../ir/graph.js'
import type { HostTensor } from '../../../ir/host.js'
import { compileOn, runExecutable } from '../../support/run.js'

/** The outputs as the device mps computes them, all on the GPU. */
export function runOnMps(graph: Graph, inputs: readonly HostTensor[]): HostTensor[] {
  const executable = compileOn('mps', graph)
  try {
    expect(executable.groups.filter(({ device }) => device === 'cpu')).toEqual([])
    return runExecutable(executable, graph, inputs, [], 'mps')
  } finally {
    executable.dispose()
  }
}
