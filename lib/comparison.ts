// Elementwise comparisons and choices. Operands broadcast and are promoted to a common dtype; results are bool.

import { ops } from '../ir/ops/index.js'
import { checkNumber, checkOptions } from './check.js'
import { floatingPair, numeric, truth } from './operand.js'
import { asTensor, binary, promoted, record, scalar, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

/** a == b; NaN equals nothing. */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.equal, a, b)
}

/** a != b; true where either is NaN. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.notEqual, a, b)
}

/** a < b. */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.less, a, b)
}

/** a <= b. */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.lessEqual, a, b)
}

/** a > b. */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.greater, a, b)
}

/** a >= b. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return binary(ops.greaterEqual, a, b)
}

/** Whether x is NaN; false for integers. */
export function isNan(x: TensorLike): Tensor {
  return record(ops.isNan, [numeric(x, 'isNan')])
}

/** Whether x is an infinity; false for integers. */
export function isInf(x: TensorLike): Tensor {
  return record(ops.isInf, [numeric(x, 'isInf')])
}

/** Whether x is neither NaN nor an infinity; true for integers. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the array API's name
export function isFinite(x: TensorLike): Tensor {
  return record(ops.isFinite, [numeric(x, 'isFinite')])
}

/** Whether the sign bit of x is set (-0 and negative NaN included); for integers x < 0. */
export function signbit(x: TensorLike): Tensor {
  return record(ops.signbit, [numeric(x, 'signbit')])
}

/**
 * Elements of a where the condition holds, else of b; all three broadcast. A condition that is not bool counts as true where it is nonzero. The gradient
 * of the branch not taken is 0, but a NaN or infinity produced inside that branch's own gradient still spoils it: make its operand safe first.
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const test = truth(condition, 'where')
  if (a instanceof Tensor || b instanceof Tensor) {
    const pair = promoted(a, b, 'where')
    return record(ops.select, [test, pair[0], pair[1]])
  }
  const pair = promoted(asTensor(a, 'where', test.device), b, 'where')
  return record(ops.select, [test, pair[0], pair[1]])
}

export interface CloseOptions {
  /** Allowed difference relative to b; default 1e-5. */
  readonly rtol?: number | undefined
  /** Allowed absolute difference; default 1e-8. */
  readonly atol?: number | undefined
  /** Whether NaN is close to NaN; default false. */
  readonly equalNan?: boolean | undefined
}

/** Whether |a - b| <= atol + rtol * |b|, elementwise; infinities are close to themselves. Integers are compared as float32. */
export function isClose(a: TensorLike, b: TensorLike, options: CloseOptions = {}): Tensor {
  const op = 'isClose'
  checkOptions(op, options, ['rtol', 'atol', 'equalNan'])
  const [x, y] = floatingPair(a, b, op)
  const number = (name: 'rtol' | 'atol', otherwise: number): Tensor => {
    const value = options[name] ?? otherwise
    checkNumber(op, name, value)
    return scalar(value, x.dtype, x.device, op)
  }
  const allowed = record(ops.add, [number('atol', 1e-8), record(ops.mul, [number('rtol', 1e-5), record(ops.abs, [y])])])
  const near = record(ops.lessEqual, [record(ops.abs, [record(ops.sub, [x, y])]), allowed])
  // An infinite bound would allow anything.
  const close = record(ops.logicalOr, [record(ops.equal, [x, y]), record(ops.logicalAnd, [near, record(ops.isFinite, [y])])])
  if (options.equalNan !== true) return close
  return record(ops.logicalOr, [close, record(ops.logicalAnd, [record(ops.isNan, [x]), record(ops.isNan, [y])])])
}

/** Whether all elements are close (see isClose), as a rank-0 bool. */
export function allClose(a: TensorLike, b: TensorLike, options: CloseOptions = {}): Tensor {
  const close = isClose(a, b, options)
  return record(ops.all, [close], { axes: close.shape.map((_, d) => d), keepDims: false })
}
