// What fusion decided, as data: one entry per kernel of a fused graph.

import type { Graph } from './graph.js'
import type { Node } from './node.js'
import { isKernel, nodeCost } from './stats.js'
import { formatBytes, formatCount, summarizeList } from './units.js'

/** A kernel of a fused graph: a `fused` region, or an op that runs alone. Plain data. */
export interface GroupInfo {
  /** Counts from 0 in execution order. */
  readonly id: number
  /** Where it runs, when that is not the device of the tensors. */
  readonly device?: string
  /** The region's kind (map, rows, reduce, matmul), `loop`, `single`, or `mpsgraph` for one MPSGraphExecutable. */
  readonly kind: string
  /** Position of its node in the fused graph: the number in `%7`. */
  readonly node: number
  /** Names of its ops in execution order, without leaves. */
  readonly ops: readonly string[]
  /** Types of operands and results, as in IR text. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly flops: number
  /** Why it is not larger; empty when the fusion pass gave no reason. */
  readonly reason: string
}

/** The kernels of a fused graph in execution order; moves between them are views and not listed. `reasons` comes from the fusion pass, by node of this graph. */
export function explainGraph(graph: Graph, reasons?: ReadonlyMap<Node, string>): GroupInfo[] {
  const groups: GroupInfo[] = []
  for (const [position, node] of graph.nodes.entries()) {
    if (!isKernel(node)) continue
    const region = node.op.traits.region === true
    const inner = region ? (node.attrs.body as Graph).nodes.filter((other) => !other.op.traits.leaf && other.op.name !== 'result') : [node]
    groups.push({
      id: groups.length,
      kind: node.op.traits.loop ? 'loop' : region ? String(node.attrs.kind) : 'single',
      node: position,
      ops: inner.map((other) => other.op.name),
      inputs: node.inputs.map((input) => `${input.type}`),
      outputs: (node.results ?? [node.type]).map(String),
      ...nodeCost(node),
      reason: reasons?.get(node) ?? '',
    })
  }
  return groups
}

/** The groups as text, two or three lines each: for terminals and logs. */
export function printGroups(groups: readonly GroupInfo[]): string {
  return groups.map(printGroup).join('\n')
}

function printGroup(group: GroupInfo): string {
  const cost = `${formatBytes(group.bytesRead)} in, ${formatBytes(group.bytesWritten)} out, ${formatCount(group.flops)} FLOP`
  const lines = [
    `#${group.id} %${group.node} ${group.device === undefined ? '' : `on ${group.device}, `}${group.kind}: ${summarizeList(group.ops)}`,
    `    ${summarizeList(group.inputs, ', ')} -> ${summarizeList(group.outputs, ', ')}; ${cost}`,
  ]
  if (group.reason !== '') lines.push(`    ${group.device === undefined ? 'not larger' : 'there'}: ${group.reason}`)
  return lines.join('\n')
}
