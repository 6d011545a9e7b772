// softmax(q k^T * scale + mask) v. MPSGraph has a method for it, and fuses the composed form to the same kernel, which is wrong on some systems: there the
// composed form is kept apart by an identity.

import type { Node } from '../../../../ir/node.js'
import { isOp, splat } from '../../../../ir/rules/match.js'
import { broadcastsTo, sameShape } from '../../../../ir/shape.js'
import type { Value } from '../call.js'
import { applies } from '../defects.js'
import type { Emitter } from '../emitter.js'
import { multiplyMatrices } from '../ops/linalg.js'
import { isFloat32, type Match, operandsWhere, type Pattern } from './pattern.js'
import { softmaxOf } from './softmax.js'

/** The parts of one attention on float32. */
interface Attention {
  readonly q: Node
  /** Keys as the second operand of the product has them, [..., width, length]. */
  readonly kT: Node
  readonly v: Node
  readonly product: Node
  readonly scale?: Node
  readonly mask?: Node
  readonly scores: Node
  readonly inside: readonly Node[]
}

type Scores = Pick<Attention, 'product' | 'scale' | 'mask' | 'inside'>

const isProduct = (node: Node): boolean => isOp(node, 'matmul')

function scaledProduct(node: Node): Scores | undefined {
  if (isProduct(node)) return { product: node, inside: [node] }
  const found = isOp(node, 'mul') ? operandsWhere(node, isProduct) : undefined
  if (found === undefined || (found[1].type.rank > 0 && splat(found[1]) === undefined)) return undefined
  return { product: found[0], scale: found[1], inside: [node, found[0]] }
}

function scoresOf(node: Node): Scores | undefined {
  const plain = scaledProduct(node)
  if (plain !== undefined || !isOp(node, 'add')) return plain
  const found = operandsWhere(node, (operand) => scaledProduct(operand) !== undefined)
  if (found === undefined || !broadcastsTo(found[1].type.shape, node.type.shape)) return undefined
  const inner = scaledProduct(found[0])!
  return { ...inner, mask: found[1], inside: [node, ...inner.inside] }
}

function attentionOf(root: Node): Attention | undefined {
  if (!isProduct(root) || !isFloat32(root)) return undefined
  const [weights, v] = root.inputs as readonly [Node, Node]
  const attended = softmaxOf(weights)
  if (attended === undefined || attended.axis !== weights.type.rank - 1) return undefined
  const scores = scoresOf(attended.x)
  if (scores === undefined || !sameShape(scores.product.type.shape, attended.x.type.shape)) return undefined
  const [q, kT] = scores.product.inputs as readonly [Node, Node]
  return { ...scores, q, kT, v, scores: attended.x, inside: [weights, ...attended.inside, ...scores.inside] }
}

const present = (...nodes: readonly (Node | undefined)[]): Node[] => nodes.filter((node) => node !== undefined)

/** The composed form with an identity between the scores and their softmax. */
function composed(root: Node, { q, kT, v, product, scale, mask, scores, inside }: Attention): Match {
  return {
    operands: present(q, kT, v, scale, mask),
    covered: inside,
    emit: (g, [query, keys, values, ...rest]) => {
      let made = multiplyMatrices(g, query!, keys!, product.type, true)
      if (scale !== undefined) made = g.mul(made, rest.shift()!)
      if (mask !== undefined) made = g.add(made, rest.shift()!)
      const apart = g.identity(made)
      const weights = g.call('softMaxWithTensor:axis:name:', [apart, scores.type.rank - 1], scores.type)
      return multiplyMatrices(g, weights, values!, root.type, true)
    },
  }
}

/** The operand of a permutation that swaps the last two of four dimensions. */
function transposed(node: Node): Node | undefined {
  return isOp(node, 'permute') && sameShape(node.attrs['permutation'] as readonly number[], [0, 1, 3, 2]) ? node.inputs[0] : undefined
}

/** What the method takes: [batch, heads, length, width], queries, keys and values of one width. */
function isPlain(root: Node, { q, kT, v }: Attention): boolean {
  const [batch, heads, , width] = root.type.shape
  const fits = [q, kT, v].every(({ type }) => type.rank === 4 && type.shape[0] === batch && type.shape[1] === heads)
  return root.type.rank === 4 && fits && q.type.shape[3] === width && v.type.shape[3] === width
}

function fused(root: Node, { q, kT, v, scale, mask, scores, inside }: Attention): Match {
  const k = transposed(kT)
  const number = scale === undefined ? 1 : splat(scale)
  return {
    operands: present(q, k ?? kT, v, number === undefined ? scale : undefined, mask),
    covered: inside,
    emit: (g, [query, keys, values, ...rest]) => {
      const key = k === undefined ? g.permute(keys!, [0, 1, 3, 2]) : keys!
      // A scale that comes with the run cannot be the method's, which is a constant: it goes into the queries.
      const scaled = number === undefined ? g.mul(query!, rest.shift()!) : query!
      const masks = mask === undefined ? [] : [broadcastMask(g, rest[0]!, scores)]
      const named = mask === undefined ? 'valueTensor:' : 'valueTensor:maskTensor:'
      const selector = `scaledDotProductAttentionWithQueryTensor:keyTensor:${named}scale:name:`
      return g.call(selector, [scaled, key, values!, ...masks, Number(number ?? 1)], root.type)
    },
  }
}

const broadcastMask = (g: Emitter, mask: Value, scores: Node): Value => g.broadcast(mask, scores.type.shape)

export const attention: Pattern = {
  name: 'attention',
  match: (root, target): Match | undefined => {
    const found = attentionOf(root)
    if (found === undefined) return undefined
    if (applies('attention-fused', target)) return composed(root, found)
    return isPlain(root, found) ? fused(root, found) : undefined
  },
}

/** Attention as MPSGraph's own method, whatever the system. */
export const fusedAttention: Pattern = {
  name: 'fusedAttention',
  match: (root): Match | undefined => {
    const found = attentionOf(root)
    return found !== undefined && isPlain(root, found) ? fused(root, found) : undefined
  },
}
