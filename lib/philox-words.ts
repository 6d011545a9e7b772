// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011) with ops on uint32, whose bits are therefore the same
// on every backend. State and order of the numbers are PyTorch's.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkDevice, checkOptions, describeValue } from './check.js'
import { fromData, iota } from './create.js'
import { sliceAxis } from './join.js'
import { constant } from './operand.js'
import { plus, times } from './plain.js'
import { defaultDevice } from './realize.js'
import { cast, record } from './record.js'
import { reshape } from './shape.js'
import { Tensor } from './tensor.js'

const xor = (a: Tensor, b: Tensor): Tensor => record(ops.bitwiseXor, [a, b])
const timesLow = (a: Tensor, b: number): Tensor => times(a, constant(b, a))
const timesHigh = (a: Tensor, b: number): Tensor => record(ops.mulHigh, [a, constant(b, a)])

const multipliers = [0xd2511f53, 0xcd9e8d57] as const
const weyl = [0x9e3779b9, 0xbb67ae85] as const
const rounds = 10

/** Four words of random bits from four words of a counter and two of a key. */
function generate(counter: readonly Tensor[], key: readonly Tensor[]): Tensor[] {
  let [c0, c1, c2, c3] = counter as [Tensor, Tensor, Tensor, Tensor]
  for (let round = 0; round < rounds; round++) {
    const [k0, k1] = key.map((word, i) => plus(word, constant((round * weyl[i]!) % 2 ** 32, word))) as [Tensor, Tensor]
    const first = xor(xor(timesHigh(c2, multipliers[1]), c1), k0)
    const third = xor(xor(timesHigh(c0, multipliers[0]), c3), k1)
    ;[c0, c1, c2, c3] = [first, timesLow(c2, multipliers[1]), third, timesLow(c0, multipliers[0])]
  }
  return [c0, c1, c2, c3]
}

/** The counter plus a number of blocks below 2^32: four words, carries included. */
function advanced(counter: readonly Tensor[], by: Tensor): Tensor[] {
  let carry = by
  return counter.map((word) => {
    const sum = plus(word, carry)
    carry = cast(record(ops.less, [sum, carry]), 'uint32')
    return sum
  })
}

/** The words of a state: four of the counter, two of the key, uint32 of rank 0. */
function openState(op: string, state: unknown): { counter: Tensor[]; key: Tensor[] } {
  if (!(state instanceof Tensor))
    throw new SinterError('argument', `a state is a tensor, got ${describeValue(state)}`, { op, hint: 'make one with philox.state(seed)' })
  if (state.dtype !== 'int32' || state.ndim !== 1 || state.size !== 7) {
    throw new SinterError('argument', 'a state is int32 [7]', { op, operands: [state], hint: 'make one with philox.state(seed)' })
  }
  const words = record(ops.bitcast, [state], { dtype: 'uint32' })
  const word = (i: number): Tensor => reshape(sliceAxis(words, 0, i, 1), [])
  return { counter: [1, 2, 3, 4].map(word), key: [5, 6].map(word) }
}

/**
 * Random words for `count` blocks and the state behind them: the four words of a block are elements of four tensors [count].
 * The blocks of a state follow each other; the new state starts where they end.
 */
export function drawBlocks(op: string, state: unknown, count: number): { words: Tensor[]; next: Tensor } {
  if (count >= 2 ** 32)
    throw new SinterError('shape', `${count} blocks of random numbers in one draw, below 2^32`, { op, hint: 'draw in parts' })
  const { counter, key } = openState(op, state)
  const own = state as Tensor
  const words = generate(advanced(counter, iota('uint32', [count], 0, own.device)), key)
  const moved = advanced(counter, constant(count, counter[0]!))
  const tail = record(
    ops.concat,
    moved.map((word) => reshape(word, [1])),
    { axis: 0 },
  )
  const next = [sliceAxis(own, 0, 0, 1), record(ops.bitcast, [tail], { dtype: 'int32' }), sliceAxis(own, 0, 5, 2)]
  return { words, next: record(ops.concat, next, { axis: 0 }) }
}

/** Elements of several tensors [count] in turn, the first `n` of them. */
export function interleave(parts: readonly Tensor[], n: number): Tensor {
  const count = parts[0]!.size
  const columns = parts.map((part) => reshape(part, [count, 1]))
  return sliceAxis(reshape(record(ops.concat, columns, { axis: 1 }), [count * parts.length]), 0, 0, n)
}

export interface PhiloxCounter {
  /** The lower and the upper half of the 128-bit counter, default 0, and the 64-bit key: integers of at most 64 bits. */
  readonly counterLow?: number | bigint | undefined
  readonly counterHigh?: number | bigint | undefined
  readonly key: number | bigint
}

/**
 * A state of the generator from a seed, which is the key (the counter starts at 0), or from counter and key: int32 [7], a 1, the counter's four words, the
 * key's two, lower ones first. Seeds are integers from -2^63 to 2^64 - 1.
 * MPSGraph: randomPhiloxStateTensorWithSeed, randomPhiloxStateTensorWithCounterLow.
 */
export function state(seed: number | bigint | PhiloxCounter, options: { readonly device?: string } = {}): Tensor {
  const op = 'state'
  checkOptions(op, options, ['device'])
  if (options.device !== undefined) checkDevice(op, options.device)
  const isSeed = typeof seed === 'number' || typeof seed === 'bigint'
  if (!isSeed) checkOptions(op, seed, ['counterLow', 'counterHigh', 'key'])
  const { counterLow = 0, counterHigh = 0, key } = isSeed ? { key: seed } : seed
  const parts = Object.entries({ counterLow, counterHigh, [isSeed ? 'the seed' : 'key']: key }).map(([name, value]) =>
    halves(op, name, value),
  )
  return fromData(Int32Array.of(1, ...parts.flat()), 'int32', [7], options.device ?? defaultDevice())
}

function halves(op: string, name: string, value: unknown): [number, number] {
  const fits = typeof value === 'bigint' ? value >= -(2n ** 63n) && value < 2n ** 64n : Number.isSafeInteger(value)
  if (!fits) throw new SinterError('argument', `${name} is an integer of at most 64 bits, got ${describeValue(value)}`, { op })
  const bits = BigInt.asUintN(64, BigInt(value as bigint))
  return [Number(bits & 0xffffffffn) | 0, Number(bits >> 32n) | 0]
}
