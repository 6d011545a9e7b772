// Conversions between dtypes and devices.

import type { DType } from '../ir/dtype.js'
import { ops } from '../ir/ops/index.js'
import { checkAnyDType, checkDevice, checkDType, checkTensor } from './check.js'
import { fromData } from './create.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

/**
 * The values in another dtype; x itself if it has it. Floats round to nearest even; float to integer truncates toward 0 and saturates (NaN gives 0);
 * integers wrap; to bool is x != 0. Real values become complex ones with imaginary parts 0; complex ones become complex or bool, and throw `dtype` otherwise.
 */
export function astype(x: TensorLike, dtype: DType): Tensor {
  checkAnyDType('astype', dtype)
  return cast(asTensor(x, 'astype'), dtype)
}

/** The same bits read as another dtype. Between sizes the last dimension scales: float32 [2,3] as int8 is [2,12]. bool has no bits to reinterpret. */
export function bitcast(x: TensorLike, dtype: DType): Tensor {
  checkDType('bitcast', dtype)
  return record(ops.bitcast, [asTensor(x, 'bitcast')], { dtype })
}

/** The tensor on another device, computed and copied; x itself if it is there. */
export async function to(x: Tensor, device: string): Promise<Tensor> {
  checkTensor('to', x)
  checkDevice('to', device)
  return x.device === device ? x : fromData(await x.data(), x.dtype, x.shape, device)
}

/** As `to`, before returning. */
export function toSync(x: Tensor, device: string): Tensor {
  checkTensor('to', x)
  checkDevice('to', device)
  return x.device === device ? x : fromData(x.dataSync(), x.dtype, x.shape, device)
}
