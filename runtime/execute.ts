// Realizing: pending nodes in, bound nodes out. Looks the plan up or compiles it, and launches it.

import type { Node } from '../ir/node.js'
import type { Executable } from './backend.js'
import { debugCompile, located } from './debug.js'
import type { Device } from './device.js'
import { extractGraph } from './extract.js'
import { type Canonical, canonicalize } from './key.js'
import { argumentsOf, heldPlan, type LaunchOptions, launch, type Preparation, pendingOf } from './launch.js'
import { type PassReceipt, receiptsWanted } from './receipt.js'
import { Storage } from './storage.js'

/**
 * Computes the values of the nodes that have none. Returns undefined when all exist on return, else a promise of the end (only with `mayWait`).
 * Throws what compiling or running throws; then no node has changed.
 */
export function execute(nodes: readonly Node[], device: Device, options: LaunchOptions): Promise<void> | undefined {
  try {
    const outputs = distinctPending(nodes)
    if (outputs.length > 0) {
      const startedAt = receiptsWanted() ? performance.now() : undefined
      const canonical = canonicalize(outputs)
      const { executable, preparation } = planFor(canonical, outputs, device, startedAt)
      const done = launch(executable, argumentsOf(canonical.leaves), outputs, device, options, preparation)
      if (done !== undefined) return outputs.length === nodes.length ? done : Promise.all([done, pendingOf(nodes)]).then(() => undefined)
    }
    if (!options.mayWait) return undefined
    return pendingOf(nodes) ?? device.backend.pool.turnWhenDue()
  } catch (error) {
    throw located(error, nodes)
  }
}

/** The plan of a canonical graph, from the cache or compiled, and what getting it took; times are 0 where `startedAt` is undefined. */
export function planFor(
  canonical: Canonical,
  outputs: readonly Node[],
  device: Device,
  startedAt: number | undefined,
): { executable: Executable; preparation: Preparation } {
  const found = device.cache.find(canonical.hash, canonical.key)
  if (found !== undefined && startedAt === undefined) return { executable: found, preparation: heldPlan }
  const foundAt = performance.now()
  const lookupMs = startedAt === undefined ? 0 : foundAt - startedAt
  const nodes = canonical.nodes.length
  if (found !== undefined)
    return { executable: found, preparation: { startedAt, nodes, cacheHit: true, passes: [], lookupMs, compileMs: 0 } }
  const passes: PassReceipt[] = []
  const executable = compile(canonical, outputs, device, passes)
  const compileMs = performance.now() - foundAt
  return { executable, preparation: { startedAt, nodes, cacheHit: false, passes, lookupMs, compileMs } }
}

/** Compiles what canonicalize found and caches it. */
function compile(canonical: Canonical, outputs: readonly Node[], device: Device, passes: PassReceipt[]): Executable {
  const source = extractGraph(canonical, outputs)
  const key = canonical.key.slice()
  const debug = debugCompile(source, device.name)
  let nodesBefore = source.nodes.length
  const executable = device.backend.compile(source, canonical.scalar, (pass, graph, milliseconds, rules) => {
    passes.push({ pass, nodesBefore, nodesAfter: graph.nodes.length, milliseconds, rules: Object.fromEntries(rules) })
    nodesBefore = graph.nodes.length
    debug?.pass(pass, graph, milliseconds, rules)
  })
  device.cache.add(canonical.hash, key, source, executable)
  debug?.end(executable)
  return executable
}

const none: readonly Node[] = Object.freeze([])

function distinctPending(nodes: readonly Node[]): readonly Node[] {
  if (nodes.length === 1) {
    const node = nodes[0]!
    if (node.bound === undefined) return nodes
    checkUsable(node)
    return none
  }
  for (const node of nodes) if (node.bound !== undefined) checkUsable(node)
  const pending = new Set<Node>()
  for (const node of nodes) if (node.bound === undefined) pending.add(node)
  return pending.size === 0 ? none : [...pending]
}

/** Throws `disposed`, or what made the node's own computation fail. */
function checkUsable(node: Node): void {
  const bound = node.bound
  if (!(bound instanceof Storage)) return
  if (bound.failure !== undefined) throw bound.failure
  bound.requireLive()
}
