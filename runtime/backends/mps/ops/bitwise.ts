// Bits of integers, and bool as one bit.

import { type DType, dtypeInfo, isBig, isBool } from '../../../../ir/dtype.js'
import type { bitwiseOps } from '../../../../ir/ops/bitwise.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { one, type Two, two } from '../rows.js'
import { shiftLeft, shiftRight } from '../shifts.js'
import { bitwiseOnWords, refuseWordAxis, splitWords, withoutWordAxis, withWordAxis } from '../words.js'

const refuse: Lowering['refuse'] = (_, __, [type]) => refuseWordAxis(type!)

const pairwise = (name: string): Lowering => ({
  ...two((g, a, b) => {
    const { dtype } = a.type
    if (isBool(dtype)) return g.binary(`logical${name}`, a, b)
    return isBig(dtype) ? bitwiseOnWords(g, `bitwise${name}`, a, b) : g.binary(`bitwise${name}`, a, b)
  }),
  refuse,
})

const shift = (emit: Two): Lowering => ({ ...two(emit), refuse })

/** Signed bytes and shorts count as unsigned ones: a kernel that widens them would count copies of the sign. */
const counted: Partial<Record<DType, DType>> = { int8: 'uint8', int16: 'uint16' }

function popcount(g: Emitter, x: Value): Value {
  const { dtype } = x.type
  const plain = counted[dtype] ?? dtype
  if (!isBig(dtype)) return g.cast(g.unary('bitwisePopulationCount', g.cast(x, plain)), dtype)
  const words = g.reinterpret(withWordAxis(g, x), 'uint32')
  const [low, high] = splitWords(g, g.unary('bitwisePopulationCount', words))
  return withoutWordAxis(g, g.cast(g.add(low, high), dtype))
}

function not(g: Emitter, x: Value): Value {
  const { dtype } = x.type
  if (isBool(dtype)) return g.unary('not', x)
  // -1 - x, where -1 has all bits set.
  return isBig(dtype) ? g.sub(g.scalar(dtype === 'int64' ? -1 : dtypeInfo[dtype].max, dtype), x) : g.unary('bitwiseNOT', x)
}

/** From products of 16-bit halves, none of whose sums overflows. */
function mulHigh(g: Emitter, x: Value, y: Value): Value {
  const [by, mask] = [g.scalar(16, 'uint32'), g.scalar(0xffff, 'uint32')]
  const upper = (v: Value): Value => g.binary('bitwiseRightShift', v, by)
  const lower = (v: Value): Value => g.binary('bitwiseAND', v, mask)
  const [xHigh, xLow, yHigh, yLow] = [upper(x), lower(x), upper(y), lower(y)]
  const middle = g.add(g.mul(xHigh, yLow), upper(g.mul(xLow, yLow)))
  const other = g.add(g.mul(xLow, yHigh), lower(middle))
  return g.add(g.add(g.mul(xHigh, yHigh), upper(middle)), upper(other))
}

export const bitwiseLowerings: Table<typeof bitwiseOps> = {
  bitwiseAnd: pairwise('AND'),
  bitwiseOr: pairwise('OR'),
  bitwiseXor: pairwise('XOR'),
  shiftLeft: shift(shiftLeft),
  shiftRight: shift(shiftRight),
  mulHigh: { ...two(mulHigh), refuse },
  bitwiseNot: one(not),
  popcount: { ...one(popcount), refuse },
}
