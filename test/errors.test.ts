// Every error code, reached the way a user would: what the message says, and that the stack starts at the user's line.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builder, type ErrorCode, errorCodes, Graph, inputNode, parseGraph, runPasses, SinterError, typeOf, verify } from '../ir/index.js'
import { grad, jit, memory, setMemoryLimit, tensor, zeros } from '../lib/index.js'
import { compiledPath, ensureBuilt, runChild, runScript } from './child.js'

const thisFile = fileURLToPath(import.meta.url)
const lines = readFileSync(thisFile, 'utf8').split('\n')

interface Case {
  readonly code: ErrorCode
  /** What fails; the line that the stack must start with ends with `// here`. */
  readonly run: () => unknown
  /** Facts the message must hold. */
  readonly says: readonly (string | RegExp)[]
}

const vector = () => inputNode(typeOf('float32', [2]))

const cases: readonly Case[] = [
  {
    code: 'shape',
    run: () => {
      const a = tensor([1, 2]).exp()
      return a.add(tensor([1, 2, 3])) // here
    },
    says: [/^add: shapes \[2\] and \[3\] do not broadcast/, 'operand 0: f32[2]', 'operand 1: f32[3]', 'sizes must be equal or 1'],
  },
  {
    code: 'dtype',
    run: () => tensor([1, 2]).bitwiseAnd(1), // here
    says: [/^bitwiseAnd: .*float32/],
  },
  {
    code: 'attribute',
    run: () => builder.emit('permute', [vector()], { permutation: [1] }), // here
    says: [/^permute: \[1\] is not an order of the 1 dimensions \(C1\)/, 'operand 0: f32[2]'],
  },
  {
    code: 'argument',
    run: () => tensor([1, 2]).sum(3), // here
    says: [/^sum: axis 3 is out of range/, 'operand 0: f32[2]', 'axes here are -1 to 0'],
  },
  {
    code: 'device',
    run: () => tensor([1], { device: 'abacus' }), // here
    says: [/there is no device 'abacus'/, 'devices here: cpu'],
  },
  {
    code: 'disposed',
    run: () => {
      const x = tensor([1, 2])
      x.dispose()
      return x.add(1).realizeSync() // here
    },
    says: [/a tensor of type f32\[2\] was used after it was disposed/, 'scope()'],
  },
  {
    code: 'memory',
    run: () => {
      setMemoryLimit(memory().activeBytes + 10_000)
      return zeros([1000, 1000]).add(1).realizeSync() // here
    },
    says: [/\d+ bytes more would pass the memory limit of \d+ bytes/, 'setMemoryLimit()'],
  },
  {
    code: 'trace',
    run: () =>
      jit((x: ReturnType<typeof tensor>) => {
        return x.sum().itemSync() // here
      })(tensor([1, 2])),
    says: [/an argument of a traced function has no value while the function is traced/, 'return the tensor from the function'],
  },
  {
    code: 'gradient',
    run: () => grad((x: ReturnType<typeof tensor>) => x.mul(2))(tensor([1, 2])), // here
    says: [/^grad: the function must return a floating tensor with one element/, 'operand 0: f32[2]', 'reduce it first'],
  },
  {
    code: 'parse',
    run: () => parseGraph('graph (%0: f32[2]) {\n  return %1\n}'), // here
    says: [/^line 2, column 10: %1 is not defined above/, 'in: return %1'],
  },
  {
    code: 'verify',
    run: () => {
      const x = vector()
      const graph = new Graph([x], [x])
      ;(graph.outputs as unknown[]).push(vector())
      return verify(graph) // here
    },
    says: [/^V3, outputs are nodes of the graph with a single result: .*output 1 is not a node of the graph/],
  },
]

afterAll(() => setMemoryLimit(Number.POSITIVE_INFINITY))

function thrownBy(run: () => unknown): SinterError {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(SinterError)
    return error as SinterError
  }
  throw new Error('nothing was thrown')
}

/** The text of the line that the stack starts with, which must be in this file. */
function firstLine(error: Error): string {
  const frame = error.stack!.split('\n').find((line) => /^\s+at /.test(line))!
  const place = /([^\s(]+):(\d+):\d+\)?$/.exec(frame)!
  expect(place[1]!.replace('file://', '')).toBe(thisFile)
  return lines[Number(place[2]) - 1]!
}

