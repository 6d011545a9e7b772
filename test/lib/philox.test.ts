// Philox against Random123's known answers, integers of Python and PyTorch's stateless generator (test/data/philox.json, made by make_philox.py).

import { describe, expect, it } from 'vitest'
import { grad, jit, philox, type Tensor, tensor } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Data {
  readonly seed: string
  readonly offset: number
  readonly streams: readonly {
    readonly counterLow: string
    readonly counterHigh: string
    readonly key: string
    readonly words: readonly number[]
    /** The counter's words behind the draw. */
    readonly next: readonly number[]
  }[]
  readonly draws: readonly { readonly fn: 'uniform' | 'normal' | 'randint'; readonly args: readonly unknown[]; readonly out: Stored }[]
}

const data = readData<Data>('philox.json')
const functions = philox as unknown as Record<string, (...args: readonly unknown[]) => philox.Draw>
const numbersOf = (x: Tensor): number[] => Array.from(valuesOf(x), Number)
const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const deviation = (values: readonly number[]): number => Math.sqrt(average(values.map((x) => (x - average(values)) ** 2)))

describe.each(devices)('on %s', (device) => {
  it.each(data.streams)('the words of counter $counterHigh $counterLow and key $key', ({ counterLow, counterHigh, key, words, next }) => {
    const state = philox.state({ counterLow: BigInt(counterLow), counterHigh: BigInt(counterHigh), key: BigInt(key) }, { device })
    const [value, after] = philox.bits(state, [words.length])
    expect(numbersOf(value)).toEqual(words)
    expect(numbersOf(after).map((word) => word >>> 0)).toEqual([
      1,
      ...next,
      ...numbersOf(state)
        .slice(5)
        .map((word) => word >>> 0),
    ])
  })

  const state = philox.state({ key: BigInt(data.seed), counterLow: data.offset }, { device })

  it.each(data.draws.map((draw) => [`${draw.fn} ${JSON.stringify(draw.args)}`, draw] as const))(
    '%s draws the numbers of PyTorch',
    (_, { fn, args, out }) => {
      const plain = fn === 'randint' || (fn === 'uniform' && !('min' in (args.at(-1) as object)))
      const rounding = { float64: 1e-14, float32: 2e-6, float16: 1e-3, bfloat16: 1e-2 }[out.dtype as string]!
      expectClose(functions[fn]!(state, ...args)[0], out, plain ? 0 : rounding)
    },
  )

  it('draws in parts are the draw of the whole where blocks end', () => {
    const [whole, end] = philox.uniform(state, [20])
    const [first, middle] = philox.uniform(state, [8])
    const [second, last] = philox.uniform(middle, [3, 4])
    expect([...numbersOf(first), ...numbersOf(second)]).toEqual(numbersOf(whole))
    expect(numbersOf(last)).toEqual(numbersOf(end))
    // What is left of a block is not drawn.
    expect(numbersOf(philox.uniform(state, [5])[1])).toEqual(numbersOf(philox.bits(state, [8])[1]))
  })

  it('a seed is the key', () => {
    const wanted = numbersOf(philox.bits(philox.state({ key: -1 }, { device }), [4])[0])
    expect(numbersOf(philox.bits(philox.state(2n ** 64n - 1n, { device }), [4])[0])).toEqual(wanted)
  })

  it('narrow bits are the lower ones, uint64 two words', () => {
    const words = numbersOf(philox.bits(state, [6])[0])
    for (const [dtype, mask] of [
      ['uint8', 0xff],
      ['uint16', 0xffff],
    ] as const)
      expect(numbersOf(philox.bits(state, [6], { dtype })[0])).toEqual(words.map((word) => word & mask))
    const [long] = philox.bits(state, [3], { dtype: 'uint64' })
    expect([...valuesOf(long)]).toEqual([0, 2, 4].map((i) => (BigInt(words[i]!) << 32n) | BigInt(words[i + 1]!)))
  })

  it('unsigned ranges up to all values', () => {
    const words = numbersOf(philox.bits(state, [6])[0])
    expect(numbersOf(philox.randint(state, [6], 0, 2 ** 32, { dtype: 'uint32' })[0])).toEqual(words)
    expect(numbersOf(philox.randint(state, [6], -(2 ** 31), 2 ** 31)[0])).toEqual(words.map((word) => word - 2 ** 31))
    const [long] = philox.randint(state, [2], 0, 2n ** 64n, { dtype: 'uint64' })
    expect([...valuesOf(long)]).toEqual([...valuesOf(philox.bits(state, [2], { dtype: 'uint64' })[0])])
  })

  it('a large range that does not divide 2^32 takes 64 bits', () => {
    const long = [...valuesOf(philox.bits(state, [5], { dtype: 'uint64' })[0])].map(BigInt)
    expect(numbersOf(philox.randint(state, [5], -10, 3 * 2 ** 28)[0])).toEqual(long.map((x) => Number(x % BigInt(3 * 2 ** 28 + 10)) - 10))
  })

  it.each(['float32', 'float64', 'float16'] as const)('normal numbers of %s by the inverse have their moments', (dtype) => {
    const [value] = philox.normal(state, [2000], { dtype, mean: 2, std: 3, samplingMethod: 'inverseCdf' })
    const values = numbersOf(value)
    expect(value.dtype).toBe(dtype)
    // Five standard errors.
    expect(Math.abs(average(values) - 2)).toBeLessThan((5 * 3) / Math.sqrt(2000))
    expect(Math.abs(deviation(values) - 3)).toBeLessThan((5 * 3) / Math.sqrt(4000))
  })

  it.each([
    [-1, 2, 0, 1],
    [0.5, 0.75, 0, 1],
    [-Number.POSITIVE_INFINITY, 1, 1, 2],
    [3, Number.POSITIVE_INFINITY, 0, 1],
  ])('truncated normal numbers keep to [%d, %d]', (min, max, mean, std) => {
    const values = numbersOf(philox.truncatedNormal(state, [2000], min, max, { mean, std })[0])
    for (const x of values) expect(x >= min && x <= max && Number.isFinite(x)).toBe(true)
    // Against the mean of the density, summed over a fine grid.
    const from = Math.max(min, mean - 10 * std)
    const to = Math.min(max, mean + 10 * std)
    const grid = Array.from({ length: 20000 }, (_, i) => from + ((i + 0.5) * (to - from)) / 20000)
    const weights = grid.map((x) => Math.exp(-(((x - mean) / std) ** 2) / 2))
    const wanted = average(grid.map((x, i) => x * weights[i]!)) / average(weights)
    expect(Math.abs(average(values) - wanted)).toBeLessThan((5 * deviation(values)) / Math.sqrt(2000))
  })
})

