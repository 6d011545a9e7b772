// TensorType: dtype and shape, interned so that equal types are usually the same object and carry a small id for cache keys.

import { type DType, dtypeByShort, dtypeInfo, isComplex } from './dtype.js'
import { SinterError } from './error.js'
import { type Shape, sameShape, sizeOf } from './shape.js'

export class TensorType {
  readonly dtype: DType
  readonly shape: Shape
  /** The number of elements. */
  readonly size: number
  readonly isComplex: boolean
  /** Equal ids imply equal types; the converse holds unless the intern table was cleared in between. */
  readonly id: number

  /** Use `typeOf`. */
  constructor(dtype: DType, shape: Shape, id: number) {
    this.dtype = dtype
    this.shape = shape
    this.size = sizeOf(shape)
    this.isComplex = isComplex(dtype)
    this.id = id
  }

  get rank(): number {
    return this.shape.length
  }

  get bytes(): number {
    return this.size * dtypeInfo[this.dtype].bytes
  }

  equals(other: TensorType): boolean {
    return this === other || (this.dtype === other.dtype && sameShape(this.shape, other.shape))
  }

  /** `f32[2,3]`, the form of IR text and error messages. */
  toString(): string {
    return `${dtypeInfo[this.dtype].short}[${this.shape.join(',')}]`
  }
}

/** Largest number of dimensions (MPSNDArray's limit, and the native program's). */
export const maxRank = 16
/** Largest number of elements of a tensor. */
export const maxSize = 2 ** 40

// A program with ever-changing shapes must not grow the table for ever; past the limit old types merely stop being identical to new ones.
const internLimit = 1 << 16
const interned = new Map<number, TensorType[]>()
let internedCount = 0
let nextId = 1

/** The type of the given dtype and shape. Shapes are kept, so do not mutate the array afterwards. Throws `shape` for sizes that are not tensors. */
export function typeOf(dtype: DType, shape: Shape): TensorType {
  let hash = dtypeInfo[dtype].code
  for (let i = 0; i < shape.length; i++) hash = (Math.imul(hash, 0x01000193) ^ shape[i]!) | 0
  const bucket = interned.get(hash)
  if (bucket !== undefined) {
    for (let i = 0; i < bucket.length; i++) {
      const type = bucket[i]!
      if (type.dtype === dtype && sameShape(type.shape, shape)) return type
    }
  }
  return intern(hash, dtype, shape)
}

function intern(hash: number, dtype: DType, shape: Shape): TensorType {
  checkShape(shape)
  if (internedCount >= internLimit) {
    interned.clear()
    internedCount = 0
  }
  const type = new TensorType(dtype, Object.freeze(Array.from(shape)), nextId++)
  const bucket = interned.get(hash)
  if (bucket === undefined) interned.set(hash, [type])
  else bucket.push(type)
  internedCount++
  return type
}

function checkShape(shape: Shape): void {
  if (shape.length > maxRank) throw new SinterError('shape', `a tensor has at most ${maxRank} dimensions, not ${shape.length}`)
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new SinterError('shape', `sizes are non-negative integers, got [${shape.join(', ')}]`)
    }
  }
  if (sizeOf(shape) > maxSize) throw new SinterError('shape', `[${shape.join(', ')}] has more than 2^40 elements`)
}

/** Parses `f32[2,3]`; undefined when the text is not a type. */
export function parseType(text: string): TensorType | undefined {
  const match = /^([a-z0-9]+)\[([0-9,\s]*)\]$/.exec(text.trim())
  const dtype = match === null ? undefined : dtypeByShort.get(match[1]!)
  if (match === null || dtype === undefined) return undefined
  const inside = match[2]!.trim()
  const parts = inside === '' ? [] : inside.split(',').map((part) => part.trim())
  return parts.every((part) => /^\d+$/.test(part)) ? typeOf(dtype, parts.map(Number)) : undefined
}
