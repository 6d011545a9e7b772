// Scaled dot-product attention.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { type DType, isFloat } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, roundTo } from '../host.js'
import type { Node } from '../node.js'
import { type Attrs, defineFamily, type HasType, type Sample } from '../op.js'
import { broadcastShapes, broadcastsTo, type Shape } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkSameDType, floatDTypes } from './check.js'
import { expandValues } from './kit.js'

interface AttentionAttrs extends Attrs {
  readonly scale: number
  readonly causal: boolean
}

const op = 'attention'

/** The dimensions before the last two, of the result. */
function batchOf(inputs: readonly HasType[]): Shape {
  const [q, k, v] = inputs.map(({ type }) => type.shape.slice(0, -2))
  const joined = broadcastShapes(q!, k!)
  const batch = joined === undefined ? undefined : broadcastShapes(joined, v!)
  if (batch === undefined) throw new SinterError('shape', 'the leading dimensions do not broadcast (C4)', { op, operands: inputs })
  return batch
}

function infer(inputs: readonly HasType[]): TensorType {
  const [q, k, v, mask] = inputs.map(({ type }) => type) as [TensorType, TensorType, TensorType, TensorType | undefined]
  if (inputs.length > 4) throw new SinterError('argument', 'takes at most one mask (C5)', { op, operands: inputs })
  if (!isFloat(q.dtype)) throw new SinterError('dtype', `works on floats, not on ${q.dtype} (C1)`, { op, operands: inputs })
  checkSameDType(op, inputs, 1)
  checkSameDType(op, inputs, 2)
  if (q.rank < 2 || k.rank < 2 || v.rank < 2) {
    throw new SinterError('shape', 'q, k and v have at least 2 dimensions, [..., length, width] (C2)', { op, operands: inputs })
  }
  const [queries, width] = q.shape.slice(-2) as [number, number]
  const [keys, keyWidth] = k.shape.slice(-2) as [number, number]
  if (width !== keyWidth) throw new SinterError('shape', `q has width ${width}, k ${keyWidth} (C3)`, { op, operands: inputs })
  if (keys !== v.shape.at(-2)) {
    throw new SinterError('shape', `there are ${keys} keys and ${v.shape.at(-2)} values (C3)`, { op, operands: inputs })
  }
  const batch = batchOf(inputs)
  if (mask !== undefined) {
    if (mask.dtype !== 'bool' && mask.dtype !== q.dtype) {
      throw new SinterError('dtype', `the mask is ${mask.dtype}; it is bool or ${q.dtype} (C5)`, { op, operands: inputs })
    }
    if (!broadcastsTo(mask.shape, [...batch, queries, keys])) {
      throw new SinterError('shape', `the mask does not broadcast to the scores, [${[...batch, queries, keys].join(', ')}] (C5)`, {
        op,
        operands: inputs,
      })
    }
  }
  return typeOf(q.dtype, [...batch, queries, v.shape.at(-1)!])
}

const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'

/** What is added to the scores: the mask (true as 0, false as -Infinity), and -Infinity for keys behind the query. Undefined for nothing. */
function biasOf(b: Builder, mask: Node | undefined, q: Node, k: Node, causal: boolean): Node | undefined {
  const never = b.constant(Number.NEGATIVE_INFINITY, q)
  const zero = b.constant(0, q)
  const given = mask?.type.dtype === 'bool' ? b.select(mask, zero, never) : mask === undefined ? undefined : b.cast(mask, q.type.dtype)
  if (!causal) return given
  const index = (shape: Shape, axis: number): Node => b.emit('iota', [], { dtype: 'int32', shape, axis })
  const seen = b.greaterEqual(index([q.type.shape.at(-2)!, 1], 0), index([1, k.type.shape.at(-2)!], 1))
  const triangle = b.select(seen, zero, never)
  return given === undefined ? triangle : b.add(given, triangle)
}

