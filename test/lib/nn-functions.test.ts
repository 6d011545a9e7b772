// What stored values cannot express of attention, dropout, quantization and rearrangements: randomness, aliases, messages.

import { describe, expect, it } from 'vitest'
import {
  bandPart,
  batchNorm,
  batchNormTraining,
  batchToSpace,
  bitcast,
  coordinateAlongAxis,
  crossEntropy,
  depthToSpace,
  dequantize,
  dequantizeLookup,
  diag,
  dropout,
  dstack,
  embedding,
  grad,
  groupNorm,
  hammingDistance,
  histogram,
  hstack,
  klDiv,
  linalg,
  meshgrid,
  moveaxis,
  movedim,
  mseLoss,
  nllLoss,
  ones,
  packInt4,
  quantize,
  quantizedMatmul,
  random,
  reinterpretCast,
  SinterError,
  scaledDotProductAttention,
  smoothL1Loss,
  spaceToDepth,
  type Tensor,
  tensor,
  tril,
  unpackInt4,
  vstack,
} from '../../lib/index.js'

const zeros = (...shape: number[]): Tensor => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape })

describe('attention', () => {
  it('can be differentiated again', () => {
    const q = tensor([[0.5, -0.25]])
    const keys = tensor([
      [1, 0],
      [0, 2],
    ])
    // One output: w = sigmoid(s0 - s1) for the scores s0, s1 of values 1 and 0.
    const value = (x: Tensor): Tensor => scaledDotProductAttention(x, keys, tensor([[1], [0]]), { scale: 1 }).sum()
    const second = grad((x: Tensor) => (grad(value)(x) as Tensor).slice([0, 0], [1, 1]).sum())(q) as Tensor
    const w = 1 / (1 + Math.exp(-(0.5 - -0.5)))
    const curvature = w * (1 - w) * (1 - 2 * w)
    const [row] = second.jsSync() as [[number, number]]
    expect(row[0]).toBeCloseTo(curvature, 6)
    expect(row[1]).toBeCloseTo(-2 * curvature, 6)
  })

  it('promotes its operands', () => {
    expect(scaledDotProductAttention(zeros(2, 3), zeros(2, 3).astype('float64'), zeros(2, 3)).dtype).toBe('float64')
  })
})

describe('dropout', () => {
  const key = random.key(7)
  const x = tensor(Float32Array.from({ length: 600 }, (_, i) => i + 1))

  it('keeps what random.bernoulli says, scaled', () => {
    const kept = random.bernoulli(key, 0.75, { shape: [600] }).jsSync() as boolean[]
    const got = dropout(key, x, 0.25).jsSync() as number[]
    expect(kept.filter(Boolean).length).toBeGreaterThan(400)
    expect(kept.filter(Boolean).length).toBeLessThan(500)
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(kept[i] ? (i + 1) / 0.75 : 0, 3)
  })

  it('has the gradient of its mask', () => {
    const got = (grad((v: Tensor) => dropout(key, v, 0.5).sum())(x) as Tensor).jsSync()
    expect(got).toEqual(dropout(key, ones([600]), 0.5).jsSync())
  })

  it('does nothing at rate 0, and leaves nothing at rate 1', () => {
    expect(dropout(key, x, 0).jsSync()).toEqual(x.jsSync())
    expect(dropout(key, x, 1).sum().itemSync()).toBe(0)
    expect(dropout(key, x.astype('bfloat16'), 0.5).dtype).toBe('bfloat16')
  })

  it('does not compile again for another rate', () => {
    expect(String(dropout(key, x, 0.3).graph())).toBe(String(dropout(key, x, 0.4).graph()))
  })
})

describe('normalization', () => {
  it('running statistics infer what was trained', () => {
    const batch = random.normal(random.key(3), [16, 4, 5])
    const trained = batchNormTraining(batch)
    const got = batchNorm(batch, trained.runningMean, trained.runningVariance.mul((16 * 5 - 1) / (16 * 5))).sub(trained.output)
    expect(got.abs().max().itemSync()).toBeLessThan(1e-5)
  })
})

