// The elementwise methods of Tensor: each is the free function of the same name with the tensor as first argument; see there for details.

import type { DType } from '../ir/dtype.js'
import type { EluOptions, GeluOptions, LeakyReluOptions } from './activation.js'
import type { CloseOptions } from './comparison.js'
import type { TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

export interface ElementwiseMethods {
  /** x itself, as a node of its own. */
  identity(): Tensor
  /** e to the power x. */
  exp(): Tensor
  /** 2 to the power x. */
  exp2(): Tensor
  /** 10 to the power x. */
  exp10(): Tensor
  /** exp(x) - 1, exact near 0. */
  expm1(): Tensor
  /** The natural logarithm. */
  log(): Tensor
  /** The logarithm to base 2. */
  log2(): Tensor
  /** The logarithm to base 10. */
  log10(): Tensor
  /** log(1 + x), exact near 0. */
  log1p(): Tensor
  /** The square root. */
  sqrt(): Tensor
  /** 1 / sqrt(x). */
  rsqrt(): Tensor
  /** 1 / x. */
  reciprocal(): Tensor
  /** The error function. */
  erf(): Tensor
  /** The inverse error function. */
  erfinv(): Tensor
  /** x * x. */
  square(): Tensor
  /** The absolute value. */
  abs(): Tensor
  /** -x. */
  neg(): Tensor
  /** -1, 0 or 1. */
  sign(): Tensor
  /** Rounded up. */
  ceil(): Tensor
  /** Rounded down. */
  floor(): Tensor
  /** Rounded to the nearest whole number, halves to even. */
  round(): Tensor
  /** Rounded toward 0. */
  trunc(): Tensor
  /** The sine. */
  sin(): Tensor
  /** The cosine. */
  cos(): Tensor
  /** The tangent. */
  tan(): Tensor
  /** The hyperbolic sine. */
  sinh(): Tensor
  /** The hyperbolic cosine. */
  cosh(): Tensor
  /** The hyperbolic tangent. */
  tanh(): Tensor
  /** The inverse sine. */
  asin(): Tensor
  /** The inverse cosine. */
  acos(): Tensor
  /** The inverse tangent. */
  atan(): Tensor
  /** The inverse hyperbolic sine. */
  asinh(): Tensor
  /** The inverse hyperbolic cosine. */
  acosh(): Tensor
  /** The inverse hyperbolic tangent. */
  atanh(): Tensor
  /** Whether NaN. */
  isNan(): Tensor
  /** Whether an infinity. */
  isInf(): Tensor
  /** Whether neither NaN nor an infinity. */
  isFinite(): Tensor
  /** Whether the sign bit is set. */
  signbit(): Tensor
  /** Whether 0. */
  logicalNot(): Tensor
  /** All bits flipped. */
  bitwiseNot(): Tensor
  /** The number of bits set. */
  popcount(): Tensor
  /** x + other. */
  add(other: TensorLike): Tensor
  /** x - other. */
  sub(other: TensorLike): Tensor
  /** x * other. */
  mul(other: TensorLike): Tensor
  /** x / other, the true quotient. */
  div(other: TensorLike): Tensor
  /** x / other, 0 where other is 0. */
  divNoNan(other: TensorLike): Tensor
  /** The quotient rounded down. */
  floorDiv(other: TensorLike): Tensor
  /** The remainder with the sign of other. */
  mod(other: TensorLike): Tensor
  /** The remainder with the sign of x. */
  rem(other: TensorLike): Tensor
  /** The remainder with the sign of x; the same as rem. */
  fmod(other: TensorLike): Tensor
  /** x to the power other. */
  pow(other: TensorLike): Tensor
  /** The smaller of both; NaN if either is. */
  minimum(other: TensorLike): Tensor
  /** The larger of both; NaN if either is. */
  maximum(other: TensorLike): Tensor
  /** The smaller of both, ignoring NaN. */
  fmin(other: TensorLike): Tensor
  /** The larger of both, ignoring NaN. */
  fmax(other: TensorLike): Tensor
  /** The angle of the point (other, x). */
  atan2(other: TensorLike): Tensor
  /** x == other. */
  equal(other: TensorLike): Tensor
  /** x != other. */
  notEqual(other: TensorLike): Tensor
  /** x < other. */
  less(other: TensorLike): Tensor
  /** x <= other. */
  lessEqual(other: TensorLike): Tensor
  /** x > other. */
  greater(other: TensorLike): Tensor
  /** x >= other. */
  greaterEqual(other: TensorLike): Tensor
  /** Whether both are true. */
  logicalAnd(other: TensorLike): Tensor
  /** Whether one is true. */
  logicalOr(other: TensorLike): Tensor
  /** Whether exactly one is true. */
  logicalXor(other: TensorLike): Tensor
  /** Whether not both are true. */
  logicalNand(other: TensorLike): Tensor
  /** Whether neither is true. */
  logicalNor(other: TensorLike): Tensor
  /** Whether both are equally true. */
  logicalXnor(other: TensorLike): Tensor
  /** Bits set in both. */
  bitwiseAnd(other: TensorLike): Tensor
  /** Bits set in one. */
  bitwiseOr(other: TensorLike): Tensor
  /** Bits set in exactly one. */
  bitwiseXor(other: TensorLike): Tensor
  /** Bits moved left. */
  leftShift(other: TensorLike): Tensor
  /** Bits moved right, the sign kept. */
  rightShift(other: TensorLike): Tensor
  /** x limited to [min, max]. */
  clamp(min?: TensorLike | null, max?: TensorLike | null): Tensor
  /** a where this condition holds, else b. */
  where(a: TensorLike, b: TensorLike): Tensor
  /** The values in another dtype. */
  astype(dtype: DType): Tensor
  /** The bits read as another dtype. */
  bitcast(dtype: DType): Tensor
  /** max(x, 0). */
  relu(): Tensor
  /** max(x, 0), at most 6. */
  relu6(): Tensor
  /** 1 / (1 + exp(-x)). */
  sigmoid(): Tensor
  /** x * sigmoid(x). */
  silu(): Tensor
  /** log(1 + exp(x)). */
  softplus(): Tensor
  /** log(sigmoid(x)). */
  logSigmoid(): Tensor
  /** relu6(x + 3) / 6. */
  hardSigmoid(): Tensor
  /** x * hardSigmoid(x). */
  hardSwish(): Tensor
  /** x * tanh(softplus(x)). */
  mish(): Tensor
  /** x, or slope * x where negative. */
  leakyRelu(options?: LeakyReluOptions): Tensor
  /** x, or alpha * (exp(x) - 1) where negative. */
  elu(options?: EluOptions): Tensor
  /** x * Phi(x). */
  gelu(options?: GeluOptions): Tensor
  /** Whether within a tolerance of other. */
  isClose(other: TensorLike, options?: CloseOptions): Tensor
}
