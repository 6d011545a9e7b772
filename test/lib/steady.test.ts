// Steady state: cached realizes, over and over, need no more memory after a while, and long ones leave the event loop alone.

import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt, runScript } from '../child.js'

const rounds = Number(process.env['SINTER_STEADY_ROUNDS'] ?? 20_000)

// In a process of its own, so that nothing else allocates. The first rounds warm up: code gets compiled, the heap and the pool find their sizes.
const loop = (body: string): string => `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { jit, memory, tensor } from 'sinter'
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const x = tensor(new Float32Array(1024).fill(1))
const step = jit((a, by) => a.mul(by).add(1).sqrt())
const chain = (by) => { let y = x; for (let i = 0; i < 10; i++) y = y.mul(by).add(1); return y }
const rss = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => { gc(); setTimeout(resolve, 2) })
  return process.memoryUsage().rss
}
async function run(rounds) {
  for (let i = 0; i < rounds; i++) { ${body} }
}
await run(${rounds})
const before = await rss()
const systemBefore = memory().systemAllocations
await run(${rounds})
console.log(JSON.stringify({ growth: (await rss()) - before, allocations: memory().systemAllocations - systemBefore, executables: memory().executables }))
`

const measure = async (body: string) => {
  const { code, stdout, stderr } = await runScript(loop(body))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as { growth: number; allocations: number; executables: number }
}

beforeAll(ensureBuilt)

describe(`${rounds} cached realizes`, () => {
  // 4 KiB per result: without reuse the loop would take 80 MB and more.
  it.each([
    ['awaited', 'await chain(i % 3).realize()'],
    ['synchronous', 'chain(i % 3).realizeSync()'],
    ['of a compiled function', 'step(x, i % 3)'],
  ])('%s: no growth, one plan', async (_, body) => {
    const { growth, executables } = await measure(body)
    // V8 takes a while to settle on a heap size when dead tensors are left to it.
    expect(growth).toBeLessThan(40 * 2 ** 20)
    expect(executables).toBeLessThanOrEqual(2)
  })

  it.each([
    ['awaited', 'const y = await chain(i % 3).realize(); y.dispose()'],
    ['synchronous', 'const y = chain(i % 3).realizeSync(); y.dispose()'],
    ['of a compiled function', 'step(x, i % 3).dispose()'],
  ])('%s and disposed: nothing is asked of the system', async (_, body) => {
    const { growth, allocations } = await measure(body)
    expect(growth).toBeLessThan(24 * 2 ** 20)
    expect(allocations).toBe(0)
  })
})

describe('the event loop', () => {
  it('turns while a long plan runs', async () => {
    // The order of events, not their times: an immediate queued after the plan was started runs before the plan's end is seen.
    const { code, stdout, stderr } = await runScript(`
import { ones } from 'sinter'
const a = await ones([2048, 2048]).add(0).realize()
const order = []
const run = a.matmul(a).sum().item().then((value) => order.push('value ' + value))
setImmediate(() => order.push('immediate'))
setTimeout(() => order.push('timer'), 1)
await run
console.log(order.join(', '))
`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`immediate, timer, value ${2048 ** 3}\n`)
  })
})
