// Two worker threads use the library at once, each with devices, caches and buffers of its own over one native library.

import { beforeAll, describe, expect, it } from 'vitest'
import { compiled, ensureBuilt } from '../child.js'
import { runWorker } from '../support/worker.js'

// Sums of i * n over i < size: whole numbers below 2^53, so that the expected value is exact in float64. Sizes change, so that plans and buffers do too.
const program = `
import { parentPort, workerData } from 'node:worker_threads'
import { arange, jit, memory, tensor } from ${JSON.stringify(compiled('lib/index.js'))}
const { n, rounds } = workerData
const scaled = jit((x, by) => x.mul(by).sum())
let wrong = 0
for (let round = 0; round < rounds; round++) {
  const size = 1000 + (round % 7) * 5000
  const x = await arange(size, { dtype: 'float64' }).realize()
  const sum = scaled(x, n)
  const product = tensor(new Float64Array(64 * 64).fill(n), { shape: [64, 64] }).matmul(tensor(new Float64Array(64 * 64).fill(2), { shape: [64, 64] }))
  const expected = (n * size * (size - 1)) / 2
  if ((round % 2 === 0 ? await sum.item() : sum.itemSync()) !== expected) wrong++
  if ((await product.data()).some((value) => value !== 128 * n)) wrong++
  for (const used of [x, sum, product]) used.dispose()
}
parentPort.postMessage({ wrong, buffers: memory().buffers > 0 })
`

const start = (data: unknown) => runWorker(program, data)

beforeAll(ensureBuilt)

describe('worker threads', () => {
  it('compute at once, without getting into each other', async () => {
    const results = await Promise.all([start({ n: 3, rounds: 300 }), start({ n: 5, rounds: 300 })])
    expect(results).toEqual(Array(2).fill({ wrong: 0, buffers: true, code: 0 }))
  })

  it('can come and go', async () => {
    for (let generation = 1; generation <= 3; generation++) {
      const results = await Promise.all([start({ n: generation, rounds: 20 }), start({ n: generation + 1, rounds: 20 })])
      expect(results.map(({ wrong, code }) => ({ wrong, code }))).toEqual(Array(2).fill({ wrong: 0, code: 0 }))
    }
  })
})
