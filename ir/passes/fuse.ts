// Fusion: groups of ops become `fused` nodes, one kernel each. The last pass of backends that run kernels of ours.

import { Analysis } from '../fusion/analysis.js'
import { Assignment } from '../fusion/assign.js'
import { buildFused } from '../fusion/build.js'
import type { FusionLimits } from '../fusion/group.js'
import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isGroup } from '../op.js'
import type { Pass } from '../pass.js'

/** Limits that suit caches of 32 KiB and up. */
export const defaultLimits: FusionLimits = { rowElements: 16_384, groupNodes: 96 }

/** The fused graph, and why each kernel is not larger. */
export function fuseGraph(graph: Graph, limits: FusionLimits = defaultLimits): { graph: Graph; reasons: Map<Node, string> } {
  const analysis = new Analysis(graph)
  return buildFused(graph, analysis, new Assignment(graph, analysis, limits))
}

export const fuse: Pass = {
  name: 'fuse',
  doc: 'Groups elementwise chains, row reductions, reductions and matrix products with their epilogues into kernels.',
  run: (graph) => (graph.nodes.some(isGroup) ? graph : fuseGraph(graph).graph),
}
