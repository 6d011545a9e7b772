// Layer and root-mean-square normalization: (x - mean) / sqrt(variance + epsilon) * gamma + beta, with epsilon a constant.

import type { Node } from '../../../../ir/node.js'
import { isOp, splat } from '../../../../ir/rules/match.js'
import { type Shape, sameShape } from '../../../../ir/shape.js'
import type { Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import { isFloat32, keepsDims, type Match, meanOf, operandsWhere, type Pattern } from './pattern.js'
import { emitVariance, varianceOf } from './statistics.js'

/** distance / sqrt(spread + epsilon) */
interface Scaled {
  readonly distance: Node
  readonly spread: Node
  readonly epsilon: number
  readonly inside: readonly Node[]
}

function scaledOf(node: Node): Scaled | undefined {
  if (!isOp(node, 'mul') || !isFloat32(node)) return undefined
  const found = operandsWhere(node, (operand) => isOp(operand, 'rsqrt'))
  if (found === undefined) return undefined
  const [root, distance] = found
  const sum = root.inputs[0]!
  if (!isOp(sum, 'add') || !sameShape(distance.type.shape, node.type.shape)) return undefined
  const [spread, constant] = sum.inputs as readonly [Node, Node]
  const epsilon = splat(constant)
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && Number.isFinite(epsilon)) || !sameShape(spread.type.shape, sum.type.shape))
    return undefined
  return { distance, spread, epsilon, inside: [root, sum] }
}

/** The axes of a mean that stays in place, when the spread is one. */
function normalizedAxes(spread: Node): readonly number[] | undefined {
  const found = meanOf(spread)
  return found !== undefined && isOp(found.x, 'square') && keepsDims(found.sum) ? found.axes : undefined
}

/** An input or a constant, perhaps moved or converted. */
function isStored(node: Node): boolean {
  const { leaf, movement } = node.op.traits
  return leaf === true || ((movement === true || isOp(node, 'cast')) && isStored(node.inputs[0]!))
}

/**
 * A factor or summand per place on the normalized axes: its shape there is that of x, elsewhere 1. What was computed may hold infinities: as factors of a
 * method that multiplies them by the mean and by x apart, they give NaN for what is infinite.
 */
function isParameter(node: Node, shape: Shape, axes: readonly number[]): boolean {
  const lead = shape.length - node.type.rank
  return (
    isFloat32(node) &&
    isStored(node) &&
    lead >= 0 &&
    shape.every((size, d) => (d < lead ? 1 : node.type.shape[d - lead]) === (axes.includes(d) ? size : 1))
  )
}

interface Parameters {
  /** The normalized value itself, and the nodes from there to the root. */
  readonly core: Node
  readonly inside: readonly Node[]
  readonly gamma?: Node
  readonly beta?: Node
}

/** What may stand around a normalized value, outermost first; each combination is tried. */
function peel(root: Node): Parameters[] {
  const plain: Parameters = { core: root, inside: [] }
  const factors = (node: Node): Parameters[] =>
    isOp(node, 'mul') ? [0, 1].map((i) => ({ core: node.inputs[i]!, inside: [node.inputs[i]!], gamma: node.inputs[1 - i]! })) : []
  if (!isOp(root, 'add')) return [...factors(root), plain]
  return [0, 1].flatMap((i) => {
    const [inner, beta] = [root.inputs[i]!, root.inputs[1 - i]!]
    const withBeta = (found: Parameters): Parameters => ({ ...found, inside: [...new Set([inner, ...found.inside])], beta })
    return [...factors(inner).map(withBeta), withBeta({ core: inner, inside: [] })]
  })
}

function fullRank(g: Emitter, value: Value | undefined, rank: number): Value | null {
  if (value === undefined) return null
  return g.reshape(value, [...new Array<number>(rank - value.type.rank).fill(1), ...value.type.shape])
}

export const normalization: Pattern = {
  name: 'normalization',
  match: (root, target): Match | undefined => {
    if (!isFloat32(root)) return undefined
    for (const { core, inside, gamma, beta } of peel(root)) {
      const scaled = scaledOf(core)
      if (scaled === undefined || !sameShape(core.type.shape, root.type.shape)) continue
      const axes = normalizedAxes(scaled.spread)
      if (axes === undefined) continue
      // Without a mean there is nothing to subtract, but the method may multiply it by gamma, and 0 by an infinity is NaN.
      if (gamma !== undefined && varianceOf(scaled.spread)?.distance !== scaled.distance) continue
      const parameters = [gamma, beta].filter((node) => node !== undefined)
      if (!parameters.every((node) => isParameter(node, root.type.shape, axes))) continue
      const { operands, covered, statistics } = statisticsOf(scaled, axes, applies('variance-large', target))
      return {
        operands: [...operands, ...parameters],
        covered: [...new Set([...inside, ...scaled.inside, ...covered])],
        emit: (g, values) => {
          const [x, mean, spread] = statistics(g, values)
          const rest = values.slice(operands.length)
          const factor = gamma === undefined ? undefined : rest.shift()
          const { rank, shape } = root.type
          const normalize = 'normalizationWithTensor:meanTensor:varianceTensor:gammaTensor:betaTensor:epsilon:name:'
          const made = g.call(
            normalize,
            [x, mean, spread, fullRank(g, factor, rank), fullRank(g, rest[0], rank), scaled.epsilon],
            root.type,
          )
          return g.reshape(made, shape)
        },
      }
    }
    return undefined
  },
}

interface Statistics {
  readonly operands: readonly Node[]
  readonly covered: readonly Node[]
  /** x, its mean and its spread. */
  readonly statistics: (g: Emitter, operands: readonly Value[]) => readonly [Value, Value, Value]
}

/** A variance around the mean becomes one method; any other mean square (of x itself for the root-mean-square norm) is an operand. */
function statisticsOf({ distance, spread }: Scaled, axes: readonly number[], composed: boolean): Statistics {
  const variance = varianceOf(spread)
  if (variance !== undefined && variance.distance === distance) {
    const { x, center, inside } = variance
    if (composed) return { operands: [x, center, spread], covered: [], statistics: (_, [x, mean, own]) => [x!, mean!, own!] }
    return {
      operands: [x, center],
      covered: [spread, ...inside, distance],
      statistics: (g, [x, mean]) => [x!, mean!, emitVariance(g, x!, mean!, axes)],
    }
  }
  return { operands: [distance, spread], covered: [], statistics: (g, [x, own]) => [x!, g.splat(0, own!.type), own!] }
}
