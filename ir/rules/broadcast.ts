// Elementwise ops broadcast by themselves: a broadcast operand is repeated work, or a larger constant than needed.

import { constantNode } from '../build.js'
import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import { elementwiseOps, forEachOp, isOp, shapedLike, splat } from './match.js'

/** The operand before it was repeated; a constant with one value as a rank-0 constant. */
function unrepeated(node: Node): Node {
  if (isOp(node, 'broadcast')) return node.inputs[0]!
  if (node.type.rank === 0) return node
  const value = splat(node)
  return value === undefined ? node : constantNode(value, node.type.dtype)
}

export const broadcastRules: readonly Rule[] = forEachOp(elementwiseOps, '$(broadcast(x), ...) -> broadcast($(x, ...))', (node, b) => {
  const inputs = node.inputs.map(unrepeated)
  return inputs.every((input, i) => input === node.inputs[i]) ? undefined : shapedLike(b, b.emit(node.op.name, inputs, node.attrs), node)
})