describe('quantization', () => {
  it('rounds halves to even and saturates', () => {
    expect(quantize(tensor([0.5, 1.5, -0.5, 2.5, 300, -300]), 1).jsSync()).toEqual([0, 2, 0, 2, 127, -128])
    expect(quantize(tensor([0.5, 1.5, -300, 300]), 1, 0, { dtype: 'uint8' }).jsSync()).toEqual([0, 2, 0, 255])
  })

  it('packs and unpacks halves of bytes', () => {
    const x = tensor(new Int8Array([-8, 7, 3, -1]), { shape: [2, 2] })
    expect(packInt4(x).jsSync()).toEqual([[0x78], [0xf3]])
    expect(unpackInt4(packInt4(x)).jsSync()).toEqual(x.jsSync())
  })

  it('looks up nothing beyond the table', () => {
    expect(dequantizeLookup(tensor(new Uint8Array([0, 1, 9])), tensor([2.5, 3.5])).jsSync()).toEqual([2.5, 3.5, 0])
    expect(dequantizeLookup(tensor(new Uint8Array(0), { shape: [0, 2] }), tensor([], { shape: [0, 4] }), { axis: 0 }).shape).toEqual([0, 2])
  })

  it('sums long products exactly', () => {
    const n = 5000
    const a = tensor(new Uint8Array(n).fill(255), { shape: [1, n] })
    const b = tensor(new Int8Array(n).fill(-128), { shape: [n, 1] })
    expect(quantizedMatmul(a, 1, b, 1, { dtype: 'float64' }).jsSync()).toEqual([[Math.fround(-128 * 255 * n)]])
  })
})

describe('rearrangements', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ])

  it('grids', () => {
    const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])]) as [Tensor, Tensor]
    expect(rows.jsSync()).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ])
    expect(columns.jsSync()).toEqual([
      [3, 4, 5],
      [3, 4, 5],
    ])
    expect(meshgrid([tensor([1, 2]), tensor([3, 4, 5])], { indexing: 'xy' })[0]!.jsSync()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    const along = coordinateAlongAxis(-1, [2, 3])
    expect(along.dtype).toBe('int32')
    expect(along.jsSync()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
  })

  it('stacks', () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])]
    expect(hstack([a, b]).jsSync()).toEqual([1, 2, 3, 4])
    expect(vstack([a, b]).jsSync()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(dstack([a, b]).jsSync()).toEqual([
      [
        [1, 3],
        [2, 4],
      ],
    ])
    expect(hstack([x, x]).shape).toEqual([2, 4])
    expect(vstack([x, tensor([5, 6])]).shape).toEqual([3, 2])
  })

  it('aliases', () => {
    expect(movedim).toBe(moveaxis)
    expect(reinterpretCast).toBe(bitcast)
  })

  it('limits of a band as tensors', () => {
    const limit = tensor(new Int32Array([-1]))
    expect(bandPart(x, limit, tensor(0, { dtype: 'int32' })).jsSync()).toEqual(tril(x).jsSync())
    expect(String(bandPart(x, 1, 0).graph())).toBe(String(bandPart(x, 0, 1).graph()))
    for (const [dtype, far] of [
      ['int64', 2n ** 40n],
      ['int64', -(2n ** 40n)],
      ['uint32', 2n ** 31n],
      ['uint64', 2n ** 63n],
    ] as const) {
      const every = tensor(dtype === 'uint32' ? Number(far) : far, { dtype })
      expect(bandPart(x, every, 0).jsSync(), `${dtype} ${far}`).toEqual(tril(x).jsSync())
    }
  })

  it('blocks there and back', () => {
    const space = random.normal(random.key(1), [2, 3, 4, 6])
    for (const pixelShuffleOrder of [false, true]) {
      expect(depthToSpace(spaceToDepth(space, 2, { pixelShuffleOrder }), 2, { pixelShuffleOrder }).jsSync()).toEqual(space.jsSync())
    }
    expect(batchToSpace(batchToSpace(space, [2, 1]).reshape([1, 3, 8, 6]), 1).shape).toEqual([1, 3, 8, 6])
  })
})

