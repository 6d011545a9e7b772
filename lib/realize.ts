// The bridge: the only file of lib (but the command line) that imports the runtime. What tensors and jit need of it, in terms of nodes.

import { inputNode } from '../ir/build.js'
import { type DataArray, isBig } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { Graph } from '../ir/graph.js'
import { encode } from '../ir/host.js'
import type { Node } from '../ir/node.js'
import type { TensorType } from '../ir/type.js'
import * as runtime from '../runtime/index.js'
import { dropLater, graphsAreKept } from './trace.js'

export type {
  Argument,
  CacheStatistics,
  Executable,
  MemoryStatistics,
  PassReceipt,
  Placeholder,
  Receipt,
  RecompileReason,
} from '../runtime/index.js'
export {
  argument,
  checkDeviceName,
  defaultDevice,
  deviceNames,
  memoryStatistics,
  onReceipt,
  onRecompile,
  onStorage,
  runGraph,
  Storage,
  settings,
} from '../runtime/index.js'

/** Computes the pending ones among the nodes before returning. */
export function realizeNodesSync(nodes: readonly Node[], device: string): void {
  const keepGraph = graphsAreKept()
  runtime.execute(nodes, runtime.openDevice(device), { keepGraph, mayWait: false })
  if (keepGraph) dropLater(nodes)
}

/** Computes the pending ones among the nodes; long plans run off-thread. Undefined when everything is done on return. */
export function realizeNodes(nodes: readonly Node[], device: string): Promise<void> | undefined {
  const keepGraph = graphsAreKept()
  const pending = runtime.execute(nodes, runtime.openDevice(device), { keepGraph, mayWait: true })
  if (keepGraph) dropLater(nodes)
  return pending
}

/** Whether the node's value exists or is being computed off-thread. */
export const isRealized = (node: Node): boolean => node.bound !== undefined

/** The node's state, as console.log shows it. */
export function stateOf(node: Node): 'lazy' | 'queued' | 'realized' | 'disposed' | 'failed' {
  const bound = node.bound
  if (bound === undefined) return 'lazy'
  if (!(bound instanceof runtime.Storage)) return 'realized'
  if (bound.disposed) return 'disposed'
  if (bound.failure !== undefined) return 'failed'
  return bound.pending === undefined ? 'realized' : 'queued'
}

/** A copy of the node's elements, computed before returning if need be. */
export function readNodeSync(node: Node, device: string): DataArray {
  if (node.bound === undefined) realizeNodesSync([node], device)
  const bound = node.bound
  if (bound instanceof runtime.Storage) bound.wait?.()
  return copyOf(node)
}

/** A copy of the node's elements. */
export async function readNode(node: Node, device: string): Promise<DataArray> {
  await realizeNodes([node], device)
  return copyOf(node)
}

/** A copy of the elements of a node that has a value. */
export function copyOf(node: Node): DataArray {
  const bound = node.bound
  if (bound instanceof runtime.Storage) {
    if (bound.failure !== undefined) throw bound.failure
    return bound.view().slice() as DataArray
  }
  if (typeof bound === 'number' || typeof bound === 'bigint') return scalarData(node.type, bound)
  throw new SinterError('internal', 'a realized node has no storage')
}

function scalarData(type: TensorType, value: number | bigint): DataArray {
  const values = isBig(type.dtype)
    ? (type.dtype === 'int64' ? BigInt64Array : BigUint64Array).of(BigInt(value))
    : Float64Array.of(Number(value))
  return encode({ type, values })
}

/** Binds a node to host data, copied into the device's memory. The data has the node's dtype and size. */
export function bindData(node: Node, data: DataArray, device: string): void {
  const storage = new runtime.Storage(node.type, runtime.openDevice(device).backend.pool)
  storage.view().set(data as never)
  node.bind(storage, true)
}

/** Frees the node's storage. A lazy node has none: disposing it is an error later when it is used, so it is bound to a freed storage. */
export function disposeNode(node: Node): void {
  const bound = node.bound
  if (bound instanceof runtime.Storage) bound.dispose()
}

/** The recorded graph behind the nodes: realized ones are inputs. */
export function captureNodes(nodes: readonly Node[], placeholders?: ReadonlyMap<Node, runtime.Placeholder>): Graph {
  return runtime.extractGraph(runtime.canonicalize(nodes, placeholders), nodes)
}

/** The recorded graph behind nodes that are pending, and the values of its inputs as they are now. */
export async function captureWithValues(nodes: readonly Node[]): Promise<{ graph: Graph; values: DataArray[] }> {
  const canonical = runtime.canonicalize(nodes)
  const graph = runtime.extractGraph(canonical, nodes)
  const leaves = [...canonical.leaves]
  await runtime.pendingOf(leaves)
  return { graph, values: leaves.map(copyOf) }
}

/** The plan the nodes would run with, compiled if need be. Undefined when nothing is pending. */
export function planOf(nodes: readonly Node[], device: string): runtime.Executable | undefined {
  const pending = [...new Set(nodes)].filter((node) => node.bound === undefined)
  if (pending.length === 0) return undefined
  const opened = runtime.openDevice(device)
  return runtime.planFor(runtime.canonicalize(pending), pending, opened, undefined).executable
}

/** A traced function's plan, held until released. */
export interface CompiledNodes {
  readonly executable: runtime.Executable
  /** Per plan input: the position of the argument it takes, or the value captured while tracing. */
  readonly inputs: readonly (number | { readonly captured: Node })[]
  /** What finding or compiling the plan took, until the first run has reported it. */
  preparation: runtime.Preparation | undefined
  release(): void
}

/** Compiles what `outputs` need; `placeholders` are arguments by position. */
export function compileNodes(
  outputs: readonly Node[],
  placeholders: ReadonlyMap<Node, runtime.Placeholder>,
  device: string,
): CompiledNodes {
  const opened = runtime.openDevice(device)
  const canonical = runtime.canonicalize(outputs, placeholders)
  const leaves = [...canonical.leaves]
  const { executable, preparation } = runtime.planFor(canonical, outputs, opened, performance.now())
  const release = opened.cache.hold(executable)
  return { executable, inputs: leaves.map((leaf) => placeholders.get(leaf)?.position ?? { captured: leaf }), preparation, release }
}

/** Runs a traced function's plan: nodes bound to its outputs (queued when it runs off-thread). */
export function runCompiled(
  compiled: CompiledNodes,
  args: readonly runtime.Argument[],
  types: readonly TensorType[],
  device: string,
): Node[] {
  const nodes: Node[] = []
  for (let i = 0; i < types.length; i++) nodes.push(inputNode(types[i]!))
  const preparation = compiled.preparation ?? runtime.heldPlan
  compiled.preparation = undefined
  const done = runtime.launch(compiled.executable, args, nodes, runtime.openDevice(device), launchOfHeldPlan, preparation)
  // A failure stays with the outputs and is thrown where they are used.
  done?.catch(ignore)
  return nodes
}

const launchOfHeldPlan: runtime.LaunchOptions = { keepGraph: false, mayWait: true }
const ignore = (): void => {}

/** Most bytes of tensors on the device. */
export const setDeviceMemoryLimit = runtime.setMemoryLimit

/** Drops compiled plans and pooled memory of all devices in use. */
export function clearDevices(): void {
  for (const device of runtime.openedDevices()) {
    device.cache.clear()
    device.backend.pool.trim()
  }
}

/** Cache statistics of a device. */
export function cacheStatistics(device: string): runtime.CacheStatistics {
  return runtime.openDevice(device).cache.statistics()
}
