// Dropout.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkNumber, checkTensor } from './check.js'
import { constantOf } from './operand.js'
import { cast, floating, record, scalar } from './record.js'
import { bernoulli } from './sample.js'
import type { Tensor } from './tensor.js'

/**
 * Each element of x set to 0 with probability `rate`, the others divided by 1 - rate, so that the mean stays (Srivastava et al., 2014). The elements kept
 * are those where random.bernoulli(key, 1 - rate, { shape: x.shape }) is true. The rate is no part of the compiled plan, unless it is 0 or 1. Integers
 * become float32. MPSGraph: dropoutTensor:rate:name:, which has no key.
 */
export function dropout(key: Tensor, x: Tensor, rate = 0.5): Tensor {
  const op = 'dropout'
  checkTensor(op, key)
  checkTensor(op, x)
  checkNumber(op, 'rate', rate)
  if (!(rate >= 0 && rate <= 1)) throw new SinterError('argument', `the rate lies between 0 and 1, got ${rate}`, { op })
  const own = floating(x, op)
  if (rate === 0) return own
  if (rate === 1) return constantOf(0, own.dtype, own.shape, own.device)
  const kept = bernoulli(key, 1 - rate, { shape: own.shape })
  const scaled = record(ops.mul, [own, cast(scalar(1 / (1 - rate), 'float32', own.device, op), own.dtype)])
  return record(ops.select, [kept, scaled, constantOf(0, own.dtype, [], own.device)])
}
