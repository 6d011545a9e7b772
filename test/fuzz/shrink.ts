// Making a failing graph smaller while it still fails.

import { emit, inputNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import type { Attrs } from '../../ir/op.js'
import { typeOf } from '../../ir/type.js'

interface Change {
  readonly outputs?: readonly Node[]
  /** Nodes that become inputs. */
  readonly cut?: Node
  /** A node that is replaced by another one of its type. */
  readonly bypass?: { readonly node: Node; readonly by: Node }
  /** Every size `from` becomes `to`. */
  readonly resize?: { readonly from: number; readonly to: number }
}

/** The changed graph; undefined when the change makes no valid one. */
function rebuild(graph: Graph, { outputs = graph.outputs, cut, bypass, resize }: Change): Graph | undefined {
  const resized = (sizes: readonly number[]): readonly number[] =>
    resize === undefined ? sizes : sizes.map((size) => (size === resize.from ? resize.to : size))
  const copies = new Map<Node, Node>()
  const inputs: Node[] = []
  const copyOf = (node: Node): Node => {
    if (node.op.name === 'input' || node === cut) {
      const input = inputNode(typeOf(node.type.dtype, resized(node.type.shape)))
      inputs.push(input)
      return input
    }
    const attrs = { ...node.attrs } as Record<string, Attrs[string]>
    for (const name of ['shape', 'sizes']) if (attrs[name] !== undefined) attrs[name] = resized(attrs[name] as readonly number[])
    return emit(
      node.op,
      node.inputs.map((input) => copies.get(input)!),
      attrs,
    )
  }
  try {
    for (const node of new Graph(graph.inputs, outputs).nodes) {
      const copy = node === bypass?.node ? copies.get(bypass.by)! : copyOf(node)
      copies.set(node, copy)
    }
    const kept = outputs.map((node) => copies.get(node)!)
    const reached = new Set(new Graph(inputs, kept).nodes.flatMap((node) => node.inputs).concat(kept))
    return new Graph(
      inputs.filter((input) => reached.has(input)),
      kept,
    )
  } catch {
    return undefined
  }
}

function* changes(graph: Graph): Generator<Change> {
  if (graph.outputs.length > 1) {
    for (const output of graph.outputs) yield { outputs: [output] }
    for (const output of graph.outputs) yield { outputs: graph.outputs.filter((other) => other !== output) }
  }
  const inner = graph.nodes.filter((node) => node.op.name !== 'input' && node.results === undefined)
  for (const node of inner) if (node.inputs.length > 0 && graph.outputs.length === 1 && graph.outputs[0] !== node) yield { outputs: [node] }
  for (const node of [...inner].reverse()) yield { cut: node }
  for (const node of inner) for (const by of node.inputs) if (by.type.equals(node.type)) yield { bypass: { node, by } }
  const sizes = [...new Set(graph.nodes.flatMap((node) => node.type.shape))].sort((a, b) => b - a)
  for (const from of sizes)
    for (const to of new Set([1, 2, Math.ceil(from / 2), from - 1])) if (to < from && to > 0) yield { resize: { from, to } }
}

const weight = (graph: Graph): number =>
  graph.nodes.reduce((sum, node) => sum + 10 + Math.log2(node.type.size + 1), 0) + graph.outputs.length

/** A graph that still `fails`, from which none of our changes leads to a smaller one that does. Stops after `attempts` trials. */
export function shrink(graph: Graph, fails: (graph: Graph) => boolean, attempts = 600): Graph {
  let best = graph
  let left = attempts
  for (let progress = true; progress; ) {
    progress = false
    for (const change of changes(best)) {
      if (left-- <= 0) return best
      const smaller = rebuild(best, change)
      if (smaller === undefined || weight(smaller) >= weight(best) || !fails(smaller)) continue
      best = smaller
      progress = true
      break
    }
  }
  return best
}