/** softmax(q k^T * scale + bias), zero for queries that see no key. */
function weightsOf(b: Builder, [q, k, , mask]: readonly Node[], { scale, causal }: AttentionAttrs): Node {
  const product = b.matmul(q!, b.transpose(k!))
  const scaled = b.mul(product, b.constant(scale, product))
  const bias = biasOf(b, mask, q!, k!, causal)
  const scores = bias === undefined ? scaled : b.add(scaled, bias)
  const axes = [scores.type.rank - 1]
  if (scores.type.size === 0) return scores
  const peak = b.emit('stopGradient', [b.emit('max', [scores], { axes, keepDims: true })])
  if (mask === undefined) {
    const weights = b.exp(b.emit('sub', [scores, peak]))
    return b.div(weights, b.sum(weights, axes, true))
  }
  const nothing = b.equal(peak, b.constant(Number.NEGATIVE_INFINITY, peak))
  const weights = b.exp(b.emit('sub', [scores, b.select(nothing, b.constant(0, peak), peak)]))
  const total = b.sum(weights, axes, true)
  return b.div(weights, b.select(nothing, b.constant(1, total), total))
}

/** Operands to compute with: halves in float32. */
const widened = (b: Builder, inputs: readonly Node[]): Node[] =>
  inputs.map((input) => (isHalf(input.type.dtype) ? b.cast(input, 'float32') : input))

/** Positions of an operand's matrix for each batch of the result. */
function matrices(x: HostTensor, batch: Shape, rows: number, columns: number): (batch: number, row: number, column: number) => number {
  const values = expandValues(x, [...batch, rows, columns])
  return (at, row, column) => Number(values[(at * rows + row) * columns + column])
}

const shapes: readonly Sample[] = [
  { inputs: ['$[3,4]', '$[5,4]', '$[5,2]'], attrs: { scale: 0.5, causal: false } },
  { inputs: ['$[2,3,4]', '$[2,3,4]', '$[2,3,4]'], attrs: { scale: 0.5, causal: true } },
  { inputs: ['$[2,2,6,3]', '$[2,1,5,3]', '$[2,1,5,3]'], attrs: { scale: 1, causal: false } },
  { inputs: ['$[2,7,3]', '$[4,3]', '$[4,5]'], attrs: { scale: 0.25, causal: true } },
  { inputs: ['$[2,6,4]', '$[2,7,4]', '$[2,7,4]', '$[6,7]'], attrs: { scale: 0.5, causal: false } },
  { inputs: ['$[2,6,4]', '$[2,7,4]', '$[2,7,4]', '$[2,1,7]'], attrs: { scale: 0.5, causal: true } },
  { inputs: ['$[1,4]', '$[9,4]', '$[9,4]', '$[1,1]'], attrs: { scale: 0.5, causal: false } },
  { inputs: ['$[5,4]', '$[6,4]', '$[6,3]', 'bool[5,6]'], attrs: { scale: 0.5, causal: false } },
  { inputs: ['$[2,1,4]', '$[2,6,4]', '$[2,6,3]', 'bool[2,1,6]'], attrs: { scale: 0.5, causal: false } },
  { inputs: ['$[40,8]', '$[211,8]', '$[211,9]'], attrs: { scale: 0.125, causal: true } },
  { inputs: ['$[3,2]', '$[0,2]', '$[0,4]'], attrs: { scale: 1, causal: false } },
  { inputs: ['$[0,2]', '$[3,2]', '$[3,4]'], attrs: { scale: 1, causal: false } },
  { inputs: ['$[2,0]', '$[3,0]', '$[3,2]'], attrs: { scale: 1, causal: false } },
]

const samples = shapes.map((sample): Sample => ({ ...sample, tame: true }))

