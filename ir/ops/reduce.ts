// Reductions over any axes.

import { z } from 'zod'
import { type DType, isInteger } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type Gradient, type GradientContext, type HasType, type OpSpec, type ReductionKind, type Sample } from '../op.js'
import { contiguousStrides, reducedShape, sizeOf } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkAxes, checkNumeric, numericDTypes } from './check.js'
import { axesSchema } from './schema.js'
import { arithmeticOf, type Combine, filledValues, isNanValue, maxValue, minValue, type Value, walkStrided } from './values.js'

interface ReduceAttrs {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

const attrs = z.strictObject({ axes: axesSchema, keepDims: z.boolean() })

const constraints =
  '(C1) axes are distinct dimensions of x in ascending order; without axes the result is x. ' +
  'keepDims leaves them as dimensions of size 1, otherwise they disappear.'

const resultType = (x: TensorType, { axes, keepDims }: ReduceAttrs): TensorType => typeOf(x.dtype, reducedShape(x.shape, axes, keepDims))

/** How many elements make one element of the result. */
function reducedCount([x]: readonly HasType[], { axes }: ReduceAttrs): number {
  let count = 1
  for (const axis of axes) count *= x!.type.shape[axis]!
  return count
}

const inferNumeric = (op: string) => (inputs: readonly HasType[], attrs: ReduceAttrs) => {
  checkNumeric(op, inputs)
  checkAxes(op, inputs, attrs.axes)
  return resultType(inputs[0]!.type, attrs)
}

/** As inferNumeric, for reductions that have no value for zero elements. */
const inferExtreme = (op: string) => (inputs: readonly HasType[], attrs: ReduceAttrs) => {
  checkNumeric(op, inputs)
  checkAxes(op, inputs, attrs.axes)
  const type = resultType(inputs[0]!.type, attrs)
  if (type.size > 0 && reducedCount(inputs, attrs) === 0) {
    throw new SinterError('shape', `axes [${attrs.axes.join(', ')}] hold no elements, and no elements have no ${op} (C2)`, {
      op,
      operands: inputs,
    })
  }
  return type
}

const inferBool = (op: string) => (inputs: readonly HasType[], attrs: ReduceAttrs) => {
  if (inputs[0]!.type.dtype !== 'bool') {
    throw new SinterError('dtype', `works on bool, not on ${inputs[0]!.type.dtype}`, { op, operands: inputs, hint: 'compare with 0 first' })
  }
  checkAxes(op, inputs, attrs.axes)
  return resultType(inputs[0]!.type, attrs)
}

/** Folds with `combine` from `initial(dtype)`, in double for floats, rounding once. */
const fold =
  (initial: (dtype: DType) => Value, combineFor: (dtype: DType) => Combine): OpSpec['evaluate'] =>
  ([x], { axes }: ReduceAttrs, [type]) => {
    const combine = combineFor(type!.dtype)
    const accumulated = filledValues(type!, initial(type!.dtype))
    const kept = contiguousStrides(reducedShape(x!.type.shape, axes, true))
    const strides = kept.map((stride, d) => (axes.includes(d) ? 0 : stride))
    walkStrided(x!.type.shape, strides, 0, (i, at) => {
      accumulated[at] = combine(accumulated[at]!, x!.values[i]!)
    })
    const { round } = arithmeticOf(type!.dtype)
    const values = emptyValues(type!.dtype, type!.size)
    for (let i = 0; i < values.length; i++) values[i] = round(accumulated[i]!)
    return [{ type: type!, values } satisfies HostTensor]
  }

const lowest = (dtype: DType) => arithmeticOf(dtype).lowest
const highest = (dtype: DType) => arithmeticOf(dtype).highest
const nanOrLowest = (dtype: DType) => (isInteger(dtype) ? lowest(dtype) : Number.NaN)
const nanOrHighest = (dtype: DType) => (isInteger(dtype) ? highest(dtype) : Number.NaN)
const ignoringNan =
  (combine: Combine): Combine =>
  (a, b) =>
    isNanValue(a) ? b : isNanValue(b) ? a : combine(a, b)

/** `value` has the reduction's result type; back to the operand's shape. */
function spread({ b, inputs, attrs }: GradientContext, value: Node): Node {
  const { shape } = inputs[0]!.type
  return b.broadcast(b.reshape(value, reducedShape(shape, attrs.axes, true)), shape)
}

const sumGradient: Gradient = (context) => [spread(context, context.grad)]

/** The extreme elements share the cotangent evenly (JAX's rule). Where the extreme is NaN no element equals it, and the gradient is NaN too. */
const extremeGradient: Gradient = (context) => {
  const { b, inputs, node, attrs, grad } = context
  const mask = b.cast(b.equal(inputs[0]!, spread(context, node)), grad.type.dtype)
  const count = b.sum(mask, attrs.axes, attrs.keepDims)
  return [b.mul(mask, spread(context, b.div(grad, count)))]
}

/** The product of all others, as products before and after each element, so that zeros need no division. */
const prodGradient: Gradient = (context) => {
  const { b, inputs, attrs } = context
  const [x] = inputs as [Node]
  const shape = x.type.shape
  const axes: readonly number[] = attrs.axes
  const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d))
  const permutation = [...kept, ...axes]
  const moved = b.permute(x, permutation)
  const flat = b.reshape(moved, [sizeOf(kept.map((d) => shape[d]!)), sizeOf(axes.map((d) => shape[d]!))])
  const before = b.emit('cumprod', [flat], { axis: 1, exclusive: true, reverse: false })
  const after = b.emit('cumprod', [flat], { axis: 1, exclusive: true, reverse: true })
  const inverse = permutation.map((_, d) => permutation.indexOf(d))
  const others = b.permute(b.reshape(b.mul(before, after), moved.type.shape), inverse)
  return [b.mul(spread(context, context.grad), others)]
}

