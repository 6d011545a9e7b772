// Elementwise arithmetic on two operands, which broadcast as in NumPy. Tensors are promoted to a common dtype; JS numbers take the tensor's, and are
// run-time scalars, so that another value runs the same compiled plan.

import { isInexact } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { constant, floatingPair, numericPair } from './operand.js'
import { promoted, record, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

/** a + b. Integers wrap; bool adds as int32. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.add, numericPair(a, b, 'add'))
}

/** a - b. Integers wrap; bool subtracts as int32. */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.sub, numericPair(a, b, 'sub'))
}

/** a * b. Integers wrap; bool multiplies as int32. */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.mul, numericPair(a, b, 'mul'))
}

/** a / b, the true quotient: two integers give float32. See floorDiv for whole quotients. */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.div, floatingPair(a, b, 'div'))
}

/** a / b, but 0 where b is 0. Integers become float32. */
export function divNoNan(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.divNoNan, floatingPair(a, b, 'divNoNan'))
}

/** The quotient rounded down (Python's //). Integers by 0 give 0. */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.floorDiv, numericPair(a, b, 'floorDiv'))
}

/** The remainder with the sign of the divisor b (Python's %): a - b * floorDiv(a, b). Integers by 0 give 0, floats NaN. */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.mod, numericPair(a, b, 'mod'))
}

/** The remainder with the sign of the dividend a (C's and JavaScript's %). Integers by 0 give 0, floats NaN. */
export function rem(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.rem, numericPair(a, b, 'rem'))
}

// Exponents that rewrites turn into cheaper operations are baked into the graph.
const bakedExponents = new Set([0, 1, 2, 3, 4, -1, -2, 0.5, -0.5])

/**
 * a to the power b. Integers stay integers and wrap; an integer tensor to a fractional power is float32, to a negative whole power an error (its
 * result would not be an integer). The exponents 0, 1, 2, 3, 4, -1, -2, 0.5 and -0.5 are part of the compiled plan, others are run-time scalars.
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  if (typeof b === 'number' && a instanceof Tensor) {
    if (b < 0 && Number.isInteger(b) && !isInexact(a.node.type.dtype)) {
      throw new SinterError('dtype', `integers to the power ${b} are not integers`, {
        op: 'pow',
        operands: [a],
        hint: "convert it first: x.astype('float32')",
      })
    }
    if (bakedExponents.has(b)) {
      const pair = numericPair(a, b, 'pow')
      return record(ops.pow, [pair[0], constant(b, pair[0])])
    }
  }
  return record(ops.pow, numericPair(a, b, 'pow'))
}

/** The smaller of both; NaN where either is NaN. Of bool, the logical and. */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  const pair = promoted(a, b, 'minimum')
  return record(pair[0].node.type.dtype === 'bool' ? ops.logicalAnd : ops.minimum, pair)
}

/** The larger of both; NaN where either is NaN. Of bool, the logical or. */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  const pair = promoted(a, b, 'maximum')
  return record(pair[0].node.type.dtype === 'bool' ? ops.logicalOr : ops.maximum, pair)
}

/** The smaller of both; where one is NaN, the other. */
export function fmin(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.fmin, numericPair(a, b, 'fmin'))
}

/** The larger of both; where one is NaN, the other. */
export function fmax(a: TensorLike, b: TensorLike): Tensor {
  return record(ops.fmax, numericPair(a, b, 'fmax'))
}

/** x limited to [min, max]; NaN stays NaN. Either bound may be undefined (or null) to leave that side open. */
export function clamp(x: TensorLike, min?: TensorLike | null, max?: TensorLike | null): Tensor {
  if ((min === undefined || min === null) && (max === undefined || max === null)) {
    throw new SinterError('argument', 'needs min, max or both', { op: 'clamp', hint: 'x.clamp(0, 1), x.clamp(undefined, 1)' })
  }
  const low = min === undefined || min === null ? x : maximum(x, min)
  return max === undefined || max === null ? (low as Tensor) : minimum(low, max)
}