describe('errors', () => {
  const matrix = zeros(2, 3)
  it.each<[string, () => unknown, string, string]>([
    ['attention over widths', () => scaledDotProductAttention(matrix, zeros(2, 4), matrix), 'shape', 'q has width 3, k 4'],
    ['attention over lengths', () => scaledDotProductAttention(matrix, matrix, zeros(3, 3)), 'shape', '2 keys and 3 values'],
    [
      'a mask of integers',
      () => scaledDotProductAttention(matrix, matrix, matrix, { mask: matrix.astype('int32') }),
      'dtype',
      'a mask is bool or a float',
    ],
    [
      'a mask that does not fit',
      () => scaledDotProductAttention(matrix, matrix, matrix, { mask: zeros(3, 3) }),
      'shape',
      'does not broadcast to the scores',
    ],
    [
      'heads that do not divide',
      () => scaledDotProductAttention(zeros(3, 2, 4), zeros(2, 2, 4), zeros(2, 2, 4), { enableGqa: true }),
      'shape',
      '3 query heads cannot share 2',
    ],
    ['a scale of scores', () => scaledDotProductAttention(matrix, matrix, matrix, { scale: Number.NaN }), 'argument', 'scale is finite'],
    ['a row for padding', () => embedding(0, matrix, { paddingIdx: 3 }), 'argument', 'paddingIdx 3 is out of range for 2 rows'],
    ['a tolerance', () => linalg.pinv(matrix, { rtol: Number.NaN }), 'argument', 'rtol is not negative, got NaN'],
    ['a range', () => histogram(matrix, { range: 3 as never }), 'argument', 'the range is two numbers, got 3'],
    ['a range of three', () => histogram(matrix, { range: [0, 1, 2] as never }), 'argument', 'the range is two numbers'],
    ['an infinite range', () => histogram(matrix, { range: [0, Number.POSITIVE_INFINITY] }), 'argument', 'a bound of the range is finite'],
    ['a rate above 1', () => dropout(random.key(0), matrix, 1.5), 'argument', 'the rate lies between 0 and 1'],
    ['channels', () => batchNorm(matrix, zeros(2), zeros(3)), 'shape', 'there are 3 channels'],
    ['groups', () => groupNorm(matrix, 2), 'shape', '3 channels do not divide into 2 groups'],
    ['a reduction', () => mseLoss(1, 2, { reduction: 'median' as never }), 'argument', 'there is no reduction "median"'],
    ['batchMean elsewhere', () => mseLoss(1, 2, { reduction: 'batchMean' as never }), 'argument', 'there is no reduction "batchMean"'],
    ['an option', () => klDiv(1, 2, { log: true } as never), 'argument', "there is no option 'log'"],
    ['beta', () => smoothL1Loss(1, 2, { beta: -1 }), 'argument', 'beta is not negative'],
    ['targets', () => nllLoss(matrix, tensor(new Int32Array(3))), 'shape', 'targets have shape [3], expected [2]'],
    ['float targets', () => nllLoss(matrix, zeros(2)), 'dtype', 'indices are integers'],
    ['probabilities', () => crossEntropy(matrix, zeros(3, 3)), 'shape', 'expected that of the input'],
    ['smoothing', () => crossEntropy(matrix, matrix, { labelSmoothing: 2 }), 'argument', 'labelSmoothing is 0 to 1'],
    ['quantizing to int16', () => quantize(matrix, 1, 0, { dtype: 'int16' as never }), 'dtype', 'int8 or uint8'],
    ['a scale', () => quantize(matrix, zeros(2), 0, { axis: 1 }), 'shape', 'one for each place of axis 1'],
    ['dequantizing floats', () => dequantize(matrix, 1), 'dtype', 'works on integers'],
    ['odd halves', () => packInt4(tensor(new Int8Array(3))), 'shape', 'even number'],
    ['float products', () => quantizedMatmul(matrix, 1, matrix, 1), 'dtype', 'multiplies int8 and uint8'],
    ['blocks', () => spaceToDepth(zeros(1, 3, 4), 2), 'shape', 'does not divide into blocks of 2'],
    ['a target among blocks', () => spaceToDepth(zeros(1, 4, 4), 2, { depthAxis: 1 }), 'argument', 'both cut into blocks and their target'],
    ['diag of a cube', () => diag(zeros(1, 1, 1)), 'shape', 'a vector or a matrix'],
    ['a band limit', () => bandPart(matrix, matrix, 0), 'argument', 'an integer tensor of one element'],
    ['float bits', () => hammingDistance(matrix, matrix), 'dtype', 'integers of one dtype'],
  ])('%s', (_, fn, code, message) => {
    const caught = (() => {
      try {
        fn()
      } catch (error) {
        return error
      }
      return undefined
    })()
    expect(caught).toBeInstanceOf(SinterError)
    expect((caught as SinterError).code).toBe(code)
    expect((caught as SinterError).message).toContain(message)
  })
})
