// From recorded nodes to a Graph: leaves become inputs by position, so that a compiled plan holds on to nobody's data.

import { inputNode } from '../ir/build.js'
import { Graph } from '../ir/graph.js'
import { Node } from '../ir/node.js'
import type { Canonical } from './key.js'

/** A Graph with the structure of the canonical nodes; input i stands for leaf i. */
export function extractGraph(canonical: Canonical, outputs: readonly Node[]): Graph {
  const copies = new Map<Node, Node>()
  for (const leaf of canonical.leaves) {
    const input = inputNode(leaf.type)
    input.origin = leaf.origin
    copies.set(leaf, input)
  }
  for (const node of canonical.nodes) {
    if (copies.has(node)) continue
    const copy = new Node(
      node.op,
      node.inputs.map((input) => copies.get(input)!),
      node.attrs,
      node.type,
      node.results,
    )
    copy.origin = node.origin
    copies.set(node, copy)
  }
  return new Graph(
    canonical.leaves.map((leaf) => copies.get(leaf)!),
    outputs.map((node) => copies.get(node)!),
  )
}
