// What a graph computes, and how far a correct backend may be from it.
//
// The expected values come from the records' own evaluation. The bounds come from doing it again, several times, with every intermediate result moved by a few
// units in the last place: how far the outputs move is how well-conditioned they are, and where a comparison, a rounding or a sort tips over nothing can be
// demanded. (Random rounding as an error estimate: Vignes, "A stochastic arithmetic for reliable scientific computation", 1993.)

import { type DType, isFloat, isInexact, partDType } from '../../ir/dtype.js'
import type { Graph } from '../../ir/graph.js'
import { type HostTensor, roundTo } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import type { Node } from '../../ir/node.js'
import { type TensorType, typeOf } from '../../ir/type.js'
import { randomFrom } from './values.js'

/**
 * The tolerance per dtype: units in the last place that one op may be off. float32 and float64 transcendentals stay within 4, halves within one rounding
 * step; integers, bool and everything that only moves elements are exact.
 */
export const ulps: Partial<Record<DType, number>> = { float32: 4, float64: 4, float16: 1, bfloat16: 1 }

/** Relative size of a unit in the last place, and the smallest magnitude that is not flushed to zero (halves compute in float32). */
const spacing: Partial<Record<DType, number>> = { float32: 2 ** -23, float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7 }
const smallest: Partial<Record<DType, number>> = { float32: 2 ** -126, float64: 2 ** -1022, float16: 2 ** -24, bfloat16: 2 ** -126 }

export interface Expectation {
  readonly tensor: HostTensor
  /** Per element; Infinity where nothing can be demanded. */
  readonly bounds: Float64Array
}

interface Effort {
  readonly runs: number
  /** Multiple of `ulps` by which intermediate results move. */
  readonly size: number
  /** Safety factor on the movement seen. */
  readonly factor: number
}

/** No allowance but for the last op's own rounding, as `ulps` states it. */
export const rounding: Effort = { runs: 0, size: 0, factor: 0 }
/** The usual effort, and the one that a failure must survive. */
export const quick: Effort = { runs: 2, size: 1, factor: 8 }
export const thorough: Effort = { runs: 24, size: 3, factor: 8 }

/** Expected outputs with bounds. */
export function expectations(graph: Graph, inputs: readonly HostTensor[], effort: Effort = quick, seed = 1): Expectation[] {
  const exact = interpret(graph, inputs)
  const bounds = exact.map(({ type, values }) =>
    Float64Array.from({ length: values.length }, (_, i) => ownBound(partDType(type.dtype), Number(values[i]))),
  )
  const random = randomFrom(seed)
  const halves = graph.nodes.some((node) => isHalf(node.type.dtype))
  for (let run = 0; run < effort.runs; run++) {
    // With halves, some runs move nothing and only leave roundings out: the first one all of them, as a fully fused graph would.
    const size = halves && run % 4 === 0 ? 0 : effort.size
    const moved = perturbed(graph, inputs, size, halves && run === 0 ? () => 0.9 : random)
    exact.forEach((tensor, k) => {
      widen(bounds[k]!, tensor, moved[k]!, effort.factor)
    })
  }
  return exact.map((tensor, k) => ({ tensor, bounds: bounds[k]! }))
}

function ownBound(dtype: DType, value: number): number {
  if (!isFloat(dtype)) return 0
  return Number.isFinite(value) ? ulps[dtype]! * Math.abs(value) * spacing[dtype]! + smallest[dtype]! : 0
}

function widen(bounds: Float64Array, { type, values }: HostTensor, moved: HostTensor, factor: number): void {
  for (let i = 0; i < values.length; i++) {
    const a = values[i]!
    const b = moved.values[i]!
    if (Object.is(a, b) || a === b) continue
    // An integer that moves hangs on a decision; so does a float that becomes or ceases to be special.
    const distance = isInexact(type.dtype) ? Math.abs(Number(a) - Number(b)) : Number.POSITIVE_INFINITY
    bounds[i] = Math.max(bounds[i]!, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance * factor)
  }
}

