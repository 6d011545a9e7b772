// The text form of a graph. It parses back (parse.ts), and printing is canonical: equal graphs print equally.

import { ZodObject } from 'zod'
import type { Graph } from './graph.js'
import type { Node } from './node.js'
import type { AttrValue } from './op.js'
import { originOf } from './origin.js'

export interface PrintOptions {
  /** Appends `// file:line` to nodes that know where they were recorded. */
  readonly origins?: boolean
  /** Prints at most this many elements of an array attribute, then how many there are. For reading only: such text does not parse back. */
  readonly maxValues?: number
}

/** The name of an operand in text, such as `%3`. */
export type NameOf = (node: Node) => string

/** The graph as text, with names by position. `parseGraph` reads it back, and printing that gives the same text. */
export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  const lines: string[] = []
  printBody(graph, `graph `, '', '', lines, options)
  return `${lines.join('\n')}\n`
}

/** One node as text; a region comes with its body, on several lines. */
export function printNode(node: Node, nameOf: NameOf, options: PrintOptions = {}): string {
  const lines: string[] = []
  printLine(node, nameOf, '', lines, options)
  return lines.join('\n')
}

/** Names by position in the graph; `%?` for nodes that are not in it. */
export function positionalNames(graph: Graph): NameOf {
  const positions = new Map<Node, number>()
  for (const [i, node] of graph.nodes.entries()) positions.set(node, i)
  return (node) => `%${positions.get(node) ?? '?'}`
}

function printBody(graph: Graph, head: string, tail: string, indent: string, lines: string[], options: PrintOptions): void {
  const nameOf = positionalNames(graph)
  const inputs = new Set(graph.inputs)
  lines.push(`${indent}${head}(${graph.inputs.map((node) => `${nameOf(node)}: ${node.type}`).join(', ')}) {${tail}`)
  for (const node of graph.nodes) if (!inputs.has(node)) printLine(node, nameOf, `${indent}  `, lines, options)
  lines.push(`${indent}  ${['return', graph.outputs.map(nameOf).join(', ')].join(' ').trimEnd()}`, `${indent}}`)
}

function printLine(node: Node, nameOf: NameOf, indent: string, lines: string[], options: PrintOptions): void {
  const parts = [`${nameOf(node)}: ${printType(node)} = ${node.op.name}`]
  if (node.inputs.length > 0) parts.push(node.inputs.map(nameOf).join(', '))
  const attrs = printAttrs(node, options.maxValues)
  if (attrs !== '') parts.push(attrs)
  const text = parts.join(' ')
  const origin = options.origins ? originOf(node) : undefined
  const tail = origin === undefined ? '' : ` // ${origin}`
  const body = node.op.traits.region ? (node.attrs.body as Graph) : undefined
  if (body === undefined) lines.push(`${indent}${text}${tail}`)
  else printBody(body, `${text} `, tail, indent, lines, options)
}

/** `f32[2]`, or `(u32[4], u32[4])` for a node with several results. */
export function printType(node: Node): string {
  return node.results === undefined ? `${node.type}` : `(${node.results.join(', ')})`
}

/** `{axes=[1], keepDims=false}`, or nothing when there are none. Regions' bodies are left out. */
export function printAttrs(node: Node, maxValues?: number): string {
  const names = attrNames(node).filter((name) => !(name === 'body' && node.op.traits.region))
  if (names.length === 0) return ''
  return `{${names.map((name) => `${name}=${printValue(node.attrs[name]!, maxValues)}`).join(', ')}}`
}

/** Names of the attributes a node has, in schema order. */
export function attrNames(node: Node): string[] {
  const present = Object.keys(node.attrs)
  if (!(node.op.attrs instanceof ZodObject)) return present
  const ordered = Object.keys(node.op.attrs.shape).filter((name) => Object.hasOwn(node.attrs, name))
  return ordered.length === present.length ? ordered : [...new Set([...ordered, ...present])]
}

/** An attribute value as text. Numbers print with as many digits as bring the same double back. */
export function printValue(value: AttrValue, maxValues = Number.POSITIVE_INFINITY): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) {
    if (value.length <= maxValues) return `[${value.map((element) => printValue(element)).join(', ')}]`
    const some = value.slice(0, maxValues).map((element) => printValue(element))
    return `[${[...some, `... ${value.length} values`].join(', ')}]`
  }
  return String(value)
}
