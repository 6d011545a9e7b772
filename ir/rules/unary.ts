// Ops of one operand that undo, repeat or ignore each other.

import { constantNode } from '../build.js'
import { type DTypeKind, dtypeInfo, isFloat } from '../dtype.js'
import type { OpName } from '../ops/index.js'
import type { Rule } from '../rewrite.js'
import { forEachOp, hasFloats, hasIntegers, isOp } from './match.js'

const roundings = ['ceil', 'floor', 'round', 'trunc'] as const satisfies readonly OpName[]

/** `outer(inner(x)) -> inner(x)`, optionally only for floats. */
const absorbed = (outer: OpName, inner: OpName, floatsOnly = false): Rule => ({
  name: `${outer}(${inner}(x)) -> ${inner}(x)${floatsOnly ? ' (floats)' : ''}`,
  op: outer,
  rewrite: (node) => (isOp(node.inputs[0]!, inner) && (!floatsOnly || hasFloats(node)) ? node.inputs[0] : undefined),
})

/** `outer(inner(x)) -> outer(x)` for dtypes of `kinds`. */
const ignored = (outer: OpName, inner: OpName, kinds: readonly DTypeKind[] = ['float', 'int', 'uint']): Rule => ({
  name: `${outer}(${inner}(x)) -> ${outer}(x)`,
  op: outer,
  rewrite: (node, b) =>
    isOp(node.inputs[0]!, inner) && kinds.includes(dtypeInfo[node.type.dtype].kind)
      ? b.emit(outer, [node.inputs[0]!.inputs[0]!])
      : undefined,
})

/** `outer(inner(x)) -> x`. */
const undone = (op: OpName): Rule => ({
  name: `${op}(${op}(x)) -> x`,
  op,
  rewrite: (node) => (isOp(node.inputs[0]!, op) ? node.inputs[0]!.inputs[0] : undefined),
})

export const unaryRules: readonly Rule[] = [
  undone('neg'),
  undone('bitwiseNot'),
  // The smallest integer is its own negation and absolute value, so these hold for integers too; the negation of an unsigned one is another number.
  ignored('abs', 'neg', ['float', 'int']),
  ignored('square', 'neg'),
  ignored('square', 'abs'),
  absorbed('abs', 'abs'),
  absorbed('relu', 'relu'),
  absorbed('sign', 'sign'),
  absorbed('abs', 'relu'),
  // Not integers: a square may wrap to a negative number, and the smallest integer stays negative.
  absorbed('abs', 'square', true),
  absorbed('relu', 'square', true),
  absorbed('relu', 'abs', true),
  ...roundings.flatMap((outer) => roundings.map((inner) => absorbed(outer, inner))),
  ...forEachOp(roundings, '$(x) -> x (integers)', (node) => (hasIntegers(node) ? node.inputs[0] : undefined)),
  ...forEachOp(roundings, '$(cast(n)) -> cast(n) (n is not float)', (node) => {
    const cast = node.inputs[0]!
    return isOp(cast, 'cast') && !isFloat(cast.inputs[0]!.type.dtype) ? cast : undefined
  }),
  ...forEachOp(['abs', 'relu'], '$(x) -> x (unsigned)', (node) =>
    dtypeInfo[node.type.dtype].kind === 'uint' ? node.inputs[0] : undefined,
  ),
  ...forEachOp(['isNan', 'isInf'], '$(x) -> false (integers)', (node) =>
    hasIntegers(node.inputs[0]!) ? constantNode(0, 'bool', node.type.shape) : undefined,
  ),
  ...forEachOp(['isFinite'], '$(x) -> true (integers)', (node) =>
    hasIntegers(node.inputs[0]!) ? constantNode(1, 'bool', node.type.shape) : undefined,
  ),
  ...forEachOp(['signbit'], '$(x) -> false (unsigned)', (node) =>
    dtypeInfo[node.inputs[0]!.type.dtype].kind === 'uint' ? constantNode(0, 'bool', node.type.shape) : undefined,
  ),
]
