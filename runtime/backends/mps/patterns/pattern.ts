// What patterns are, and what they ask about nodes.

import { roundTo } from '../../../../ir/host.js'
import type { Node } from '../../../../ir/node.js'
import { isOp, splat } from '../../../../ir/rules/match.js'
import { sameShape } from '../../../../ir/shape.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Target } from '../target.js'

/** What a pattern makes of a possible root: what it reads, the nodes it replaces (the root left out), and the calls. */
export interface Match {
  readonly operands: readonly Node[]
  readonly covered: readonly Node[]
  readonly emit: (g: Emitter, operands: readonly Value[]) => Value
}

export interface Pattern {
  readonly name: string
  readonly match: (root: Node, target?: Target) => Match | undefined
}

/** Patterns are for float32: halves have been cast to it where the library wants more precision. */
export const isFloat32 = (node: Node): boolean => node.type.dtype === 'float32'

/** Operands of a commutative op, with one for which `test` holds first; undefined when it holds for none. */
export function operandsWhere(node: Node, test: (operand: Node) => boolean): readonly [Node, Node] | undefined {
  const [a, b] = node.inputs as readonly [Node, Node]
  if (test(a)) return [a, b]
  return test(b) ? [b, a] : undefined
}

/** Whether the node is a constant with this value, rounded to float32, everywhere. */
export const isNumber = (node: Node, value: number): boolean => splat(node) === roundTo('float32', value)

/** The other operand of a product with a constant of the given value. */
export function timesConstant(node: Node, value: number): Node | undefined {
  if (!isOp(node, 'mul')) return undefined
  const found = operandsWhere(node, (operand) => isNumber(operand, value))
  return found !== undefined && sameShape(found[1].type.shape, node.type.shape) ? found[1] : undefined
}

/** A reduction over some axes that stay as dimensions of size 1 (or do not). */
export const axesOf = (node: Node): readonly number[] => node.attrs['axes'] as readonly number[]

export const keepsDims = (node: Node): boolean => node.attrs['keepDims'] === true

/** A mean: a sum divided by the number of its terms. */
export interface Mean {
  readonly x: Node
  readonly axes: readonly number[]
  readonly sum: Node
}

/** Recognises `sum(x) / n` and, where 1 / n is exact, `sum(x) * (1 / n)`, n the number of elements that are summed. */
export function meanOf(node: Node): Mean | undefined {
  const sum = node.inputs[0]
  if (sum === undefined || !isFloat32(node) || !isOp(sum, 'sum') || !sameShape(sum.type.shape, node.type.shape)) return undefined
  const [x, axes] = [sum.inputs[0]!, axesOf(sum)]
  const count = axes.reduce((product, axis) => product * x.type.shape[axis]!, 1)
  if (axes.length === 0 || count === 0) return undefined
  const divisor = node.inputs[1]!
  const divides = isOp(node, 'div') && isNumber(divisor, count)
  // Of powers of two only does the reciprocal give the same.
  const multiplies = isOp(node, 'mul') && Number.isInteger(Math.log2(count)) && splat(divisor) === 1 / count
  return divides || multiplies ? { x, axes, sum } : undefined
}
