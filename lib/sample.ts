// Random choices: coin flips, shuffles, draws by weight. Part of random.ts, by JAX's algorithms.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastsTo, sizeOf } from '../ir/shape.js'
import { axisArgument, axisOfRank, checkBoolean, checkInteger, checkOptions, describeValue, shapeArgument } from './check.js'
import { iota } from './create.js'
import { bitsOf, gumbelOf, integersOf, openCall, type RandomOptions, uniformOf } from './generate.js'
import { sliceAxis } from './join.js'
import { splitWords, type Words } from './key.js'
import { floatingReal, record, scalar } from './record.js'
import { moveaxis, reshape } from './shape.js'
import { Tensor } from './tensor.js'

const isOptions = (x: unknown): boolean => typeof x === 'object' && x !== null && !(x instanceof Tensor) && !Array.isArray(x)

/** Whether the first of (key?, value, options?) is a key: it is a tensor, and another value follows. */
const hasKey = (args: readonly unknown[]): boolean =>
  args[0] instanceof Tensor && args.length > 1 && args[1] !== undefined && !isOptions(args[1])

/** (key?, value, options?) taken apart; a leading undefined counts as no key. */
function valued<O extends RandomOptions>(op: string, args: readonly unknown[], names: readonly string[]) {
  const list = args[0] === undefined && args.length > 1 ? args.slice(1) : args
  const keyed = hasKey(list)
  const value = list[keyed ? 1 : 0]
  const options = (list[keyed ? 2 : 1] ?? {}) as O
  checkOptions(op, options, ['device', ...names])
  const on = value instanceof Tensor ? { device: value.device } : options
  return { ...openCall(op, list, keyed, on), value, options }
}

export interface BernoulliOptions extends RandomOptions {
  /** Default: the shape of p. */
  readonly shape?: readonly number[] | undefined
}

/** true with probability p (a number or a tensor that broadcasts to the shape; default 0.5), as bool. */
export function bernoulli(key: Tensor, p: number | Tensor, options?: BernoulliOptions): Tensor
export function bernoulli(p?: number | Tensor, options?: BernoulliOptions): Tensor
export function bernoulli(...args: readonly unknown[]): Tensor {
  const op = 'bernoulli'
  const { words, device, value, options } = valued<BernoulliOptions>(op, args, ['shape'])
  const p = value ?? 0.5
  if (typeof p !== 'number' && !(p instanceof Tensor))
    throw new SinterError('argument', `p is a number or a tensor, got ${describeValue(p)}`, { op })
  if (typeof p === 'number' && !(p >= 0 && p <= 1))
    throw new SinterError('argument', `a probability lies between 0 and 1, got ${p}`, { op })
  const chance = typeof p === 'number' ? scalar(p, 'float32', device, op) : floatingReal(p, op)
  const shape = options.shape === undefined ? chance.shape : shapeArgument(op, options.shape)
  if (!broadcastsTo(chance.shape, shape))
    throw new SinterError('shape', `p does not broadcast to [${shape.join(', ')}]`, { op, operands: [chance] })
  const u = reshape(uniformOf(words, chance.dtype, sizeOf(shape), 0, 1), shape)
  return record(ops.less, [u, chance])
}

export interface PermutationOptions extends RandomOptions {
  /** The axis to shuffle along; default 0. */
  readonly axis?: number | undefined
  /** Shuffle each line along the axis by itself; default false: whole slices move. */
  readonly independent?: boolean | undefined
}

/** The numbers 0 to n - 1 (int32) in random order, or a tensor's slices along an axis in random order. */
export function permutation(key: Tensor, x: number | Tensor, options?: PermutationOptions): Tensor
export function permutation(x: number | Tensor, options?: PermutationOptions): Tensor
export function permutation(...args: readonly unknown[]): Tensor {
  const op = 'permutation'
  const { words, device, value: x, options } = valued<PermutationOptions>(op, args, ['axis', 'independent'])
  const { independent = false } = options
  checkBoolean(op, 'independent', independent)
  if (!(x instanceof Tensor)) {
    checkInteger(op, 'the length', x, 0)
    if (options.axis !== undefined) axisOfRank(op, 1, options.axis)
    return shuffled(words, iota('int32', [x], 0, device))
  }
  const axis = axisArgument(op, x, options.axis ?? 0)
  if (x.ndim === 1) return shuffled(words, x)
  // Independent lines are drawn in x's own layout, then sorted along the axis.
  if (independent) return shuffledAlong(words, x, axis)
  return record(ops.take, [x, shuffled(words, iota('int32', [x.shape[axis]!], 0, device))], { axis })
}

