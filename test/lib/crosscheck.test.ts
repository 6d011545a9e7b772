// realize({ verify }): agreement passes, a difference names the op and saves what is needed to see it again.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseGraph, SinterError, typeOf } from '../../ir/index.js'
import { difference } from '../../lib/crosscheck.js'
import { ones, realize, softmax, tensor } from '../../lib/index.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sinter-crosscheck-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const failure = async (work: Promise<unknown>): Promise<SinterError> =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(SinterError)
      return error as SinterError
    },
  )

// What differs below: float32 products cannot hold 1e8 + 1, the reference adds in double.

describe('a graph that is computed alike', () => {
  it('is realized, by the method and by the function', async () => {
    const x = tensor([[1, 2, 3]])
    const y = await softmax(x).realize({ verify: 'reference' })
    expect(y.realized).toBe(true)
    const z = { a: x.add(1), b: [x.sum()] }
    await realize(z, { verify: 'reference' })
    expect(z.b[0]!.jsSync()).toBe(6)
    await realize(z, { verify: 'reference' })
  })
})

describe('a graph that is computed differently', () => {
  it('throws mismatch naming the op and the element; the tensor has its value', async () => {
    const saveTo = join(folder, 'matmul')
    const y = tensor([[1e8, 1, -1e8]])
      .add(0)
      .matmul(ones([3, 1]))
      .mul(2)
    const error = await failure(y.realize({ verify: 'reference', saveTo }))
    expect(error.code).toBe('mismatch')
    expect(error.message).toMatch(
      /^realize: matmul \(node \d+\) gives another result on cpu than on reference: element \[0, 0\] of f32\[1,1\] is 0, expected 1\n/,
    )
    expect(error.operands).toEqual(['f32[1,3]', 'f32[3,1]'])
    expect(y.realized).toBe(true)
    const op = parseGraph(readFileSync(join(saveTo, 'op.ir'), 'utf8'))
    expect(op.outputs[0]!.op.name).toBe('matmul')
    const inputs = JSON.parse(readFileSync(join(saveTo, 'op-inputs.json'), 'utf8')) as unknown[]
    expect(inputs[0]).toEqual([[1e8, 1, -1e8]])
    expect(parseGraph(readFileSync(join(saveTo, 'graph.ir'), 'utf8')).nodes.length).toBeGreaterThan(op.nodes.length)
  })

  it('is saved in a new folder unless one is named', async () => {
    const error = await failure(
      tensor([[1e8, 1, -1e8]])
        .matmul(ones([3, 1]))
        .realize({ verify: 'reference' }),
    )
    const made = /values are in (\S+);/.exec(error.message)![1]!
    expect(existsSync(join(made, 'op.ir'))).toBe(true)
    rmSync(made, { recursive: true })
  })

  it('is a plain error when it cannot be saved', async () => {
    const error = await failure(
      tensor([[1e8, 1, -1e8]])
        .matmul(ones([3, 1]))
        .realize({ verify: 'reference', saveTo: '/dev/null/x' }),
    )
    expect(error.code).toBe('file')
  })
})

describe('options', () => {
  it('are checked', async () => {
    const x = tensor([1]).add(1)
    expect((await failure(x.realize({ verify: 'abacus' }))).code).toBe('device')
    expect((await failure(x.realize({} as never))).code).toBe('argument')
    expect((await failure(x.realize({ verify: 'cpu', tolerance: 1 } as never))).message).toMatch(/no option 'tolerance'/)
    expect(x.realized).toBe(false)
  })
})

describe('what counts as a difference', () => {
  const f32 = typeOf('float32', [2])
  it('leaves room for rounding, relative to the element and to the tensor', () => {
    expect(difference(f32, Float32Array.of(1, 1000.05), Float32Array.of(1, 1000))).toBeUndefined()
    expect(difference(f32, Float32Array.of(1.001, 1), Float32Array.of(1, 1))).toMatch(/element \[0\] of f32\[2\] is 1\.00\d+, expected 1/)
    expect(difference(f32, Float32Array.of(0.001, 1000), Float32Array.of(0, 1000))).toBeUndefined()
  })
  it('takes NaN and infinities as they are', () => {
    expect(difference(f32, Float32Array.of(Number.NaN, Infinity), Float32Array.of(Number.NaN, Infinity))).toBeUndefined()
    expect(difference(f32, Float32Array.of(0, 1), Float32Array.of(Number.NaN, 1))).toMatch(/is 0, expected NaN/)
    expect(difference(f32, Float32Array.of(3e38, 1), Float32Array.of(Infinity, 1))).toMatch(/expected Infinity/)
  })
  it('is any for integers and bool', () => {
    const c64 = typeOf('complex64', [2])
    expect(difference(c64, Float32Array.of(1, 2, 3, 1000.05), Float32Array.of(1, 2, 3, 1000))).toBeUndefined()
    expect(difference(c64, Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2, 3, 5))).toMatch(
      /the imaginary part of element \[1\] of c64\[2\] is 4, expected 5/,
    )
    expect(difference(typeOf('int32', [1]), Int32Array.of(7), Int32Array.of(8))).toMatch(/is 7, expected 8/)
    expect(difference(typeOf('int64', [1]), BigInt64Array.of(7n), BigInt64Array.of(7n))).toBeUndefined()
  })
})
