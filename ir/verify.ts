// The verifier: numbered invariants that hold for every graph, checked after each pass in tests and on demand.

import { SinterError } from './error.js'
import type { Graph } from './graph.js'
import type { Node } from './node.js'
import { nestingProblem, type Op } from './op.js'
import { opByName } from './ops/index.js'
import { catching, checkAttrs, operandProblem, typeProblem } from './outside.js'
import { attrNames, positionalNames, printNode } from './print.js'
import type { TensorType } from './type.js'

/** What each invariant says; `verify` reports a violation under its number. */
export const invariants = {
  V1: 'nodes are listed once, operands before their users',
  V2: 'inputs are `input` nodes, listed once and first, and there are no others',
  V3: 'outputs are nodes of the graph with a single result',
  V4: 'every op is the registered record of its name',
  V5: 'a node has as many operands as its record says; nodes with several results are used through `result` only',
  V6: 'attributes satisfy the schema of the record and are in its order',
  V7: 'the types of a node are those its record infers',
  V8: 'the body of a region is a valid graph with at least one output, without regions of its own but for loops in loops',
} as const

export type Invariant = keyof typeof invariants

interface Scope {
  readonly graph: Graph
  readonly outer: readonly Op[]
}

/** Returns the graph if all invariants hold, otherwise throws `verify` with the invariant, the node, and its neighbours in the text. */
export function verify(graph: Graph): Graph {
  verifyScope({ graph, outer: [] })
  return graph
}

function verifyScope(scope: Scope): void {
  const { graph } = scope
  const seen = new Set<Node>()
  graph.inputs.forEach((node, i) => {
    if (node.op.name !== 'input') fail(scope, 'V2', node, `input ${i} is a ${node.op.name}`)
    if (graph.nodes[i] !== node) fail(scope, 'V2', node, `input ${i} is not node ${i} of the list`)
  })
  const inputs = new Set(graph.inputs)
  if (inputs.size !== graph.inputs.length)
    fail(
      scope,
      'V2',
      graph.inputs.find((node, i) => graph.inputs.indexOf(node) !== i),
      'it is listed twice',
    )
  for (const node of graph.nodes) {
    if (seen.has(node)) fail(scope, 'V1', node, 'it is listed twice')
    const early = node.inputs.findIndex((input) => !seen.has(input))
    if (early >= 0) fail(scope, 'V1', node, `operand ${early} is not listed before it`)
    if (node.op.name === 'input' && !inputs.has(node)) fail(scope, 'V2', node, 'it is not among the inputs')
    verifyNode(scope, node)
    seen.add(node)
  }
  graph.outputs.forEach((node, i) => {
    if (!seen.has(node)) fail(scope, 'V3', node, `output ${i} is not a node of the graph`)
    if (node.results !== undefined) fail(scope, 'V3', node, `output ${i} has several results`)
  })
}

function verifyNode(scope: Scope, node: Node): void {
  const { op } = node
  if (opByName(op.name) !== op) fail(scope, 'V4', node, `'${op.name}' is not a registered record`)
  const operands = operandProblem(op, node.inputs)
  if (operands !== undefined) fail(scope, 'V5', node, operands)
  const attrs = checkAttrs(op, node.attrs)
  if ('problem' in attrs) fail(scope, 'V6', node, attrs.problem)
  const ordered = attrNames(node)
  if (!Object.keys(node.attrs).every((name, i) => name === ordered[i]))
    fail(scope, 'V6', node, `attributes are not in the order ${ordered.join(', ')}`)
  if (op.traits.region) verifyRegion(scope, node)
  if (op.name !== 'input') verifyType(scope, node)
}

function verifyRegion(scope: Scope, node: Node): void {
  const nesting = nestingProblem(node.op, scope.outer)
  if (nesting !== undefined) fail(scope, 'V8', node, nesting)
  const body = node.attrs.body as Graph
  if (body.outputs.length === 0) fail(scope, 'V8', node, 'its body returns nothing')
  catching(
    () => verifyScope({ graph: body, outer: [...scope.outer, node.op] }),
    (problem) => fail(scope, 'V8', node, problem),
  )
}

function verifyType(scope: Scope, node: Node): void {
  const inferred = catching(
    () => node.op.infer(node.inputs, node.attrs),
    (problem) => fail(scope, 'V7', node, problem),
  )
  const several = Array.isArray(inferred)
  const types = (several ? inferred : [inferred]) as readonly TensorType[]
  const problem = typeProblem(node, types, several)
  if (problem !== undefined)
    fail(scope, 'V7', node, `it is recorded as ${node.results ?? node.type}, its operands give ${types.join(', ')}`)
}

const neighbours = 5

function fail(scope: Scope, invariant: Invariant, node: Node | undefined, problem: string): never {
  const { nodes } = scope.graph
  const nameOf = positionalNames(scope.graph)
  const at = node === undefined ? -1 : nodes.indexOf(node)
  const from = Math.max(0, at - neighbours)
  const lines = nodes.slice(from, at < 0 ? 2 * neighbours : at + neighbours + 1).map((other) => {
    const text = printNode(other, nameOf, { maxValues: 8 }).split('\n')[0]
    return `${other === node ? '  > ' : '    '}${text}`
  })
  const name = node === undefined ? 'graph' : `${nameOf(node)} (${node.op.name})`
  const message = [`${invariant}, ${invariants[invariant]}: ${name}: ${problem}`, ...lines].join('\n')
  throw new SinterError('verify', message)
}
