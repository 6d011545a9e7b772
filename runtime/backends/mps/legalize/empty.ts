// Tensors without elements, which MPSGraph does not take: what is made of them is known without computing.

import { convert } from '../../../../ir/host.js'
import type { Node } from '../../../../ir/node.js'
import type { Pass } from '../../../../ir/pass.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../../ir/rewrite.js'
import { filled, forEachOp, namesWhere } from '../../../../ir/rules/match.js'

const isEmpty = (node: Node): boolean => node.type.size === 0

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
  ...forEachOp(['indexAdd', 'scatterAddAlongAxis', 'scatterSlices', 'scatterAlongAxis'], '$(base, no updates) -> base', (node) =>
    isEmpty(node.inputs[2]!) ? node.inputs[0] : undefined,
  ),
  {
    name: 'sliceUpdate(x, empty) -> x',
    op: 'sliceUpdate',
    rewrite: (node) => (isEmpty(node.inputs[1]!) ? node.inputs[0] : undefined),
  },
  ...forEachOp(['det'], '$(empty) -> 1', (node) => (isEmpty(node.inputs[0]!) && !isEmpty(node) ? filled(node, 1) : undefined)),
  {
    name: 'result(factors of empty matrices) -> constant',
    op: 'result',
    rewrite: (node, b) => {
      const [made] = node.inputs as [Node]
      if (made.inputs.length === 0 || !isEmpty(made.inputs[0]!)) return undefined
      const index = node.attrs['index'] as number
      if (made.op.name === 'slogdet') return filled(node, index === 0 ? 1 : 0)
      if (made.op.name === 'qr' && index === 0) {
        const { dtype, shape } = node.type
        const along = (axis: number): Node => b.emit('iota', [], { dtype: 'int32', shape, axis })
        return b.cast(b.equal(along(shape.length - 2), along(shape.length - 1)), dtype)
      }
      if (made.op.name !== 'lu' || index !== 2) return undefined
      const { dtype, shape } = node.type
      return b.emit('iota', [], { dtype, shape, axis: shape.length - 1 })
    },
  },
]

const table = ruleTable(emptyRules)

export const empty: Pass = {
  name: 'mps-empty',
  doc: 'Replaces tensors without elements, and what is made of them, by constants.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}
