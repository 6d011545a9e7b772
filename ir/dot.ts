// Graphviz text: `dot -Tsvg graph.dot`. Fused regions become clusters.

import type { Graph } from './graph.js'
import { type View, type ViewNode, viewOf } from './page/view.js'

export interface DotOptions {
  /** Shown above the drawing. */
  readonly title?: string
}

/** The graph in the dot language. One-value constants appear inside their users, as on the HTML page. */
export function graphToDot(graph: Graph, options: DotOptions = {}): string {
  const lines = [
    'digraph sinter {',
    '  compound=true; rankdir=TB; fontname="monospace"; fontsize=11; nodesep=0.25; ranksep=0.35',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#8a94a3", fontname="monospace", fontsize=10, margin="0.12,0.05"]',
    '  edge [color="#8a94a3", arrowsize=0.6]',
  ]
  if (options.title !== undefined) lines.push(`  labelloc="t"; label=${quote(options.title)}`)
  writeView(viewOf(graph), '  ', lines)
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function writeView(view: View, indent: string, lines: string[]): void {
  for (const node of view.nodes) {
    if (node.body === undefined) lines.push(`${indent}${nodeLine(node)}`)
    else {
      lines.push(`${indent}subgraph ${quote(`cluster_${node.key}`)} {`)
      lines.push(
        `${indent}  label=${quote(`${node.name} ${node.title}`)}; labeljust="l"; style="rounded,filled"; fillcolor="#eef4fd"; color="#3b72b8"`,
      )
      writeView(node.body, `${indent}  `, lines)
      lines.push(`${indent}}`)
    }
  }
  for (const edge of view.edges) {
    lines.push(
      `${indent}${quote(portKey(view.nodes[edge.from]!, 'out', edge.fromPort))} -> ${quote(portKey(view.nodes[edge.to]!, 'in', edge.toPort))}`,
    )
  }
}

function nodeLine(node: ViewNode): string {
  if (node.kind === 'in' || node.kind === 'out') return `${quote(node.key)} [shape=point, width=0.06, color="#3b72b8"]`
  const look = node.kind === 'op' ? '' : ', shape=ellipse, fillcolor="#eef1f5"'
  return `${quote(node.key)} [label=${quote(`${node.name} ${node.title}\n${node.subtitle}`)}${look}]`
}

/** Edges of a region start and end at its body's ports. */
function portKey(node: ViewNode, side: 'in' | 'out', port: number): string {
  return node.body === undefined ? node.key : node.body.nodes.filter((inner) => inner.kind === side)[port]!.key
}

/** A quoted string of the dot language, where backslashes start escapes and `\n` centres a line. */
function quote(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
}
