// Comparisons and their negations. Of floats, less and greaterEqual are both false at NaN, so those are not each other's negation.

import { constantNode } from '../build.js'
import { dtypeInfo, isFloat } from '../dtype.js'
import type { Node } from '../node.js'
import type { OpName } from '../ops/index.js'
import type { Rule } from '../rewrite.js'
import { forEachOp, hasBools, hasFloats, isConstant, isOp, isSplat, shapedLike } from './match.js'

type Pair = [Node, Node]

const mirrored: Partial<Record<string, OpName>> = { less: 'greater', lessEqual: 'greaterEqual', greater: 'less', greaterEqual: 'lessEqual' }
const negated: Partial<Record<string, OpName>> = {
  equal: 'notEqual',
  notEqual: 'equal',
  less: 'greaterEqual',
  lessEqual: 'greater',
  greater: 'lessEqual',
  greaterEqual: 'less',
}

const isUnsigned = (node: Node): boolean => dtypeInfo[node.type.dtype].kind === 'uint'
const same = (node: Node): boolean => node.inputs[0] === node.inputs[1]
const answer = (node: Node, value: boolean): Node => constantNode(value ? 1 : 0, 'bool', node.type.shape)

export const compareRules: readonly Rule[] = [
  ...forEachOp(['less', 'lessEqual', 'greater', 'greaterEqual'], '$(c, x) -> mirrored(x, c)', (node, b) => {
    const [c, x] = node.inputs as Pair
    return isConstant(c) && !isConstant(x) ? b.emit(mirrored[node.op.name]!, [x, c]) : undefined
  }),
  // NaN is neither less nor greater than itself.
  ...forEachOp(['less', 'greater'], '$(x, x) -> false', (node) => (same(node) ? answer(node, false) : undefined)),
  ...forEachOp(['equal', 'lessEqual', 'greaterEqual'], '$(x, x) -> true (not floats)', (node) =>
    same(node) && !hasFloats(node.inputs[0]!) ? answer(node, true) : undefined,
  ),
  {
    name: 'notEqual(x, x) -> isNan(x), false',
    op: 'notEqual',
    rewrite: (node, b) => {
      if (!same(node)) return undefined
      return hasFloats(node.inputs[0]!) ? b.isNan(node.inputs[0]!) : answer(node, false)
    },
  },
  {
    name: 'less(x, 0) -> false (unsigned)',
    op: 'less',
    rewrite: (node) => (isUnsigned(node.inputs[0]!) && isSplat(node.inputs[1]!, 0) ? answer(node, false) : undefined),
  },
  {
    name: 'greaterEqual(x, 0) -> true (unsigned)',
    op: 'greaterEqual',
    rewrite: (node) => (isUnsigned(node.inputs[0]!) && isSplat(node.inputs[1]!, 0) ? answer(node, true) : undefined),
  },
  ...forEachOp(['equal', 'notEqual'], '$(x, c) -> x or logicalNot(x) (bool)', (node, b) => {
    const [x, c] = node.inputs as Pair
    if (!hasBools(x) || !(isSplat(c, 0) || isSplat(c, 1))) return undefined
    const keeps = isSplat(c, 1) === isOp(node, 'equal')
    return shapedLike(b, keeps ? x : b.logicalNot(x), node)
  }),
  {
    name: 'logicalNot(logicalNot(x)) -> x (bool)',
    op: 'logicalNot',
    rewrite: (node) => {
      const inner = node.inputs[0]!
      return isOp(inner, 'logicalNot') && hasBools(inner.inputs[0]!) ? inner.inputs[0] : undefined
    },
  },
  {
    name: 'logicalNot(compare(x, y)) -> opposite(x, y) (floats: equal, notEqual)',
    op: 'logicalNot',
    rewrite: (node, b) => {
      const inner = node.inputs[0]!
      const opposite = negated[inner.op.name]
      if (opposite === undefined) return undefined
      const exact = isOp(inner, 'equal') || isOp(inner, 'notEqual') || !isFloat(inner.inputs[0]!.type.dtype)
      return exact ? b.emit(opposite, inner.inputs) : undefined
    },
  },
]
