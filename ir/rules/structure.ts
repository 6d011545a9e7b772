// Ops that only carry meaning for gradients, and loops without turns.

import type { Node } from '../node.js'
import type { LoopAttrs } from '../ops/control.js'
import type { Rule } from '../rewrite.js'
import { filled, namesWhere } from './match.js'

/** Result `index` of a loop without turns, which `node` stands for: a carried value as it came in, or nothing that was stacked. Undefined for other nodes. */
function withoutTurns(loop: Node, index: number, node: Node): Node | undefined {
  if (loop.op.traits.loop !== true) return undefined
  const { length, carried, conditional } = loop.attrs as unknown as LoopAttrs
  if (length > 0) return undefined
  return index < carried ? loop.inputs[Number(conditional) + index]! : filled(node, 0)
}

export const structureRules: readonly Rule[] = [
  ...namesWhere((op) => op.traits.transparent === true).map(
    (op): Rule => ({ name: `${op}(x) -> x`, op, rewrite: (node) => node.inputs[0]! }),
  ),
  {
    name: 'loop of no turns -> what it carries',
    op: 'loop',
    rewrite: (node) => (node.results === undefined ? withoutTurns(node, 0, node) : undefined),
  },
  {
    name: 'result(loop of no turns) -> what it carries',
    op: 'result',
    rewrite: (node) => withoutTurns(node.inputs[0]!, node.attrs['index'] as number, node),
  },
]
