// softmax(q k^T * scale + mask) v. MPSGraph's method for it is wrong on some systems, so it is used on none that has the defect.

import type { Node } from '../../../../ir/node.js'
import { splat } from '../../../../ir/rules/match.js'
import { broadcastsTo, sameShape } from '../../../../ir/shape.js'
import type { CallArgument, Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import { isFloat32, isOp, type Match, operandsWhere, type Pattern } from './pattern.js'
import { softmaxOf } from './softmax.js'

/** The operand of a permutation that swaps the last two of four dimensions. */
function transposed(node: Node): Node | undefined {
  return isOp(node, 'permute') && sameShape(node.attrs['permutation'] as readonly number[], [0, 1, 3, 2]) ? node.inputs[0] : undefined
}

interface Scores {
  readonly product: Node
  /** A number, a node of rank 0, or nothing. */
  readonly scale?: number | Node
  readonly mask?: Node
  readonly inside: readonly Node[]
}

const isProduct = (node: Node): boolean => isOp(node, 'matmul')

function scaledProduct(node: Node): Scores | undefined {
  if (isProduct(node)) return { product: node, inside: [node] }
  if (!isOp(node, 'mul')) return undefined
  const found = operandsWhere(node, isProduct)
  if (found === undefined || (found[1].type.rank > 0 && splat(found[1]) === undefined)) return undefined
  const known = splat(found[1])
  return { product: found[0], scale: typeof known === 'number' ? known : found[1], inside: [node, found[0]] }
}

function scoresOf(node: Node): Scores | undefined {
  const plain = scaledProduct(node)
  if (plain !== undefined || !isOp(node, 'add')) return plain
  const found = operandsWhere(node, (operand) => scaledProduct(operand) !== undefined)
  if (found === undefined || !broadcastsTo(found[1].type.shape, node.type.shape)) return undefined
  const inner = scaledProduct(found[0])!
  return { ...inner, mask: found[1], inside: [node, ...inner.inside] }
}

/** Attention on float32 [batch, heads, length, width], queries, keys and values of one width. */
export function matchAttention(root: Node): Match | undefined {
  if (!isProduct(root) || !isFloat32(root) || root.type.rank !== 4) return undefined
  const [weights, v] = root.inputs as readonly [Node, Node]
  const attended = softmaxOf(weights)
  if (attended === undefined || attended.axis !== 3) return undefined
  const scores = scoresOf(attended.x)
  if (scores === undefined) return undefined
  const [q, kT] = scores.product.inputs as readonly [Node, Node]
  const plainK = transposed(kT)
  const [b, h, , width] = root.type.shape
  const fits = [q, kT, v].every(({ type }) => type.rank === 4 && type.shape[0] === b && type.shape[1] === h)
  if (!fits || q.type.shape[3] !== width || v.type.shape[3] !== width) return undefined
  const { scale, mask } = scores
  const extra = [...(scale === undefined || typeof scale === 'number' ? [] : [scale]), ...(mask === undefined ? [] : [mask])]
  return {
    operands: [q, plainK ?? kT, v, ...extra],
    covered: [weights, ...attended.inside, ...scores.inside],
    emit: (g, [query, key, value, ...rest]) => {
      const k = plainK === undefined ? g.permute(key!, [0, 1, 3, 2]) : key!
      // A scale that comes with the run cannot be the method's, which is a constant: it goes into the queries.
      const scaled = typeof scale === 'object' ? g.mul(query!, rest.shift()!) : query!
      const operands: CallArgument[] = [scaled, k, value!, ...maskArgument(g, rest[0], attended.x)]
      const constant = typeof scale === 'number' ? scale : 1
      const named = mask === undefined ? 'valueTensor:' : 'valueTensor:maskTensor:'
      return g.call(`scaledDotProductAttentionWithQueryTensor:keyTensor:${named}scale:name:`, [...operands, constant], root.type)
    },
  }
}

const maskArgument = (g: Emitter, mask: Value | undefined, scores: Node): Value[] =>
  mask === undefined ? [] : [g.broadcast(mask, scores.type.shape)]

export const attention: Pattern = {
  name: 'attention',
  match: (root, target) => (applies('attention-fused', target) ? undefined : matchAttention(root)),
}
