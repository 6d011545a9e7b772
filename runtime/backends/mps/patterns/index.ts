// Groups of nodes that MPSGraph has one method for, found in the graph before it is lowered: fewer ops are handed over.

import type { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import { countUses } from '../../../../ir/walk.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Target } from '../target.js'

/** A recognised group. */
export interface Claim {
  readonly pattern: string
  /** The node whose value the group computes. */
  readonly root: Node
  /** Nodes that nothing outside the group uses, the root left out. */
  readonly covered: readonly Node[]
  readonly operands: readonly Node[]
  readonly emit: (g: Emitter, operands: readonly Value[]) => Value
}

/** What a pattern makes of a possible root: what it reads, the nodes it replaces, and the calls. */
export interface Match {
  readonly operands: readonly Node[]
  readonly covered: readonly Node[]
  readonly emit: (g: Emitter, operands: readonly Value[]) => Value
}

export interface Pattern {
  readonly name: string
  readonly match: (root: Node, target?: Target) => Match | undefined
}

/** In order of preference: larger patterns first. */
export const patterns: readonly Pattern[] = []

/** The groups of a graph. A group is taken when nothing outside uses what is inside, and no other group has claimed any of it. */
export function claimPatterns(graph: Graph, target?: Target): readonly Claim[] {
  const uses = countUses(graph.nodes)
  for (const output of graph.outputs) uses.set(output, (uses.get(output) ?? 0) + 1)
  const claimed = new Set<Node>()
  const claims: Claim[] = []
  for (const { name, match } of patterns) {
    for (const root of [...graph.nodes].reverse()) {
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
