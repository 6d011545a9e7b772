// Central finite differences of the reference evaluation in float64, and the values that samples ask for.

import { gradients } from '../../ir/autodiff.js'
import { constantNode, inputNode } from '../../ir/build.js'
import { isBig, isFloat } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { emptyValues, type HostTensor } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import type { Node } from '../../ir/node.js'
import type { Sample } from '../../ir/op.js'
import { builder } from '../../ir/ops/index.js'
import { parseType, type TensorType, typeOf } from '../../ir/type.js'

/** Uniform numbers in [0, 1) by mulberry32: the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Operands of a sample with `$` as float64. Distinct values are so across all operands. */
export function sampleOperands(sample: Sample, random: () => number): HostTensor[] {
  const types = sample.inputs.map((text) => parseType(text.replace('$', 'f64'))!)
  const total = types.reduce((sum, type) => sum + type.size, 0)
  const places = Array.from({ length: total }, random)
  if (sample.distinct) {
    const ranked = places.map((key, i) => ({ key, i })).sort((a, b) => a.key - b.key)
    ranked.forEach(({ i }, rank) => {
      places[i] = (rank + 0.5) / total
    })
  }
  const given = sample.range ?? [-2, 2]
  return types.map((type, k) => {
    const range = typeof given[0] === 'number' ? given : given[k]!
    const values = valuesIn(type, range as readonly [number, number], places.splice(0, type.size))
    if (sample.dominant?.includes(k)) addToDiagonals(type, values as Float64Array, (range as readonly [number, number])[1])
    return { type, values }
  })
}

/** Values in a range, from places in [0, 1). */
function valuesIn(type: TensorType, [low, high]: readonly [number, number], places: readonly number[]): HostTensor['values'] {
  const values = emptyValues(type.dtype, type.size)
  places.forEach((place, i) => {
    const whole = Math.floor(low + place * (high - low + 1))
    if (isFloat(type.dtype)) values[i] = low + place * (high - low)
    else if (type.dtype === 'bool') values[i] = whole & 1
    else values[i] = isBig(type.dtype) ? BigInt(whole) : whole
  })
  return values
}

/** Adds n * bound on the diagonals of n x n matrices. */
function addToDiagonals(type: TensorType, values: Float64Array, bound: number): void {
  const n = type.shape.at(-1)!
  for (let i = 0; i < values.length; i++) if ((i % (n * n)) % (n + 1) === 0) values[i] = values[i]! + n * bound
}

/** A function on nodes: what the check differentiates. */
export type Build = (inputs: readonly Node[]) => readonly Node[]

export function evaluateAt(build: Build, operands: readonly HostTensor[]): HostTensor[] {
  const inputs = operands.map((operand) => inputNode(operand.type))
  return interpret(new Graph(inputs, build(inputs)), operands)
}

const isF64 = (type: TensorType): boolean => type.dtype === 'float64'
const noise = (type: TensorType, random: () => number): HostTensor => ({
  type,
  values: Float64Array.from({ length: type.size }, () => random() * 2 - 1),
})

/** The cotangents of the float operands of `build` for cotangents of its float outputs, as a function of operands and then those cotangents. */
export const pullback =
  (build: Build, operandCount: number): Build =>
  (all) => {
    const inputs = all.slice(0, operandCount)
    const outputs = build(inputs).filter((node) => isF64(node.type))
    const wrt = inputs.filter((node) => isF64(node.type))
    return gradients(outputs, all.slice(operandCount), wrt, builder).map((grad, i) => grad ?? builder.fullLike(wrt[i]!, 0))
  }

/**
 * Compares <cotangent, directional difference> with <gradient, direction>, for one random cotangent and one random direction. The difference is
 * the central one with step 1e-5. Returns the error relative to 1 + the sum of the magnitudes that make up the first product.
 */
export function directionalError(build: Build, operands: readonly HostTensor[], random: () => number): number {
  const step = 1e-5
  const directions = operands.map((operand) => (isF64(operand.type) ? noise(operand.type, random) : undefined))
  const moved = (by: number): HostTensor[] =>
    operands.map((operand, k) => {
      const direction = directions[k]
      if (direction === undefined) return operand
      return { type: operand.type, values: (operand.values as Float64Array).map((value, i) => value + by * Number(direction.values[i])) }
    })
  const above = evaluateAt(build, moved(step)).filter((result) => isF64(result.type))
  const below = evaluateAt(build, moved(-step)).filter((result) => isF64(result.type))
  const cotangents = above.map((result) => noise(result.type, random))
  const grads = evaluateAt(pullback(build, operands.length), [...operands, ...cotangents])

  let difference = 0
  let magnitude = 1
  above.forEach((result, r) => {
    result.values.forEach((value: number | bigint, i: number) => {
      // Infinities, as exclusive scans start with, do not move.
      const moved = Object.is(value, below[r]!.values[i]) ? 0 : Number(value) - Number(below[r]!.values[i])
      const term = (Number(cotangents[r]!.values[i]) * moved) / (2 * step)
      difference += term
      magnitude += Math.abs(term)
    })
  })
  let product = 0
  directions
    .filter((direction) => direction !== undefined)
    .forEach((direction, k) => {
      direction.values.forEach((value: number | bigint, i: number) => {
        product += Number(value) * Number(grads[k]!.values[i])
      })
    })
  return Math.abs(difference - product) / magnitude
}

/** A float64 host tensor. */
export const f64 = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  type: typeOf('float64', shape),
  values: Float64Array.from(values),
})

/** The gradient of sum(weights * build(x)) at x; all weights 1 unless given. */
export function gradientAt(build: (x: Node) => Node, x: HostTensor, weights?: readonly number[]): number[] {
  const input = inputNode(x.type)
  const output = build(input)
  const cotangent = constantNode(1, output.type.dtype, output.type.shape)
  const weight = inputNode(output.type)
  const [grad] = gradients([output], [builder.mul(cotangent, weight)], [input], builder)
  const values = Float64Array.from({ length: output.type.size }, (_, i) => weights?.[i] ?? 1)
  return Array.from(interpret(new Graph([input, weight], [grad!]), [x, { type: output.type, values }])[0]!.values, Number)
}
