// Iterative walks over nodes. Graphs may be a million nodes deep, so nothing here recurses.

import type { Node } from './node.js'

let epoch = 0

/**
 * Nodes reachable from `roots` in dependency order (operands before users), each once.
 * `stop(node)` true makes a node a leaf of the walk: it is listed, its operands are not visited.
 * Afterwards node.index is the position in the result, until the next walk.
 */
export function postorder(roots: readonly Node[], stop?: (node: Node) => boolean): Node[] {
  const order: Node[] = []
  const entered = ++epoch
  const done = ++epoch
  const stack: Node[] = []
  for (let r = 0; r < roots.length; r++) {
    stack.push(roots[r]!)
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!
      if (node.mark === done) {
        stack.pop()
        continue
      }
      const leaf = node.mark === entered || node.inputs.length === 0 || (stop?.(node) ?? false)
      if (leaf) {
        stack.pop()
        node.mark = done
        node.index = order.length
        order.push(node)
        continue
      }
      node.mark = entered
      const inputs = node.inputs
      for (let i = inputs.length - 1; i >= 0; i--) if (inputs[i]!.mark !== done) stack.push(inputs[i]!)
    }
  }
  return order
}

/** How often each node of a dependency-ordered list is used as an operand. Positions match the list. */
export function countUses(nodes: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>()
  for (const node of nodes) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1)
  return uses
}
