// Scaled dot-product attention.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkBoolean, checkFinite, checkOptions, checkTensor } from './check.js'
import { promotedList } from './operand.js'
import { cast, floating, record } from './record.js'
import { reshape } from './shape.js'
import type { Tensor } from './tensor.js'

export interface AttentionOptions {
  /** Added to the scores, or, of bool, leaves out keys where it is false. Broadcasts to [..., L, S]. */
  readonly mask?: Tensor | undefined
  /** Query i sees the keys 0 to i only, besides what the mask says; default false. */
  readonly isCausal?: boolean | undefined
  /** What scores are multiplied by; default 1 / sqrt(E). */
  readonly scale?: number | undefined
  /** Let groups of query heads (dimension -3) share a head of keys and values, whose number divides that of q; default false. */
  readonly enableGqa?: boolean | undefined
}

const op = 'scaledDotProductAttention'

/**
 * softmax(q k^T * scale + mask) v: queries [..., L, E], keys [..., S, E] and values [..., S, V] give [..., L, V]; leading dimensions (batch, heads)
 * broadcast. The CPU computes it without the matrix of scores, in memory that grows with S; the gradient computes that matrix anew.
 *
 * float16 and bfloat16 are computed in float32; operands of several dtypes are promoted, integers to float32. A query that sees no key gives 0. Keys that are
 * left out have weight 0; their values must be finite. Throws
 * `shape` where sizes do not fit, `dtype` for a mask of integers. MPSGraph: scaledDotProductAttentionWithQueryTensor:keyTensor:valueTensor:maskTensor:scale:name:.
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  for (const x of [q, k, v]) checkTensor(op, x)
  checkOptions(op, options, ['mask', 'isCausal', 'scale', 'enableGqa'])
  const { mask, isCausal: causal = false, enableGqa = false } = options
  checkBoolean(op, 'isCausal', causal)
  checkBoolean(op, 'enableGqa', enableGqa)
  const [queries, keys, values] = promotedList([floating(q, op), floating(k, op), floating(v, op)], op) as [Tensor, Tensor, Tensor]
  const scale = options.scale ?? 1 / Math.sqrt(queries.shape.at(-1) || 1)
  checkFinite(op, 'scale', scale)
  const operands = mask === undefined ? [queries, keys, values] : [queries, keys, values, maskOf(mask, queries)]
  if (!enableGqa) return record(ops.attention, operands, { scale, causal })
  return grouped(operands, causal, scale)
}

function maskOf(mask: Tensor, q: Tensor): Tensor {
  checkTensor(op, mask)
  if (mask.dtype === 'bool') return mask
  if (isFloat(mask.dtype)) return cast(mask, q.dtype)
  throw new SinterError('dtype', `a mask is bool or a float, not ${mask.dtype}`, {
    op,
    operands: [mask],
    hint: "for 0 and 1 as truth values use mask.astype('bool')",
  })
}

/** Each head of keys and values for a group of neighbouring query heads, which become a dimension of their own. */
function grouped(operands: readonly Tensor[], causal: boolean, scale: number): Tensor {
  const [q, k, v, mask] = operands as [Tensor, Tensor, Tensor, Tensor | undefined]
  const heads = [q, k, v].map((x) => x.shape.at(-3)) as [number, number, number]
  if (heads.includes(undefined as never) || heads[1] !== heads[2] || heads[1] === 0 || heads[0] % heads[1] !== 0) {
    throw new SinterError('shape', `${heads[0]} query heads cannot share ${heads[1]} heads of keys and ${heads[2]} of values`, {
      op,
      operands,
      hint: 'heads are dimension -3; the number of key and value heads divides that of query heads',
    })
  }
  const group = heads[0] / heads[1]
  const [length, width] = q.shape.slice(-2) as [number, number]
  const result = [...q.shape.slice(0, -2), length, v.shape.at(-1)!]
  if (mask === undefined && !causal) {
    // The queries of a group are as good as more queries of one head.
    const joined = reshape(q, [...q.shape.slice(0, -3), heads[1], group * length, width])
    return reshape(record(ops.attention, [joined, k, v], { scale, causal }), result)
  }
  const split = (x: Tensor, groups: number): Tensor => {
    const own = x.shape.at(-3)!
    return reshape(x, [...x.shape.slice(0, -3), own / groups, groups, ...x.shape.slice(-2)])
  }
  const parts = [split(q, group), split(k, 1), split(v, 1)]
  if (mask !== undefined) parts.push(mask.ndim < 3 ? mask : split(mask, mask.shape.at(-3) === 1 ? 1 : group))
  return reshape(record(ops.attention, parts, { scale, causal }), result)
}
