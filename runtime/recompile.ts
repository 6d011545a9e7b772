// Why a graph was compiled although a similar one is cached: the first place where the two differ, as data.

import { attrsEqual } from '../ir/attrs.js'
import type { Graph } from '../ir/graph.js'

export interface RecompileReason {
  /** What differs at the first differing node. */
  readonly field: 'op' | 'type' | 'attributes' | 'operands' | 'length' | 'outputs'
  /** Position of that node in dependency order. */
  readonly node: number
  readonly op: string
  /** The cached graph's side and the new one's, as text. */
  readonly cached: string
  readonly recorded: string
  /** Nodes that agree before the difference. */
  readonly matchedNodes: number
  /** One sentence for logs. */
  readonly message: string
}

/** The first difference between two graphs; undefined when there is none or when too little is alike (half of the larger one or less). */
export function structuralDifference(cached: Graph, recorded: Graph): RecompileReason | undefined {
  const a = cached.nodes
  const b = recorded.nodes
  const shorter = Math.min(a.length, b.length)
  const indexA = new Map(a.map((node, i) => [node, i]))
  const indexB = new Map(b.map((node, i) => [node, i]))
  let first: Omit<RecompileReason, 'matchedNodes' | 'message'> | undefined
  let agree = 0
  for (let i = 0; i < shorter; i++) {
    const x = a[i]!
    const y = b[i]!
    const at = { node: i, op: y.op.name }
    const operandsX = x.inputs.map((input) => indexA.get(input)).join(', ')
    const operandsY = y.inputs.map((input) => indexB.get(input)).join(', ')
    let difference: typeof first
    if (x.op !== y.op) difference = { ...at, field: 'op', cached: x.op.name, recorded: y.op.name }
    else if (!attrsEqual(x.attrs, y.attrs))
      difference = { ...at, field: 'attributes', cached: describe(x.attrs), recorded: describe(y.attrs) }
    else if (!x.type.equals(y.type)) difference = { ...at, field: 'type', cached: String(x.type), recorded: String(y.type) }
    else if (operandsX !== operandsY) difference = { ...at, field: 'operands', cached: operandsX, recorded: operandsY }
    if (difference === undefined) agree++
    else first ??= difference
  }
  if (first === undefined && a.length !== b.length) {
    const extra = b[shorter] ?? a[shorter]!
    first = { node: shorter, op: extra.op.name, field: 'length', cached: `${a.length} nodes`, recorded: `${b.length} nodes` }
  }
  if (first === undefined && cached.outputs.length !== recorded.outputs.length) {
    first = {
      node: shorter,
      op: 'outputs',
      field: 'outputs',
      cached: String(cached.outputs.length),
      recorded: String(recorded.outputs.length),
    }
  }
  // A changed size changes the types of everything after it; same ops in the same order still count as the same program.
  const alike = a.length === b.length && a.every((node, i) => node.op === b[i]!.op)
  if (first === undefined || !(alike || agree * 2 > Math.max(a.length, b.length))) return undefined
  const message = `recompiled: ${first.field} of node ${first.node} (${first.op}) changed from ${first.cached} to ${first.recorded}`
  return { ...first, matchedNodes: alike ? Math.max(agree, shorter / 2) : agree, message }
}

const describe = (attrs: object): string =>
  `{${Object.entries(attrs)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? `[${value}]` : String(value)}`)
    .join(', ')}}`
