// and, or, xor of truth values and of bits; shifts.

import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import { filled, forEachOp, hasBools, isAllOnes, isIntegerZero, shapedLike } from './match.js'

type Pair = [Node, Node]

const same = (node: Node): boolean => node.inputs[0] === node.inputs[1]

export const logicalRules: readonly Rule[] = [
  ...forEachOp(['logicalAnd', 'bitwiseAnd'], '$(x, ones) -> x', (node, b) =>
    isAllOnes(node.inputs[1]!) ? shapedLike(b, node.inputs[0]!, node) : undefined,
  ),
  ...forEachOp(['logicalAnd', 'bitwiseAnd'], '$(x, 0) -> 0', (node) => (isIntegerZero(node.inputs[1]!) ? filled(node, 0) : undefined)),
  ...forEachOp(['logicalOr', 'bitwiseOr', 'logicalXor', 'bitwiseXor', 'shiftLeft', 'shiftRight'], '$(x, 0) -> x', (node, b) =>
    isIntegerZero(node.inputs[1]!) ? shapedLike(b, node.inputs[0]!, node) : undefined,
  ),
  ...forEachOp(['logicalOr', 'bitwiseOr'], '$(x, ones) -> ones', (node, b) =>
    isAllOnes(node.inputs[1]!) ? shapedLike(b, node.inputs[1]!, node) : undefined,
  ),
  ...forEachOp(['logicalXor', 'bitwiseXor'], '$(x, ones) -> not(x)', (node, b) => {
    const [x, ones] = node.inputs as Pair
    return isAllOnes(ones) ? shapedLike(b, hasBools(x) ? b.logicalNot(x) : b.emit('bitwiseNot', [x]), node) : undefined
  }),
  ...forEachOp(['logicalAnd', 'logicalOr', 'bitwiseAnd', 'bitwiseOr'], '$(x, x) -> x', (node) => (same(node) ? node.inputs[0] : undefined)),
  ...forEachOp(['logicalXor', 'bitwiseXor'], '$(x, x) -> 0', (node) => (same(node) ? filled(node, 0) : undefined)),
]
