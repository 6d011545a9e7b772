// The driver of rewrite rules: named rules by op, applied bottom up until none fits.

import { type Builder, builderOver, emit } from './build.js'
import { SinterError } from './error.js'
import type { Graph } from './graph.js'
import { currentSequence, type Node } from './node.js'
import type { Op } from './op.js'
import { type OpName, ops } from './ops/index.js'
import type { PassContext } from './pass.js'
import { transform, withInputs } from './passes/transform.js'
import { countUses } from './walk.js'

/** What a rule may ask about the graph around a node. */
export interface Facts {
  /** How many operands and outputs use the node; Infinity for nodes that rules have just made. */
  uses(node: Node): number
}

/** One exact rewrite. */
export interface Rule {
  /** What it does, as text: `neg(neg(x)) -> x`. */
  readonly name: string
  /** The op of the nodes it is tried on. */
  readonly op: OpName
  /**
   * The replacement, of the same type and the same value bit for bit (any NaN counts as any other), or undefined when the rule does not
   * fit. Looks a bounded number of operands deep. Nodes made with `b` have already been rewritten themselves when `b` returns them.
   */
  rewrite(node: Node, b: Builder, facts: Facts): Node | undefined
}

/** Rules by op code. */
export type RuleTable = readonly (readonly Rule[] | undefined)[]

/** Orders rules by op; for one op they are tried in the order given. */
export function ruleTable(rules: readonly Rule[]): RuleTable {
  const table: Rule[][] = []
  for (const rule of rules) {
    const op: Op = ops[rule.op]
    table[op.code] ??= []
    table[op.code]!.push(rule)
  }
  return table
}

// Good rules leave less to do, and a node needs a handful of rewrites. The bounds keep rules that undo each other, or grow, from hanging:
// so many rewrites per node of the graph, so many sweeps, and nodes that rules make are rewritten so deep in each other.
const rewritesPerNode = 32
const depthLimit = 16
const sweepLimit = 8

/** Applies the rules everywhere until none fits, or a bound linear in the size of the graph is reached. Reports fired rules to the context. */
export function rewriteGraph(graph: Graph, rules: RuleTable, context: PassContext): Graph {
  const budget = { left: rewritesPerNode * (graph.nodes.length + 1) }
  let current = graph
  for (let i = 0; i < sweepLimit; i++) {
    const next = sweep(current, rules, context, budget)
    if (next === current) return current
    current = next
  }
  return current
}

function sweep(graph: Graph, rules: RuleTable, context: PassContext, budget: { left: number }): Graph {
  const uses = lazyUses(graph)
  let depth = 0
  let origin: Node['origin']

  const applyFirst = (node: Node): Node | undefined => {
    if (budget.left <= 0) return undefined
    for (const rule of rules[node.op.code] ?? []) {
      const result = rule.rewrite(node, b, uses)
      if (result === undefined || result === node) continue
      checkSameType(rule, node, result)
      context.count(rule.name)
      budget.left--
      return result
    }
    return undefined
  }
  const settle = (node: Node): Node => {
    let current = node
    for (let next = applyFirst(node); next !== undefined; next = applyFirst(current)) current = next
    return current
  }
  const make: typeof emit = (op, inputs, attrs) => {
    const node = emit(op, inputs, attrs)
    node.origin = origin
    if (depth >= depthLimit) return node
    depth++
    const settled = settle(node)
    depth--
    return settled
  }
  const b = builderOver(ops, make)

  return transform(graph, (original, inputs) => {
    const node = withInputs(original, inputs)
    if (rules[node.op.code] === undefined) return node
    if (node !== original) uses.alias(node, original)
    origin = original.origin
    const before = currentSequence()
    const result = settle(node)
    // Constants are made without `make`.
    if (result.sequence > before) result.origin ??= origin
    return result
  })
}

function checkSameType(rule: Rule, node: Node, result: Node): void {
  const same = result.type.equals(node.type) && result.results?.length === node.results?.length
  if (!same) throw new SinterError('internal', `the rule '${rule.name}' turned ${node.type} into ${result.type}`, { op: node.op.name })
}

interface Uses extends Facts {
  /** `node` stands for `original` with other operands. */
  alias(node: Node, original: Node): void
}

/** Uses in the graph as it was before the sweep, counted when first asked for. */
function lazyUses(graph: Graph): Uses {
  const originals = new Map<Node, Node>()
  let counts: Map<Node, number> | undefined
  const count = (): Map<Node, number> => {
    const uses = countUses(graph.nodes)
    for (const output of graph.outputs) uses.set(output, (uses.get(output) ?? 0) + 1)
    return uses
  }
  return {
    uses(node) {
      counts ??= count()
      return counts.get(originals.get(node) ?? node) ?? Number.POSITIVE_INFINITY
    },
    alias: (node, original) => {
      originals.set(node, original)
    },
  }
}
