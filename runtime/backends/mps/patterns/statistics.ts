// Means, and variances around a mean that is given: so the squares are of distances, as the library has them, whatever the method does on its own.

import type { Node } from '../../../../ir/node.js'
import { isOp } from '../../../../ir/rules/match.js'
import { sameShape } from '../../../../ir/shape.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import { rowsOf, safeRank } from '../ops/axes.js'
import { keepsDims, type Match, meanOf, type Pattern } from './pattern.js'

function emitMean(g: Emitter, x: Value, axes: readonly number[]): Value {
  const [given, along] = x.type.rank > safeRank ? [rowsOf(g, x, axes), [1]] : [x, axes]
  const shape = given.type.shape.map((size, d) => (along.includes(d) ? 1 : size))
  return g.call('meanOfTensor:axes:name:', [given, along], typeOf('float32', shape))
}

export const mean: Pattern = {
  name: 'mean',
  match: (root): Match | undefined => {
    const found = meanOf(root)
    if (found === undefined) return undefined
    return {
      operands: [found.x],
      covered: [found.sum],
      emit: (g, [x]) => g.reshape(emitMean(g, x!, found.axes), root.type.shape),
    }
  },
}

/** A mean of squared distances from `center`, which is the mean over the same axes. */
export interface Variance {
  readonly x: Node
  readonly center: Node
  readonly axes: readonly number[]
  /** x - center */
  readonly distance: Node
  /** The nodes between the distance and the variance. */
  readonly inside: readonly Node[]
}

export function varianceOf(root: Node): Variance | undefined {
  const outer = meanOf(root)
  if (outer === undefined || !isOp(outer.x, 'square')) return undefined
  const distance = outer.x.inputs[0]!
  if (!isOp(distance, 'sub')) return undefined
  const [x, center] = distance.inputs as readonly [Node, Node]
  const inner = meanOf(center)
  if (inner === undefined || inner.x !== x || !keepsDims(inner.sum) || !sameShape(inner.axes, outer.axes)) return undefined
  return { x, center, axes: outer.axes, distance, inside: [outer.sum, outer.x] }
}

/** The variance of x around its mean, over axes that stay as dimensions of size 1. Along other axes than the last the method is slow. */
export function emitVariance(g: Emitter, x: Value, center: Value, axes: readonly number[]): Value {
  const method = 'varianceOfTensor:meanTensor:axes:name:'
  const { rank } = x.type
  if (rank <= safeRank && axes.length === 1 && axes[0] === rank - 1) return g.call(method, [x, center, axes], center.type)
  const rows = rowsOf(g, x, axes)
  const type = typeOf('float32', [rows.type.shape[0]!, 1])
  const found = g.call(method, [rows, g.reshape(center, type.shape), [1]], type)
  return g.reshape(found, center.type.shape)
}

export const variance: Pattern = {
  name: 'variance',
  match: (root, target): Match | undefined => {
    const found = applies('variance-large', target) ? undefined : varianceOf(root)
    if (found === undefined) return undefined
    return {
      operands: [found.x, found.center],
      covered: [...found.inside, found.distance],
      emit: (g, [x, center]) => g.reshape(emitVariance(g, x!, center!, found.axes), root.type.shape),
    }
  },
}