export const attentionOps = defineFamily('attention', {
  attention: {
    doc:
      'softmax(q k^T * scale + mask) v over the last two dimensions: q [..., L, E], k [..., S, E] and v [..., S, V] give [..., L, V]; leading dimensions ' +
      'broadcast. A mask is added to the scores, or, as bool, leaves out keys where it is false; with causal query i sees the keys 0 to i only. Keys that ' +
      'are left out have weight 0, whose values must be finite; a query that sees none gives 0. Computed at least in float32 and rounded once. ' +
      '(C1) q, k and v are floats of one dtype. (C2) They have at least 2 dimensions. (C3) Widths of q and k agree, and lengths of k and v. ' +
      "(C4) Leading dimensions broadcast. (C5) There is at most one mask, of q's dtype or bool, that broadcasts to [..., L, S].",
    operands: ['q', 'k', 'v', '...mask'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ scale: z.number(), causal: z.boolean() }),
    traits: {},
    infer,
    /** The weights are computed anew, as a matrix. */
    gradient: ({ b, inputs, node, grad, attrs, needs }) => {
      const wide = widened(b, inputs)
      const [q, k, v] = wide as [Node, Node, Node]
      const weights = weightsOf(b, wide, attrs)
      if (node.type.size === 0 || weights.type.size === 0) return inputs.map((input) => b.fullLike(input, 0))
      const [given, own] = widened(b, [grad, node]) as [Node, Node]
      const back = (x: Node, i: number): Node => b.cast(b.sumTo(x, inputs[i]!.type.shape), inputs[i]!.type.dtype)
      const along = b.sum(b.mul(given, own), [own.type.rank - 1], true)
      const scores = b.mul(weights, b.emit('sub', [b.matmul(given, b.transpose(v)), along]))
      const scaled = b.mul(scores, b.constant(attrs.scale, scores))
      return [
        needs[0] ? back(b.matmul(scaled, k), 0) : undefined,
        needs[1] ? back(b.matmul(b.transpose(scaled), q), 1) : undefined,
        needs[2] ? back(b.matmul(b.transpose(weights), given), 2) : undefined,
        needs[3] && inputs[3]!.type.dtype !== 'bool' ? back(scores, 3) : undefined,
      ].slice(0, inputs.length)
    },
    evaluate: ([q, k, v, mask], { scale, causal }: AttentionAttrs, [type]) => {
      const batch = type!.shape.slice(0, -2)
      const [queries, width] = q!.type.shape.slice(-2) as [number, number]
      const [keys, valueWidth] = v!.type.shape.slice(-2) as [number, number]
      const query = matrices(q!, batch, queries, width)
      const key = matrices(k!, batch, keys, width)
      const value = matrices(v!, batch, keys, valueWidth)
      const bias = mask === undefined ? undefined : matrices(mask, batch, queries, keys)
      const values = emptyValues(type!.dtype, type!.size)
      const count = batch.reduce((product, size) => product * size, 1)
      for (let at = 0; at < count; at++) {
        for (let row = 0; row < queries; row++) {
          const scores: { column: number; score: number }[] = []
          for (let column = 0; column < keys && !(causal && column > row); column++) {
            let score = 0
            for (let i = 0; i < width; i++) score += query(at, row, i) * key(at, column, i)
            score *= scale
            if (mask?.type.dtype === 'bool') score = bias!(at, row, column) ? score : Number.NEGATIVE_INFINITY
            else if (bias !== undefined) score += bias(at, row, column)
            if (score !== Number.NEGATIVE_INFINITY) scores.push({ column, score })
          }
          const peak = scores.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY)
          const weights = scores.map(({ score }) => Math.exp(score - peak))
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          for (let j = 0; j < valueWidth; j++) {
            const sum = scores.reduce((sum, { column }, i) => sum + weights[i]! * value(at, column, j), 0)
            values[(at * queries + row) * valueWidth + j] = roundTo(type!.dtype, scores.length === 0 ? 0 : sum / total)
          }
        }
      }
      return [{ type: type!, values }]
    },
    decompose: ({ b, inputs, attrs, node }) => {
      if (inputs[1]!.type.shape.at(-2) === 0) return b.fullLike(node, 0)
      const wide = widened(b, inputs)
      return b.cast(b.matmul(weightsOf(b, wide, attrs), wide[2]!), node.type.dtype)
    },
    samples,
    flops: ([q, k]) => 4 * q!.type.shape.at(-1)! * k!.type.shape.at(-2)!,
  },
})
