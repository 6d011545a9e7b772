// The reference interpreter: runs a graph with the records' own `evaluate`. Slow and clear on purpose: it is the oracle.

import { SinterError } from './error.js'
import type { Graph } from './graph.js'
import type { HostTensor } from './host.js'
import type { Node } from './node.js'

/** Values of the graph's outputs for the given inputs (by position, types must match). `observe` sees every node's results. */
export function interpret(
  graph: Graph,
  inputs: readonly HostTensor[],
  observe?: (node: Node, results: readonly HostTensor[]) => void,
): HostTensor[] {
  if (inputs.length !== graph.inputs.length) {
    throw new SinterError('argument', `the graph has ${graph.inputs.length} inputs, ${inputs.length} values were given`)
  }
  const values = new Map<Node, readonly HostTensor[]>()
  graph.inputs.forEach((node, i) => {
    if (!node.type.equals(inputs[i]!.type)) {
      throw new SinterError('argument', `input ${i} is ${inputs[i]!.type}, the graph expects ${node.type}`)
    }
    values.set(node, [inputs[i]!])
  })
  for (const node of graph.nodes) {
    if (!values.has(node))
      values.set(
        node,
        evaluateNode(node, (input) => values.get(input)!),
      )
    observe?.(node, values.get(node)!)
  }
  return graph.outputs.map((node) => values.get(node)![0]!)
}

/** All results of one node, given its operands' results. */
export function evaluateNode(node: Node, resultsOf: (input: Node) => readonly HostTensor[]): readonly HostTensor[] {
  if (node.op.name === 'result') return [resultsOf(node.inputs[0]!)[node.attrs.index as number]!]
  const operands = node.inputs.map((input) => resultsOf(input)[0]!)
  return node.op.evaluate(operands, node.attrs, node.results ?? [node.type])
}
