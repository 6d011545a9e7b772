// Constants written out in full. They are baked into the compiled graph, and copied when it is compiled: what repeats is written once and broadcast.

import { Node } from '../../../../ir/node.js'
import { leafOps } from '../../../../ir/ops/leaf.js'
import type { Pass } from '../../../../ir/pass.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../../ir/rewrite.js'
import { aroundAxis, type Shape } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'

type Values = readonly (number | bigint)[]

/** Smaller literals are not worth an op. */
const least = 64

/** The values at index 0 of an axis, when those at all other indices are the same; else undefined. */
function withoutAxis(values: Values, shape: Shape, axis: number): Values | undefined {
  const { outer, axis: n, inner } = aroundAxis(shape, axis)
  if (n < 2) return undefined
  const kept: (number | bigint)[] = []
  for (let o = 0; o < outer; o++) {
    const start = o * n * inner
    for (let i = 0; i < inner; i++) kept.push(values[start + i]!)
    for (let i = inner; i < n * inner; i++) if (!Object.is(values[start + i], values[start + (i % inner)])) return undefined
  }
  return kept
}

export const literalRules: readonly Rule[] = [
  {
    name: 'constant with equal slices -> broadcast(constant)',
    op: 'constant',
    rewrite: (node, b) => {
      let values = node.attrs['values'] as Values
      if (values.length < least) return undefined
      const shape = [...node.type.shape]
      for (let axis = 0; axis < shape.length; axis++) {
        const fewer = withoutAxis(values, shape, axis)
        if (fewer === undefined) continue
        values = fewer
        shape[axis] = 1
      }
      if (values.length === node.type.size) return undefined
      const { dtype } = node.type
      return b.broadcast(new Node(leafOps.constant, [], { dtype, shape, values }, typeOf(dtype, shape)), node.type.shape)
    },
  },
]

const table = ruleTable(literalRules)

export const literals: Pass = {
  name: 'mps-literals',
  doc: 'Writes large constants whose slices are equal as broadcasts of smaller ones.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}
