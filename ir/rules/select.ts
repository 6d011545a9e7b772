// Choices that are already made.

import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import { hasBools, isOp, isSplat, shapedLike, splat } from './match.js'

type Three = [Node, Node, Node]

export const selectRules: readonly Rule[] = [
  {
    name: 'select(true, a, b) -> a, select(false, a, b) -> b',
    op: 'select',
    rewrite: (node, b) => {
      const [condition, yes, no] = node.inputs as Three
      const value = splat(condition)
      return value === undefined ? undefined : shapedLike(b, value === 1 ? yes : no, node)
    },
  },
  {
    name: 'select(c, a, a) -> a',
    op: 'select',
    rewrite: (node, b) => (node.inputs[1] === node.inputs[2] ? shapedLike(b, node.inputs[1]!, node) : undefined),
  },
  {
    name: 'select(logicalNot(c), a, b) -> select(c, b, a)',
    op: 'select',
    rewrite: (node, b) => {
      const [condition, yes, no] = node.inputs as Three
      const inner = condition.inputs[0]
      return isOp(condition, 'logicalNot') && hasBools(inner!) ? b.select(inner!, no, yes) : undefined
    },
  },
  {
    name: 'select(c, select(c, a, b), d) -> select(c, a, d)',
    op: 'select',
    rewrite: (node, b) => {
      const [condition, yes, no] = node.inputs as Three
      return isOp(yes, 'select') && yes.inputs[0] === condition ? shapedLike(b, b.select(condition, yes.inputs[1]!, no), node) : undefined
    },
  },
  {
    name: 'select(c, a, select(c, b, d)) -> select(c, a, d)',
    op: 'select',
    rewrite: (node, b) => {
      const [condition, yes, no] = node.inputs as Three
      return isOp(no, 'select') && no.inputs[0] === condition ? shapedLike(b, b.select(condition, yes, no.inputs[2]!), node) : undefined
    },
  },
  {
    name: 'select(c, true, false) -> c, select(c, false, true) -> logicalNot(c)',
    op: 'select',
    rewrite: (node, b) => {
      const [condition, yes, no] = node.inputs as Three
      if (!hasBools(node)) return undefined
      if (isSplat(yes, 1) && isSplat(no, 0)) return shapedLike(b, condition, node)
      return isSplat(yes, 0) && isSplat(no, 1) ? shapedLike(b, b.logicalNot(condition), node) : undefined
    },
  },
]
