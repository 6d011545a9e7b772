// Chains of casts with moves in between, which the shared rules leave: there every move is free, here each is an op.

import type { Pass } from '../../../../ir/pass.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../../ir/rewrite.js'
import { castRules, skips } from '../../../../ir/rules/cast.js'
import { isOp } from '../../../../ir/rules/match.js'

export const castChainRules: readonly Rule[] = [
  ...castRules,
  {
    name: 'cast(move(cast(x))) -> move(cast(x))',
    op: 'cast',
    rewrite: (node, b, facts) => {
      const move = node.inputs[0]!
      if (!move.op.traits.movement || facts.uses(move) > 1) return undefined
      const inner = move.inputs[0]!
      if (!isOp(inner, 'cast')) return undefined
      const x = inner.inputs[0]!
      if (!skips(x.type.dtype, inner.type.dtype, node.type.dtype)) return undefined
      return b.emit(move.op.name, [b.cast(x, node.type.dtype)], move.attrs)
    },
  },
]

const table = ruleTable(castChainRules)

export const casts: Pass = {
  name: 'mps-casts',
  doc: 'Joins casts that only moves of elements separate.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}
