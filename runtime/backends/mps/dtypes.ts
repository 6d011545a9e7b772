// dtypes as MPSGraph knows them.

import { type DType, dtypes } from '../../../ir/dtype.js'
import { type TensorType, typeOf } from '../../../ir/type.js'
import type { EnumCase } from './call.js'

const cases: Readonly<Record<DType, string | undefined>> = {
  float32: 'MPSDataTypeFloat32',
  // There is no float64 on the GPU, nor complex128; graphs that hold it are rewritten or refused before they are lowered.
  float64: undefined,
  float16: 'MPSDataTypeFloat16',
  bfloat16: 'MPSDataTypeBFloat16',
  int8: 'MPSDataTypeInt8',
  int16: 'MPSDataTypeInt16',
  int32: 'MPSDataTypeInt32',
  int64: 'MPSDataTypeInt64',
  uint8: 'MPSDataTypeUInt8',
  uint16: 'MPSDataTypeUInt16',
  uint32: 'MPSDataTypeUInt32',
  uint64: 'MPSDataTypeUInt64',
  bool: 'MPSDataTypeBool',
  complex64: 'MPSDataTypeComplexFloat32',
  complex128: undefined,
}

/** The dtypes that tensors on the GPU may have. */
export const gpuDTypes: readonly DType[] = dtypes.filter((dtype) => cases[dtype] !== undefined)

/** The MPSDataType case of a dtype; undefined for float64 and complex128. */
export function dataTypeOf(dtype: DType): EnumCase | undefined {
  const name = cases[dtype]
  return name === undefined ? undefined : { enumeration: 'MPSDataType', case: name }
}

/** The type a tensor has on the GPU: rank 0 becomes [1], since several methods and destinations do not take rank 0. */
export function gpuType(type: TensorType): TensorType {
  return type.rank === 0 ? typeOf(type.dtype, [1]) : type
}

/** The most elements of one tensor. MPSNDArray: results with more are wrong without an error, or the process ends. */
export const maxElements = 2 ** 31 - 1
