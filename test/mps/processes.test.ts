// The device mps in worker threads and child processes: threads that share one native library, buffers that the collector returns, the training example.

import { beforeAll, describe, expect, it } from 'vitest'
import { compiled, compiledPath, ensureBuilt, runChild, runScript } from '../child.js'
import { runWorker } from '../support/worker.js'
import { missingMps } from './device.js'

const env = { SINTER_DEVICE: 'mps', SINTER_MPS_SHIM: process.env['SINTER_MPS_SHIM'] ?? '' }
if (env.SINTER_MPS_SHIM === '') delete (env as Partial<typeof env>).SINTER_MPS_SHIM
const here = describe.skipIf(missingMps !== undefined)

beforeAll(ensureBuilt)

here('worker threads', () => {
  // Whole numbers below 2^24, which float32 sums hold.
  const program = `
import { parentPort, workerData } from 'node:worker_threads'
import { arange, jit, matmul, memory, ones } from ${JSON.stringify(compiled('lib/index.js'))}
const { n, rounds } = workerData
const scaled = jit((x, by) => x.mul(by).sum())
let wrong = 0
for (let round = 0; round < rounds; round++) {
  const size = 100 + (round % 7) * 100
  const x = await arange(size).realize()
  const sum = scaled(x, n)
  const product = matmul(ones([32, 32]).mul(n), ones([32, 32]).mul(2))
  if (x.device !== 'mps') wrong++
  if ((round % 2 === 0 ? await sum.item() : sum.itemSync()) !== (n * size * (size - 1)) / 2) wrong++
  if ((await product.data()).some((value) => value !== 64 * n)) wrong++
  for (const used of [x, sum, product]) used.dispose()
}
parentPort.postMessage({ wrong, buffers: memory().buffers > 0 })
`
  const start = (n: number, rounds: number) => runWorker(program, { n, rounds }, env)

  it('compute at once, come and go', async () => {
    for (const rounds of [100, 10]) {
      const results = await Promise.all([start(3, rounds), start(5, rounds)])
      expect(results).toEqual(Array(2).fill({ wrong: 0, buffers: true, code: 0 }))
    }
  })
})

here('tensors that nothing refers to', () => {
  it('give their buffers back to the pool', async () => {
    const { code, stdout, stderr } = await runScript(
      `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memory, ones } from 'sinter'
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const x = ones([64, 64]).add(0).realizeSync()
const before = memory().buffers
const make = () => { for (let i = 0; i < 200; i++) x.add(i).realizeSync() }
make()
const held = memory().buffers - before
for (let turn = 0; turn < 200 && memory().buffers - before > 1; turn++) await new Promise((resolve) => { gc(); setTimeout(resolve, 2) })
const [left, allocated] = [memory().buffers - before, memory().systemAllocations]
make()
console.log(JSON.stringify({ held: held > 1, left: left <= 1, pooled: memory().pooledBytes >= 0, allocated: memory().systemAllocations - allocated }))
`,
      env,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ held: true, left: true, pooled: true, allocated: 0 })
  })
})

here('the training example', () => {
  it('learns as it does on the CPU, every step one executable', async () => {
    const train = async (given: Readonly<Record<string, string>>) => {
      const { code, stdout } = await runChild([compiledPath('docs/examples/digits.js'), '2'], { env: given })
      expect(code).toBe(0)
      return { stdout, accuracy: Number(/Test accuracy: ([\d.]+) %/.exec(stdout)![1]) }
    }
    const [gpu, cpu] = [await train(env), await train({ SINTER_DEVICE: 'cpu' })]
    expect(gpu.stdout).toContain('epochs, on mps')
    expect(gpu.stdout).toContain('compiled, it is 1 call of 1 kernels')
    expect(gpu.stdout).toContain('The step was traced 1 time')
    expect(gpu.accuracy).toBeGreaterThan(75)
    expect(Math.abs(gpu.accuracy - cpu.accuracy)).toBeLessThan(1)
  })
})
