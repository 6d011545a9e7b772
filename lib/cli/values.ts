// Values for the inputs of a graph: from a JSON file, or random.

import type { DataArray } from '../../ir/dtype.js'
import { isFloat, partDType } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import { type TensorType, typeOf } from '../../ir/type.js'
import { astype } from '../cast.js'
import { viewAsComplex } from '../complex.js'
import { tensor } from '../create.js'
import type { NestedInput } from '../data.js'
import { bernoulli, key, randint, split, uniform } from '../random.js'
import type { Tensor } from '../tensor.js'

/**
 * Values from JSON: a list with one member per input, each a number, boolean or nested lists of them. "NaN", "Infinity" and "-Infinity" stand for these
 * numbers, other strings for integers that JSON cannot hold ("9007199254740993"); { "re": 1, "im": 2 } is a complex number.
 */
export function valuesFromJson(json: unknown, types: readonly TensorType[], device: string): DataArray[] {
  if (!Array.isArray(json)) throw new SinterError('argument', 'the input values are a JSON list with one member per input', { op: 'run' })
  if (json.length !== types.length) {
    throw new SinterError('argument', `the graph has ${types.length} inputs, the file has ${json.length} values`, { op: 'run' })
  }
  return types.map((type, i) => {
    const value = tensor(readNested(json[i], type, `input ${i}`), { dtype: type.dtype, device })
    if (!value.type.equals(type)) {
      throw new SinterError('shape', `input ${i} is ${type}, the file has shape [${value.shape.join(', ')}]`, { op: 'run' })
    }
    return value.dataSync()
  })
}

/** What a part of a complex element is read as: it nests no lists. */
const partType = typeOf('float64', [])

function readNested(json: unknown, type: TensorType, where: string, depth = 0): NestedInput {
  if (Array.isArray(json)) {
    if (depth >= type.rank) throw new SinterError('shape', `${where} is ${type}, the file nests lists deeper`, { op: 'run' })
    return json.map((element) => readNested(element, type, where, depth + 1))
  }
  if (typeof json === 'boolean' || typeof json === 'number') return elementOf(json, type)
  if (typeof json === 'string') {
    if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json)
    if (/^-?\d{1,40}$/.test(json)) return elementOf(BigInt(json), type)
  }
  if (type.isComplex && typeof json === 'object' && json !== null && 're' in json && 'im' in json) {
    const part = (value: unknown): number => Number(readNested(value, partType, where, type.rank))
    return { re: part(json.re), im: part(json.im) }
  }
  throw new SinterError('argument', `${where} holds ${JSON.stringify(json)?.slice(0, 60)}, which is not a number`, { op: 'run' })
}

/** Elements of one list are of one kind: numbers, but bigints where the dtype is one of 64 bits. */
function elementOf(value: number | bigint | boolean, type: TensorType): number | bigint | boolean {
  if (type.dtype !== 'int64' && type.dtype !== 'uint64') return typeof value === 'bigint' ? Number(value) : value
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new SinterError('dtype', `${value} is not an integer, the input is ${type}`, { op: 'run' })
  }
  return BigInt(value)
}

/** Random values: floats in [-2, 2), integers in [-8, 8) or [0, 16), bool evenly. The same seed gives the same values everywhere. */
export function randomValues(seed: number, types: readonly TensorType[], device: string): DataArray[] {
  if (types.length === 0) return []
  return split(key(seed, { device }), types.length).map((from, i) => randomValue(from, types[i]!).dataSync())
}

function randomValue(from: Tensor, type: TensorType): Tensor {
  const { dtype, shape } = type
  if (type.isComplex) return viewAsComplex(randomValue(from, typeOf(partDType(dtype), [...shape, 2])))
  if (dtype === 'bool') return bernoulli(from, 0.5, { shape })
  if (isFloat(dtype)) return uniform(from, shape, { min: -2, max: 2, dtype })
  const [min, max] = dtype.startsWith('u') ? [0, 16] : [-8, 8]
  return astype(randint(from, shape, min, max, { dtype: 'int32' }), dtype)
}
