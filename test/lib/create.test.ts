import { describe, expect, it } from 'vitest'
import type { DType } from '../../ir/dtype.js'
import {
  arange,
  eye,
  full,
  fullLike,
  linspace,
  newAxis,
  onesLike,
  SinterError,
  type TensorData,
  tensor,
  zeros,
  zerosLike,
} from '../../lib/index.js'
import { valuesOf } from './support.js'

const kindOf = (x: { dtype: DType; shape: readonly number[] }): string => `${x.dtype} [${x.shape}]`

describe('tensor', () => {
  it.each<[string, TensorData, string, unknown]>([
    ['a number', 2.5, 'float32 []', 2.5],
    ['a bigint', 7n, 'int64 []', 7n],
    ['a boolean', true, 'bool []', true],
    [
      'nested numbers',
      [
        [1, 2],
        [3, 4],
      ],
      'float32 [2,2]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['nested bigints', [[1n], [-2n]], 'int64 [2,1]', [[1n], [-2n]]],
    ['booleans', [true, false], 'bool [2]', [true, false]],
    ['an empty array', [], 'float32 [0]', []],
    ['empty rows', [[], []], 'float32 [2,0]', [[], []]],
    [
      'typed rows',
      [new Int16Array([1, 2]), new Int16Array([3, 4])],
      'int16 [2,2]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['special values', [Number.NaN, Number.POSITIVE_INFINITY, -0], 'float32 [3]', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
  ])('takes %s', (_, data, kind, values) => {
    const x = tensor(data)
    expect(kindOf(x)).toBe(kind)
    expect(x.jsSync()).toEqual(values)
  })

  it.each([
    [new Float32Array([1.5]), 'float32'],
    [new Float64Array([1.5]), 'float64'],
    [new Int8Array([-1]), 'int8'],
    [new Int16Array([-1]), 'int16'],
    [new Int32Array([-1]), 'int32'],
    [new BigInt64Array([-1n]), 'int64'],
    [new Uint8Array([200]), 'uint8'],
    [new Uint8ClampedArray([200]), 'uint8'],
    [new Uint16Array([60000]), 'uint16'],
    [new Uint32Array([4e9]), 'uint32'],
    [new BigUint64Array([2n ** 63n]), 'uint64'],
    [Buffer.from([200]), 'uint8'],
  ])('keeps the dtype of %o', (array, dtype) => {
    const x = tensor(array)
    expect(kindOf(x)).toBe(`${dtype} [1]`)
    expect(x.jsSync()).toEqual([array[0]])
  })

  it('copies the data', () => {
    const array = new Float32Array([1, 2])
    const x = tensor(array)
    array[0] = 9
    expect(x.jsSync()).toEqual([1, 2])
  })

  it('reads a view of a larger buffer', () => {
    const array = new Float64Array([0, 1, 2, 3]).subarray(1, 3)
    expect(tensor(array).jsSync()).toEqual([1, 2])
  })

  it('gives elements another shape', () => {
    expect(tensor(new Int8Array(6), { shape: [2, 3] }).shape).toEqual([2, 3])
    expect(
      tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { shape: [4] },
      ).jsSync(),
    ).toEqual([1, 2, 3, 4])
  })

  it('reads an ArrayBuffer as the dtype given', () => {
    expect(tensor(new Float32Array([1, 2]).buffer, { dtype: 'float32' }).jsSync()).toEqual([1, 2])
    expect(tensor(new Uint8Array([0, 5]).buffer, { dtype: 'bool' }).jsSync()).toEqual([false, true])
  })

  it('rounds numbers to halves and takes a Uint16Array as their bits', () => {
    // 1 + 2^-11 lies between two float16 values and rounds to even; bfloat16 has 8 bits.
    expect(valuesOf(tensor([1 + 2 ** -11, 1 + 3 * 2 ** -11, 70000], { dtype: 'float16' }))).toEqual(
      Float64Array.of(1, 1 + 2 ** -9, Number.POSITIVE_INFINITY),
    )
    expect(valuesOf(tensor([1 + 2 ** -8, 2.7], { dtype: 'bfloat16' }))).toEqual(Float64Array.of(1, 2.703125))
    expect(valuesOf(tensor(new Uint16Array([0x3c00, 0xc000]), { dtype: 'float16' }))).toEqual(Float64Array.of(1, -2))
    expect(valuesOf(tensor(new Uint16Array([0x3f80]), { dtype: 'bfloat16' }))).toEqual(Float64Array.of(1))
  })

  it('converts typed arrays to another dtype', () => {
    expect(tensor(new Uint8Array([0, 255]), { dtype: 'float32' }).jsSync()).toEqual([0, 255])
    expect(tensor(new Float64Array([0.1]), { dtype: 'float32' }).jsSync()).toEqual([Math.fround(0.1)])
    expect(tensor(new Int32Array([0, -3]), { dtype: 'bool' }).jsSync()).toEqual([false, true])
    expect(tensor(new Int32Array([5]), { dtype: 'int64' }).jsSync()).toEqual([5n])
    expect(tensor([1n, 2n], { dtype: 'int32' }).jsSync()).toEqual([1, 2])
    expect(tensor([true, false], { dtype: 'float32' }).jsSync()).toEqual([1, 0])
  })

  const circular: unknown[] = []
  circular.push(circular)
  it.each<[string, () => unknown, string, string]>([
    ['ragged rows', () => tensor([[1, 2], [3]]), 'shape', 'element [1] is an array of length 1, expected an array of length 2'],
    ['rows among numbers', () => tensor([1, [2]] as never), 'shape', 'element [1] is an array of length 1, expected a plain value'],
    ['numbers among rows', () => tensor([[1], 2] as never), 'shape', 'element [1] is 2, expected an array of length 1'],
    [
      'mixed kinds',
      () =>
        tensor([
          [1, 2],
          [3n, 4],
        ] as never),
      'dtype',
      'data mixes number and bigint: element [1][0] is 3n',
    ],
    ['booleans among numbers', () => tensor([1, true] as never), 'dtype', 'data mixes number and boolean'],
    ['strings', () => tensor(['1'] as never), 'argument', 'element [0] is "1", not a number'],
    ['holes', () => tensor([1, undefined] as never), 'argument', 'element [1] is undefined'],
    ['null', () => tensor(null as never), 'argument', 'the data is null'],
    ['objects', () => tensor({} as never), 'argument', 'the data is a Object'],
    ['circular arrays', () => tensor(circular as never), 'shape', 'nested more than 16 deep'],
    ['a DataView', () => tensor(new DataView(new ArrayBuffer(4)) as never), 'argument', 'is not a typed array'],
    ['an ArrayBuffer without dtype', () => tensor(new ArrayBuffer(4)), 'argument', 'does not say what its bytes are'],
    ['half an element', () => tensor(new ArrayBuffer(6), { dtype: 'float32' }), 'shape', 'not a whole number of float32 elements'],
    ['a fraction as integer', () => tensor([1, 2.5], { dtype: 'int32' }), 'dtype', 'element [1] is 2.5, which is not an integer'],
    ['NaN as integer', () => tensor([Number.NaN], { dtype: 'int8' }), 'dtype', 'element [0] is NaN'],
    [
      'an integer out of range',
      () => tensor([[1], [300]], { dtype: 'uint8' }),
      'dtype',
      'element [1][0] is 300, which does not fit (0 to 255)',
    ],
    ['a typed array out of range', () => tensor(new Int32Array([-1]), { dtype: 'uint8' }), 'dtype', 'does not fit'],
    ['a bigint out of range', () => tensor([2n ** 63n]), 'dtype', 'does not fit'],
    ['a dtype that is none', () => tensor([1], { dtype: 'float' as never }), 'dtype', '"float" is not a dtype'],
    ['a device that is none', () => tensor([1], { device: 'gpu9' }), 'device', "no device 'gpu9'"],
    ['an unknown option', () => tensor([1], { type: 'int8' } as never), 'argument', "there is no option 'type'"],
    ['a shape of another size', () => tensor([1, 2, 3], { shape: [2, 2] }), 'shape', '3 elements do not fill shape [2, 2]'],
    ['a tensor', () => tensor(tensor([1]) as never), 'argument', 'the data is a tensor already'],
  ])('refuses %s', (_, call, code, message) => {
    expect(call).toThrow(SinterError)
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})

describe('filled tensors', () => {
  it('are float32 unless the value or the options say otherwise', () => {
    expect(kindOf(zeros([2, 3]))).toBe('float32 [2,3]')
    expect(kindOf(zeros(4))).toBe('float32 [4]')
    expect(kindOf(full([1], 2n))).toBe('int64 [1]')
    expect(kindOf(full([1], true))).toBe('bool [1]')
    expect(full([2, 2], 2.5, { dtype: 'float64' }).jsSync()).toEqual([
      [2.5, 2.5],
      [2.5, 2.5],
    ])
    expect(full([2], 3, { dtype: 'bool' }).jsSync()).toEqual([true, true])
    expect(full([0], 3).jsSync()).toEqual([])
  })

  it('take shape, dtype and device from another tensor', () => {
    const x = tensor(new Int16Array([1, 2]), { device: 'reference' })
    expect(kindOf(zerosLike(x))).toBe('int16 [2]')
    expect(onesLike(x).device).toBe('reference')
    expect(fullLike(x, 7).jsSync()).toEqual([7, 7])
    expect(kindOf(onesLike(x, { dtype: 'float64' }))).toBe('float64 [2]')
  })

  it('hold no data until realized', () => {
    expect(zeros([1000, 1000]).realized).toBe(false)
    expect(arange(1000).realized).toBe(false)
  })

  it.each<[string, () => unknown, string]>([
    ['a negative size', () => zeros([-1]), 'non-negative integers'],
    ['a fractional size', () => zeros([1.5]), 'non-negative integers'],
    ['a shape that is none', () => zeros('3' as never), 'a shape is an array of sizes'],
    ['a value out of range', () => full([1], 300, { dtype: 'int8' }), 'does not fit int8'],
    ['a tensor as value', () => full([1], tensor([1]) as never), 'broadcastTo'],
    ['a step of 0', () => arange(0, 1, 0), 'step is 0'],
    ['an endless range', () => arange(0, Number.POSITIVE_INFINITY), 'finite'],
    ['a range beyond the dtype', () => arange(0, 300, 1, { dtype: 'uint8' }), '299 does not fit uint8'],
    ['a fractional step of integers', () => arange(0, 3, 0.5, { dtype: 'int32' }), '2.5 is not an integer'],
    ['bool ranges', () => arange(2, { dtype: 'bool' }), 'bool cannot count'],
    ['a negative number of points', () => linspace(0, 1, -1), 'num is an integer of at least 0'],
    ['a fractional diagonal', () => eye(2, { k: 0.5 }), 'k is an integer'],
  ])('refuse %s', (_, call, message) => {
    expect(call).toThrow(message)
  })
})

it('exports the symbol for new axes', () => {
  expect(arange(2).at(newAxis).shape).toEqual([1, 2])
})
