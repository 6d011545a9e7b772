// subgraph: a function whose graph is recorded once and copied into the graph of every caller.

import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { type Body, bodyOf, copyBody } from '../ir/substitute.js'
import { checkInteger, checkOptions } from './check.js'
import { randomState } from './key.js'
import { wrap } from './record.js'
import { Tensor } from './tensor.js'
import { tracing } from './trace.js'
import { isNumeric, leafKey, numberTensor, traceFunction } from './trace-function.js'
import { flatten, type Structure, structureKey, unflatten } from './tree.js'
import type { Variable } from './variable.js'

export interface SubgraphOptions {
  /** Most graphs kept; the one used longest ago goes. Default 64. */
  readonly cacheSize?: number | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the traced function's own
export type Subgraph<F extends (...args: any[]) => any> = ((...args: Parameters<F>) => ReturnType<F>) & {
  /** Calls so far, times the function itself ran, and graphs held. */
  statistics(): { readonly calls: number; readonly traces: number; readonly entries: number }
  /** Forgets all graphs. */
  clear(): void
}

/** A recorded graph. */
interface Recorded {
  readonly structure: Structure
  readonly leaves: readonly unknown[]
  readonly device: string
  readonly body: Body
  /** Placeholders by position: the arguments, the random key, the variables. */
  readonly placeholders: readonly Node[]
  readonly keyAfter: Tensor | undefined
  readonly variables: readonly Variable[]
  /** What each variable is assigned. */
  readonly assigned: readonly (Tensor | undefined)[]
}

/**
 * A function that runs once per kind of arguments (as for `jit`: types, structure, strings) and whose recorded graph is copied into the caller's graph in every
 * call: lazily, under `grad`, inside `jit` and other subgraphs, where it fuses with what is around it. JS numbers among the arguments become rank-0 tensors. It
 * must be pure, but for implicit random keys and variables, which every call draws, reads and assigns anew; tensors from outside are those of the first call.
 * MPSGraph: callSymbolName, whose result is the same.
 */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the traced function's own
export function subgraph<F extends (...args: any[]) => any>(fn: F, options: SubgraphOptions = {}): Subgraph<F> {
  const op = 'subgraph'
  if (typeof fn !== 'function') throw new SinterError('argument', 'a subgraph is made of a function', { op })
  checkOptions(op, options, ['cacheSize'])
  const { cacheSize = 64 } = options
  checkInteger(op, 'cacheSize', cacheSize, 1)
  const graphs = new Map<string, Recorded>()
  let calls = 0
  let traces = 0
  const call = (...args: Parameters<F>): ReturnType<F> => {
    calls++
    const { leaves, structure } = flatten(args)
    const key = `${structureKey(structure)}${leaves.map((leaf) => leafKey(op, leaf)).join(';')}`
    let graph = graphs.get(key)
    if (graph === undefined) {
      traces++
      graph = recordGraph(op, fn, structure, leaves)
      if (graphs.size >= cacheSize) graphs.delete(graphs.keys().next().value!)
    } else {
      graphs.delete(key)
    }
    graphs.set(key, graph)
    return copyInto(op, graph, leaves) as ReturnType<F>
  }
  return Object.assign(call, { statistics: () => ({ calls, traces, entries: graphs.size }), clear: () => graphs.clear() }) as Subgraph<F>
}

function recordGraph(op: string, fn: (...args: never[]) => unknown, structure: Structure, leaves: readonly unknown[]): Recorded {
  const { result, placeholders, device, keyAfter, variables } = traceFunction(op, fn, structure, leaves)
  const flat = flatten(result)
  const nodes: Node[] = []
  for (const [node, { position }] of placeholders) nodes[position] = node
  const assigned = [...variables.values()].map(({ before, now }) => (now === before ? undefined : now))
  const roots = [...flat.leaves, keyAfter, ...assigned].filter((leaf) => leaf instanceof Tensor)
  return {
    structure: flat.structure,
    leaves: flat.leaves,
    device,
    body: bodyOf(
      roots.map((tensor) => tensor.node),
      placeholders,
    ),
    placeholders: nodes,
    keyAfter,
    variables: [...variables.keys()],
    assigned,
  }
}

function copyInto(op: string, graph: Recorded, args: readonly unknown[]): unknown {
  const { placeholders, variables, device } = graph
  const copies = new Map<Node, Node>()
  const given: unknown[] = [...args, graph.keyAfter && randomState.on(device), ...variables.map((variable) => variable.read())]
  for (const [i, value] of given.entries()) {
    const at = placeholders[i]
    if (at === undefined) continue
    if (value instanceof Tensor) copies.set(at, value.node)
    else if (isNumeric(value)) copies.set(at, numberTensor(value, device, op).node)
  }
  copyBody(graph.body, copies, tracing)
  const copyOf = (tensor: Tensor): Tensor => {
    const node = copies.get(tensor.node)
    return node === undefined ? tensor : wrap(node, tensor.device)
  }
  if (graph.keyAfter !== undefined) randomState.current = copyOf(graph.keyAfter)
  for (const [i, value] of graph.assigned.entries()) if (value !== undefined) variables[i]!.assign(copyOf(value))
  return unflatten(
    graph.structure,
    graph.leaves.map((leaf) => (leaf instanceof Tensor ? copyOf(leaf) : leaf)),
  )
}
