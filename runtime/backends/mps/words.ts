// 64-bit integers as pairs of 32-bit words: MPSGraph's bitwise methods are reported to be limited on 64 bits.

import type { DType } from '../../../ir/dtype.js'
import { type TensorType, typeOf } from '../../../ir/type.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'

/** x with a last dimension of 1, along which its words can stand. */
export const withWordAxis = (g: Emitter, x: Value): Value => g.reshape(x, [...x.type.shape, 1])

/** The inverse of withWordAxis. */
export const withoutWordAxis = (g: Emitter, x: Value): Value => g.reshape(x, x.type.shape.slice(0, -1))

/** Low and high word of a tensor that has a word axis; they keep the axis. */
export function splitWords(g: Emitter, words: Value): [low: Value, high: Value] {
  const axis = words.type.rank - 1
  const type = typeOf(words.type.dtype, [...words.type.shape.slice(0, -1), 1])
  const at = (start: number): Value => g.call('sliceTensor:dimension:start:length:name:', [words, axis, start, 1], type)
  return [at(0), at(1)]
}

/** The integers made of two words that have a word axis; it is kept. */
export function joinWords(g: Emitter, low: Value, high: Value, dtype: DType): Value {
  const axis = low.type.rank - 1
  const type = typeOf(low.type.dtype, [...low.type.shape.slice(0, -1), 2])
  return g.reinterpret(g.call('concatTensors:dimension:name:', [[low, high], axis], type), dtype)
}

/** A bitwise method of two 64-bit operands. */
export function bitwiseOnWords(g: Emitter, method: string, a: Value, b: Value): Value {
  const { dtype } = a.type
  // Words may stand along the last dimension as long as it does not broadcast.
  const plain = a.type.shape.at(-1) === b.type.shape.at(-1)
  const [x, y] = [a, b].map((operand) => g.reinterpret(plain ? operand : withWordAxis(g, operand), 'int32')) as [Value, Value]
  const result = g.reinterpret(g.binary(method, x, y), dtype)
  return plain ? result : withoutWordAxis(g, result)
}

/** Why the operands of a 64-bit op have no room for a word axis; undefined when they have. */
export const refuseWordAxis = ({ dtype, rank }: TensorType): string | undefined =>
  (dtype === 'int64' || dtype === 'uint64') && rank > 15 ? `has a ${dtype} result of rank 16, whose words need a dimension more` : undefined
