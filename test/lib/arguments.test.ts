// Arguments that are none: whatever stands in the place of one argument or option of a call, the answer is a result or a SinterError that says what is wrong.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { add, type DType, philox, random, SinterError, sparse, type Tensor, tensor, zeros } from '../../lib/index.js'

const of =
  (dtype: DType) =>
  (...shape: number[]): Tensor =>
    zeros(shape, { dtype })
const [f, i, b, i8, u8] = [of('float32'), of('int32'), of('bool'), of('int8'), of('uint8')]
const state = philox.state(1)
const key = random.key(1)
const matrix = sparse.coo(f(3), i(3), i(3), [4, 5])

/** Calls that are right, by name. */
const calls: readonly (readonly [string, readonly unknown[]])[] = [
  [
    'rnn',
    [
      f(3, 2, 4),
      { inputWeight: f(5, 4), recurrentWeight: f(5, 5), bias: f(5) },
      { initState: f(2, 5), mask: f(2, 5), reverse: false, bidirectional: false, activation: 'relu' },
    ],
  ],
  [
    'lstm',
    [
      f(3, 2, 4),
      { inputWeight: f(20, 4), recurrentWeight: f(20, 5), bias: f(20) },
      {
        initState: f(2, 5),
        initCell: f(2, 5),
        mask: f(2, 5),
        peephole: f(20),
        produceCell: true,
        forgetGateLast: false,
        activation: 'tanh',
      },
    ],
  ],
  [
    'gru',
    [
      f(3, 2, 4),
      { inputWeight: f(15, 4), recurrentWeight: f(15, 5), bias: f(15) },
      { initState: f(2, 5), mask: f(2, 5), secondaryBias: f(5), resetAfter: true, flipZ: true, resetGateFirst: true },
    ],
  ],
  ['layerNorm', [f(3, 4), { weight: f(4), bias: f(4), eps: 1e-5, axes: [1] }]],
  ['rmsNorm', [f(3, 4), { weight: f(4), eps: 1e-5, axes: 1 }]],
  ['batchNorm', [f(3, 4, 2), f(4), f(4), { weight: f(4), bias: f(4), eps: 1e-5, axis: 1 }]],
  ['batchNormTraining', [f(3, 4, 2), { runningMean: f(4), runningVariance: f(4), momentum: 0.1, eps: 1e-5, axis: 1 }]],
  ['instanceNorm', [f(3, 4, 2), { weight: f(4), bias: f(4), eps: 1e-5 }]],
  ['groupNorm', [f(3, 4, 2), 2, { weight: f(4), bias: f(4), eps: 1e-5 }]],
  ['softmaxCrossEntropy', [f(3, 4), f(3, 4), { axis: 1, reduction: 'sum' }]],
  ['crossEntropy', [f(3, 4), i(3), { axis: 1, reduction: 'sum', weight: f(4), ignoreIndex: 1, labelSmoothing: 0.1 }]],
  ['nllLoss', [f(3, 4), i(3), { axis: 1, reduction: 'sum', weight: f(4), ignoreIndex: 1 }]],
  ['klDiv', [f(3), f(3), { reduction: 'batchMean', logTarget: true }]],
  ['binaryCrossEntropyWithLogits', [f(3), f(3), { weight: f(3), posWeight: f(3), reduction: 'none' }]],
  ['quantize', [f(3, 4), f(3), i(3), { dtype: 'int8', axis: 0 }]],
  ['quantize', [f(3, 4), 0.5, 1, { dtype: 'uint8' }]],
  ['dequantize', [i8(3, 4), f(3), i(3), { dtype: 'float16', axis: 0 }]],
  ['quantizeSymmetric', [f(3, 4), { axis: 0 }]],
  ['dequantizeLookup', [i8(3, 4), f(3, 5), { axis: 0 }]],
  ['packInt4', [i8(3, 4)]],
  ['unpackInt4', [u8(3, 4), { signed: true }]],
  ['quantizedMatmul', [i8(3, 4), 0.5, u8(4, 5), f(5), { aZeroPoint: 1, bZeroPoint: 2, dtype: 'float32' }]],
  ['philox.state', [{ counterLow: 1, counterHigh: 2, key: 3 }, { device: 'cpu' }]],
  ['philox.bits', [state, [3], { dtype: 'uint8' }]],
  ['philox.uniform', [state, [3], { dtype: 'float32', min: 0, max: 1 }]],
  ['philox.normal', [state, [3], { dtype: 'float32', mean: 0, std: 1, samplingMethod: 'boxMuller' }]],
  ['philox.truncatedNormal', [state, [3], -1, 1, { dtype: 'float32', mean: 0, std: 1 }]],
  ['philox.randint', [state, [3], 0, 5, { dtype: 'int8' }]],
  ['random.key', [1, { device: 'cpu' }]],
  ['random.split', [key, 3]],
  ['random.foldIn', [key, 4]],
  ['random.uniform', [key, [3], { min: 0, max: 2, dtype: 'float16' }]],
  ['random.normal', [key, [3], { mean: 1, std: 2 }]],
  ['random.truncatedNormal', [key, [3], -1, 1, { dtype: 'float32' }]],
  ['random.randint', [key, [3], 0, 5, { dtype: 'int8' }]],
  ['random.bernoulli', [key, f(3), { shape: [2, 3] }]],
  ['random.permutation', [key, f(3, 2), { axis: 1, independent: true }]],
  ['random.categorical', [key, f(3, 4), { axis: 1, shape: [3] }]],
  ['random.choice', [key, 5, { shape: [3], replace: false }]],
  ['dropout', [key, f(3), 0.5]],
  [
    'nonMaximumSuppression',
    [
      f(2, 5, 4),
      f(2, 5, 1),
      { iouThreshold: 0.5, scoreThreshold: 0.1, classes: i(2, 5), perClass: true, coordinates: 'centersHeightFirst' },
    ],
  ],
  ['nmsSync', [f(5, 4), f(5), 0.5, { scoreThreshold: 0, classes: i(5), coordinates: 'cornersWidthFirst' }]],
  ['stencil', [f(5, 6), f(3, 3), { reduction: 'max', stride: 1, dilation: 1, offset: 0, padding: 1, mode: 'reflect' }]],
  ['sparse.coo', [f(3), i(3), i(3), [4, 5]]],
  ['sparse.csr', [f(3), i(3), i(5), [4, 5]]],
  ['sparse.csc', [f(3), i(3), i(6), [4, 5]]],
  ['sparse.fromDenseSync', [f(3, 4), 'csc']],
  ['sparse.matmul', [matrix, f(5, 2)]],
  ['sparse.toDense', [matrix]],
  ['sparse.transpose', [matrix]],
  ['spaceToDepth', [f(2, 4, 4), 2, { axes: [1, 2], depthAxis: 0, pixelShuffleOrder: true }]],
  ['batchToSpace', [f(4, 3, 4, 4), [2, 2], { axes: [2, 3], batchAxis: 0, pixelShuffleOrder: false }]],
  ['coordinateAlongAxis', [1, [2, 3], { dtype: 'int32', device: 'cpu' }]],
  ['flatten2d', [f(2, 3, 4), 1]],
  ['meshgrid', [[f(3), f(4)], { indexing: 'xy' }]],
  ['diag', [f(3), { k: 1 }]],
  ['trace', [f(3, 3), { k: 1, axes: [0, 1] }]],
  ['searchsorted', [f(3), f(4), { side: 'right' }]],
  ['bincount', [i(3), 5, { weights: f(3) }]],
  ['histogram', [f(3), { bins: 4, range: [0, 1], weights: f(3) }]],
  ['bitcast', [f(3), 'int32']],
  ['hammingDistance', [i(2, 3), i(4, 3), { dtype: 'int32' }]],
  ['optim.sgdUpdate', [f(3), f(3), 0.1]],
  [
    'optim.adamUpdate',
    [
      f(3),
      f(3),
      { momentum: f(3), velocity: f(3), maximumVelocity: f(3) },
      { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, beta1Power: 0.9, beta2Power: 0.99 },
    ],
  ],
  ['optim.adam', [{ learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, amsgrad: true, maximize: true }]],
  ['subgraph', [(x: Tensor) => x.add(1), {}]],
  ['variable', [f(3)]],
  ['pow', [f(3), 2]],
  ['where', [b(3), f(3), 1]],
  ['roll', [f(3), 1, 0]],
  ['pad', [f(3), [[1, 1]], { mode: 'constant', value: 0 }]],
  ['cumsum', [f(3, 4), 0, { reverse: true, exclusive: true }]],
  ['scatter', [f(3, 4), i(2), f(2, 4), { axis: 0 }]],
]

