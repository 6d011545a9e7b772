// Chains of casts, where the dtype in between cannot have changed the result.

import { type DType, dtypeInfo, isFloat, isInteger } from '../dtype.js'
import type { Rule } from '../rewrite.js'
import { isOp } from './match.js'

/** Bits of the significand, the leading one included: integers up to 2^n are exact. */
const significand: Partial<Record<DType, number>> = { float16: 11, bfloat16: 8, float32: 24, float64: 53 }

/** Whether every value of `from` is a value of `to`. */
export function holds(to: DType, from: DType): boolean {
  if (from === to || from === 'bool') return true
  const a = dtypeInfo[from]
  const b = dtypeInfo[to]
  if (isFloat(from)) return to === 'float64' || (to === 'float32' && a.bytes < 4)
  if (isFloat(to)) return (a.kind === 'int' ? a.bytes * 8 - 1 : a.bytes * 8) <= significand[to]!
  return b.kind === 'int'
    ? a.bytes < b.bytes || (a.kind === 'int' && a.bytes === b.bytes)
    : a.kind === 'uint' && b.kind === 'uint' && a.bytes <= b.bytes
}

/** Whether a cast from `from` to `to` gives the same without the stop at `between`. */
export function skips(from: DType, between: DType, to: DType): boolean {
  // Integers wrap, so that a wider dtype in between loses nothing that the last cast would have kept.
  if (isInteger(from) && isInteger(between) && isInteger(to) && dtypeInfo[to].bytes <= dtypeInfo[between].bytes) return true
  if (!holds(between, from)) return false
  // Casts of floats to integers saturate, casts between integers wrap.
  return !(isInteger(from) && isFloat(between) && isInteger(to)) || holds(to, from)
}

export const castRules: readonly Rule[] = [
  {
    name: 'cast(x) -> x (same dtype)',
    op: 'cast',
    rewrite: (node) => (node.inputs[0]!.type.dtype === node.type.dtype ? node.inputs[0] : undefined),
  },
  {
    name: 'cast(cast(x)) -> cast(x)',
    op: 'cast',
    rewrite: (node, b) => {
      const inner = node.inputs[0]!
      if (!isOp(inner, 'cast')) return undefined
      const x = inner.inputs[0]!
      return skips(x.type.dtype, inner.type.dtype, node.type.dtype) ? b.cast(x, node.type.dtype) : undefined
    },
  },
  {
    name: 'bitcast(x) -> x (same dtype)',
    op: 'bitcast',
    rewrite: (node) => (node.inputs[0]!.type.dtype === node.type.dtype ? node.inputs[0] : undefined),
  },
  {
    name: 'bitcast(bitcast(x)) -> bitcast(x)',
    op: 'bitcast',
    // Through a float dtype the payload of a NaN may change, which the bits would show.
    rewrite: (node, b) => {
      const inner = node.inputs[0]!
      if (!isOp(inner, 'bitcast') || isFloat(inner.type.dtype)) return undefined
      return b.emit('bitcast', inner.inputs, node.attrs)
    },
  },
]
