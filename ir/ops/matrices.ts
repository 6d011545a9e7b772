// What the ops on stacks of matrices (the last two dimensions) share: checks, and splitting host tensors into matrices.

import type { Builder } from '../build.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, roundTo } from '../host.js'
import type { Node } from '../node.js'
import type { HasType } from '../op.js'
import { type Shape, sameShape } from '../shape.js'
import type { TensorType } from '../type.js'
import { checkWideFloat } from './check.js'

/** Refuses operand 0 unless it is a stack of float32 or float64 matrices. */
export function checkMatrices(op: string, inputs: readonly HasType[]): TensorType {
  const { type } = inputs[0]!
  checkWideFloat(op, inputs)
  if (type.rank < 2) {
    throw new SinterError('shape', `operand 0 has ${type.rank} dimensions, matrices need at least 2 (C2)`, { op, operands: inputs })
  }
  return type
}

/** As `checkMatrices`, and refuses matrices that are not square. */
export function checkSquare(op: string, inputs: readonly HasType[]): TensorType {
  const type = checkMatrices(op, inputs)
  const [m, n] = type.shape.slice(-2)
  if (m !== n) throw new SinterError('shape', `matrices are ${m} x ${n}; they need to be square (C3)`, { op, operands: inputs })
  return type
}

/** Refuses operand 1 unless it is a right-hand side for operand 0: the same leading dimensions, as many rows. */
export function checkRightSide(op: string, inputs: readonly HasType[]): TensorType {
  const a = inputs[0]!.type
  const b = inputs[1]!.type
  if (b.dtype !== a.dtype) {
    throw new SinterError('dtype', `operand 1 is ${b.dtype}, operand 0 is ${a.dtype}; they must agree (C4)`, { op, operands: inputs })
  }
  if (b.rank !== a.rank || !sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1))) {
    const wanted = [...a.shape.slice(0, -1), 'any'].join(', ')
    throw new SinterError('shape', `operand 1 is [${b.shape.join(', ')}], it needs to be [${wanted}] (C5)`, { op, operands: inputs })
  }
  return b
}

/** The matrices of a tensor one after the other, row-major. */
export function matricesOf({ type, values }: HostTensor): Float64Array[] {
  const [m, n] = type.shape.slice(-2) as [number, number]
  const count = type.shape.slice(0, -2).reduce((product, size) => product * size, 1)
  return Array.from({ length: count }, (_, i) => (values as Float64Array).slice(i * m * n, (i + 1) * m * n))
}

/** A tensor of equally long parts, each element rounded once. */
export function joined(type: TensorType, parts: readonly ArrayLike<number>[]): HostTensor {
  const values = emptyValues(type.dtype, type.size)
  let at = 0
  for (const part of parts) for (let i = 0; i < part.length; i++) values[at++] = roundTo(type.dtype, part[i]!)
  return { type, values }
}

/** One tensor per key: that part of every matrix's result, one after the other. */
export const joinedParts = <Key extends string>(
  types: readonly TensorType[],
  results: readonly Readonly<Record<Key, ArrayLike<number>>>[],
  ...keys: readonly Key[]
): HostTensor[] =>
  keys.map((key, i) =>
    joined(
      types[i]!,
      results.map((result) => result[key]),
    ),
  )

/** An n x n matrix of the node's dtype with one value below the diagonal, one on it, one above it. */
export function triangles(b: Builder, like: Node, n: number, below: number, on: number, above: number): Node {
  const rows = b.emit('iota', [], { dtype: 'int32', shape: [n, n], axis: 0 })
  const columns = b.emit('iota', [], { dtype: 'int32', shape: [n, n], axis: 1 })
  const full = (value: number): Node => b.broadcast(b.constant(value, like), [n, n])
  return b.select(b.greater(rows, columns), full(below), b.select(b.equal(rows, columns), full(on), full(above)))
}

/** The transpose of a product's left factor first: a^T b. */
export const transposedProduct = (b: Builder, x: Node, y: Node): Node => b.matmul(b.transpose(x), y)

/** The cotangent of a matrix of which an op reads the lower triangle only, from the one for symmetric matrices. */
export function ontoLower(b: Builder, cotangent: Node): Node {
  const symmetric = b.add(cotangent, b.transpose(cotangent))
  return b.mul(symmetric, triangles(b, symmetric, symmetric.type.shape.at(-1)!, 1, 0.5, 0))
}

/** The shape with other sizes in the last two places. */
export const withMatrix = (shape: Shape, m: number, n: number): Shape => [...shape.slice(0, -2), m, n]