const shuffled = (words: Words, x: Tensor): Tensor => shuffledAlong(words, x, 0)

/** Sorted by random 32-bit keys, often enough that ties in all rounds are improbable (see JAX's _shuffle). */
function shuffledAlong(words: Words, x: Tensor, axis: number): Tensor {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, x.size))) / Math.log(2 ** 32 - 1))
  let from = words
  let result = moveaxis(x, axis, -1)
  for (let round = 0; round < rounds; round++) {
    const [next, use] = splitWords(from, 2) as [Words, Words]
    const order = record(ops.argsort, [moveaxis(reshape(bitsOf(use, 'uint32', x.size), x.shape), axis, -1)], { descending: false })
    result = record(ops.takeAlongAxis, [result, order], { axis: x.ndim - 1 })
    from = next
  }
  return moveaxis(result, -1, axis)
}

export interface CategoricalOptions extends RandomOptions {
  /** The axis of the classes; default last. */
  readonly axis?: number | undefined
  /** Shape of the result, which ends in that of logits without the axis; default just that. */
  readonly shape?: readonly number[] | undefined
}

/** Class numbers (int32) drawn with probabilities softmax(logits) along an axis, by the Gumbel maximum. */
export function categorical(key: Tensor, logits: Tensor, options?: CategoricalOptions): Tensor
export function categorical(logits: Tensor, options?: CategoricalOptions): Tensor
export function categorical(...args: readonly unknown[]): Tensor {
  const op = 'categorical'
  const { words, value, options } = valued<CategoricalOptions>(op, args, ['axis', 'shape'])
  if (!(value instanceof Tensor)) throw new SinterError('argument', `logits are a tensor, got ${describeValue(value)}`, { op })
  const logits = floatingReal(value, op)
  const axis = axisArgument(op, logits, options.axis ?? -1)
  const batch = logits.shape.toSpliced(axis, 1)
  const shape = options.shape === undefined ? batch : shapeArgument(op, options.shape)
  const lead = shape.length - batch.length
  if (lead < 0 || !broadcastsTo(batch, shape.slice(lead))) {
    throw new SinterError(
      'shape',
      `shape [${shape.join(', ')}] does not end in [${batch.join(', ')}], that of logits without axis ${axis}`,
      { op, operands: [logits] },
    )
  }
  const drawn = [...shape.slice(0, lead), ...shape.slice(lead).toSpliced(axis, 0, logits.shape[axis]!)]
  const noise = reshape(gumbelOf(words, logits.dtype, sizeOf(drawn)), drawn)
  return record(ops.argmax, [record(ops.add, [noise, logits])], { axis: lead + axis, keepDims: false })
}

export interface ChoiceOptions extends RandomOptions {
  /** How many, in which shape; default a single one (rank 0). */
  readonly shape?: readonly number[] | undefined
  /** Whether an element may be drawn again; default true. */
  readonly replace?: boolean | undefined
}

/** Elements drawn evenly from 0 to n - 1 (int32), or slices of a tensor along its first dimension. */
export function choice(key: Tensor, x: number | Tensor, options?: ChoiceOptions): Tensor
export function choice(x: number | Tensor, options?: ChoiceOptions): Tensor
export function choice(...args: readonly unknown[]): Tensor {
  const op = 'choice'
  const { words, device, value: x, options } = valued<ChoiceOptions>(op, args, ['shape', 'replace'])
  const { replace = true } = options
  checkBoolean(op, 'replace', replace)
  const shape = options.shape === undefined ? [] : shapeArgument(op, options.shape)
  if (!(x instanceof Tensor)) checkInteger(op, 'the number to choose from', x, 1)
  else axisArgument(op, x, 0)
  const n = x instanceof Tensor ? x.shape[0]! : x
  const count = sizeOf(shape)
  let indices: Tensor
  if (replace) indices = reshape(integersOf(op, words, 'int32', count, 0n, BigInt(n)), shape)
  else {
    if (count > n) throw new SinterError('argument', `cannot draw ${count} from ${n} without repeating`, { op })
    indices = reshape(sliceAxis(shuffled(words, iota('int32', [n], 0, device)), 0, 0, count), shape)
  }
  return x instanceof Tensor ? record(ops.take, [x, indices], { axis: 0 }) : indices
}
