// SINTER_DEBUG: each level says what docs/debugging.md promises, on standard error only.

import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, runScript } from '../child.js'

const script = `import { tensor } from 'sinter'
const x = tensor([[1, 2], [3, 4]])
const y = x.mul(1).add(2)
y.realizeSync()
x.mul(1).add(3).realizeSync()
x.mul(1).sub(3).realizeSync()
console.log(y.jsSync())`

const run = (level: number, text = script) => runScript(text, { SINTER_DEBUG: String(level) })

beforeAll(ensureBuilt)

describe('levels', () => {
  test('0 is silent', async () => {
    const { code, stdout, stderr } = await run(0)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[ [ 3, 4 ], [ 5, 6 ] ]\n', stderr: '' })
  })

  test('1: the device, and each compilation with its time, its reason and where it was recorded', async () => {
    const { stdout, stderr } = await run(1)
    expect(stdout).toBe('[ [ 3, 4 ], [ 5, 6 ] ]\n')
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^sinter: opened device cpu in [\d.]+ ms; library .*libsinter.*; isa \w+;.* threads \d+;/)
    expect(lines[1]).toMatch(
      /^sinter: compiled \d+ nodes into 1 kernel for cpu in [\d.]+ ms; nothing like it is cached; recorded at .*\[eval1\]:3:20$/,
    )
    // The second graph differs in a number only, which does not matter; the third in its last op.
    expect(lines[2]).toMatch(/recompiled: op of node \d+ \(sub\) changed from add to sub; recorded at .*\[eval1\]:6:10$/)
  })

  test('2: a line per run', async () => {
    const { stderr } = await run(2)
    const runs = stderr.split('\n').filter((line) => line.startsWith('sinter: ran '))
    expect(runs.map((line) => /(new|cached) plan/.exec(line)?.[1])).toEqual(['new', 'cached', 'new'])
    expect(runs[0]).toMatch(/nodes as 1 kernel on cpu: .*run [\d.]+ ms, 16 B of results, arena 0 B/)
  })

  test('3: the IR before and after, and the kernels', async () => {
    const { stderr } = await run(3)
    expect(stderr).toMatch(/recorded graph:\ngraph \(%0: f32\[2,2\], .*\) \{\n(.*\n)*? {2}%\d: f32\[2,2\] = mul /)
    expect(stderr).toMatch(/optimized and fused graph:\ngraph .*\n(.*\n)*?.*= fused .*\{kind="map"\}/)
    expect(stderr).toMatch(/kernels:\n#0 %\d map: /)
    expect(stderr).not.toContain('after canonicalize')
  })

  test('4: the IR after each pass that changed it; 5: the rules that fired', async () => {
    const simplifies = `import { tensor } from 'sinter'
tensor([1, 2]).neg().neg().exp().realizeSync()`
    const four = (await run(4, simplifies)).stderr
    expect(four).toMatch(/after canonicalize \(4 -> 2 nodes, [\d.]+ ms\):\ngraph \(%0: f32\[2\]\) \{\n {2}%1: f32\[2\] = exp %0/)
    expect(four).toMatch(/dce changed nothing/)
    expect(four).not.toContain('fired')
    const five = (await run(5, simplifies)).stderr
    expect(five).toMatch(/rule neg\(neg\(x\)\) -> x fired 1 time\n/)
  })
})

describe('errors at level 1', () => {
  test('say where the operands were recorded', async () => {
    const { code, stderr } = await run(
      1,
      `import { tensor } from 'sinter'
const a = tensor([1, 2]).exp()
const b = tensor([1, 2, 3])
a.add(b)`,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/operand 0: f32\[2\], recorded at .*\[eval1\]:2:26\n {2}operand 1: f32\[3\]\n/)
  })

  test('of a realize say where the result was recorded', async () => {
    const { stderr } = await run(
      1,
      `import { tensor, setMemoryLimit } from 'sinter'
const a = tensor(new Float32Array(1000))
setMemoryLimit(5000)
const y = a.add(1)
try { y.realizeSync() } catch (error) { console.error(error.origin) }`,
    )
    expect(stderr).toMatch(/\[eval1\]:4:13\n$/)
  })
})
