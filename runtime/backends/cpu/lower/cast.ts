// Conversions between dtypes as tile instructions. Values live in compute classes; what a class does not enforce is done here.

import { type DType, dtypeInfo, isFloat } from '../../../../ir/dtype.js'
import { SinterError } from '../../../../ir/error.js'
import { type Class, classOf, wrapInstruction } from '../instructions.js'
import type { ElementwiseContext } from './elementwise.js'
import type { Register } from './emitter.js'

const shortOf = (name: Class): string => dtypeInfo[name].short

/** A register of another class with the same value, by the rules of `to_*`. */
function toClass({ emitter, kind }: ElementwiseContext, register: Register, to: Class): Register {
  return register.class === to ? register : emitter.emit(`to_${shortOf(to)}`, register.class, kind, [register], to)
}

/** Rounds a float32 value to a half dtype and widens it again. */
export function roundHalf(
  { emitter, kind }: Pick<ElementwiseContext, 'emitter' | 'kind'>,
  register: Register,
  dtype: 'float16' | 'bfloat16',
): Register {
  const short = dtype === 'float16' ? 'f16' : 'bf16'
  const bits = emitter.emit(`${short}_bits`, 'float32', kind, [register], 'int32')
  return emitter.emit(`${short}_from`, 'int32', kind, [bits], 'float32')
}

/** `cast`: floats to integers truncate, saturate and take NaN to 0; integers wrap; to bool is != 0. */
export function lowerCast(context: ElementwiseContext): Register {
  const { emitter, kind, dtype: from } = context
  const to = context.node.type.dtype
  const x = context.operands[0]!
  if (to === 'bool') return emitter.emit('ne', x.class, kind, [x, context.constant(0, x.class)], 'int32')
  if (isFloat(to)) {
    const value = toClass(context, x, classOf(to))
    if (to === 'float16' || to === 'bfloat16') return from === to ? value : roundHalf(context, value, to)
    return value
  }
  const narrow = wrapInstruction(to)
  if (isFloat(from)) {
    // Clamping keeps NaN, which the conversion takes to 0.
    const inRange =
      narrow === undefined
        ? x
        : emitter.emit('min', x.class, kind, [
            emitter.emit('max', x.class, kind, [x, context.constant(Number(dtypeInfo[to].min), x.class)]),
            context.constant(Number(dtypeInfo[to].max), x.class),
          ])
    return toClass(context, inRange, classOf(to))
  }
  const value = toClass(context, x, classOf(to))
  return narrow === undefined || fits(from, to) ? value : emitter.emit(narrow, 'int32', kind, [value])
}

/** Whether every value of one integer dtype is one of the other. */
const fits = (from: DType, to: DType): boolean => dtypeInfo[from].min >= dtypeInfo[to].min && dtypeInfo[from].max <= dtypeInfo[to].max

/** `bitcast` between dtypes of one size: through the bit pattern, which lives in an integer class. */
export function lowerBitcast(context: ElementwiseContext): Register {
  const { emitter, kind, dtype: from } = context
  const to = context.node.type.dtype
  const x = context.operands[0]!
  if (from === to) return x
  if (from === 'float16' || from === 'bfloat16') {
    const bits = emitter.emit(from === 'float16' ? 'f16_bits' : 'bf16_bits', 'float32', kind, [x], 'int32')
    return fromBits16(context, bits, to)
  }
  if (dtypeInfo[from].bytes === 2) return fromBits16(context, x, to)
  if (dtypeInfo[from].bytes === 1) {
    const wrap = wrapInstruction(to)
    return wrap === undefined ? x : emitter.emit(wrap, 'int32', kind, [x])
  }
  const target = classOf(to)
  return emitter.emit(`bits_${shortOf(target)}`, x.class, kind, [x], target)
}

function fromBits16({ emitter, kind }: ElementwiseContext, bits: Register, to: DType): Register {
  if (to === 'float16' || to === 'bfloat16')
    return emitter.emit(to === 'float16' ? 'f16_from' : 'bf16_from', 'int32', kind, [bits], 'float32')
  const wrap = wrapInstruction(to)
  if (wrap === undefined) throw new SinterError('internal', `no bitcast to ${to}`)
  return emitter.emit(wrap, 'int32', kind, [bits])
}
