// Reductions over nothing, and reductions of reductions where the order of combining cannot show.

import type { Node } from '../node.js'
import type { OpName } from '../ops/index.js'
import type { Rule } from '../rewrite.js'
import { forEachOp, hasFloats, namesWhere } from './match.js'

const reductions = namesWhere((op) => op.traits.reduction !== undefined)

const axesOf = (node: Node): readonly number[] => node.attrs.axes as readonly number[]

/** Axes of the operand of `inner` that `outer` after `inner` reduces. */
function bothAxes(outer: Node, inner: Node): number[] {
  const x = inner.inputs[0]!
  const first = axesOf(inner)
  // Dimension i of the inner result is dimension kept[i] of x.
  const kept = x.type.shape.map((_, d) => d).filter((d) => inner.attrs.keepDims === true || !first.includes(d))
  return [...new Set([...first, ...axesOf(outer).map((d) => kept[d]!)])].sort((a, b) => a - b)
}

/** Combining in one go rounds less often than in two. Of zeros that tie, max and min may give either, here as in any other order. */
const isExact = (node: Node): boolean => !hasFloats(node) || !['sum', 'prod'].includes(node.op.traits.reduction!)

export const reduceRules: readonly Rule[] = [
  ...forEachOp(reductions, '$(x) -> reshape(x) (axes of size 1; sum of floats: + 0)', (node, b) => {
    const x = node.inputs[0]!
    if (!axesOf(node).every((axis) => x.type.shape[axis] === 1)) return undefined
    const value = b.reshape(x, node.type.shape)
    // Sums start at 0, so that the sum of -0 alone is 0.
    return node.op.traits.reduction === 'sum' && hasFloats(node) ? b.add(value, b.constant(0, value)) : value
  }),
  ...forEachOp(reductions, '$($(x)) -> $(x) (sum and prod: integers)', (node, b, facts) => {
    const inner = node.inputs[0]!
    if (inner.op !== node.op || !isExact(node) || facts.uses(inner) > 1) return undefined
    const merged = b.emit(node.op.name as OpName, inner.inputs, { axes: bothAxes(node, inner), keepDims: node.attrs.keepDims! })
    return b.reshape(merged, node.type.shape)
  }),
]