describe('in this process', () => {
  test.each(cases.map((one) => [one.code, one] as const))('%s', (code, { run, says }) => {
    const error = thrownBy(run)
    expect(error.code).toBe(code)
    expect(error.name).toBe('SinterError')
    for (const fact of says) {
      if (typeof fact === 'string') expect(error.message).toContain(fact)
      else expect(error.message).toMatch(fact)
    }
    expect(firstLine(error)).toMatch(/\/\/ here$/)
  })

  test('operands and op are data, too', () => {
    const error = thrownBy(() => tensor([1, 2]).add(tensor([1, 2, 3])))
    expect(error.op).toBe('add')
    expect(error.operands).toEqual(['f32[2]', 'f32[3]'])
    expect(error.origin).toBeUndefined()
  })

  test('a rejected promise starts at the line that asked for the value', async () => {
    const x = tensor([1, 2])
    const y = x.add(1)
    x.dispose()
    const error = await y.js().catch((reason: Error) => reason) // here
    expect((error as SinterError).code).toBe('disposed')
    expect(firstLine(error as Error)).toMatch(/\/\/ here$/)
  })

  test('internal: a failing pass keeps the graph it was given, and the whole stack', () => {
    const graph = parseGraph('graph (%0: f32[2]) { return %0 }')
    const failing = {
      name: 'mine',
      doc: '',
      run: () => {
        throw new TypeError('oops')
      },
    }
    const error = thrownBy(() => runPasses(graph, [failing]))
    expect(error.code).toBe('internal')
    expect(error.message).toMatch(/^the pass 'mine' failed: oops\n {2}graph before the pass:\ngraph \(%0: f32\[2\]\)/)
    expect(error.message).toContain('please report it with this text')
    expect(error.cause).toBeInstanceOf(TypeError)
    expect(error.stack).toMatch(/ir\/pass\.ts/)
  })

  test('errors leave other tensors as they were', () => {
    const a = tensor([1, 2])
    const lazy = a.add(1)
    const gone = tensor([3, 4])
    const broken = lazy.add(gone)
    gone.dispose()
    expect(thrownBy(() => broken.realizeSync()).code).toBe('disposed')
    setMemoryLimit(memory().activeBytes + 10_000)
    expect(thrownBy(() => a.broadcastTo([10_000, 2]).exp().realizeSync()).code).toBe('memory')
    setMemoryLimit(Number.POSITIVE_INFINITY)
    expect(lazy.jsSync()).toEqual([2, 3])
    expect(a.jsSync()).toEqual([1, 2])
  })
})

describe('in a process of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-errors-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(ensureBuilt)

  /** Line 3 of the script, as the stack's first frame. */
  const atLineThree = /\n {4}at (?:file:\/\/\S*\[eval1\]|\S*\[eval1\]):3:\d+\n/
  const touchDevice = `import { tensor } from 'sinter'
const options = {}
tensor([1], options).realizeSync()`

  test('environment', async () => {
    const { code, stderr } = await runScript(touchDevice, { SINTER_THREADS: 'many' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/SinterError: SINTER_THREADS=many: .*\n {2}set SINTER_THREADS to a valid value or unset it\n/)
    expect(stderr).toMatch(atLineThree)
    expect(stderr).toContain("code: 'environment'")
  })

  test('native: a library that is not there, that is none, and a kernel set that the machine lacks', async () => {
    const missing = await runScript(touchDevice, { SINTER_SHIM: join(folder, 'none.so') })
    expect(missing.stderr).toMatch(/SinterError: there is no library at .*none\.so\n {2}set SINTER_SHIM to a library built from shim\/\n/)
    expect(missing.stderr).toMatch(atLineThree)
    expect(missing.stderr).toContain("code: 'native'")
    const none = await runScript(touchDevice, { SINTER_SHIM: join(folder, '..') })
    expect(none.stderr).toMatch(/SinterError: .* could not be loaded: .*\n {2}rebuild it with: node shim\/build\.mjs --force\n/)
    const foreign = await runScript(touchDevice, { SINTER_ISA: process.arch === 'arm64' ? 'avx2' : 'neon' })
    expect(foreign.stderr).toMatch(/SinterError: SINTER_ISA: .+/)
    expect([missing.code, none.code, foreign.code]).toEqual([1, 1, 1])
  })

  test('file', async () => {
    const { code, stderr } = await runChild([compiledPath('lib/cli/main.js'), 'verify', join(folder, 'none.ir')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^sinter: .*none\.ir cannot be read: there is no such file or folder\n$/)
  })
})

test('every code is reached above', () => {
  // Those that need other processes or two devices have tests of their own.
  const own = ['internal', 'environment', 'native', 'file', 'mismatch'] as const
  expect(new Set<ErrorCode>([...cases.map(({ code }) => code), ...own])).toEqual(new Set(errorCodes))
})
