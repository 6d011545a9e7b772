// What the elementwise families share: typing with NumPy broadcasting, evaluation element by element, constructors of records.

import type { Builder } from '../build.js'
import { type DType, dtypeInfo, isBig, isFloat, isInteger, realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, type HostValues, roundTo } from '../host.js'
import type { Node } from '../node.js'
import type { Gradient, HasType, OpSpec, Sample, Traits } from '../op.js'
import { broadcastShapes, contiguousStrides, type Shape, sameShape } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { floatDTypes, numericDTypes } from './check.js'
import { noAttrsSchema } from './schema.js'
import { gatherStrided, type Value } from './values.js'

export const integerDTypes: readonly DType[] = realDTypes.filter(isInteger)

/** Throws `dtype` unless operand `index` has one of the dtypes. */
export function checkDType(op: string, inputs: readonly HasType[], index: number, allowed: ReadonlySet<DType>): void {
  const { dtype } = inputs[index]!.type
  if (allowed.has(dtype)) return
  throw new SinterError('dtype', `operand ${index} is ${dtype}, which is not among ${[...allowed].join(', ')}`, {
    op,
    operands: inputs,
    hint: 'convert it with astype first',
  })
}

/** The common dtype of operands `first`..., which must agree and be allowed, over the broadcast shape of all operands. */
export function broadcastType(op: string, inputs: readonly HasType[], allowed: ReadonlySet<DType>, first = 0): TensorType {
  const { type } = inputs[first]!
  checkDType(op, inputs, first, allowed)
  let shape = type.shape
  for (let i = 0; i < inputs.length; i++) {
    const other = inputs[i]!.type
    if (other === type) continue
    if (i > first && other.dtype !== type.dtype) {
      throw new SinterError('dtype', `operands ${first} and ${i} differ in dtype, ${type.dtype} against ${other.dtype}`, {
        op,
        operands: inputs,
        hint: 'convert one of them with astype first',
      })
    }
    const joined = broadcastShapes(shape, other.shape)
    if (joined === undefined) throw noBroadcast(op, inputs, shape, other.shape)
    shape = joined
  }
  return shape === type.shape ? type : typeOf(type.dtype, shape)
}

function noBroadcast(op: string, inputs: readonly HasType[], a: Shape, b: Shape): SinterError {
  let back = 1
  while (a.at(-back) === b.at(-back) || a.at(-back) === 1 || b.at(-back) === 1) back++
  const message = `shapes [${a}] and [${b}] do not broadcast: dimension ${-back} is ${a.at(-back)} against ${b.at(-back)}`
  return new SinterError('shape', message, { op, operands: inputs, hint: 'sizes must be equal or 1, counted from the last dimension' })
}

/** An operand's values repeated to the given shape, row-major. Its shape must broadcast to it. */
export function expandValues(x: HostTensor, shape: Shape): HostValues {
  const from = x.type.shape
  if (sameShape(from, shape)) return x.values
  const lead = shape.length - from.length
  const own = contiguousStrides(from)
  const strides = shape.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!))
  return gatherStrided(x, typeOf(x.type.dtype, shape), strides).values
}

/**
 * A result tensor whose elements are `value` of the operands' broadcast elements, already representable in the result's dtype. For up to
 * three operands; the first stands in for absent ones.
 */
export function mapValues(inputs: readonly HostTensor[], type: TensorType, value: (x: Value, y: Value, z: Value) => Value): HostTensor {
  const [x, y = x, z = x] = inputs.map((input) => expandValues(input, type.shape))
  const values = emptyValues(type.dtype, type.size)
  for (let i = 0; i < values.length; i++) values[i] = value(x![i]!, y![i]!, z![i]!)
  return { type, values }
}

/** How an op computes one element. Integers and bool of any width go through `integer` as bigints, and the result wraps. */
export interface ElementRule {
  readonly float?: (x: number, y: number) => number
  readonly integer?: (x: bigint, y: bigint, dtype: DType) => bigint
}

/** `evaluate` of an op whose result has its operands' dtype: exact or in doubles, then rounded (floats) or wrapped (integers) once. */
export function evaluateWith({ float, integer }: ElementRule): OpSpec['evaluate'] {
  return (inputs, _, types) => {
    const type = types[0]!
    const { dtype } = type
    if (isFloat(dtype)) return [mapValues(inputs, type, (x, y) => roundTo(dtype, float!(x as number, y as number)))]
    return [mapValues(inputs, type, (x, y) => wrapInteger(dtype, integer!(BigInt(x), BigInt(y), dtype)))]
  }
}

/** The integer of `dtype` that equals `value` modulo 2^bits. */
export function wrapInteger(dtype: DType, value: bigint): Value {
  const { kind, bytes } = dtypeInfo[dtype]
  if (kind === 'bool') return value === 0n ? 0 : 1
  const wrapped = kind === 'int' ? BigInt.asIntN(bytes * 8, value) : BigInt.asUintN(bytes * 8, value)
  return isBig(dtype) ? wrapped : Number(wrapped)
}

export interface UnarySpec extends ElementRule {
  readonly doc: string
  /** Default: the floats, and the integers when there is an `integer` rule. */
  readonly dtypes?: readonly DType[]
  readonly traits?: Traits
  /** The operand's cotangent from the result's, the operand and the result. */
  readonly gradient: 'zero' | ((b: Builder, grad: Node, x: Node, y: Node) => Node)
  /** Where the samples' values lie; keeps them in the op's domain. */
  readonly range?: readonly [number, number]
  readonly noGradientCheck?: string
  /** Samples beside the usual shapes. */
  readonly samples?: readonly Sample[]
  readonly flops?: number
}

