// Identities of add, sub, mul, div and their kin. Floats only where every bit agrees:
// x + 0 is not x (at -0), x * 0 is not 0 (at NaN, infinities and negative x), x - x is not 0, and nothing reassociates.

import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import {
  exactReciprocal,
  filled,
  forEachOp,
  hasFloats,
  hasIntegers,
  isConstant,
  isIntegerZero,
  isOp,
  isSplat,
  shapedLike,
  splat,
} from './match.js'

type Pair = [Node, Node]

const isOne = (node: Node): boolean => isSplat(node, 1)
const isMinusOne = (node: Node): boolean => isSplat(node, -1)
const isNeg = (node: Node): boolean => isOp(node, 'neg')

const addition: readonly Rule[] = [
  {
    name: 'add(x, 0) -> x (floats: -0)',
    op: 'add',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      return isIntegerZero(c) || isSplat(c, -0) ? shapedLike(b, x, node) : undefined
    },
  },
  {
    name: 'add(x, neg(y)) -> sub(x, y)',
    op: 'add',
    rewrite: (node, b) => {
      const [x, y] = node.inputs as Pair
      return isNeg(y) ? b.sub(x, y.inputs[0]!) : undefined
    },
  },
  {
    name: 'add(neg(x), y) -> sub(y, x)',
    op: 'add',
    rewrite: (node, b) => {
      const [x, y] = node.inputs as Pair
      return isNeg(x) ? b.sub(y, x.inputs[0]!) : undefined
    },
  },
  {
    name: 'sub(x, 0) -> x',
    op: 'sub',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      return isSplat(c, 0) ? shapedLike(b, x, node) : undefined
    },
  },
  {
    name: 'sub(0, x) -> neg(x) (floats: -0)',
    op: 'sub',
    rewrite: (node, b) => {
      const [c, x] = node.inputs as Pair
      return isIntegerZero(c) || isSplat(c, -0) ? shapedLike(b, b.neg(x), node) : undefined
    },
  },
  {
    name: 'sub(x, neg(y)) -> add(x, y)',
    op: 'sub',
    rewrite: (node, b) => {
      const [x, y] = node.inputs as Pair
      return isNeg(y) ? b.add(x, y.inputs[0]!) : undefined
    },
  },
  {
    name: 'sub(x, x) -> 0 (integers)',
    op: 'sub',
    rewrite: (node) => (hasIntegers(node) && node.inputs[0] === node.inputs[1] ? filled(node, 0) : undefined),
  },
]

const multiplication: readonly Rule[] = [
  ...forEachOp(['mul', 'div'], '$(x, 1) -> x', (node, b) => {
    const [x, c] = node.inputs as Pair
    return isOne(c) ? shapedLike(b, x, node) : undefined
  }),
  ...forEachOp(['mul', 'div'], '$(x, -1) -> neg(x)', (node, b) => {
    const [x, c] = node.inputs as Pair
    return isMinusOne(c) ? shapedLike(b, b.neg(x), node) : undefined
  }),
  {
    name: 'mul(x, 0) -> 0 (integers)',
    op: 'mul',
    rewrite: (node) => (isIntegerZero(node.inputs[1]!) ? filled(node, 0) : undefined),
  },
  {
    name: 'mul(neg(x), neg(y)) -> mul(x, y)',
    op: 'mul',
    rewrite: (node, b) => {
      const [x, y] = node.inputs as Pair
      return isNeg(x) && isNeg(y) ? b.mul(x.inputs[0]!, y.inputs[0]!) : undefined
    },
  },
  {
    name: 'div(neg(x), neg(y)) -> div(x, y) (floats)',
    op: 'div',
    // Not integers: the smallest one is its own negation.
    rewrite: (node, b) => {
      const [x, y] = node.inputs as Pair
      return hasFloats(node) && isNeg(x) && isNeg(y) ? b.div(x.inputs[0]!, y.inputs[0]!) : undefined
    },
  },
  {
    name: 'mul(neg(x), c) -> mul(x, -c)',
    op: 'mul',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      return isNeg(x) && isConstant(c) ? b.mul(x.inputs[0]!, b.neg(c)) : undefined
    },
  },
  {
    name: 'div(neg(x), c) -> div(x, -c) (floats)',
    op: 'div',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      return hasFloats(node) && isNeg(x) && isConstant(c) ? b.div(x.inputs[0]!, b.neg(c)) : undefined
    },
  },
  {
    name: 'div(x, 2^k) -> mul(x, 2^-k) (floats)',
    op: 'div',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      const factor = exactReciprocal(c)
      return factor === undefined ? undefined : shapedLike(b, b.mul(x, b.constant(factor, c)), node)
    },
  },
  {
    name: 'divNoNan(x, c) -> div(x, c) (c is not 0)',
    op: 'divNoNan',
    rewrite: (node, b) => {
      const [x, c] = node.inputs as Pair
      const value = splat(c)
      return value !== undefined && Number(value) !== 0 ? b.div(x, c) : undefined
    },
  },
]

/** Exact because integers wrap; the constants meet in one op, which folds. */
const reassociation: readonly Rule[] = forEachOp(['add', 'mul'], '$($(x, c), d) -> $(x, $(c, d)) (integers)', (node, b) => {
  const [inner, d] = node.inputs as Pair
  const c = inner.inputs[1]
  if (!hasIntegers(node) || inner.op !== node.op || !isConstant(d) || !isConstant(c!)) return undefined
  return b.emit(node.op.name, [inner.inputs[0]!, b.emit(node.op.name, [c!, d])])
})

/** Integers only: floats round quotients down. */
const division: readonly Rule[] = [
  {
    name: 'floorDiv(x, 1) -> x (integers)',
    op: 'floorDiv',
    rewrite: (node, b) => (hasIntegers(node) && isOne(node.inputs[1]!) ? shapedLike(b, node.inputs[0]!, node) : undefined),
  },
  {
    name: 'floorDiv(x, -1) -> neg(x) (integers)',
    op: 'floorDiv',
    rewrite: (node, b) => (hasIntegers(node) && isMinusOne(node.inputs[1]!) ? shapedLike(b, b.neg(node.inputs[0]!), node) : undefined),
  },
  ...forEachOp(['mod', 'rem'], '$(x, 1 or -1) -> 0 (integers)', (node) => {
    const c = node.inputs[1]!
    return hasIntegers(node) && (isOne(c) || isMinusOne(c)) ? filled(node, 0) : undefined
  }),
]

export const arithmeticRules: readonly Rule[] = [...addition, ...multiplication, ...reassociation, ...division]