const shapes: readonly { shape: string; axes: readonly number[] }[] = [
  { shape: '[2,3,4]', axes: [1] },
  { shape: '[2,3,4]', axes: [0, 2] },
  { shape: '[5]', axes: [0] },
  { shape: '[3,1,2]', axes: [0, 1, 2] },
  { shape: '[2,3]', axes: [] },
  { shape: '[0,3]', axes: [1] },
  { shape: '[]', axes: [] },
]

const samplesOf = (extra: Omit<Sample, 'inputs' | 'attrs'> = {}): Sample[] =>
  shapes.flatMap(({ shape, axes }) => [false, true].map((keepDims) => ({ inputs: [`$${shape}`], attrs: { axes, keepDims }, ...extra })))

const emptyAxis: Sample = { inputs: ['$[3,0]'], attrs: { axes: [1], keepDims: false } }

function reduction(
  reduction: ReductionKind,
  doc: string,
  rest: Pick<OpSpec, 'infer' | 'gradient' | 'evaluate' | 'samples'> & Partial<OpSpec>,
): OpSpec {
  return {
    doc: `${doc} ${constraints}`,
    operands: ['x'],
    dtypes: numericDTypes,
    attrs,
    traits: { reduction },
    flops: reducedCount,
    ...rest,
  }
}

export const reduceOps = defineFamily('reduce', {
  sum: reduction(
    'sum',
    'The sum over axes, in the operand dtype: integers wrap, no elements sum to 0. Floats are summed in any order, at least in float32.',
    {
      infer: inferNumeric('sum'),
      gradient: sumGradient,
      evaluate: fold(
        (dtype) => arithmeticOf(dtype).zero,
        (dtype) => arithmeticOf(dtype).add,
      ),
      samples: [...samplesOf(), emptyAxis],
    },
  ),
  prod: reduction('prod', 'The product over axes, in the operand dtype: integers wrap, the product of no elements is 1.', {
    infer: inferNumeric('prod'),
    gradient: prodGradient,
    evaluate: fold(
      (dtype) => arithmeticOf(dtype).one,
      (dtype) => arithmeticOf(dtype).mul,
    ),
    samples: [...samplesOf(), emptyAxis],
  }),
  max: reduction('max', 'The largest element over axes; NaN if there is one. (C2) The axes hold at least one element.', {
    infer: inferExtreme('max'),
    gradient: extremeGradient,
    evaluate: fold(lowest, () => maxValue),
    samples: samplesOf({ distinct: true }),
  }),
  min: reduction('min', 'The smallest element over axes; NaN if there is one. (C2) The axes hold at least one element.', {
    infer: inferExtreme('min'),
    gradient: extremeGradient,
    evaluate: fold(highest, () => minValue),
    samples: samplesOf({ distinct: true }),
  }),
  nanmax: reduction('fmax', 'The largest element over axes that is not NaN; NaN if all are. (C2) The axes hold at least one element.', {
    infer: inferExtreme('nanmax'),
    gradient: extremeGradient,
    evaluate: fold(nanOrLowest, () => ignoringNan(maxValue)),
    samples: samplesOf({ distinct: true }),
  }),
  nanmin: reduction('fmin', 'The smallest element over axes that is not NaN; NaN if all are. (C2) The axes hold at least one element.', {
    infer: inferExtreme('nanmin'),
    gradient: extremeGradient,
    evaluate: fold(nanOrHighest, () => ignoringNan(minValue)),
    samples: samplesOf({ distinct: true }),
  }),
  any: reduction('or', 'Whether some element over axes is true; false for no elements.', {
    dtypes: ['bool'],
    infer: inferBool('any'),
    gradient: 'zero',
    evaluate: fold(
      () => 0,
      () => maxValue,
    ),
    samples: [...samplesOf(), emptyAxis],
  }),
  all: reduction('and', 'Whether all elements over axes are true; true for no elements.', {
    dtypes: ['bool'],
    infer: inferBool('all'),
    gradient: 'zero',
    evaluate: fold(
      () => 1,
      () => minValue,
    ),
    samples: [...samplesOf(), emptyAxis],
  }),
  xor: reduction('xor', 'The bitwise exclusive or over axes, of integers or bool; 0 (false) for no elements.', {
    dtypes: [...numericDTypes.filter(isInteger), 'bool'],
    infer: (inputs, attrs: ReduceAttrs) => {
      const { dtype } = inputs[0]!.type
      if (!isInteger(dtype) && dtype !== 'bool') {
        throw new SinterError('dtype', `works on integers and bool, not on ${dtype}`, { op: 'xor', operands: inputs })
      }
      checkAxes('xor', inputs, attrs.axes)
      return resultType(inputs[0]!.type, attrs)
    },
    gradient: 'zero',
    evaluate: fold(
      (dtype) => (dtype === 'bool' ? 0 : arithmeticOf(dtype).zero),
      (dtype) => (a, b) => (typeof a === 'bigint' ? a ^ (b as bigint) : dtype === 'uint32' ? (a ^ (b as number)) >>> 0 : a ^ (b as number)),
    ),
    samples: [...samplesOf(), emptyAxis],
  }),
})
