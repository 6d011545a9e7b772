// Estimates of what nodes cost: arithmetic and memory traffic, from types and records alone.

import type { Graph } from './graph.js'
import type { Node } from './node.js'

export interface Cost {
  /** Arithmetic operations. */
  readonly flops: number
  /** Bytes of operands, each distinct one once. Constants count, since they are read from memory too. */
  readonly bytesRead: number
  /** Bytes of results. */
  readonly bytesWritten: number
}

const nothing: Cost = { flops: 0, bytesRead: 0, bytesWritten: 0 }

/**
 * The cost of one node as a kernel of its own. Moves (reshape, permute, broadcast, slice) cost nothing: they are views, and whoever reads
 * them pays for what there is behind them. A region costs its body's arithmetic, but only its own operands' and results' traffic.
 */
export function nodeCost(node: Node): Cost {
  if (!isKernel(node)) return nothing
  const results = node.results ?? [node.type]
  const bytesWritten = results.reduce((sum, type) => sum + type.bytes, 0)
  let bytesRead = 0
  for (const input of new Set(node.inputs)) bytesRead += bytesBehind(input)
  return { flops: flopsOf(node), bytesRead, bytesWritten }
}

const longestChain = 64

/** Bytes that reading a node touches: of a chain of moves, the smallest member. */
function bytesBehind(node: Node): number {
  let least = node.type.bytes
  for (let at = node, i = 0; at.op.traits.movement && i < longestChain; i++) {
    at = at.inputs[0]!
    least = Math.min(least, at.type.bytes)
  }
  return least
}

function flopsOf(node: Node): number {
  const { op } = node
  if (op.traits.region) {
    const once = (node.attrs.body as Graph).nodes.reduce((sum, inner) => sum + nodeCost(inner).flops, 0)
    return op.traits.loop ? once * (node.attrs.length as number) : once
  }
  const each = typeof op.flops === 'function' ? op.flops(node.inputs, node.attrs) : (op.flops ?? (op.traits.elementwise ? 1 : 0))
  return each * node.type.size
}

/** The sum over all nodes, and how many there are that compute something. */
export function graphCost(graph: Graph): Cost & { readonly kernels: number } {
  let [flops, bytesRead, bytesWritten, kernels] = [0, 0, 0, 0]
  for (const node of graph.nodes) {
    const cost = nodeCost(node)
    flops += cost.flops
    bytesRead += cost.bytesRead
    bytesWritten += cost.bytesWritten
    if (isKernel(node)) kernels++
  }
  return { flops, bytesRead, bytesWritten, kernels }
}

/** Whether the node is work of its own: not a leaf, not a move, not a name for another node's result. */
export function isKernel(node: Node): boolean {
  const { traits, name } = node.op
  return !(traits.leaf || traits.movement || traits.transparent || name === 'result')
}
