// The programs in docs/examples, run as a user runs them.

import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { compiledPath, ensureBuilt, root, runChild } from '../child.js'

const run = async (name: string, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await runChild([compiledPath(`docs/examples/${name}.js`), ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

beforeAll(ensureBuilt)

describe('digits', () => {
  const chart = `${root}docs/examples/output/digits.svg`

  it('learns to read, and says what was fused and what that is worth', async () => {
    rmSync(chart, { force: true })
    const out = await run('digits', '25')
    expect(out).toMatch(/^Handwritten digits: 1437 images to train on, 360 to test with/)
    expect(Number(/Test accuracy: ([\d.]+) %/.exec(out)![1])).toBeGreaterThanOrEqual(97)
    const [, calls, kernels] = /a step is (\d+) calls; compiled, it is 1 call of (\d+) kernels/.exec(out)!
    expect(Number(calls)).toBeGreaterThan(2 * Number(kernels))
    expect(out).toMatch(/traced 1 time in \d+ calls/)
    expect(out).toMatch(/Time per step: [\d.]+ ms eager, [\d.]+ ms compiled: [\d.]+ times as fast/)
    // Not a terminal: plain lines, no carriage returns.
    expect(out).not.toContain('\r')
    expect(out.match(/^ +\d+\/25 {2}loss/gm)!.length).toBeGreaterThanOrEqual(8)
  })

  it('draws the curve', () => {
    expect(existsSync(chart)).toBe(true)
    const svg = readFileSync(chart, 'utf8')
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(svg.match(/<path d="M[^"]*"/g)!.map((path) => path.split('L').length)).toEqual([25, 25])
  })

  it('refuses a number of epochs that is none', async () => {
    const { code, stderr } = await runChild([compiledPath('docs/examples/digits.js'), 'many'])
    expect(code).toBe(2)
    expect(stderr).toBe('The number of epochs is a positive integer, not many.\n')
  })

  it('ships its data with the names of its authors', () => {
    expect(statSync(`${root}docs/examples/digits.csv.gz`).size).toBeGreaterThan(10_000)
    const license = readFileSync(`${root}docs/examples/digits.LICENSE.md`, 'utf8')
    for (const part of ['E. Alpaydin and C. Kaynak', 'CC BY 4.0', 'UCI']) expect(license).toContain(part)
  })
})

describe('basic', () => {
  // Worked out by hand: the example's inputs are the numbers 1 to 6 and 10, 20, 30.
  it.each([
    ['a + row', 'float32 [2,3]  [[11,22,33],[14,25,36]]'],
    ['a > 2', 'bool [2,3]  [[false,false,true],[true,true,true]]'],
    ['sum', 'float32 []  21'],
    ['max over axis 1, kept', 'float32 [2,1]  [[3],[6]]'],
    ['rows that sum to 1', 'float32 [2,3]  [[0.166667,0.333333,0.5],[0.266667,0.333333,0.4]]'],
    ['transposed', 'float32 [3,2]  [[1,4],[2,5],[3,6]]'],
    ['every other, backwards', 'float32 [5]  [9,7,5,3,1]'],
    ['matrix product with its transpose', 'float32 [2,2]  [[14,32],[32,77]]'],
    ['integers', 'int32 [2]  [3,-4]'],
    ['gradient of sum(x^3) at 1, 2, 3', 'float32 [3]  [3,12,27]'],
  ])('%s', async (what, shown) => {
    expect(await output).toContain(`${what.padEnd(36)} ${shown}\n`)
  })

  it('shows what is recorded and how it would run', async () => {
    expect(await output).toMatch(/^Tensor float32 \[\] cpu lazy/m)
    expect(await output).toContain('one reduce kernel: add mul relu sum\n')
  })

  let output: Promise<string>
  beforeAll(() => {
    output = run('basic')
  })
})

describe('inference', () => {
  it('gives probabilities, from two plans for two batch sizes', async () => {
    const out = await run('inference')
    expect(Number(/sum to 1 within ([\d.e+-]+)\./.exec(out)![1])).toBeLessThan(1e-5)
    expect(out).toContain('traced 1 time, run as\n')
    const row = /\(2 traces by now\): \[([\d. ]+)\]/.exec(out)![1]!.split(' ').map(Number)
    expect(row).toHaveLength(10)
    expect(row.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 1)
  })
})

describe('conv', () => {
  it('extracts features, follows their gradient, and agrees with a value by hand', async () => {
    const out = await run('conv')
    expect(out).toMatch(/mean of each channel +\[2, 32\]/)
    const [, before, after] = /from ([\d.]+) to ([\d.]+)\./.exec(out)!.map(Number)
    expect(after).toBeLessThan(before!)
    const [, hand, layer] = /layer: (-?[\d.]+) and (-?[\d.]+)\./.exec(out)!.map(Number)
    expect(layer).toBeCloseTo(hand!, 4)
  })
})