it('a compiled function passes the state through; the words are one kernel', () => {
  const draw = jit((state: Tensor) => philox.uniform(state, [1000]))
  let state = philox.state(1)
  const values: number[] = []
  for (let i = 0; i < 3; i++) {
    const [value, next] = draw(state)
    values.push(...numbersOf(value))
    state = next
  }
  expect(values).toEqual(numbersOf(philox.uniform(philox.state(1), [3000])[0]))
  expect(draw.explain().filter(({ ops }) => ops.includes('mulHigh'))).toHaveLength(1)
})

it('Box and Muller has the distribution', () => {
  const values = numbersOf(philox.normal(philox.state(3), [20000])[0])
  expect(Math.abs(average(values))).toBeLessThan(5 / Math.sqrt(20000))
  expect(Math.abs(deviation(values) - 1)).toBeLessThan(5 / Math.sqrt(40000))
  expect(values.filter((x) => Math.abs(x) > 1.959964).length / 20000).toBeCloseTo(0.05, 2)
})

describe('dropout', () => {
  const state = philox.state(5)
  const x = tensor(Float32Array.from({ length: 1001 }, (_, i) => i - 500))

  it('keeps what uniform numbers of the state say, scaled, and gives the state behind them', () => {
    const [dropped, next] = philox.dropout(state, x, 0.25)
    const [drawn, behind] = philox.uniform(state, [1001])
    const kept = numbersOf(drawn).map((u) => u < 0.75)
    const scale = Math.fround(1 / 0.75)
    expect(numbersOf(dropped)).toEqual(numbersOf(x).map((value, i) => (kept[i] ? Math.fround(value * scale) : 0)))
    expect(next.jsSync()).toEqual(behind.jsSync())
    expect(numbersOf(grad((v: Tensor) => philox.dropout(state, v, 0.25)[0].sum())(x) as Tensor)).toEqual(
      kept.map((one) => (one ? scale : 0)),
    )
  })

  it('of nothing and of everything', () => {
    expect(numbersOf(philox.dropout(state, x, 0)[0])).toEqual(numbersOf(x))
    expect(numbersOf(philox.dropout(state, x, 1)[0]).every((value) => value === 0)).toBe(true)
    expect(philox.dropout(state, x.astype('float16'))[0].dtype).toBe('float16')
    expect(() => philox.dropout(state, x, 1.5)).toThrow('the rate lies between 0 and 1, got 1.5')
  })

  it('compiles one plan for all rates', () => {
    expect(String(philox.dropout(state, x, 0.3)[0].graph())).toBe(String(philox.dropout(state, x, 0.4)[0].graph()))
  })
})

const state = philox.state(1)
it.each([
  ['a float as seed', () => philox.state(1.5), 'the seed is an integer of at most 64 bits, got 1.5'],
  ['a counter of 65 bits', () => philox.state({ key: 1, counterHigh: 2n ** 64n }), 'counterHigh is an integer'],
  ['an unknown part', () => philox.state({ key: 1, counter: 2 } as never), "no option 'counter'"],
  ['a key as state', () => philox.uniform(load({ dtype: 'uint32', shape: [2], data: [1, 2] }, 'cpu'), [2]), 'a state is int32 [7]'],
  ['a number as state', () => philox.uniform(1 as never, [2]), 'a state is a tensor, got 1'],
  ['an integer dtype', () => philox.normal(state, [2], { dtype: 'int32' }), 'draws floats, not int32'],
  ['signed bits', () => philox.bits(state, [2], { dtype: 'int32' }), 'random bits are unsigned'],
  ['a float dtype for integers', () => philox.randint(state, [2], 0, 5, { dtype: 'float32' }), 'draws integers'],
  ['an empty interval', () => philox.randint(state, [2], 5, 5), 'no integer is at least 5 and below 5'],
  ['an interval beyond the dtype', () => philox.randint(state, [2], 0, 300, { dtype: 'uint8' }), 'reaches beyond uint8'],
  ['bounds the wrong way', () => philox.truncatedNormal(state, [2], 1, 1), 'min 1 is not below max 1'],
  ['a negative deviation', () => philox.normal(state, [2], { std: -1 }), 'std is at least 0'],
  ['another method', () => philox.normal(state, [2], { samplingMethod: 'ziggurat' as never }), 'no sampling method "ziggurat"'],
  ['a shape that is none', () => philox.uniform(state, [-1]), 'sizes are non-negative integers'],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message)
})
