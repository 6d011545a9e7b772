// Matrix products: strides of both operands straight from their views, and what follows the product as an epilogue on each finished block.

import { type DType, dtypeInfo } from '../../../../ir/dtype.js'
import { broadcastView, type View } from '../../../../ir/view.js'
import { nanoseconds, Words } from '../program.js'

/** Where an operand's elements are. */
export interface Located {
  readonly buffer: number
  readonly dtype: DType
  readonly view: View
}

/** Multiply-adds per nanosecond on one thread, roughly: enough to decide about threads. */
const multiplyAddsPerNanosecond = 50
/** Columns are computed in whole vectors, and storing an element costs as much as this many multiply-adds. */
const vectorColumns = 16
const storeCost = 16

/** The dtype of products of the given dtype as the native step stores them. */
export const productDType = (dtype: DType): DType => (dtype === 'float16' || dtype === 'bfloat16' ? 'float32' : dtype)

/** The words of a matrix product into the contiguous buffer `c` of shape `shape`, with an optional packed epilogue. */
export function packMatmul(
  a: Located,
  b: Located,
  c: number,
  shape: readonly number[],
  epilogue: { words: Words; nanoseconds: number } | undefined,
): { words: Words; nanoseconds: number } {
  const rank = shape.length
  const batch = shape.slice(0, rank - 2)
  const [m, n] = shape.slice(rank - 2) as [number, number]
  const k = a.view.shape.at(-1)!
  const viewA = broadcastView(a.view, [...batch, m, k])
  const viewB = broadcastView(b.view, [...batch, k, n])
  const columns = Math.ceil(n / vectorColumns) * vectorColumns
  const computed = batch.reduce((x, y) => x * y, m * columns) * (k + storeCost)
  const cost = computed / multiplyAddsPerNanosecond + (epilogue?.nanoseconds ?? 0)
  const words = new Words()
  words.push(2, 0, dtypeInfo[a.dtype].code, batch.length)
  words.long(m, n, k)
  for (const [located, view] of [[a, viewA] as const, [b, viewB] as const]) {
    words.push(located.buffer)
    words.long(view.offset, view.strides[rank - 2]!, view.strides[rank - 1]!)
  }
  words.push(c)
  words.long(0, n)
  words.push(epilogue?.words.length ?? 0, nanoseconds(cost))
  words.long(...batch, ...viewA.strides.slice(0, rank - 2), ...viewB.strides.slice(0, rank - 2))
  let stride = m * n
  const batchStrides = batch.map(() => 0)
  for (let d = batch.length - 1; d >= 0; d--) {
    batchStrides[d] = stride
    stride *= batch[d]!
  }
  words.long(...batchStrides)
  if (epilogue !== undefined) words.append(epilogue.words.view())
  words.set(1, words.length)
  return { words, nanoseconds: cost }
}
