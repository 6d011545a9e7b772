// What rules look at: ops by trait, constants by value, and how a replacement gets the node's shape.

import { type Builder, constantNode } from '../build.js'
import { dtypeInfo, isBig, isFloat } from '../dtype.js'
import { roundTo } from '../host.js'
import type { Node } from '../node.js'
import type { Op } from '../op.js'
import { type OpName, ops } from '../ops/index.js'
import type { Rule } from '../rewrite.js'
import { sameShape } from '../shape.js'

/** Names of the ops that satisfy a predicate. */
export const namesWhere = (predicate: (op: Op) => boolean): OpName[] =>
  Object.values<Op>(ops)
    .filter(predicate)
    .map((op) => op.name as OpName)

/** Elementwise ops with a single result, which may be moved: a complex one may not. */
export const elementwiseOps = namesWhere((op) => op.traits.elementwise === true && !['threefry2x32', 'complex'].includes(op.name))

/** The same rule for several ops; `$` in the name stands for the op. */
export const forEachOp = (names: readonly OpName[], name: string, rewrite: Rule['rewrite']): Rule[] =>
  names.map((op) => ({ name: name.replaceAll('$', op), op, rewrite }))

export const isOp = (node: Node, name: OpName): boolean => node.op.name === name
export const hasFloats = (node: Node): boolean => isFloat(node.type.dtype)
export const hasBools = (node: Node): boolean => node.type.dtype === 'bool'
export const hasIntegers = (node: Node): boolean => !hasFloats(node) && !hasBools(node)
export const isConstant = (node: Node): boolean => isOp(node, 'constant')

/** The one value, as its dtype holds it, of a constant that has the same value everywhere; else undefined. */
export function splat(node: Node): number | bigint | undefined {
  if (!isConstant(node)) return undefined
  const values = node.attrs.values as readonly (number | bigint)[]
  if (values.length !== 1) return undefined
  const { dtype } = node.type
  if (!isBig(dtype)) return roundTo(dtype, Number(values[0]))
  return dtype === 'int64' ? BigInt.asIntN(64, BigInt(values[0]!)) : BigInt.asUintN(64, BigInt(values[0]!))
}

/** Whether the node is a constant with exactly this value everywhere: 0 and -0 differ, integers of any width compare by value. */
export function isSplat(node: Node, value: number): boolean {
  const found = splat(node)
  return typeof found === 'bigint' ? Number.isInteger(value) && found === BigInt(value) : Object.is(found, value)
}

/** Whether the node is a constant of all zero integers (or false). */
export const isIntegerZero = (node: Node): boolean => !hasFloats(node) && isSplat(node, 0)

/** Whether the node is a constant of integers (or bools) with all bits set. */
export function isAllOnes(node: Node): boolean {
  const { kind, max } = dtypeInfo[node.type.dtype]
  return kind === 'int' ? isSplat(node, -1) : kind !== 'float' && splat(node) === max
}

/** A constant of the node's type with one value everywhere. */
export const filled = (node: Node, value: number | bigint): Node => constantNode(value, node.type.dtype, node.type.shape)

/** The value broadcast to the shape of `node`, which it replaces. */
export const shapedLike = (b: Builder, value: Node, node: Node): Node =>
  sameShape(value.type.shape, node.type.shape) ? value : b.broadcast(value, node.type.shape)

const bits = new DataView(new ArrayBuffer(8))
// Largest k for which both 2^k and 2^-k are normal numbers.
const exponentLimit: Readonly<Record<string, number>> = { float16: 14, bfloat16: 126, float32: 126, float64: 1022 }

/** 1 / value for float constants that are a power of two, where dividing by one and multiplying by the other round alike; else undefined. */
export function exactReciprocal(node: Node): number | undefined {
  const value = splat(node)
  const limit = exponentLimit[node.type.dtype]
  if (typeof value !== 'number' || limit === undefined) return undefined
  bits.setFloat64(0, value)
  const mantissa = bits.getBigUint64(0) & 0xfffffffffffffn
  const exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1023
  return mantissa === 0n && Math.abs(exponent) <= limit ? 1 / value : undefined
}
