// Running graphs on a device straight through its backend.

import { emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import { decode, encode, type HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import { printGraph } from '../../ir/print.js'
import type { Argument, Executable } from '../../runtime/backend.js'
import { openDevice } from '../../runtime/index.js'
import { Storage } from '../../runtime/storage.js'

/** Compiles for a device; `scalar[i]` gives input i by value. */
export const compileOn = (device: string, graph: Graph, scalar: readonly boolean[] = []): Executable =>
  openDevice(device).backend.compile(
    graph,
    graph.inputs.map((_, i) => scalar[i] ?? false),
  )

/** As `compileOn`, for the CPU. */
export const compileOnCpu = (graph: Graph, scalar: readonly boolean[] = []): Executable => compileOn('cpu', graph, scalar)

/** Runs a compiled graph once on host values. */
export function runExecutable(
  executable: Executable,
  graph: Graph,
  inputs: readonly HostTensor[],
  scalar: readonly boolean[] = [],
  device = 'cpu',
): HostTensor[] {
  const storages: Storage[] = []
  const store = (node: Node): Storage => {
    const storage = new Storage(node.type, openDevice(device).backend.pool)
    storages.push(storage)
    return storage
  }
  const args = inputs.map((host, i): Argument => {
    if (scalar[i]) return host.values[0]!
    const storage = store(graph.inputs[i]!)
    storage.view().set(encode(host) as never)
    return storage
  })
  const outputs = graph.outputs.map(store)
  try {
    executable.run(args, outputs)
    return outputs.map((storage) => decode(storage.type, storage.view()))
  } finally {
    for (const storage of storages) storage.dispose()
  }
}

/** The outputs of a graph as a device computes them. */
export function runOn(device: string, graph: Graph, inputs: readonly HostTensor[], scalar: readonly boolean[] = []): HostTensor[] {
  const executable = compileOn(device, graph, scalar)
  try {
    return runExecutable(executable, graph, inputs, scalar, device)
  } finally {
    executable.dispose()
  }
}

/** As `runOn`, on the CPU: optimized and fused. */
export const runOnCpu = (graph: Graph, inputs: readonly HostTensor[], scalar: readonly boolean[] = []): HostTensor[] =>
  runOn('cpu', graph, inputs, scalar)

const single = new Map<string, { graph: Graph; executable: Executable }>()
const singleLimit = 2000

/** The outputs of a graph with every op compiled and run alone: what eager mode computes. */
export function runEachAlone(graph: Graph, inputs: readonly HostTensor[]): HostTensor[] {
  const values = new Map<Node, readonly HostTensor[]>(graph.inputs.map((node, i) => [node, [inputs[i]!]]))
  for (const node of graph.nodes) {
    if (values.has(node)) continue
    if (node.op.name === 'result') values.set(node, [values.get(node.inputs[0]!)![node.attrs['index'] as number]!])
    else
      values.set(
        node,
        runAlone(
          node,
          node.inputs.map((input) => values.get(input)![0]!),
        ),
      )
  }
  return graph.outputs.map((node) => values.get(node)![0]!)
}

function runAlone(node: Node, operands: readonly HostTensor[]): HostTensor[] {
  const operandNodes = operands.map(({ type }) => inputNode(type))
  const copy = emit(node.op, operandNodes, node.attrs)
  const outputs = copy.results === undefined ? [copy] : copy.results.map((_, index) => resultNode(copy, index))
  const graph = new Graph(operandNodes, outputs)
  const key = printGraph(graph)
  let known = single.get(key)
  if (known === undefined) {
    if (single.size >= singleLimit) forgetSingles()
    known = { graph, executable: compileOnCpu(graph) }
    single.set(key, known)
  }
  return runExecutable(known.executable, known.graph, operands)
}

function forgetSingles(): void {
  for (const { executable } of single.values()) executable.dispose()
  single.clear()
}
