// Tensors without elements, which MPSGraph does not take: what is made of them is known without computing.

import { constantNode } from '../../../../ir/build.js'
import { convert } from '../../../../ir/host.js'
import type { Node } from '../../../../ir/node.js'
import type { Pass } from '../../../../ir/pass.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../../ir/rewrite.js'
import { forEachOp, namesWhere } from '../../../../ir/rules/match.js'

const isEmpty = (node: Node): boolean => node.type.size === 0

const filled = ({ type: { dtype, shape } }: Node, value: number | bigint): Node => constantNode(value, dtype, shape)

/** What no elements reduce to; extremes of no elements do not exist. */
const identities = { sum: 0, prod: 1, any: 0, all: 1, xor: 0 } as const

type Reduction = keyof typeof identities

const reductions = Object.keys(identities) as Reduction[]

const constant = namesWhere((op) => op.name !== 'input' && op.name !== 'constant')

export const emptyRules: readonly Rule[] = [
  ...forEachOp(constant, '$ of size 0 -> constant', (node) => (isEmpty(node) && node.results === undefined ? filled(node, 0) : undefined)),
  ...forEachOp(reductions, '$(empty) -> its identity', (node) =>
    isEmpty(node.inputs[0]!) ? filled(node, identities[node.op.name as Reduction]) : undefined,
  ),
  {
    name: 'concat(x, empty) -> concat(x)',
    op: 'concat',
    rewrite: (node, b) => {
      const full = node.inputs.filter((input) => !isEmpty(input))
      if (full.length === node.inputs.length) return undefined
      return full.length === 1 ? full[0] : b.concat(full, node.attrs['axis'] as number)
    },
  },
  {
    name: 'pad(empty) -> constant',
    op: 'pad',
    rewrite: (node) => {
      const value = node.attrs['value'] as number | bigint
      const own = convert(value, typeof value === 'bigint' ? 'int64' : 'float64', node.type.dtype)
      return isEmpty(node.inputs[0]!) ? filled(node, own) : undefined
    },
  },
  ...forEachOp(['matmul', 'take', 'takeAlongAxis', 'convolutionWeightsGradient'], '$(empty) -> zeros', (node) =>
    isEmpty(node.inputs[0]!) ? filled(node, 0) : undefined,
  ),
  ...forEachOp(['indexAdd', 'scatterAddAlongAxis'], '$(base, no updates) -> base', (node) =>
    isEmpty(node.inputs[2]!) ? node.inputs[0] : undefined,
  ),
]

const table = ruleTable(emptyRules)

export const empty: Pass = {
  name: 'mps-empty',
  doc: 'Replaces tensors without elements, and what is made of them, by constants.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}
