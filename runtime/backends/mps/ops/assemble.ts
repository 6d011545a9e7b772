// concat and constant padding.

import { convert } from '../../../../ir/host.js'
import type { assembleOps } from '../../../../ir/ops/assemble.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import { toBool } from './carrier.js'

/** Lists of operands stay short: the methods behind concatTensors: have limits. */
const mostOperands = 32

/** Any number of tensors, one after the other along an axis. */
export function concatAll(g: Emitter, xs: readonly Value[], axis: number): Value {
  let parts = xs
  while (parts.length > 1) {
    const next: Value[] = []
    for (let i = 0; i < parts.length; i += mostOperands) next.push(g.concat(parts.slice(i, i + mostOperands), axis))
    parts = next
  }
  return parts[0]!
}

/** bool is put together as int8. */
function viaInt8(g: Emitter, xs: readonly Value[], put: (xs: readonly Value[]) => Value): Value {
  if (xs[0]!.type.dtype !== 'bool') return put(xs)
  return toBool(g, put(xs.map((x) => g.cast(x, 'int8'))))
}

/** A method whose constant is a double. */
function padWith(g: Emitter, x: Value, low: readonly number[], high: readonly number[], value: number): Value {
  const type = typeOf(
    x.type.dtype,
    x.type.shape.map((size, d) => low[d]! + size + high[d]!),
  )
  const mode = { enumeration: 'MPSGraphPaddingMode', case: 'MPSGraphPaddingModeConstant' }
  return g.call('padTensor:withPaddingMode:leftPadding:rightPadding:constantValue:name:', [x, mode, low, high, value], type)
}

/** Padding with a 64-bit integer that no double holds: constants put before and after, one axis at a time. */
function padByConcat(g: Emitter, x: Value, low: readonly number[], high: readonly number[], value: bigint): Value {
  let padded = x
  for (let d = 0; d < low.length; d++) {
    const { dtype, shape } = padded.type
    const block = (size: number): Value[] =>
      size === 0
        ? []
        : [
            g.splat(
              value,
              typeOf(
                dtype,
                shape.map((all, i) => (i === d ? size : all)),
              ),
            ),
          ]
    padded = g.concat([...block(low[d]!), padded, ...block(high[d]!)], d)
  }
  return padded
}

export const assembleLowerings: Table<typeof assembleOps> = {
  concat: {
    emit: (g, operands, { attrs }) =>
      operands.length === 1 ? g.identity(operands[0]!) : viaInt8(g, operands, (xs) => concatAll(g, xs, attrs.axis)),
  },
  pad: {
    emit: (g, [x], { attrs: { low, high, value }, type }) => {
      const amounts: readonly number[] = [...low, ...high]
      if (amounts.every((amount) => amount === 0)) return g.identity(x!)
      const own = convert(value, typeof value === 'bigint' ? 'int64' : 'float64', type.dtype)
      if (typeof own === 'bigint' && BigInt(Number(own)) !== own) return padByConcat(g, x!, low, high, own)
      return viaInt8(g, [x!], ([given]) => padWith(g, given!, low, high, Number(own)))
    },
  },
}