const others: readonly unknown[] = [
  ...[undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 53, -0.5, 0, 'x', '', true, 5n, -5n],
  ...[[], [[]], [Number.NaN], [-1], ['a'], [99], [null], {}, { a: 1 }, (): number => 1, Symbol('s')],
  ...[f(), f(0), f(7, 7), f(1, 1, 1, 1, 1), i(2), b(3), of('complex64')(3), new Float32Array(3), new Map(), state, key, matrix],
]

type Call = (...args: readonly unknown[]) => unknown
const resolve = (name: string): Call =>
  name.split('.').reduce<unknown>((object, part) => (object as Record<string, unknown>)[part], sinter) as Call

const isPlain = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/** The arguments with one of them, or an entry of one, replaced. */
function* replaced(args: readonly unknown[], by: unknown): Generator<[string, unknown[]]> {
  for (const [at, arg] of args.entries()) {
    yield [`argument ${at}`, args.with(at, by)]
    if (isPlain(arg)) for (const name of Object.keys(arg)) yield [name, args.with(at, { ...arg, [name]: by })]
    if (Array.isArray(arg)) for (const entry of arg.keys()) yield [`argument ${at}[${entry}]`, args.with(at, arg.with(entry, by))]
  }
}

describe('a call with anything else in the place of an argument', () => {
  it.each(calls)('%s gives a result or a SinterError', (name, args) => {
    const call = resolve(name)
    expect(() => call(...args)).not.toThrow()
    for (const other of others) {
      for (const [place, changed] of replaced(args, other)) {
        try {
          call(...changed)
        } catch (error) {
          if (!(error instanceof SinterError))
            expect.fail(`${name}, ${place} = ${typeof other} ${JSON.stringify(other, dropBigints)}: ${error}`)
          expect(error.message).not.toMatch(/\[object /)
        }
      }
    }
  })
})

const dropBigints = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

describe('refused', () => {
  const weights = { inputWeight: f(20, 4), recurrentWeight: f(20, 5) }
  const x = f(3, 2, 4)
  it.each<[string, () => unknown, string, string]>([
    ['a bias that is no tensor', () => sinter.lstm(x, { ...weights, bias: 3 as never }), 'argument', 'lstm: bias is a tensor, got 3'],
    [
      'a state that is no tensor',
      () => sinter.lstm(x, weights, { initState: null as never }),
      'argument',
      'initState is a tensor, got null',
    ],
    ['a mask that is no tensor', () => sinter.lstm(x, weights, { mask: 0.5 as never }), 'argument', 'mask is a tensor, got 0.5'],
    [
      'a mask of more dimensions',
      () => sinter.lstm(x, weights, { mask: f(1, 2, 5) }),
      'shape',
      'mask is [1,2,5], it needs to broadcast to [2,5]',
    ],
    ['a weight that is no tensor', () => sinter.layerNorm(x, { weight: 1 as never }), 'argument', 'weight is a tensor, got 1'],
    ['an eps that is none', () => sinter.layerNorm(x, { eps: Number.NaN }), 'argument', 'eps is finite and not negative, got NaN'],
    ['a negative eps', () => sinter.batchNorm(x, f(2), f(2), { eps: -1 }), 'argument', 'eps is finite and not negative, got -1'],
    ['a momentum that is none', () => sinter.batchNormTraining(x, { momentum: Number.NaN }), 'argument', 'momentum is finite, got NaN'],
    ['no options', () => sinter.softmaxCrossEntropy(f(2, 3), f(2, 3), 3 as never), 'argument', 'options are an object, got 3'],
    [
      'factors wider than losses',
      () => sinter.binaryCrossEntropy(f(3), f(3), { weight: f(2, 3) }),
      'shape',
      'weight is [2,3], the losses are [3]',
    ],
    ['a scale of 0', () => sinter.quantize(f(3), 0), 'argument', 'scale is not 0'],
    ['a scale that is none', () => sinter.dequantize(i8(3), Number.NaN), 'argument', 'scale is finite, got NaN'],
    [
      'a zero point out of range',
      () => sinter.quantizedMatmul(i8(2, 2), 1, i8(2, 2), 1, { aZeroPoint: 256 }),
      'argument',
      '-128 to 255, got 256',
    ],
    ['a sign that is none', () => sinter.unpackInt4(u8(2), { signed: 'no' as never }), 'argument', 'signed is true or false, got "no"'],
    ['bounds the wrong way round', () => random.uniform(key, 3, { min: 1, max: 0 }), 'argument', 'min 1 is above max 0'],
    ['a negative deviation', () => random.normal(key, 3, { std: -1 }), 'argument', 'std is at least 0, got -1'],
    ['an axis of a length', () => random.permutation(key, 5, { axis: 1 }), 'argument', 'axis 1 is out of range'],
    ['data of a key that are several', () => random.foldIn(key, i(2)), 'argument', 'the data is an integer of rank 0'],
    ['a complex probability', () => random.bernoulli(key, of('complex64')(3)), 'dtype', 'bernoulli: takes real tensors'],
    ['complex logits', () => random.categorical(key, of('complex64')(3)), 'dtype', 'categorical: takes real tensors'],
    ['complex indices', () => sinter.bincount(of('complex64')(3), 2), 'dtype', 'indices are integers, not complex64'],
    ['complex boxes', () => sinter.nonMaximumSuppression(of('complex64')(3, 4), f(3)), 'dtype', 'takes real tensors'],
    [
      'a complex weight',
      () => sinter.rnn(x, { inputWeight: of('complex64')(5, 4), recurrentWeight: f(5, 5) }, { activation: 'none' }),
      'dtype',
      'rnn: takes real tensors',
    ],
    ['a range of one number', () => sinter.histogram(f(3), { range: [1] as never }), 'argument', 'the range is two numbers'],
    ['a dense tensor', () => sparse.toDense(f(3, 3) as never), 'argument', 'expected a sparse tensor, got a Tensor'],
    ['a rate that is none', () => sinter.optim.sgdUpdate(f(3), f(3), Number.NaN), 'argument', 'learningRate is finite, got NaN'],
  ])('%s', (_, call, code, message) => {
    let thrown: unknown
    try {
      call()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SinterError)
    expect((thrown as SinterError).code).toBe(code)
    expect((thrown as SinterError).message).toContain(message)
  })
})

describe('JS values', () => {
  const big = 2n ** 63n
  const x = tensor([1n, 2n], { dtype: 'uint64' })

  it('of all 64 bits meet uint64', () => {
    expect(x.add(big).jsSync()).toEqual([big + 1n, big + 2n])
    expect(add(big, x).jsSync()).toEqual([big + 1n, big + 2n])
    expect(x.less(2n ** 64n - 1n).jsSync()).toEqual([true, true])
    expect(x.div(big).jsSync()).toEqual([2 ** -63, 2 ** -62])
    expect(() => x.add(2n ** 64n)).toThrow('18446744073709551616 does not fit uint64')
  })

  it('take the dtype of tensors behind them', () => {
    const joined = sinter.hstack([5, tensor([1, 2], { dtype: 'int32' })])
    expect(`${joined.dtype} ${joined.jsSync()}`).toBe('int32 5,1,2')
  })
})

it('all tensors of a recurrent layer are taken in their common dtype', () => {
  const halves = { inputWeight: f(15, 4).astype('float16'), recurrentWeight: f(15, 5).astype('float16') }
  const { output } = sinter.gru(f(3, 2, 4).astype('float16'), halves, { initState: f(2, 5), secondaryBias: f(5), mask: b(2, 5) })
  expect(output.dtype).toBe('float32')
  expect(
    sinter.lstm(f(3, 2, 4), { inputWeight: f(20, 4), recurrentWeight: f(20, 5) }, { initCell: f(2, 5).astype('float64') }).output.dtype,
  ).toBe('float64')
})
