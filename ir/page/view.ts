// A graph as things to draw: nodes with titles, edges between ports, regions with a view of their body.

import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isGroup } from '../op.js'
import { attrNames, printType, printValue } from '../print.js'

/** `in` and `out` are the ports of a region's body. */
export type ViewKind = 'input' | 'constant' | 'op' | 'region' | 'output' | 'in' | 'out'

export interface ViewNode {
  /** Unique in the whole view: `7`, inside a region `7.3`. */
  readonly key: string
  readonly kind: ViewKind
  /** The IR node; for outputs and out ports, the node whose value leaves there. */
  readonly node: Node
  /** `%7`. */
  readonly name: string
  readonly title: string
  readonly subtitle: string
  readonly body?: View
}

/** Positions in `View.nodes`, and the result and operand numbers the edge connects. */
export interface ViewEdge {
  readonly from: number
  readonly fromPort: number
  readonly to: number
  readonly toPort: number
}

export interface View {
  /** In dependency order. */
  readonly nodes: readonly ViewNode[]
  readonly edges: readonly ViewEdge[]
}

/** What to draw for a graph. One-value constants become part of their users' titles, results of regions become their ports. */
export function viewOf(graph: Graph, prefix = ''): View {
  const nodes: ViewNode[] = []
  const edges: ViewEdge[] = []
  const inside = prefix !== ''
  const outputs = new Set(graph.outputs)
  const inputNumber = new Map(graph.inputs.map((node, i) => [node, i]))
  const positions = new Map(graph.nodes.map((node, i) => [node, i]))
  const sources = new Map<Node, { at: number; port: number }>()

  const add = (node: ViewNode, operands: readonly Node[]): void => {
    operands.forEach((operand, toPort) => {
      const source = sources.get(operand)
      if (source !== undefined) edges.push({ from: source.at, fromPort: source.port, to: nodes.length, toPort })
    })
    nodes.push(node)
  }

  for (const [position, node] of graph.nodes.entries()) {
    const base = { key: `${prefix}${position}`, node, name: `%${position}`, subtitle: printType(node) }
    const input = inputNumber.get(node)
    const picked = node.op.name === 'result' ? node.inputs[0]! : undefined
    if (picked !== undefined && isGroup(picked)) {
      sources.set(node, { at: sources.get(picked)!.at, port: node.attrs.index as number })
      continue
    }
    if (isInline(node) && !outputs.has(node)) continue
    sources.set(node, { at: nodes.length, port: 0 })
    if (input !== undefined) add({ ...base, kind: inside ? 'in' : 'input', title: `input ${input}` }, [])
    else if (isGroup(node)) {
      const body = viewOf(node.attrs.body as Graph, `${base.key}.`)
      add({ ...base, kind: 'region', title: `${node.attrs.kind}`, body }, node.inputs)
    } else add({ ...base, kind: node.op.traits.leaf ? 'constant' : 'op', title: titleOf(node) }, node.inputs)
  }
  graph.outputs.forEach((node, i) => {
    const base = { key: `${prefix}out${i}`, node, name: `%${positions.get(node)}`, subtitle: printType(node) }
    add({ ...base, kind: inside ? 'out' : 'output', title: `output ${i}` }, [node])
  })
  return { nodes, edges }
}

/** A leaf that bakes in a single value is shown inside its users. */
function isInline(node: Node): boolean {
  const values = node.attrs.values
  return node.op.traits.leaf === true && Array.isArray(values) && values.length === 1
}

const shownByType = new Set(['dtype', 'shape', 'values'])
const longestAttrs = 26

function titleOf(node: Node): string {
  const operands = node.inputs.some(isInline)
    ? `(${node.inputs.map((input) => (isInline(input) ? shortValue(input) : '·')).join(', ')})`
    : ''
  const attrs = attrNames(node)
    .filter((name) => !shownByType.has(name) && !(node.op.traits.loop && name === 'body') && node.attrs[name] !== false)
    .map((name, i) => (node.attrs[name] === true ? name : `${i === 0 ? '' : `${name}=`}${printValue(node.attrs[name]!, 8)}`))
    .join(' ')
  return `${node.op.name}${operands}${attrs === '' || attrs.length > longestAttrs ? '' : ` ${attrs}`}`
}

function shortValue(constant: Node): string {
  const [value] = constant.attrs.values as readonly (number | bigint)[]
  if (constant.type.dtype === 'bool') return value ? 'true' : 'false'
  if (typeof value === 'bigint') return `${value}`
  return Number.isInteger(value) && Math.abs(value!) < 1e6 ? printValue(value!) : `${Number(value!.toPrecision(4))}`
}
