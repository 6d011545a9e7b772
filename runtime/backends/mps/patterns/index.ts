// Groups of nodes that MPSGraph has one method for, found in the graph before it is lowered: fewer ops are handed over.

import type { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import { countUses } from '../../../../ir/walk.js'
import type { Target } from '../target.js'
import { attention } from './attention.js'
import { geluTanh } from './gelu.js'
import { normalization } from './normalization.js'
import type { Match, Pattern } from './pattern.js'
import { softmax } from './softmax.js'
import { mean, variance } from './statistics.js'

/** A recognised group: a match with its pattern and the node whose value it computes. */
export interface Claim extends Match {
  readonly pattern: string
  readonly root: Node
}

/** In order of preference: larger patterns first. */
export const patterns: readonly Pattern[] = [attention, normalization, softmax, variance, geluTanh, mean]

/** The groups of a graph. A group is taken when nothing outside uses what is inside, and no other group has claimed any of it. */
export function claimPatterns(graph: Graph, target?: Target, among: readonly Pattern[] = patterns): readonly Claim[] {
  const uses = countUses(graph.nodes)
  for (const output of graph.outputs) uses.set(output, (uses.get(output) ?? 0) + 1)
  const claimed = new Set<Node>()
  const claims: Claim[] = []
  for (const { name, match } of among) {
    for (let i = graph.nodes.length - 1; i >= 0; i--) {
      const root = graph.nodes[i]!
      if (claimed.has(root)) continue
      const found = match(root, target)
      if (found === undefined || found.covered.some((node) => claimed.has(node)) || !isClosed(root, found.covered, uses)) continue
      for (const node of [root, ...found.covered]) claimed.add(node)
      claims.push({ pattern: name, root, ...found })
    }
  }
  return claims
}

/** Whether all uses of the covered nodes are inside the group. */
function isClosed(root: Node, covered: readonly Node[], uses: ReadonlyMap<Node, number>): boolean {
  const group = [root, ...covered]
  return covered.every((node) => {
    const inside = group.reduce((sum, user) => sum + user.inputs.filter((input) => input === node).length, 0)
    return inside === uses.get(node)
  })
}
