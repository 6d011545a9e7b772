// Random numbers against JAX: test/data/random.json, made by make_random.py.

import { describe, expect, it } from 'vitest'
import { jit, random, type Tensor } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Draw {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly out: Stored
  /** Whether JAX's values are reproduced to the bit. */
  readonly exact: boolean
}

interface Data {
  readonly keys: readonly { readonly seed: string; readonly key: Stored }[]
  readonly seed: number
  readonly split: Readonly<Record<string, readonly Stored[]>>
  readonly foldIn: Readonly<Record<string, Stored>>
  readonly x: Stored
  readonly draws: readonly Draw[]
}

const data = readData<Data>('random.json')
const functions = random as unknown as Record<string, (...args: unknown[]) => Tensor>

it.each(data.keys)('the key of seed $seed is that of JAX', ({ seed, key }) => {
  expectClose(random.key(BigInt(seed)), key, 0)
  if (Number.isSafeInteger(Number(seed))) expectClose(random.key(Number(seed)), key, 0)
})

describe.each(devices)('on %s', (device) => {
  const key = random.key(data.seed, { device })
  const argument = (value: unknown): unknown => (value === 'x' ? load(data.x, device) : value)

  it.each(Object.entries(data.split))('split gives the %s keys of JAX', (n, keys) => {
    const split = random.split(key, Number(n))
    expect(split.length).toBe(keys.length)
    for (const [i, one] of split.entries()) expectClose(one, keys[i]!, 0)
  })

  it.each(Object.entries(data.foldIn))('foldIn of %s gives the key of JAX', (n, folded) => {
    expectClose(random.foldIn(key, Number(n)), folded, 0)
  })

  it.each(data.draws.map((draw) => [`${draw.fn} ${JSON.stringify(draw.args)}`, draw] as const))(
    '%s draws the values of JAX',
    (_, { fn, args, out, exact }) => {
      const tolerance = exact ? 0 : out.dtype === 'float64' ? 1e-14 : out.dtype === 'float16' ? 1e-3 : 1e-6
      expectClose(functions[fn]!(key, ...(args.length === 0 ? [0.5] : args.map(argument))), out, tolerance)
    },
  )

  it('a seed fixes the numbers that are drawn without a key, each draw others', () => {
    random.seed(7)
    const first = [random.uniform([4], { device }), random.normal([4], { device })].map(valuesOf)
    random.seed(7)
    const again = [random.uniform([4], { device }), random.normal([4], { device })].map(valuesOf)
    expect(again).toEqual(first)
    expect(valuesOf(random.uniform([4], { device }))).not.toEqual(first[0])
  })

  it('draws without a key are those of keys split from the seed', () => {
    random.seed(data.seed)
    const implicit = [0, 1, 2].map(() => valuesOf(random.uniform([3], { device })))
    let current = key
    for (const values of implicit) {
      const [next, use] = random.split(current)
      expect(valuesOf(random.uniform(use, [3]))).toEqual(values)
      current = next
    }
  })

  it('compiled functions draw new numbers in every call, the same as uncompiled ones', () => {
    const draw = (): Tensor => random.uniform([3], { device }).add(random.uniform([3], { device }))
    const compiled = jit((x: Tensor) => x.add(draw()))
    const zero = load({ dtype: 'float32', shape: [3], data: [0, 0, 0] }, device)
    random.seed(3)
    const plain = [0, 1, 2].map(() => valuesOf(draw()))
    random.seed(3)
    expect([0, 1, 2].map(() => valuesOf(compiled(zero)))).toEqual(plain)
    random.seed(3)
    const mixed = [valuesOf(draw()), valuesOf(compiled(zero)), valuesOf(draw())]
    expect(mixed).toEqual(plain)
  })
})

it('uniform numbers fill their interval evenly', () => {
  const values = valuesOf(random.uniform(random.key(1), [20000], { min: 2, max: 4, dtype: 'float64' })) as Float64Array
  expect(Math.min(...values)).toBeGreaterThanOrEqual(2)
  expect(Math.max(...values)).toBeLessThan(4)
  const mean = values.reduce((a, b) => a + b) / values.length
  // Five standard errors of the mean: 5 * (2 / sqrt(12)) / sqrt(20000).
  expect(Math.abs(mean - 3)).toBeLessThan(0.0205)
})

it('normal numbers have the mean and deviation asked for', () => {
  const values = valuesOf(random.normal(random.key(2), [20000], { mean: 5, std: 3 })) as Float64Array
  const mean = values.reduce((a, b) => a + b) / values.length
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
  expect(Math.abs(mean - 5)).toBeLessThan(0.11)
  expect(Math.abs(deviation - 3)).toBeLessThan(0.075)
})

it.each([
  ['a float as seed', () => random.key(1.5), 'a seed is an integer'],
  ['a seed of 65 bits', () => random.key(2n ** 64n), 'at most 64 bits'],
  ['another tensor as key', () => random.uniform(random.key(1).astype('float32'), [2]), 'a key is uint32 [2]'],
  ['an integer dtype', () => random.uniform([2], { dtype: 'int32' }), 'draws floats, not int32'],
  ['a float dtype for integers', () => random.randint([2], 0, 5, { dtype: 'float32' }), 'draws integers'],
  ['an empty interval', () => random.randint([2], 5, 5), 'no integer is at least 5 and below 5'],
  ['an interval beyond the dtype', () => random.randint([2], 0, 300, { dtype: 'uint8' }), 'reaches beyond uint8'],
  ['a probability above 1', () => random.bernoulli(1.5), 'between 0 and 1'],
  ['an unknown option', () => random.normal([2], { sigma: 1 } as never), "no option 'sigma'"],
  ['too many without replacement', () => random.choice(3, { shape: [4], replace: false }), 'cannot draw 4 from 3'],
  ['a shape that is none', () => random.uniform([-1]), 'sizes are non-negative integers'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message)
})
