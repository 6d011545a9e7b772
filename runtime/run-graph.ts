// Running a graph that was read and not recorded.

import type { DataArray } from '../ir/dtype.js'
import { Graph } from '../ir/graph.js'
import type { Node } from '../ir/node.js'
import { isGroup } from '../ir/op.js'
import { withInputs } from '../ir/passes/transform.js'
import { openDevice } from './device.js'
import { Storage } from './storage.js'

export interface GraphRun {
  readonly outputs: readonly DataArray[]
  readonly kernels: number
  readonly arenaBytes: number
  readonly compileMs: number
  readonly runMs: number
}

/** Compiles the graph for the device and runs it once. `values` are stored elements by input. */
export function runGraph(graph: Graph, values: readonly DataArray[], deviceName: string): GraphRun {
  const { backend } = openDevice(deviceName)
  const started = performance.now()
  const source = withoutRegions(graph)
  const executable = backend.compile(
    source,
    graph.inputs.map(() => false),
  )
  const compiled = performance.now()
  const storages: Storage[] = []
  const allocate = (node: Node): Storage => {
    const storage = new Storage(node.type, backend.pool)
    storages.push(storage)
    return storage
  }
  try {
    const inputs = graph.inputs.map(allocate)
    inputs.forEach((storage, i) => {
      storage.view().set(values[i] as never)
    })
    const outputs = source.outputs.map(allocate)
    const runStarted = performance.now()
    executable.run(inputs, outputs)
    const runMs = performance.now() - runStarted
    const { kernels, arenaBytes } = executable
    return {
      outputs: outputs.map((storage) => storage.view().slice() as DataArray),
      kernels,
      arenaBytes,
      compileMs: compiled - started,
      runMs,
    }
  } finally {
    for (const storage of storages) storage.dispose()
    executable.dispose()
  }
}

/** The same graph with the bodies of regions in their place: backends fuse graphs themselves. */
export function withoutRegions(graph: Graph): Graph {
  if (!graph.nodes.some(isGroup)) return graph
  // Results by node: a dissolved region has as many as its body returns, every other node stands for itself.
  const made = new Map<Node, readonly Node[]>(graph.inputs.map((node) => [node, [node]]))
  const dissolved = new Set<Node>()
  const place = (node: Node): readonly Node[] => {
    const picked = node.inputs[0]
    if (picked !== undefined && dissolved.has(picked) && picked.results !== undefined)
      return [made.get(picked)![node.attrs.index as number]!]
    const inputs = node.inputs.map((input) => made.get(input)![0]!)
    if (!isGroup(node)) return [withInputs(node, inputs)]
    const body = node.attrs.body as Graph
    body.inputs.forEach((input, i) => {
      made.set(input, [inputs[i]!])
    })
    for (const inner of body.nodes) if (!made.has(inner)) made.set(inner, place(inner))
    dissolved.add(node)
    return body.outputs.map((output) => made.get(output)![0]!)
  }
  for (const node of graph.nodes) if (!made.has(node)) made.set(node, place(node))
  return new Graph(
    graph.inputs,
    graph.outputs.map((node) => made.get(node)![0]!),
  )
}
