// What the page shows about a node when it is hovered or clicked, as plain data for the page's script.

import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isGroup } from '../op.js'
import { originOf } from '../origin.js'
import { printAttrs, printType } from '../print.js'
import { nodeCost } from '../stats.js'
import { formatBytes, formatCount } from '../units.js'
import type { View } from './view.js'

/** Label and text pairs, in the order shown. */
export interface Details {
  readonly head: string
  readonly rows: readonly (readonly [string, string])[]
  /** The op that the node's entry explains, if any: a key of `docsOf`. */
  readonly op?: string
}

/** Details by key, for all nodes of a view and of the bodies in it. */
export function detailsOf(view: View): Record<string, Details> {
  const all: Record<string, Details> = {}
  collect(view, all)
  return all
}

/** The first sentence of the record of each op in the graphs, by op. */
export function docsOf(graphs: readonly Graph[]): Record<string, string> {
  const docs: Record<string, string> = {}
  for (const graph of graphs) {
    for (const { op, attrs } of graph.nodes) {
      docs[op.name] ??= `${op.doc.split(/\.(?:\s|$)/)[0]}.`
      if (op.traits.region) Object.assign(docs, docsOf([attrs.body as Graph]))
    }
  }
  return docs
}

function collect(view: View, all: Record<string, Details>): void {
  const nameOf = new Map(view.nodes.map((node) => [node.node, node.name]))
  for (const { key, kind, node, name, title, body } of view.nodes) {
    const port = kind === 'in' || kind === 'out'
    const head =
      kind === 'op' || kind === 'constant'
        ? `${name} ${node.op.name}`
        : port
          ? `${name} ${kind === 'in' ? 'enters' : 'leaves'} the group`
          : `${name} ${title}`
    const rows = kind === 'output' || port ? typeRows(node) : allRows(node, nameOf)
    all[key] = kind === 'op' ? { head, rows, op: node.op.name } : { head, rows }
    if (body !== undefined) collect(body, all)
  }
}

function typeRows(node: Node): [string, string][] {
  const types = node.results ?? [node.type]
  const rows: [string, string][] = [
    ['type', printType(node)],
    ['shape', types.map((type) => (type.rank === 0 ? 'scalar' : type.shape.join(' × '))).join(', ')],
    ['elements', types.map((type) => formatCount(type.size)).join(', ')],
    ['bytes', types.map((type) => formatBytes(type.bytes)).join(', ')],
  ]
  return rows
}

function allRows(node: Node, nameOf: ReadonlyMap<Node, string>): [string, string][] {
  const rows = typeRows(node)
  const cost = nodeCost(node)
  // A region's cost stands in the entry of its group, right below.
  const region = isGroup(node)
  if (!region && cost.bytesRead + cost.bytesWritten > 0) {
    rows.push(['FLOP', formatCount(cost.flops)], ['reads', formatBytes(cost.bytesRead)], ['writes', formatBytes(cost.bytesWritten)])
  }
  node.inputs.forEach((input, i) => {
    const constant = input.op.traits.leaf && !nameOf.has(input) ? ` ${printAttrs(input, 4)}` : ''
    rows.push([`operand ${i}`, `${operandName(input, nameOf)} ${input.type}${constant}`])
  })
  const attrs = printAttrs(node, 16)
  if (attrs !== '' && !region) rows.push(['attributes', attrs.slice(1, -1)])
  const origin = originOf(node)
  if (origin !== undefined) rows.push(['recorded at', origin])
  return rows
}

/** Results of regions are not nodes of the view; they are named after the region. */
function operandName(input: Node, nameOf: ReadonlyMap<Node, string>): string {
  const region = input.op.name === 'result' ? nameOf.get(input.inputs[0]!) : undefined
  return nameOf.get(input) ?? (region === undefined ? input.op.name : `${region} result ${input.attrs.index}`)
}
