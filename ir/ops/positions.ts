// What indices mean, for all ops that read or write at positions that are data.

import { SinterError } from '../error.js'
import type { HostTensor } from '../host.js'
import type { HasType } from '../op.js'
import { aroundAxis } from '../shape.js'
import type { TensorType } from '../type.js'

/** How the docs of these ops begin the rule on indices. */
export const outOfRange = 'Negative indices count from the end; '

/** Samples generate indices from -4 to 3: from the end and out of range are among them. */
export const indexRange = [-4, 3] as const

/** The position an index means along an axis of n elements, or -1. */
export function resolve(indices: HostTensor, i: number, n: number): number {
  const index = Number(indices.values[i]!)
  const at = index < 0 ? index + n : index
  return at >= 0 && at < n ? at : -1
}

/** Requires `type` to have the shape of `base` but for `axis`, where it has `along` elements (any number when undefined). */
export function checkAround(op: string, inputs: readonly HasType[], operand: number, axis: number, along?: number): void {
  const base = inputs[0]!.type
  const { shape } = inputs[operand]!.type
  let fits = shape.length === base.rank
  for (let d = 0; fits && d < shape.length; d++) fits = d === axis ? along === undefined || shape[d] === along : shape[d] === base.shape[d]
  if (fits) return
  const wanted = base.shape.map((size, d) => (d === axis ? (along ?? 'any') : size))
  throw new SinterError('shape', `operand ${operand} is [${shape.join(', ')}], it needs to be [${wanted.join(', ')}] (C3)`, {
    op,
    operands: inputs,
  })
}

/** For every index in range: visit(its number, the position in a tensor of `type` that it means). */
export function alongAxis(type: TensorType, indices: HostTensor, axis: number, visit: (i: number, at: number) => void): void {
  const { axis: count, inner } = aroundAxis(indices.type.shape, axis)
  const n = type.shape[axis]!
  for (let i = 0; i < indices.type.size; i++) {
    const at = resolve(indices, i, n)
    const outer = Math.floor(i / (count * inner))
    if (at >= 0) visit(i, (outer * n + at) * inner + (i % inner))
  }
}