const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'
const widened = (type: TensorType): TensorType => (isHalf(type.dtype) ? typeOf('float32', type.shape) : type)

/** One evaluation with moved intermediate results. Halves are sometimes not rounded, as inside a fused group; subnormal results become zeros. */
function perturbed(graph: Graph, inputs: readonly HostTensor[], size: number, random: () => number): HostTensor[] {
  const values = new Map<Node, readonly HostTensor[]>(graph.inputs.map((node, i) => [node, [inputs[i]!]]))
  for (const node of graph.nodes) {
    if (!values.has(node)) values.set(node, evaluateMoved(node, values, size, random))
  }
  return graph.outputs.map((node) => rounded(values.get(node)![0]!, node.type))
}

/** Families whose ops add up products or elements on their way, in an order of their backend's. */
const summing: readonly string[] = [
  'scan',
  'control',
  'indexing',
  'attention',
  'convolution',
  'fourier',
  'unfold',
  'pooling',
  'resize',
  'sampling',
  'scatter',
  'solve',
  'sparse',
  'spectral',
  'triangular',
  'recurrent',
]

function evaluateMoved(
  node: Node,
  values: ReadonlyMap<Node, readonly HostTensor[]>,
  size: number,
  random: () => number,
): readonly HostTensor[] {
  const { op, attrs } = node
  if (op.name === 'result') return [values.get(node.inputs[0]!)![attrs['index'] as number]!]
  const operands = node.inputs.map((input) => values.get(input)![0]!)
  const types = node.results ?? [node.type]
  if (op.traits.leaf || op.traits.reinterprets)
    return op.evaluate(
      operands.map((operand, i) => rounded(operand, node.inputs[i]!.type)),
      attrs,
      types,
    )
  const unrounded = random() > 0.5
  const given = operands.map((operand) => flushed({ type: widened(operand.type), values: operand.values }))
  const { reduction } = op.traits
  const accumulates = reduction === 'sum' || reduction === 'prod' || op.traits.contraction || summing.includes(op.family)
  const ready = accumulates ? given.map((operand) => move(operand, size, random)) : given
  const wide = isHalf(attrs['dtype'] as DType) ? { ...attrs, dtype: 'float32' } : attrs
  // A running product may be flushed on its way to a result that is not subnormal itself.
  const products = reduction === 'prod' || op.name === 'cumprod'
  const plain = op.evaluate(ready, wide, types.map(widened))
  const cancelling = op.name === 'add' || op.name === 'sub'
  const results = cancelling
    ? plain.map((result) => cancelled(result, ready, size, random))
    : products && random() < 0.5
      ? // Not always: where NaN is expected anyway, it would hide that something else may come out.
        plain.map((result) => flushed(result, 2 ** 40))
      : products
        ? unlessTooLarge(plain, op.evaluate(ready.map(factorsAboveOne), wide, types.map(widened)))
        : plain
  return results.map((result, i) => {
    const kept = unrounded ? result : rounded(result, types[i]!)
    const exact = op.traits.movement || op.family === 'complex' || op.traits.transparent || (reduction !== undefined && !accumulates)
    if (exact) return kept
    const moved = move({ type: unrounded ? kept.type : types[i]!, values: kept.values }, size, random)
    return accumulates ? shortOfTerms(moved, size, random) : moved
  })
}

/** Sums that rounding alone keeps from zero are sometimes zero: moving the operands would never make them that, and their sign is nobody's. */
function cancelled({ type, values }: HostTensor, operands: readonly HostTensor[], size: number, random: () => number): HostTensor {
  if (!isFloat(type.dtype) || size === 0) return { type, values }
  let largest = 0
  for (const operand of operands)
    for (const value of operand.values) if (Number.isFinite(Number(value))) largest = Math.max(largest, Math.abs(Number(value)))
  const rounding = 8 * spacing[type.dtype]! * largest
  return { type, values: (values as Float64Array).map((value) => (Math.abs(value) <= rounding && random() < 0.5 ? 0 : value)) }
}

