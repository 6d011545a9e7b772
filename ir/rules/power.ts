// Powers with constant exponents, and extremes.
// pow(x, 0.5) stays: it is 0 at -0 and infinite at -inf, where sqrt is -0 and NaN.

import { dtypeInfo } from '../dtype.js'
import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import { filled, forEachOp, hasFloats, hasIntegers, isSplat, shapedLike, splat } from './match.js'

type Pair = [Node, Node]

const powers: readonly Rule[] = [
  {
    name: 'pow(x, 0) -> 1',
    op: 'pow',
    // Also for NaN: anything to the power 0 is 1.
    rewrite: (node) => (isSplat(node.inputs[1]!, 0) || isSplat(node.inputs[1]!, -0) ? filled(node, 1) : undefined),
  },
  {
    name: 'pow(x, 1) -> x',
    op: 'pow',
    rewrite: (node, b) => (isSplat(node.inputs[1]!, 1) ? shapedLike(b, node.inputs[0]!, node) : undefined),
  },
  {
    name: 'pow(x, 2) -> square(x)',
    op: 'pow',
    // square rounds x * x correctly; a pow that does not (few libraries' do, always) may differ from it in the last bit.
    rewrite: (node, b) => (isSplat(node.inputs[1]!, 2) ? shapedLike(b, b.square(node.inputs[0]!), node) : undefined),
  },
  {
    name: 'pow(x, -1) -> reciprocal(x) (floats)',
    op: 'pow',
    // As for the square: reciprocal rounds correctly.
    rewrite: (node, b) =>
      hasFloats(node) && isSplat(node.inputs[1]!, -1) ? shapedLike(b, b.reciprocal(node.inputs[0]!), node) : undefined,
  },
]

const extremes = ['minimum', 'maximum', 'fmin', 'fmax'] as const

/** Whether no value of the constant's dtype lies beyond it, so that `op` with it gives the other operand (NaN included). */
function isNeutral(op: string, c: Node): boolean {
  const upper = op === 'minimum' || op === 'fmin'
  // fmin and fmax give the constant where x is NaN.
  if (hasFloats(c))
    return op === 'minimum' ? isSplat(c, Number.POSITIVE_INFINITY) : op === 'maximum' && isSplat(c, Number.NEGATIVE_INFINITY)
  const { min, max } = dtypeInfo[c.type.dtype]
  return splat(c) === (upper ? max : min)
}

const bounds: readonly Rule[] = [
  ...forEachOp(extremes, '$(x, x) -> x', (node) => (node.inputs[0] === node.inputs[1] ? node.inputs[0] : undefined)),
  ...forEachOp(extremes, '$(x, beyond all) -> x', (node, b) => {
    const [x, c] = node.inputs as Pair
    return isNeutral(node.op.name, c) ? shapedLike(b, x, node) : undefined
  }),
  ...forEachOp(['maximum', 'fmax'], '$(x, 0) -> relu(x) (fmax: integers)', (node, b) => {
    const [x, c] = node.inputs as Pair
    // fmax gives 0 for NaN, relu NaN.
    return isSplat(c, 0) && (node.op.name === 'maximum' || hasIntegers(node)) ? shapedLike(b, b.emit('relu', [x]), node) : undefined
  }),
]

export const powerRules: readonly Rule[] = [...powers, ...bounds]
