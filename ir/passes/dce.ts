// Dead code: nodes that no output needs, and results and operands of regions that nothing uses.

import { emit, resultNode } from '../build.js'
import { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isGroup } from '../op.js'
import type { Pass } from '../pass.js'
import { transform, withInputs } from './transform.js'

export const dce: Pass = {
  name: 'dce',
  doc: 'Drops nodes that no output needs (inputs stay), and from regions the results that nothing reads and the operands that nothing needs.',
  run(graph, context) {
    // A graph lists exactly what its outputs reach, so only the insides of regions can be dead.
    if (!graph.nodes.some(isGroup)) return graph
    const used = usedResults(graph)
    const pruned = new Map<Node, readonly Node[]>()
    return transform(graph, (original, inputs) => {
      const node = withInputs(original, inputs)
      if (node.op.name === 'result') {
        const results = pruned.get(original.inputs[0]!)
        return results === undefined ? node : results[node.attrs.index as number]!
      }
      if (!isGroup(node)) return node
      const results = pruneRegion(node, used.get(original)!)
      if (results === undefined) return node
      context.count('prune region')
      pruned.set(original, results)
      return results[0]!
    })
  },
}

/** Which results of each region are read. A use that is not a `result` node reads the first. */
function usedResults(graph: Graph): Map<Node, Set<number>> {
  const used = new Map<Node, Set<number>>()
  const read = (node: Node, index: number): void => {
    if (!isGroup(node)) return
    const set = used.get(node)
    if (set === undefined) used.set(node, new Set([index]))
    else set.add(index)
  }
  for (const node of graph.nodes) {
    if (node.op.name === 'result') read(node.inputs[0]!, node.attrs.index as number)
    else for (const input of node.inputs) read(input, 0)
  }
  for (const output of graph.outputs) read(output, 0)
  return used
}

/** The region without its dead results and operands: one node per old result (dead ones share the first live one's place); undefined when all live. */
function pruneRegion(node: Node, used: ReadonlySet<number>): readonly Node[] | undefined {
  const body = node.attrs.body as Graph
  const live = body.outputs.map((_, i) => i).filter((i) => used.has(i))
  const reached = new Graph(
    body.inputs,
    live.map((i) => body.outputs[i]!),
  )
  const needed = new Set<Node>(reached.outputs)
  for (const inner of reached.nodes) for (const input of inner.inputs) needed.add(input)
  const kept = body.inputs.map((_, i) => i).filter((i) => needed.has(body.inputs[i]!))
  if (live.length === body.outputs.length && kept.length === body.inputs.length) return undefined
  const smaller = new Graph(
    kept.map((i) => body.inputs[i]!),
    reached.outputs,
  )
  const region = emit(
    node.op,
    kept.map((i) => node.inputs[i]!),
    { ...node.attrs, body: smaller },
  )
  region.origin = node.origin
  const places = new Map(live.map((old, place) => [old, place]))
  return body.outputs.map((_, i) => (live.length === 1 ? region : resultNode(region, places.get(i) ?? 0)))
}