/** Finite factors above 1 in magnitude; ones for the others. */
function factorsAboveOne({ type, values }: HostTensor): HostTensor {
  if (!isFloat(type.dtype)) return { type, values }
  return { type, values: (values as Float64Array).map((value) => (Number.isFinite(value) ? Math.max(1, Math.abs(value)) : 1)) }
}

/** Products, flushed on the way; where the large factors alone overflow, their order decides: nothing is demanded, which a NaN says, or a number in its place. */
function unlessTooLarge(products: readonly HostTensor[], large: readonly HostTensor[]): HostTensor[] {
  return products.map((product, k) => {
    const { type, values } = flushed(product, 2 ** 40)
    if (!isFloat(type.dtype)) return { type, values }
    const other = (value: number): number => (Number.isNaN(value) ? 0 : Number.NaN)
    return { type, values: (values as Float64Array).map((value, i) => (Number.isFinite(large[k]!.values[i]) ? value : other(value))) }
  })
}

function rounded(tensor: HostTensor, type: TensorType): HostTensor {
  if (!isHalf(type.dtype)) return { type, values: tensor.values }
  return { type, values: (tensor.values as Float64Array).map((value) => roundTo(type.dtype, value)) }
}

/** Subnormal values read as zeros, or all below a multiple of the smallest normal one. */
function flushed({ type, values }: HostTensor, multiple = 1): HostTensor {
  if (!isFloat(type.dtype)) return { type, values }
  const least = smallest[type.dtype]! * multiple
  return { type, values: (values as Float64Array).map((value) => (Math.abs(value) < least ? 0 * Math.sign(value) : value)) }
}

/** Floats, and parts of complex values, moved up or down; zeros may change sign, subnormals become zero. */
function move({ type, values }: HostTensor, size: number, random: () => number): HostTensor {
  if (!isInexact(type.dtype)) return { type, values }
  const part = partDType(type.dtype)
  const by = size * ulps[part]! * spacing[part]!
  const least = smallest[part]!
  const out = (values as Float64Array).map((value) => {
    const sign = random() < 0.5 ? -1 : 1
    if (Math.abs(value) < least) return sign * 0
    return value * (1 + sign * by)
  })
  return { type, values: out }
}

/** Sums next to subnormal numbers without a term that was flushed. */
function shortOfTerms({ type, values }: HostTensor, size: number, random: () => number): HostTensor {
  if (!isFloat(type.dtype) || size === 0) return { type, values }
  const least = smallest[type.dtype]!
  const out = (values as Float64Array).map((value) => {
    const sign = random() < 0.5 ? -1 : 1
    return value !== 0 && Math.abs(value) < least / spacing[type.dtype]! ? value + sign * least : value
  })
  return { type, values: out }
}

/** The first element outside its bound, as text; undefined when there is none. */
export function firstDifference(actual: readonly HostTensor[], expected: readonly Expectation[]): string | undefined {
  for (const [k, { tensor, bounds }] of expected.entries()) {
    const got = actual[k]!
    if (!got.type.equals(tensor.type)) return `output ${k} is ${got.type}, expected ${tensor.type}`
    for (let i = 0; i < bounds.length; i++) {
      const a = got.values[i]!
      const e = tensor.values[i]!
      if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue
      if (bounds[i] === Number.POSITIVE_INFINITY) continue
      const distance = Math.abs(Number(a) - Number(e))
      if (!(distance <= bounds[i]!) || !Number.isFinite(Number(e)))
        return `output ${k} (${tensor.type}) element ${i}: got ${a}, expected ${e} +- ${bounds[i]}`
    }
  }
  return undefined
}

/** The first difference that more perturbation does not explain away. */
export function confirmedDifference(
  graph: Graph,
  inputs: readonly HostTensor[],
  actual: readonly HostTensor[],
  expected = expectations(graph, inputs),
): string | undefined {
  if (firstDifference(actual, expected) === undefined) return undefined
  return firstDifference(actual, expectations(graph, inputs, thorough, 7))
}
