// Keys of the random functions, and the implicit key of calls that pass none.

import { emit, resultNode } from '../ir/build.js'
import { isInteger } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { threefry2x32 } from '../ir/ops/random.js'
import { checkDevice, checkOptions, describeValue } from './check.js'
import { fromData, iota } from './create.js'
import { sliceAxis, stack, unstack } from './join.js'
import { constant, constantOf } from './operand.js'
import { defaultDevice, isRealized } from './realize.js'
import { cast, scalar, wrap } from './record.js'
import { reshape } from './shape.js'
import { Tensor } from './tensor.js'
import { isTracing } from './trace.js'

/** The two 32-bit words of a key, rank 0. */
export type Words = readonly [Tensor, Tensor]

/**
 * A key: uint32 [2], the words of a 64-bit seed, high word first (JAX's PRNGKey with 64-bit integers enabled). The seed is an integer, number or bigint,
 * from -2^63 to 2^64 - 1.
 */
export function key(seed: number | bigint, options: { readonly device?: string } = {}): Tensor {
  const op = 'key'
  checkOptions(op, options, ['device'])
  if (options.device !== undefined) checkDevice(op, options.device)
  return fromData(Uint32Array.from(seedWords(op, seed)), 'uint32', [2], options.device ?? defaultDevice())
}

function seedWords(op: string, seed: number | bigint): [number, number] {
  const isSeed = typeof seed === 'bigint' ? seed >= -(2n ** 63n) && seed < 2n ** 64n : Number.isSafeInteger(seed)
  if (!isSeed) throw new SinterError('argument', `a seed is an integer of at most 64 bits, got ${describeValue(seed)}`, { op })
  const bits = BigInt.asUintN(64, BigInt(seed))
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)]
}

/** Throws unless x is a key. */
export function checkKey(op: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor))
    throw new SinterError('argument', `a key is a tensor, got ${describeValue(x)}`, { op, hint: 'make one with random.key(seed)' })
  if (x.dtype !== 'uint32' || x.ndim !== 1 || x.size !== 2) {
    throw new SinterError('argument', 'a key is uint32 [2]', {
      op,
      operands: [x],
      hint: 'make keys with random.key(seed) and random.split(key)',
    })
  }
}

const word = (keyed: Tensor, index: number): Tensor => reshape(sliceAxis(keyed, 0, index, 1), [])

/** The words of a key, or of a fresh one drawn from the implicit key. */
export function wordsOf(op: string, given: Tensor | undefined, device: string): Words {
  if (given === undefined) return drawWords(device)
  checkKey(op, given)
  return [word(given, 0), word(given, 1)]
}

/** Two uint32 words of random bits for each counter. */
export function threefry(words: Words, counter: Tensor): [Tensor, Tensor] {
  const high = constant(0, counter)
  const node = emit(ops.threefry2x32, [words[0].node, words[1].node, high.node, counter.node])
  return [wrap(resultNode(node, 0), counter.device), wrap(resultNode(node, 1), counter.device)]
}

/** The words of n keys derived from one. */
export function splitWords(words: Words, n: number): Words[] {
  const { device } = words[0]
  return Array.from({ length: n }, (_, i) => threefry(words, constantOf(i, 'uint32', [], device)))
}

/** Independent keys derived from one: a pair, or n of them. Do not use the old key again. */
export function split(from: Tensor): [Tensor, Tensor]
export function split(from: Tensor, n: number): Tensor[]
export function split(from: Tensor, n = 2): Tensor[] {
  checkKey('split', from)
  if (!Number.isSafeInteger(n) || n < 1)
    throw new SinterError('argument', `the number of keys is an integer of at least 1, got ${describeValue(n)}`, { op: 'split' })
  const [a, b] = threefry([word(from, 0), word(from, 1)], iota('uint32', [n], 0, from.device))
  return unstack(stack([a, b], 1))
}

/** The key for a number (such as a step) derived from a key: cheaper than splitting when keys are numbered. */
export function foldIn(from: Tensor, data: number | Tensor): Tensor {
  checkKey('foldIn', from)
  if (!(data instanceof Tensor) && !(Number.isInteger(data) && data >= 0 && data < 2 ** 32)) {
    throw new SinterError('argument', `the data is an integer from 0 to 2^32 - 1, got ${describeValue(data)}`, { op: 'foldIn' })
  }
  if (data instanceof Tensor && (!isInteger(data.dtype) || data.ndim !== 0))
    throw new SinterError('argument', 'the data is an integer of rank 0', { op: 'foldIn', operands: [data] })
  const counter = data instanceof Tensor ? cast(data, 'uint32') : scalar(data, 'uint32', from.device, 'foldIn')
  return stack(threefry([word(from, 0), word(from, 1)], counter))
}

type HostWords = readonly [number, number]

// The key behind random functions that are called without one. Outside of traces its words are known on the host and advance there, so that a draw adds
// nothing to the graph but two run-time scalars, and repeated calls run the same compiled plan. While jit traces it is a tensor, and draws are recorded.
let state: HostWords | Tensor = freshWords()

function freshWords(): HostWords {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [words[0]!, words[1]!]
}

/** Brings the state back to the host once its value exists. */
function settle(): void {
  if (state instanceof Tensor && !isTracing() && isRealized(state.node))
    state = Array.from(state.dataSync() as Uint32Array) as unknown as HostWords
}

/** The implicit key, for whoever has to carry it through a trace. */
export const randomState = {
  /** The key to continue from. */
  get current(): Tensor {
    return randomState.on(defaultDevice())
  },

  set current(from: Tensor) {
    checkKey('random', from)
    state = from
  },

  /** The key to continue from, on a device. */
  on(device: string): Tensor {
    if (state instanceof Tensor && state.device !== device) settle()
    return state instanceof Tensor ? state : fromData(Uint32Array.from(state), 'uint32', [2], device)
  },

  /** Continues from a seed. */
  seed(seed: number | bigint): void {
    state = seedWords('seed', seed)
  },
}

/** Words of a key for one use, split from the implicit key, which advances as by `[state, use] = split(state)`. */
function drawWords(device: string): Words {
  settle()
  if (state instanceof Tensor) {
    const [next, use] = splitWords([word(state, 0), word(state, 1)], 2) as [Words, Words]
    state = stack(next)
    return use
  }
  const [high, low] = state
  const use = threefry2x32(high, low, 0, 1)
  state = threefry2x32(high, low, 0, 0)
  return [scalar(use[0], 'uint32', device, 'random'), scalar(use[1], 'uint32', device, 'random')]
}
