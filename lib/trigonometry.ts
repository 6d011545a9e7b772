// Trigonometric and hyperbolic functions, elementwise. Integers and bool become float32.

import { ops } from '../ir/ops/index.js'
import { floatingPair } from './operand.js'
import { floating, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

/** The sine of x in radians. */
export function sin(x: TensorLike): Tensor {
  return record(ops.sin, [floating(x, 'sin')])
}

/** The cosine of x in radians. */
export function cos(x: TensorLike): Tensor {
  return record(ops.cos, [floating(x, 'cos')])
}

/** The tangent of x in radians. */
export function tan(x: TensorLike): Tensor {
  return record(ops.tan, [floating(x, 'tan')])
}

/** The hyperbolic sine. */
export function sinh(x: TensorLike): Tensor {
  return record(ops.sinh, [floating(x, 'sinh')])
}

/** The hyperbolic cosine. */
export function cosh(x: TensorLike): Tensor {
  return record(ops.cosh, [floating(x, 'cosh')])
}

/** The hyperbolic tangent. */
export function tanh(x: TensorLike): Tensor {
  return record(ops.tanh, [floating(x, 'tanh')])
}

/** The inverse sine; NaN outside [-1, 1]. */
export function asin(x: TensorLike): Tensor {
  return record(ops.asin, [floating(x, 'asin')])
}

/** The inverse cosine; NaN outside [-1, 1]. */
export function acos(x: TensorLike): Tensor {
  return record(ops.acos, [floating(x, 'acos')])
}

/** The inverse tangent. */
export function atan(x: TensorLike): Tensor {
  return record(ops.atan, [floating(x, 'atan')])
}

/** The inverse hyperbolic sine. */
export function asinh(x: TensorLike): Tensor {
  return record(ops.asinh, [floating(x, 'asinh')])
}

/** The inverse hyperbolic cosine; NaN below 1. */
export function acosh(x: TensorLike): Tensor {
  return record(ops.acosh, [floating(x, 'acosh')])
}

/** The inverse hyperbolic tangent; NaN outside [-1, 1]. */
export function atanh(x: TensorLike): Tensor {
  return record(ops.atanh, [floating(x, 'atanh')])
}

/** The angle of the point (x, y) in radians, in [-pi, pi]: atan(y / x) in the right quadrant. Integers become float32. */
export function atan2(y: TensorLike, x: TensorLike): Tensor {
  return record(ops.atan2, floatingPair(y, x, 'atan2'))
}
