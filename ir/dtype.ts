// The element types: one table of everything the rest needs to know about each.

export const dtypes = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'complex64',
  'complex128',
] as const

export type DType = (typeof dtypes)[number]
export type DTypeKind = 'float' | 'int' | 'uint' | 'bool' | 'complex'

/** The storage of elements on the host. float16 and bfloat16 are bit patterns in a Uint16Array, bool is 0 / 1 in a Uint8Array, complex are two floats each: re, im. */
export type DataArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array

export interface DTypeInfo {
  readonly name: DType
  /** The name in IR text. */
  readonly short: string
  /** The number in native programs and cache keys: the position in `dtypes`. */
  readonly code: number
  readonly bytes: number
  readonly kind: DTypeKind
  readonly array: new (length: number) => DataArray
  /** How many elements of `array` store one. */
  readonly stored: number
  /** Smallest and largest finite value (numbers are exact or, for 64-bit integers, bigints); of a complex one's parts. */
  readonly min: number | bigint
  readonly max: number | bigint
}

const table: readonly Omit<DTypeInfo, 'code' | 'stored'>[] = [
  { name: 'float32', short: 'f32', bytes: 4, kind: 'float', array: Float32Array, min: -3.4028234663852886e38, max: 3.4028234663852886e38 },
  { name: 'float64', short: 'f64', bytes: 8, kind: 'float', array: Float64Array, min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
  { name: 'float16', short: 'f16', bytes: 2, kind: 'float', array: Uint16Array, min: -65504, max: 65504 },
  { name: 'bfloat16', short: 'bf16', bytes: 2, kind: 'float', array: Uint16Array, min: -3.3895313892515355e38, max: 3.3895313892515355e38 },
  { name: 'int8', short: 'i8', bytes: 1, kind: 'int', array: Int8Array, min: -128, max: 127 },
  { name: 'int16', short: 'i16', bytes: 2, kind: 'int', array: Int16Array, min: -32768, max: 32767 },
  { name: 'int32', short: 'i32', bytes: 4, kind: 'int', array: Int32Array, min: -2147483648, max: 2147483647 },
  { name: 'int64', short: 'i64', bytes: 8, kind: 'int', array: BigInt64Array, min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { name: 'uint8', short: 'u8', bytes: 1, kind: 'uint', array: Uint8Array, min: 0, max: 255 },
  { name: 'uint16', short: 'u16', bytes: 2, kind: 'uint', array: Uint16Array, min: 0, max: 65535 },
  { name: 'uint32', short: 'u32', bytes: 4, kind: 'uint', array: Uint32Array, min: 0, max: 4294967295 },
  { name: 'uint64', short: 'u64', bytes: 8, kind: 'uint', array: BigUint64Array, min: 0n, max: 2n ** 64n - 1n },
  { name: 'bool', short: 'bool', bytes: 1, kind: 'bool', array: Uint8Array, min: 0, max: 1 },
  {
    name: 'complex64',
    short: 'c64',
    bytes: 8,
    kind: 'complex',
    array: Float32Array,
    min: -3.4028234663852886e38,
    max: 3.4028234663852886e38,
  },
  { name: 'complex128', short: 'c128', bytes: 16, kind: 'complex', array: Float64Array, min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
]

/** Facts by dtype name. */
export const dtypeInfo = Object.fromEntries(
  table.map((info, code) => [info.name, { ...info, code, stored: info.kind === 'complex' ? 2 : 1 }]),
) as unknown as Readonly<Record<DType, DTypeInfo>>

/** dtype by its short name in IR text (`f32`), or undefined. */
export const dtypeByShort: ReadonlyMap<string, DType> = new Map(table.map((info) => [info.short, info.name]))

export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(dtypeInfo, name)
export const isFloat = (dtype: DType): boolean => dtypeInfo[dtype].kind === 'float'
/** Signed or unsigned integer; bool is not one. */
export const isInteger = (dtype: DType): boolean => dtypeInfo[dtype].kind === 'int' || dtypeInfo[dtype].kind === 'uint'
export const isBool = (dtype: DType): boolean => dtype === 'bool'
/** int64 and uint64, whose host elements are bigints. */
export const isBig = (dtype: DType): boolean => dtype === 'int64' || dtype === 'uint64'
export const isComplex = (dtype: DType): boolean => dtypeInfo[dtype].kind === 'complex'
/** Floats and complex: what derivatives are taken of. */
export const isInexact = (dtype: DType): boolean => isFloat(dtype) || isComplex(dtype)

/** All dtypes but complex ones: what most ops compute with. */
export const realDTypes = dtypes.filter((dtype) => !isComplex(dtype)) as readonly RealDType[]
export type RealDType = Exclude<DType, 'complex64' | 'complex128'>

/** The dtype of the parts of complex values; a real dtype's is itself. */
export const partDType = (dtype: DType): RealDType => (dtype === 'complex64' ? 'float32' : dtype === 'complex128' ? 'float64' : dtype)
/** The complex dtype whose parts hold values of a real one: complex128 for float64, else complex64. */
export const complexDType = (dtype: DType): DType => (isComplex(dtype) ? dtype : dtype === 'float64' ? 'complex128' : 'complex64')
