// From JS values to stored elements: what `tensor(...)` accepts, and the errors for what it does not.

import { type DataArray, type DType, dtypeInfo, isComplex, isFloat, realDTypes } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { numberToBfloat16, numberToFloat16 } from '../ir/half.js'
import { convert, decode, encode } from '../ir/host.js'
import { maxRank, typeOf } from '../ir/type.js'
import { describeValue } from './check.js'
import type { Scalar } from './format.js'
import { isComplexNumber } from './promote.js'

/** Nested arrays of numbers, booleans or bigints; rows may be typed arrays. A plain value makes a rank-0 tensor. */
export type NestedInput = Scalar | readonly NestedInput[] | DataArray | Uint8ClampedArray

/** Whatever `tensor` takes. */
export type TensorData = NestedInput | ArrayBufferLike

export interface HostData {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** May share memory with what the user passed: copy before keeping. */
  readonly data: DataArray
}

const arrayDTypes: ReadonlyMap<string, DType> = new Map<string, DType>([
  ...realDTypes
    .filter((dtype) => !['float16', 'bfloat16', 'bool'].includes(dtype))
    .map((dtype) => [dtypeInfo[dtype].array.name, dtype] as const),
  ['Uint8ClampedArray', 'uint8'],
  ['Float16Array', 'float16'],
])

/** Elements, shape and dtype of the data. Throws `argument`, `dtype` or `shape` where it cannot be a tensor. */
export function hostData(data: TensorData, dtype: DType | undefined): HostData {
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return fromBuffer(data, dtype)
  if (ArrayBuffer.isView(data)) return fromTypedArray(data, dtype)
  return fromNested(data, dtype)
}

function fromBuffer(buffer: ArrayBufferLike, dtype: DType | undefined): HostData {
  if (dtype === undefined) {
    throw new SinterError('argument', 'an ArrayBuffer does not say what its bytes are', {
      op: 'tensor',
      hint: "pass a dtype: tensor(buffer, { dtype: 'float32' })",
    })
  }
  const { bytes, array } = dtypeInfo[dtype]
  if (buffer.byteLength % bytes !== 0) {
    throw new SinterError('shape', `${buffer.byteLength} bytes are not a whole number of ${dtype} elements (${bytes} bytes each)`, {
      op: 'tensor',
    })
  }
  const view = new (array as unknown as new (buffer: ArrayBufferLike) => DataArray)(buffer)
  return { dtype, shape: [buffer.byteLength / bytes], data: dtype === 'bool' ? normalized(view) : view }
}

/** The storage form of a typed array, with the dtype it stands for by itself. */
function storedForm(array: ArrayBufferView): { dtype: DType; data: DataArray } {
  let prototype = array as object | null
  let dtype: DType | undefined
  // Buffer and other subclasses stand for the class they extend.
  while (dtype === undefined && prototype !== null) {
    prototype = Object.getPrototypeOf(prototype) as object | null
    dtype = arrayDTypes.get(prototype?.constructor?.name ?? '')
  }
  if (dtype === undefined)
    throw new SinterError('argument', `${describeValue(array)} is not a typed array`, {
      op: 'tensor',
      hint: 'pass a typed array or an ArrayBuffer with a dtype',
    })
  const construct = dtypeInfo[dtype].array as unknown as new (buffer: ArrayBufferLike, offset: number, length: number) => DataArray
  const isStored = array.constructor === dtypeInfo[dtype].array
  const data = isStored ? (array as DataArray) : new construct(array.buffer, array.byteOffset, array.byteLength / dtypeInfo[dtype].bytes)
  return { dtype, data }
}

function fromTypedArray(array: ArrayBufferView, wanted: DType | undefined): HostData {
  const { dtype, data } = storedForm(array)
  const shape = [data.length]
  const target = wanted ?? dtype
  if (target === dtype) return { dtype, shape, data }
  if (data instanceof Uint16Array && dtype === 'uint16' && (target === 'float16' || target === 'bfloat16'))
    return { dtype: target, shape, data }
  if (isFloat(target) || target === 'bool') {
    const host = decode(typeOf(dtype, shape), data)
    const values = Float64Array.from(host.values as Float64Array, (value) => Number(convert(value, dtype, target)))
    return { dtype: target, shape, data: encode({ type: typeOf(target, shape), values }) }
  }
  const values = decode(typeOf(dtype, shape), data).values
  return { dtype: target, shape, data: store(values as ArrayLike<Scalar>, target, shape) }
}

function normalized(bytes: DataArray): DataArray {
  return Uint8Array.from(bytes as Uint8Array, (byte) => (byte === 0 ? 0 : 1))
}

function fromNested(data: NestedInput, wanted: DType | undefined): HostData {
  const shape = shapeOf(data)
  const elements: Scalar[] = []
  const rowDType = flatten(data, shape, 0, [], elements)
  const dtype = wanted ?? rowDType ?? naturalDType(elements)
  if (elements.length > 0) checkKinds(elements, shape)
  return { dtype, shape, data: store(elements, dtype, shape) }
}

/** Sizes along the first element of each level. */
function shapeOf(data: NestedInput): number[] {
  const shape: number[] = []
  let level: unknown = data
  while (isArrayLike(level)) {
    if (shape.length === maxRank)
      throw new SinterError('shape', `arrays are nested more than ${maxRank} deep (or contain themselves)`, { op: 'tensor' })
    shape.push(level.length)
    if (ArrayBuffer.isView(level) || level.length === 0) break
    level = level[0]
  }
  return shape
}

