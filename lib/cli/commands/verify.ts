// sinter verify: reads a graph and checks every invariant.

import { graphCost } from '../../../ir/stats.js'
import { formatBytes, formatCount } from '../../../ir/units.js'
import { verify as verifyGraph } from '../../../ir/verify.js'
import type { Command } from '../command.js'
import { readGraph } from '../files.js'

export const verify: Command = {
  name: 'verify',
  operand: '<file.ir>',
  summary: 'Reads a graph, checks all invariants, prints its size.',
  details: ['What is wrong is told with line and column, or with the number of the invariant and the nodes around.'],
  options: {},
  run: async (path, _, io) => {
    const graph = verifyGraph(await readGraph(path, io))
    const { flops, bytesRead, bytesWritten, kernels } = graphCost(graph)
    const size = `${graph.inputs.length} inputs, ${graph.nodes.length - graph.inputs.length} nodes, ${graph.outputs.length} outputs`
    const cost = `${kernels} kernels as it stands, ${formatBytes(bytesRead)} read, ${formatBytes(bytesWritten)} written, ${formatCount(flops)} FLOP`
    io.out(`valid: ${size}; ${cost}\n`)
  },
}
