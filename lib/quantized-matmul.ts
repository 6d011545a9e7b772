// Matrix products of quantized operands.

import { type DType, dtypeInfo, isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkDType, checkFinite, checkInteger, checkOptions, checkTensor, describeValue } from './check.js'
import { sliceAxis } from './join.js'
import { constant } from './operand.js'
import { cast, record, scalar } from './record.js'
import { reshape } from './shape.js'
import { Tensor } from './tensor.js'

export interface QuantizedMatmulOptions {
  /** The integer that stands for 0 in a, -128 to 255; default 0. */
  readonly aZeroPoint?: number | undefined
  /** The integer that stands for 0 in b, -128 to 255; default 0. */
  readonly bZeroPoint?: number | undefined
  /** dtype of the result; default float32. */
  readonly dtype?: DType | undefined
}

const op = 'quantizedMatmul'

/** The largest magnitude of the dtype. */
const magnitude = (dtype: DType): number => Math.max(-Number(dtypeInfo[dtype].min), Number(dtypeInfo[dtype].max))

/**
 * The product of small integers in int32. Sums of products below 2^24 are exact in float32, in any order, whose kernels are the fastest: k is cut so that they
 * are.
 */
function integerProduct(a: Tensor, b: Tensor): Tensor {
  const k = a.shape.at(-1)!
  const [x, y] = [cast(a, 'float32'), cast(b, 'float32')]
  const piece = Math.floor(2 ** 24 / (magnitude(a.dtype) * magnitude(b.dtype)))
  let total: Tensor | undefined
  for (let at = 0; at === 0 || at < k; at += piece) {
    const size = Math.min(piece, k - at)
    const product = record(ops.matmul, [sliceAxis(x, x.ndim - 1, at, size), sliceAxis(y, y.ndim - 2, at, size)])
    const whole = cast(product, 'int32')
    total = total === undefined ? whole : record(ops.add, [total, whole])
  }
  return total!
}

/** A scale: one number, or one per row (column) of the result. */
function scaleOf(name: string, value: number | Tensor, size: number, column: boolean, device: string): Tensor {
  if (typeof value === 'number') {
    checkFinite(op, name, value)
    return scalar(value, 'float32', device, op)
  }
  if (!(value instanceof Tensor)) throw new SinterError('argument', `${name} is a number or a tensor, got ${describeValue(value)}`, { op })
  const own = cast(value, 'float32')
  if (own.size === 1) return reshape(own, [])
  if (own.ndim === 1 && own.size === size) return reshape(own, column ? [1, size] : [size, 1])
  throw new SinterError('shape', `${name} has shape [${own.shape.join(', ')}]; it is one number or ${size}`, { op, operands: [value] })
}

/** What int8 and uint8 hold: further away its products with sums would wrap early. */
function checkZeroPoint(name: string, value: number): void {
  checkInteger(op, name, value)
  if (value < -128 || value > 255) throw new SinterError('argument', `${name} is from -128 to 255, got ${value}`, { op })
}

function checkOperand(x: Tensor): void {
  checkTensor(op, x)
  if (x.dtype !== 'int8' && x.dtype !== 'uint8')
    throw new SinterError('dtype', `multiplies int8 and uint8, not ${x.dtype}`, { op, operands: [x] })
  if (x.ndim < 2) throw new SinterError('shape', 'operands have at least 2 dimensions', { op, operands: [x] })
}

/**
 * ((a - aZeroPoint) aScale) ((b - bZeroPoint) bScale) for int8 or uint8 a, [..., m, k], and b, [..., k, n]: accumulated exactly in int32 (which wraps beyond),
 * scaled in float32. aScale is a number or one per row, [m], bScale a number or one per column, [n]. Leading dimensions broadcast. Throws `dtype` for other
 * operands, `shape` where sizes do not fit. MPSGraph: dequantizeTensor:… before a product.
 */
export function quantizedMatmul(
  a: Tensor,
  aScale: number | Tensor,
  b: Tensor,
  bScale: number | Tensor,
  options: QuantizedMatmulOptions = {},
): Tensor {
  checkOptions(op, options, ['aZeroPoint', 'bZeroPoint', 'dtype'])
  checkOperand(a)
  checkOperand(b)
  const { aZeroPoint = 0, bZeroPoint = 0, dtype = 'float32' } = options
  checkZeroPoint('aZeroPoint', aZeroPoint)
  checkZeroPoint('bZeroPoint', bZeroPoint)
  checkDType(op, dtype)
  if (!isFloat(dtype)) throw new SinterError('dtype', `gives floats, not ${dtype}`, { op })
  const [m, k] = a.shape.slice(-2) as [number, number]
  if (k !== b.shape.at(-2)) {
    throw new SinterError('shape', `the last dimension of a is ${k}, the one before last of b ${b.shape.at(-2)}`, { op, operands: [a, b] })
  }
  const left = scaleOf('aScale', aScale, m, false, a.device)
  const right = scaleOf('bScale', bScale, b.shape.at(-1)!, true, a.device)
  const whole = centered(integerProduct(a, b), a, aZeroPoint, b, bZeroPoint)
  return cast(record(ops.mul, [record(ops.mul, [cast(whole, 'float32'), left]), right]), dtype)
}

/** sum (a - p) (b - q) = sum a b - q sum a - p sum b + k p q, in int32. */
function centered(product: Tensor, a: Tensor, p: number, b: Tensor, q: number): Tensor {
  const number = (value: number): Tensor => constant(value, product)
  const sumOf = (x: Tensor, axis: number): Tensor => record(ops.sum, [cast(x, 'int32')], { axes: [axis], keepDims: true })
  let result = product
  if (q !== 0) result = record(ops.sub, [result, record(ops.mul, [sumOf(a, a.ndim - 1), number(q)])])
  if (p !== 0) result = record(ops.sub, [result, record(ops.mul, [sumOf(b, b.ndim - 2), number(p)])])
  return p !== 0 && q !== 0 ? record(ops.add, [result, number(a.shape.at(-1)! * p * q)]) : result
}