const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** Appends the elements row by row, checking that all rows are alike. Returns the dtype of typed-array rows. */
function flatten(data: unknown, shape: readonly number[], axis: number, path: readonly number[], out: Scalar[]): DType | undefined {
  if (axis === shape.length) {
    if (isArrayLike(data)) ragged(data, shape, axis, path)
    if (typeof data !== 'number' && typeof data !== 'bigint' && typeof data !== 'boolean' && !isComplexNumber(data)) {
      throw new SinterError('argument', `${place(path)} is ${describeValue(data)}, not a number, bigint, boolean or { re, im }`, {
        op: 'tensor',
      })
    }
    out.push(data)
    return undefined
  }
  if (!isArrayLike(data) || data.length !== shape[axis]) ragged(data, shape, axis, path)
  const row = data as ArrayLike<unknown>
  if (ArrayBuffer.isView(row)) {
    const stored = storedForm(row)
    for (const value of decode(typeOf(stored.dtype, [stored.data.length]), stored.data).values) out.push(value)
    return stored.dtype
  }
  if (axis === shape.length - 1) {
    for (let i = 0; i < row.length; i++) {
      const element = row[i]
      if (typeof element === 'number') out.push(element)
      else flatten(element, shape, axis + 1, [...path, i], out)
    }
    return undefined
  }
  let dtype: DType | undefined
  for (let i = 0; i < row.length; i++) {
    const own = flatten(row[i], shape, axis + 1, [...path, i], out)
    if (i > 0 && own !== dtype) {
      throw new SinterError(
        'dtype',
        `rows are of different kinds: ${place([...path, i])} is ${own ?? 'an array'}, the first is ${dtype ?? 'an array'}`,
        { op: 'tensor' },
      )
    }
    dtype = own
  }
  return dtype
}

const place = (path: readonly number[]): string => (path.length === 0 ? 'the data' : `element [${path.join('][')}]`)

function ragged(data: unknown, shape: readonly number[], axis: number, path: readonly number[]): never {
  const found = isArrayLike(data) ? `an array of length ${data.length}` : describeValue(data)
  const expected = axis === shape.length ? 'a plain value' : `an array of length ${shape[axis]}`
  throw new SinterError('shape', `ragged data: ${place(path)} is ${found}, expected ${expected} as at the first place`, {
    op: 'tensor',
    hint: 'all rows need the same length',
  })
}

function naturalDType(elements: readonly Scalar[]): DType {
  const first = elements[0]
  if (elements.some((element) => typeof element === 'object')) return 'complex64'
  return typeof first === 'bigint' ? 'int64' : typeof first === 'boolean' ? 'bool' : 'float32'
}

function checkKinds(elements: readonly Scalar[], shape: readonly number[]): void {
  const kindOf = (element: Scalar): string => (typeof element === 'object' ? 'number' : typeof element)
  const kind = kindOf(elements[0]!)
  const odd = elements.findIndex((element) => kindOf(element) !== kind)
  if (odd < 0) return
  throw new SinterError(
    'dtype',
    `data mixes ${kind} and ${typeof elements[odd]}: ${place(unravel(odd, shape))} is ${describeValue(elements[odd])}`,
    {
      op: 'tensor',
      hint: 'make all elements one kind, for example with Number(...) or BigInt(...)',
    },
  )
}

function unravel(index: number, shape: readonly number[]): number[] {
  const path: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    path.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return path
}

/** JS values in the storage form of a dtype. Integers must be whole and in range; floats round; bool is nonzero. */
export function store(elements: ArrayLike<Scalar>, dtype: DType, shape: readonly number[]): DataArray {
  if (isComplex(dtype)) return storePairs(elements, dtype)
  const info = dtypeInfo[dtype]
  const out = new info.array(elements.length)
  const n = elements.length
  for (let i = 0; i < n; i++) if (typeof elements[i] === 'object') refuse(elements[i]!, dtype, unravel(i, shape))
  if (dtype === 'float32' || dtype === 'float64') for (let i = 0; i < n; i++) out[i] = Number(elements[i])
  else if (dtype === 'float16') for (let i = 0; i < n; i++) out[i] = numberToFloat16(Number(elements[i]))
  else if (dtype === 'bfloat16') for (let i = 0; i < n; i++) out[i] = numberToBfloat16(Number(elements[i]))
  else if (dtype === 'bool') for (let i = 0; i < n; i++) out[i] = elements[i] ? 1 : Number.isNaN(elements[i]) ? 1 : 0
  else {
    const big = info.bytes === 8
    for (let i = 0; i < n; i++) {
      const element = elements[i]!
      const value = typeof element === 'boolean' ? Number(element) : (element as number | bigint)
      if ((typeof value === 'number' && !Number.isInteger(value)) || value < info.min || value > info.max)
        refuse(value, dtype, unravel(i, shape))
      out[i] = big ? BigInt(value) : Number(value)
    }
  }
  return out
}

function storePairs(elements: ArrayLike<Scalar>, dtype: DType): DataArray {
  const { array, stored } = dtypeInfo[dtype]
  const out = new array(elements.length * stored)
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!
    const { re, im } = typeof element === 'object' ? element : { re: Number(element), im: 0 }
    out[2 * i] = re
    out[2 * i + 1] = im
  }
  return out
}

function refuse(value: Scalar, dtype: DType, path: readonly number[]): never {
  if (typeof value === 'object') {
    throw new SinterError('dtype', `${place(path)} is a complex number; the dtype is ${dtype}`, {
      op: 'tensor',
      hint: "make the tensor complex: { dtype: 'complex64' }",
    })
  }
  const { min, max } = dtypeInfo[dtype]
  const why = typeof value === 'number' && !Number.isInteger(value) ? 'is not an integer' : `does not fit (${min} to ${max})`
  throw new SinterError('dtype', `${place(path)} is ${value}, which ${why}; the dtype is ${dtype}`, {
    op: 'tensor',
    hint: 'round the data or choose another dtype',
  })
}
