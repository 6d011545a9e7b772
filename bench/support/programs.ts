// Programs that several benchmarks measure, written once.

import { layerNorm, softmax, type Tensor, tensor } from '../../lib/index.js'

/** Reproducible numbers in [-1, 1). */
export function values(count: number, seed = 1): Float32Array {
  const out = new Float32Array(count)
  let state = seed >>> 0
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = (state >>> 8) / 8388608 - 1
  }
  return out
}

/** A float32 tensor of reproducible numbers. */
export const filled = (shape: readonly number[], seed = 1): Tensor =>
  tensor(
    values(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape },
  )

type Step = (x: Tensor) => Tensor

/** Runs the steps one after the other and frees what each no longer needs: in eager mode memory stays as warm as it can. */
export function through(x: Tensor, steps: readonly Step[]): Tensor {
  let at = x
  for (const step of steps) {
    const next = step(at)
    if (at !== x) at.dispose()
    at = next
  }
  return at
}

/** Ten cheap ops over two operands: two streams in, one out. */
export const cheapSteps = (y: Tensor): readonly Step[] => [
  (x) => x.mul(1.5),
  (x) => x.add(y),
  (x) => x.maximum(-0.75),
  (x) => x.sub(0.25),
  (x) => x.abs(),
  (x) => x.mul(y),
  (x) => x.minimum(0.9),
  (x) => x.neg(),
  (x) => x.add(0.125),
  (x) => x.mul(3),
]

/** What is normalized along rows. */
export const rowFunctions = {
  softmax: (x: Tensor): Tensor => softmax(x),
  'layer norm': (x: Tensor, weight: Tensor, bias: Tensor): Tensor => layerNorm(x, { weight, bias }),
} as const

/** Throws unless two results agree: a benchmark of wrong results is worth nothing. */
export function requireClose(what: string, a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>, tolerance: number): void {
  if (a.length !== b.length) throw new Error(`${what}: ${a.length} and ${b.length} elements`)
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(Number(a[i]) - Number(b[i]))
    if (!(difference <= tolerance * Math.max(1, Math.abs(Number(b[i]))))) throw new Error(`${what} differs at ${i}: ${a[i]} and ${b[i]}`)
  }
}
