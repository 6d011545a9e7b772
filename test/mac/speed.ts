// Fused against eager on a device: the same program through one executable and op by op, side by side in one process.

import { eager, jit, layerNorm, matmul, random, realizeSync, relu, scope, softmax, type Tensor, valueAndGrad } from '../../lib/index.js'

export interface Speed {
  readonly what: string
  /** Median microseconds. */
  readonly fused: number
  readonly eager: number
  readonly ratio: number
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

/** Medians over interleaved rounds; each is run twice before it is timed. */
function sideBySide(what: string, fused: () => void, plain: () => void, rounds = 15): Speed {
  const times = { fused: [] as number[], eager: [] as number[] }
  for (let i = -2; i < rounds; i++) {
    for (const [name, run] of [
      ['fused', fused],
      ['eager', plain],
    ] as const) {
      const start = performance.now()
      run()
      if (i >= 0) times[name].push((performance.now() - start) * 1000)
    }
  }
  const [f, e] = [median(times.fused), median(times.eager)]
  return { what, fused: f, eager: e, ratio: e / f }
}

/** Programs of the kinds that people run. */
export function fusedAgainstEager(device: string): Speed[] {
  const key = random.key(1, { device })
  const values = (...shape: number[]): Tensor => random.normal(key, shape).realizeSync()
  const x = values(1024, 1024)
  const [w1, w2] = [values(256, 512), values(512, 10)]
  const batch = values(128, 256)
  const chain = (): Tensor => {
    let y = x
    for (let i = 0; i < 10; i++) y = y.mul(1.01).add(0.5)
    return y
  }
  const loss = (a: Tensor, b: Tensor): Tensor =>
    matmul(relu(matmul(batch, a)), b)
      .square()
      .mean()
  const gradient = valueAndGrad(loss)
  const step = jit((a: Tensor, b: Tensor) => gradient(a, b))
  const programs: [string, () => unknown, () => unknown][] = [
    ['20 elementwise ops on 1024 x 1024', chain, chain],
    ['softmax of 1024 x 1024', () => softmax(x), () => softmax(x)],
    ['layer norm of 1024 x 1024', () => layerNorm(x), () => layerNorm(x)],
    ['gradient of a two-layer perceptron, batch 128', () => step(w1, w2), () => gradient(w1, w2)],
  ]
  const results = programs.map(([what, fused, plain]) =>
    sideBySide(
      what,
      () => scope(() => realizeSync(fused())),
      () => scope(() => eager(() => realizeSync(plain()))),
    ),
  )
  step.dispose()
  return results
}
