// From a graph that is legal for MPSGraph to the calls that build it.

import { assert } from '../../../ir/error.js'
import type { Graph } from '../../../ir/graph.js'
import type { Node } from '../../../ir/node.js'
import type { OpName } from '../../../ir/ops/index.js'
import { sameShape } from '../../../ir/shape.js'
import type { Program, Value } from './call.js'
import { gpuType } from './dtypes.js'
import { Emitter } from './emitter.js'
import { lowerings } from './ops/index.js'
import { type Claim, claimPatterns, patterns } from './patterns/index.js'
import type { Target } from './target.js'

/** A program, and which values the MPSGraph calls of each node made. */
export interface LoweredGraph {
  readonly program: Program
  /** Values by node, for tools; nodes inside a recognised pattern have none. */
  readonly values: ReadonlyMap<Node, readonly Value[]>
  /** Names of recognised patterns with the nodes they replaced. */
  readonly claims: readonly Claim[]
}

/**
 * Lowers a graph whose nodes all have lowerings; `scalar[i]` says that input i comes with the call of a run. Targets are the outputs in order. Without a
 * system to lower for, every known defect is avoided. Patterns other than `among` are not looked for.
 */
export function lowerToCalls(graph: Graph, scalar: readonly boolean[], target?: Target, among = patterns): LoweredGraph {
  const g = new Emitter(target)
  const values = new Map<Node, readonly Value[]>()
  const claims = claimPatterns(graph, target, among)
  const roots = new Map(claims.map((claim) => [claim.root, claim]))
  const inside = new Set(claims.flatMap((claim) => claim.covered))
  const views = viewsOfInputs(graph, inside)
  graph.inputs.forEach((input, i) => {
    const given = views.get(input) ?? [input]
    const value = g.feed(given[0]!.type, scalar[i] ?? false)
    for (const node of given) values.set(node, [value])
  })
  lowerNodes(g, graph, values, roots, inside)
  const outputs = graph.outputs.map((node) => firstOf(values, node))
  return { program: g.program(targetsOf(g, graph, outputs, values)), values, claims }
}

/** Lowers the body of a region on values of its inputs. An output that is none of its own calls' is copied. */
function lowerBody(g: Emitter, body: Graph, inputs: readonly Value[]): readonly Value[] {
  const values = new Map<Node, readonly Value[]>(body.inputs.map((node, i) => [node, [inputs[i]!]]))
  const label = g.label
  lowerNodes(g, body, values, new Map(), new Set())
  g.label = label
  return targetsOf(
    g,
    body,
    body.outputs.map((node) => firstOf(values, node)),
    values,
  )
}

function firstOf(values: ReadonlyMap<Node, readonly Value[]>, node: Node): Value {
  const made = values.get(node)
  assert(made !== undefined, `${node.op.name} was not lowered before its user`)
  return made[0]!
}

/** Lowers the nodes that have no values yet, and leaves when something reads them: those of a recognised group may have no other reader. */
function lowerNodes(
  g: Emitter,
  graph: Graph,
  values: Map<Node, readonly Value[]>,
  roots: ReadonlyMap<Node, Claim>,
  inside: ReadonlySet<Node>,
): void {
  const lower = (node: Node): void => {
    const claim = roots.get(node)
    const label = g.label
    g.label = claim?.pattern ?? node.op.name
    const made = claim === undefined ? lowerNode(g, node, lookUp, values) : [claim.emit(g, claim.operands.map(lookUp))]
    checkTypes(node, made)
    values.set(node, made)
    g.label = label
  }
  const lookUp = (node: Node): Value => {
    if (!values.has(node) && node.op.traits.leaf) lower(node)
    return firstOf(values, node)
  }
  for (const node of graph.nodes) if (!values.has(node) && !node.op.traits.leaf && !inside.has(node)) lower(node)
  for (const output of graph.outputs) lookUp(output)
}

/**
 * Reshapes of inputs that are used in one shape only, which is not theirs: such inputs are fed in that shape, since a shape is all that tells memory that is
 * reshaped from memory that is not.
 */
function viewsOfInputs(graph: Graph, inside: ReadonlySet<Node>): Map<Node, Node[]> {
  const others = new Set<Node>(graph.outputs)
  const views = new Map<Node, Node[]>()
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (input.op.name !== 'input') continue
      const known = views.get(input) ?? []
      if (
        node.op.name === 'reshape' &&
        node.type.rank > 0 &&
        !inside.has(node) &&
        sameShape((known[0] ?? node).type.shape, node.type.shape)
      )
        views.set(input, [...known, node])
      else others.add(input)
    }
  }
  for (const input of others) views.delete(input)
  return views
}

function lowerNode(g: Emitter, node: Node, lookUp: (node: Node) => Value, values: ReadonlyMap<Node, readonly Value[]>): readonly Value[] {
  if (node.op.name === 'result') return [values.get(node.inputs[0]!)![node.attrs['index'] as number]!]
  const row = lowerings[node.op.name as OpName]
  assert('emit' in row, `${node.op.name} has no lowering`)
  const lowered = {
    attrs: node.attrs,
    inputs: node.inputs.map((input) => input.type),
    type: node.type,
    results: node.results ?? [node.type],
    lowerBody,
  }
  const made = row.emit(g, node.inputs.map(lookUp), lowered)
  return Array.isArray(made) ? (made as readonly Value[]) : [made as Value]
}

function checkTypes(node: Node, made: readonly Value[]): void {
  const wanted = (node.results ?? [node.type]).map(gpuType)
  wanted.forEach((type, i) => {
    const got = made[i]?.type
    const fits = got !== undefined && got.dtype === type.dtype && sameShape(got.shape, type.shape)
    assert(fits, `the lowering of ${node.op.name} made ${got}, not ${type}`)
  })
}

/**
 * The outputs as targets. A target that is an input, a constant, a view of one or another output's value would be left unwritten where it shares memory
 * with it, so each target is computed by an op of its own.
 */
function targetsOf(g: Emitter, graph: Graph, outputs: readonly Value[], values: ReadonlyMap<Node, readonly Value[]>): Value[] {
  const taken = new Set<Value>()
  return graph.outputs.map((node, i) => {
    let value = outputs[i]!
    const { traits, name } = node.op
    const passedOn = node.inputs.some((input) => values.get(input)?.includes(value))
    const view = traits.leaf || traits.movement || traits.reinterprets || name === 'result'
    if (view || passedOn || taken.has(value)) value = g.identity(value)
    taken.add(value)
    return value
  })
}
