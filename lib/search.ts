// Looking up places in sorted values, and counting.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { add, mul, sub } from './arithmetic.js'
import { checkFinite, checkInteger, checkOptions, describeValue } from './check.js'
import { equal, greater, isNan, less, lessEqual, where } from './comparison.js'
import { fullLike, iota, ones, zeros } from './create.js'
import { logicalAnd, logicalNot, logicalOr } from './logic.js'
import { constant, constantOf, floatingPair, indexOperand, numeric, numericPair } from './operand.js'
import { asTensor, cast, record, type TensorLike } from './record.js'
import { max, min } from './reduce.js'
import { flatten, reshape } from './shape.js'
import { Tensor } from './tensor.js'

export interface SearchOptions {
  /** Where equal elements go: before them ('left', the default) or after them. */
  readonly side?: 'left' | 'right' | undefined
}

/** a before b where NaN comes after everything else. */
const before = (a: Tensor, b: Tensor): Tensor =>
  isFloat(a.dtype) ? logicalOr(less(a, b), logicalAnd(isNan(b), logicalNot(isNan(a)))) : less(a, b)

/**
 * Where values would go into sorted (ascending, NaN last) to keep its order, as int32. sorted is 1-D, or has one row for each row of values: [..., n] for
 * values [..., m]. Steps of a binary search over all values at once.
 */
export function searchsorted(sorted: TensorLike, values: TensorLike, options: SearchOptions = {}): Tensor {
  const op = 'searchsorted'
  checkOptions(op, options, ['side'])
  const { side = 'left' } = options
  if (side !== 'left' && side !== 'right')
    throw new SinterError('argument', `side is 'left' or 'right', got ${describeValue(side)}`, { op })
  const [own, wanted] = numericPair(sorted, values, op)
  const n = own.shape.at(-1)
  const rows = own.ndim > 1
  if (n === undefined || (rows && (wanted.ndim !== own.ndim || own.shape.slice(0, -1).some((size, d) => size !== wanted.shape[d])))) {
    throw new SinterError('shape', `${own.type} does not hold rows for ${wanted.type}`, {
      op,
      operands: [own, wanted],
      hint: 'sorted is 1-D, or agrees with values in all dimensions but the last',
    })
  }
  const read = rows ? ops.takeAlongAxis : ops.take
  let found = constantOf(0, 'int32', wanted.shape, own.device)
  for (let step = n === 0 ? 0 : 2 ** Math.floor(Math.log2(n)); step >= 1; step /= 2) {
    const probe = add(found, constant(step, found))
    const element = record(read, [own, sub(probe, constant(1, found))], { axis: rows ? own.ndim - 1 : 0 })
    const passes = side === 'left' ? before(element, wanted) : logicalNot(before(wanted, element))
    found = where(logicalAnd(lessEqual(probe, constant(n, found)), passes), probe, found)
  }
  return found
}

export interface BincountOptions {
  /** What each element counts; default 1. Of x's shape. */
  readonly weights?: Tensor | undefined
}

/** How often each of 0, 1, ..., length - 1 occurs in x, as int32 [length] (or the sums of weights, in their dtype). Other numbers are not counted. */
export function bincount(x: TensorLike, length: number, options: BincountOptions = {}): Tensor {
  const op = 'bincount'
  checkOptions(op, options, ['weights'])
  checkInteger(op, 'length', length, 0)
  const own = asTensor(x, op)
  const { weights } = options
  if (weights !== undefined && (!(weights instanceof Tensor) || weights.shape.join() !== own.shape.join())) {
    throw new SinterError('shape', `weights do not have the shape of x, [${own.shape.join(', ')}]`, { op, operands: [own] })
  }
  const numbers = flatten(indexOperand(own, op, own.device))
  // Negative numbers would count from the end.
  const places = where(less(numbers, constant(0, numbers)), constant(length, numbers), numbers)
  const counted = weights === undefined ? ones([own.size], { dtype: 'int32', device: own.device }) : flatten(numeric(weights, op))
  return record(ops.indexAdd, [zeros([length], { dtype: counted.dtype, device: own.device }), places, counted], { axis: 0 })
}

export interface HistogramOptions {
  /** How many bins of equal width (default 10), or the ascending edges of all bins, one more than there are bins. */
  readonly bins?: number | Tensor | undefined
  /** The first and the last edge; default the smallest and the largest element. */
  readonly range?: readonly [number, number] | undefined
  /** What each element counts; default 1. Of x's shape. */
  readonly weights?: Tensor | undefined
}

export interface Histogram {
  /** int32, or the dtype of the weights. */
  readonly counts: Tensor
  readonly edges: Tensor
}

/** How many elements lie in each bin. A bin holds its lower edge, the last one both; elements outside, and NaN, are not counted. */
export function histogram(x: TensorLike, options: HistogramOptions = {}): Histogram {
  const op = 'histogram'
  checkOptions(op, options, ['bins', 'range', 'weights'])
  const { bins = 10, range, weights } = options
  const own = asTensor(x, op)
  const edges = bins instanceof Tensor ? bins : equalEdges(op, own, bins, range)
  if (edges.ndim !== 1 || edges.size < 2) throw new SinterError('shape', 'edges are 1-D and at least two', { op, operands: [edges] })
  const [bounds, values] = floatingPair(edges, own, op)
  const last = reshape(record(ops.slice, [bounds], { starts: [edges.size - 1], sizes: [1], steps: [1] }), [])
  const count = edges.size - 1
  const found = sub(searchsorted(bounds, flatten(values), { side: 'right' }), 1)
  const places = reshape(where(equal(flatten(values), last), constant(count - 1, found), found), own.shape)
  return { counts: bincount(places, count, { weights }), edges: bounds }
}

function equalEdges(op: string, x: Tensor, bins: number, range: HistogramOptions['range']): Tensor {
  checkInteger(op, 'bins', bins, 1)
  const [values] = floatingPair(x, fullLike(x, 0), op)
  let low: Tensor
  let high: Tensor
  if (range === undefined) {
    ;[low, high] = [min(values), max(values)]
  } else {
    if (!Array.isArray(range) || range.length !== 2)
      throw new SinterError('argument', `the range is two numbers, got ${describeValue(range)}`, { op })
    for (const bound of range as readonly unknown[]) checkFinite(op, 'a bound of the range', bound)
    if (!(range[0] <= range[1])) throw new SinterError('argument', `the range ${range[0]} to ${range[1]} is empty`, { op })
    ;[low, high] = range.map((bound) => constant(bound, values)) as [Tensor, Tensor]
  }
  // Equal bounds are moved apart, as in NumPy.
  const same = logicalNot(greater(high, low))
  const half = constant(0.5, values)
  const [first, last] = [where(same, sub(low, half), low), where(same, add(high, half), high)]
  const number = iota('int32', [bins + 1], 0, x.device)
  const steps = mul(cast(number, values.dtype), mul(sub(last, first), constant(1 / bins, values)))
  return where(equal(number, constant(bins, number)), last, add(first, steps))
}
