// Rebuilding a graph bottom up: the one loop that every pass shares.

import { assert } from '../error.js'
import { Graph } from '../graph.js'
import { Node } from '../node.js'

/** The node with other operands of the same types; the node itself for its own array. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs === node.inputs) return node
  const copy = new Node(node.op, inputs, node.attrs, node.type, node.results)
  copy.origin = node.origin
  return copy
}

/**
 * Rebuilds a graph, operands before users. `replace` sees each node that is not an input beside what now stands for its operands (its own
 * array where they are the same), and returns what shall stand for the node. Outputs must keep their types. Returns `graph` itself when
 * the outputs stayed the same nodes.
 */
export function transform(graph: Graph, replace: (node: Node, inputs: readonly Node[]) => Node): Graph {
  const { nodes } = graph
  const replaced = new Array<Node>(nodes.length)
  const inputCount = graph.inputs.length
  const replacementOf = (node: Node): Node => {
    assert(nodes[node.index] === node, 'the positions of nodes changed while their graph was transformed')
    return replaced[node.index]!
  }
  for (let i = 0; i < nodes.length; i++) nodes[i]!.index = i
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    if (i < inputCount) {
      replaced[i] = node
      continue
    }
    let inputs = node.inputs
    for (let k = 0; k < inputs.length; k++) {
      const input = replacementOf(node.inputs[k]!)
      if (input === inputs[k]) continue
      if (inputs === node.inputs) inputs = inputs.slice()
      ;(inputs as Node[])[k] = input
    }
    replaced[i] = replace(node, inputs)
  }
  const outputs = graph.outputs.map(replacementOf)
  return outputs.every((output, i) => output === graph.outputs[i]) ? graph : new Graph(graph.inputs, outputs)
}
