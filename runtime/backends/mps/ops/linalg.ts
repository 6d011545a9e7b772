// Matrix products. MPSGraph multiplies float matrices, and stacks of them up to four dimensions; integers are composed as far as that is exact and affordable.

import { type DType, isFloat } from '../../../../ir/dtype.js'
import type { linalgOps } from '../../../../ir/ops/linalg.js'
import { broadcastShapes, sizeOf } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import type { Target } from '../target.js'
import { reduceAxes } from './axes.js'
import { fromAccumulator, toAccumulator } from './carrier.js'

/** Dimensions and sums up to this have always been right. */
const safeDimension = 2 ** 15
/** Elementwise products of one integer matrix product that may exist at once. */
const mostProducts = 2 ** 24
/** Partial products that one product of bytes may consist of. */
const mostParts = 64

/** How many products of two elements float32 sums exactly; undefined when not even one. */
function exactTerms(dtype: DType): number | undefined {
  if (dtype === 'int8') return 2 ** 24 / 2 ** 14
  return dtype === 'uint8' ? Math.floor(2 ** 24 / 255 ** 2) : undefined
}

/** The products over parts of at most `most` of the dimension that is summed over, which `add` brings together. */
function inParts(g: Emitter, a: Value, b: Value, most: number, multiply: (a: Value, b: Value) => Value): Value {
  const k = a.type.shape.at(-1)!
  const part = (x: Value, axis: number, start: number): Value =>
    g.slice(
      x,
      x.type.shape.map((_, d) => (d === axis ? start : 0)),
      x.type.shape.map((size, d) => (d === axis ? Math.min(most, k - start) : size)),
    )
  let total: Value | undefined
  for (let start = 0; start < k; start += most) {
    const product = multiply(part(a, a.type.rank - 1, start), part(b, b.type.rank - 2, start))
    total = total === undefined ? product : g.add(total, product)
  }
  return total!
}

function multiply(g: Emitter, a: Value, b: Value): Value {
  const batch = broadcastShapes(a.type.shape.slice(0, -2), b.type.shape.slice(0, -2))!
  const shape = [...batch, a.type.shape.at(-2)!, b.type.shape.at(-1)!]
  return g.call('matrixMultiplicationWithPrimaryTensor:secondaryTensor:name:', [a, b], typeOf(a.type.dtype, shape))
}

/** A product of float32 matrices. */
function multiplyFloats(g: Emitter, a: Value, b: Value): Value {
  const most = applies('matmul-k-over-32768', g.target) ? safeDimension : Number.POSITIVE_INFINITY
  return inParts(g, a, b, most, (x, y) => multiply(g, x, y))
}

/** Sums of elementwise products: [..., M, K, 1] times [..., 1, K, N]. */
function multiplyElements(g: Emitter, a: Value, b: Value): Value {
  const [rows, columns] = [a.type.shape, b.type.shape]
  const [m, k, n] = [rows.at(-2)!, rows.at(-1)!, columns.at(-1)!]
  const products = g.mul(g.reshape(a, [...rows.slice(0, -2), m, k, 1]), g.reshape(b, [...columns.slice(0, -2), 1, k, n]))
  return g.reshape(reduceAxes(g, 'reductionSum', products, [products.type.rank - 2]), [...rows.slice(0, -1), n])
}

function multiplyAs(g: Emitter, a: Value, b: Value, dtype: DType): Value {
  if (isFloat(dtype)) return g.cast(multiplyFloats(g, g.cast(a, 'float32'), g.cast(b, 'float32')), dtype)
  const terms = exactTerms(dtype)
  if (terms === undefined) return fromAccumulator(g, multiplyElements(g, toAccumulator(g, a), toAccumulator(g, b)), dtype)
  const exact = (x: Value, y: Value): Value => g.cast(multiply(g, x, y), 'int32')
  return g.cast(inParts(g, g.cast(a, 'float32'), g.cast(b, 'float32'), terms, exact), dtype)
}

/** MPSGraph ends the process on products of more dimensions. */
const mostDimensions = 4

/**
 * Operands as MPSGraph takes them. A right operand without batches multiplies all of the left one, whose rows are a single matrix where each batch has but one.
 * Batches of both are one dimension, so that MPSGraph does not take the product for a part of attention, unless `stacked` keeps up to two.
 */
function arranged(g: Emitter, a: Value, b: Value, type: TensorType, stacked: boolean): [Value, Value] {
  const [m, k, n] = [a.type.shape.at(-2)!, a.type.shape.at(-1)!, b.type.shape.at(-1)!]
  const batch = type.shape.slice(0, -2)
  const fits = isFloat(type.dtype) && type.rank <= mostDimensions
  if (sizeOf(b.type.shape.slice(0, -2)) === 1) {
    const left = fits && m > 1 ? a : g.reshape(a, [a.type.size / k, k])
    return [left, g.reshape(b, [k, n])]
  }
  if (fits && stacked && a.type.rank === type.rank && b.type.rank === type.rank) return [a, b]
  const count = sizeOf(batch)
  return [g.reshape(g.broadcast(a, [...batch, m, k]), [count, m, k]), g.reshape(g.broadcast(b, [...batch, k, n]), [count, k, n])]
}

function refuseMatmul([a, b]: readonly TensorType[], types: readonly TensorType[], target: Target | undefined): string | undefined {
  const { dtype } = a!
  const k = a!.shape.at(-1)!
  if (isFloat(dtype)) {
    const large = [...a!.shape.slice(-2), b!.shape.at(-1)!].some((size) => size > safeDimension)
    const wrong = large && target !== undefined && applies('matmul-over-32768', target)
    return wrong ? `of ${a} and ${b} is wrong on macOS before 14.4, which errs on dimensions over ${safeDimension}` : undefined
  }
  const terms = exactTerms(dtype)
  if (terms !== undefined) {
    if (k <= terms * mostParts) return undefined
    return `of ${dtype} sums ${k} products; the GPU, which multiplies float matrices only, is exact for up to ${terms * mostParts}`
  }
  const products = types[0]!.size * k
  if (products <= mostProducts) return undefined
  return `of ${dtype} makes ${products} products; the GPU multiplies float matrices only, and integers one by one up to ${mostProducts}`
}

/** The product of stacks of matrices of any dtype, of the given type. `stacked` keeps batches as they are where MPSGraph can. */
export function multiplyMatrices(g: Emitter, a: Value, b: Value, type: TensorType, stacked = false): Value {
  const [left, right] = arranged(g, a, b, type, stacked)
  return g.reshape(multiplyAs(g, left, right, type.dtype), type.shape)
}

export const linalgLowerings: Table<typeof linalgOps> = {
  matmul: {
    emit: (g, [a, b], { type }) => multiplyMatrices(g, a!, b!, type),
    refuse: (inputs, _, types, target) => refuseMatmul(inputs, types, target),
  },
}