const shapesOfOne = ['[2,3]', '[]', '[0,3]', '[3,1,37]']
export const shapesOfTwo = [
  ['[2,3]', '[2,3]'],
  ['[3,1,5]', '[4,1]'],
  ['[]', '[2,3]'],
  ['[]', '[]'],
  ['[0,3]', '[3]'],
  ['[4,19]', '[19]'],
] as const

/** An op record of one operand that keeps its type. */
export function unary(name: string, spec: UnarySpec): OpSpec {
  const allowed = spec.dtypes ?? (spec.integer === undefined ? floatDTypes : spec.float === undefined ? integerDTypes : numericDTypes)
  const set = new Set(allowed)
  const { gradient } = spec
  return {
    doc: spec.doc,
    operands: ['x'],
    dtypes: allowed,
    attrs: noAttrsSchema,
    traits: { elementwise: true, ...spec.traits },
    infer: (inputs) => {
      checkDType(name, inputs, 0, set)
      return inputs[0]!.type
    },
    gradient: gradient === 'zero' ? 'zero' : ({ b, grad, inputs, node }) => [gradient(b, grad, inputs[0]!, node)],
    evaluate: evaluateWith(spec),
    samples: [...shapesOfOne.map((shape) => sample([shape], spec)), ...(spec.samples ?? [])],
    ...(spec.flops === undefined ? {} : { flops: spec.flops }),
  }
}

/** A cotangent from the result's, both operands and the result. */
type Partial2 = (b: Builder, grad: Node, x: Node, y: Node, out: Node) => Node

/** A binary gradient from its two partial derivatives; the unneeded one is not built. */
export function partials(left: Partial2, right: Partial2): Gradient {
  return ({ b, grad, inputs, node, needs }) => {
    const [x, y] = inputs as [Node, Node]
    return [needs[0] ? left(b, grad, x, y, node) : undefined, needs[1] ? right(b, grad, x, y, node) : undefined]
  }
}

export interface BinarySpec extends ElementRule {
  readonly doc: string
  /** Default: the floats, the integers or both, by which rules there are. */
  readonly dtypes?: readonly DType[]
  readonly commutative?: true
  readonly gradient: 'zero' | Gradient
  readonly range?: Sample['range']
  readonly distinct?: true
  readonly noGradientCheck?: string
  /** Samples beside the usual shapes. */
  readonly samples?: readonly Sample[]
  readonly flops?: number
}

/** An op record of two broadcast operands of one dtype that keeps the dtype. */
export function binary(name: string, spec: BinarySpec): OpSpec {
  const allowed = spec.dtypes ?? (spec.integer === undefined ? floatDTypes : spec.float === undefined ? integerDTypes : numericDTypes)
  const set = new Set(allowed)
  return {
    doc: `${spec.doc} (C1) x and y have one dtype. (C2) Their shapes broadcast.`,
    operands: ['x', 'y'],
    dtypes: allowed,
    attrs: noAttrsSchema,
    traits: spec.commutative ? { elementwise: true, commutative: true } : { elementwise: true },
    infer: (inputs) => broadcastType(name, inputs, set),
    gradient: spec.gradient,
    evaluate: evaluateWith(spec),
    samples: [...shapesOfTwo.map((shapes) => sample(shapes, spec)), ...(spec.samples ?? [])],
    ...(spec.flops === undefined ? {} : { flops: spec.flops }),
  }
}

/** What decides an element of a bool result. */
export type Test = (x: Value, y: Value) => boolean

export interface TestSpec {
  readonly doc: string
  readonly dtypes: readonly DType[]
  readonly commutative?: true
  readonly test: Test
}

/** An op record of one or two operands of one dtype with a bool result. */
export function predicate(name: string, operands: readonly string[], spec: TestSpec): OpSpec {
  const set = new Set(spec.dtypes)
  const two = operands.length === 2
  return {
    doc: two ? `${spec.doc} (C1) x and y have one dtype. (C2) Their shapes broadcast.` : spec.doc,
    operands,
    dtypes: spec.dtypes,
    attrs: noAttrsSchema,
    traits: spec.commutative ? { elementwise: true, commutative: true } : { elementwise: true },
    infer: (inputs) => {
      const type = broadcastType(name, inputs, set)
      return type.dtype === 'bool' ? type : typeOf('bool', type.shape)
    },
    gradient: 'zero',
    evaluate: (inputs, _, types) => [mapValues(inputs, types[0]!, (x, y) => (spec.test(x, y) ? 1 : 0))],
    samples: (two ? shapesOfTwo : shapesOfOne.map((shape) => [shape])).map((shapes) =>
      sample(shapes, { noGradientCheck: 'the result is not a float' }),
    ),
  }
}

/** What a record's spec says about its samples. */
interface SampleFacts {
  readonly range?: Sample['range'] | undefined
  readonly distinct?: true | undefined
  readonly noGradientCheck?: string | undefined
}

function sample(shapes: readonly string[], spec: SampleFacts): Sample {
  return {
    inputs: shapes.map((shape) => `$${shape}`),
    ...(spec.range === undefined ? {} : { range: spec.range }),
    ...(spec.distinct === undefined ? {} : { distinct: spec.distinct }),
    ...(spec.noGradientCheck === undefined ? {} : { noGradientCheck: spec.noGradientCheck }),
  }
}

/** Makes a record of every spec of a table, under the table's names. */
export function records<K extends string, S>(table: Readonly<Record<K, S>>, make: (name: string, spec: S) => OpSpec): Record<K, OpSpec> {
  return Object.fromEntries(Object.entries<S>(table).map(([name, spec]) => [name, make(name, spec)])) as Record<K, OpSpec>
}
