// Elementwise functions of one tensor. Those that need real numbers turn integers and bool into float32; the others keep integers and turn bool into int32.

import { ops } from '../ir/ops/index.js'
import { numeric } from './operand.js'
import { asTensor, floating, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

/** x itself, as a node of its own. */
export function identity(x: TensorLike): Tensor {
  return record(ops.identity, [asTensor(x, 'identity')])
}

/** e to the power x. */
export function exp(x: TensorLike): Tensor {
  return record(ops.exp, [floating(x, 'exp')])
}

/** 2 to the power x. */
export function exp2(x: TensorLike): Tensor {
  return record(ops.exp2, [floating(x, 'exp2')])
}

/** 10 to the power x. */
export function exp10(x: TensorLike): Tensor {
  return record(ops.exp10, [floating(x, 'exp10')])
}

/** exp(x) - 1, exact near 0. */
export function expm1(x: TensorLike): Tensor {
  return record(ops.expm1, [floating(x, 'expm1')])
}

/** The natural logarithm; of 0 -Infinity, of negative numbers NaN. */
export function log(x: TensorLike): Tensor {
  return record(ops.log, [floating(x, 'log')])
}

/** The logarithm to base 2. */
export function log2(x: TensorLike): Tensor {
  return record(ops.log2, [floating(x, 'log2')])
}

/** The logarithm to base 10. */
export function log10(x: TensorLike): Tensor {
  return record(ops.log10, [floating(x, 'log10')])
}

/** log(1 + x), exact near 0. */
export function log1p(x: TensorLike): Tensor {
  return record(ops.log1p, [floating(x, 'log1p')])
}

/** The square root; of negative numbers NaN. */
export function sqrt(x: TensorLike): Tensor {
  return record(ops.sqrt, [floating(x, 'sqrt')])
}

/** 1 / sqrt(x). */
export function rsqrt(x: TensorLike): Tensor {
  return record(ops.rsqrt, [floating(x, 'rsqrt')])
}

/** 1 / x. */
export function reciprocal(x: TensorLike): Tensor {
  return record(ops.reciprocal, [floating(x, 'reciprocal')])
}

/** The error function. */
export function erf(x: TensorLike): Tensor {
  return record(ops.erf, [floating(x, 'erf')])
}

/** x * x; integers stay integers and wrap. */
export function square(x: TensorLike): Tensor {
  return record(ops.square, [numeric(x, 'square')])
}

/** The absolute value; integers stay integers. */
export function abs(x: TensorLike): Tensor {
  return record(ops.abs, [numeric(x, 'abs')])
}

/** -x; integers stay integers and wrap. */
export function neg(x: TensorLike): Tensor {
  return record(ops.neg, [numeric(x, 'neg')])
}

/** -1, 0 or 1; NaN for NaN. Integers stay integers. */
export function sign(x: TensorLike): Tensor {
  return record(ops.sign, [numeric(x, 'sign')])
}

/** The smallest whole number not below x. */
export function ceil(x: TensorLike): Tensor {
  return record(ops.ceil, [numeric(x, 'ceil')])
}

/** The largest whole number not above x. */
export function floor(x: TensorLike): Tensor {
  return record(ops.floor, [numeric(x, 'floor')])
}

/** The nearest whole number; halves go to the even one. */
export function round(x: TensorLike): Tensor {
  return record(ops.round, [numeric(x, 'round')])
}

/** The whole part, rounded toward 0. */
export function trunc(x: TensorLike): Tensor {
  return record(ops.trunc, [numeric(x, 'trunc')])
}
