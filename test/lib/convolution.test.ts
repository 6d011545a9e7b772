// Convolutions, unfold and fold against PyTorch (test/data/make_convolution.py): values and gradients; layouts against permuted data; what is refused.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { conv1d, conv2d, conv3d, convTranspose2d, grad, SinterError, type Tensor, vjp } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Case {
  readonly fn: string
  /** Data, weights and perhaps a bias; data alone for unfold and fold; data, offset, weights and perhaps bias and mask of deformConv2d. */
  readonly inputs: readonly Stored[]
  readonly extra: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
  readonly out: Stored
  readonly cotangent?: Stored
  readonly grads?: readonly Stored[]
}

const functions = sinter as unknown as Record<string, (...args: unknown[]) => Tensor>

function call({ fn, extra, options }: Case, operands: readonly Tensor[]): Tensor {
  if (fn === 'deformConv2d') {
    const [x, offset, weight, bias, mask] = operands
    return sinter.deformConv2d(x!, offset!, weight!, { ...options, bias, mask })
  }
  const [x, weight, bias] = operands
  if (weight === undefined) return functions[fn]!(x, ...extra, options)
  return functions[fn]!(x, weight, bias === undefined ? options : { ...options, bias })
}

const tolerances: Readonly<Record<string, number>> = { float64: 1e-13, float32: 1e-5, float16: 1e-3, bfloat16: 8e-3 }
const cases = readData<Case[]>('convolution.json')
const byFunction = new Map<string, Case[]>()
for (const one of cases) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

const describeCase = (one: Case): string =>
  `${one.fn} ${one.inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')} ${JSON.stringify(one.options)}`

describe.each(devices)('on %s', (device) => {
  it.each([...byFunction])('%s agrees with PyTorch', (_, group) => {
    for (const one of group) {
      const operands = one.inputs.map((input) => load(input, device))
      const check = (): void => expectClose(call(one, operands), one.out, tolerances[one.out.dtype]!)
      expect(check, describeCase(one)).not.toThrow()
    }
  })

  it.each([...byFunction])('the gradients of %s agree with PyTorch', (_, group) => {
    const derived = group.filter((one) => one.grads !== undefined)
    expect(derived.length).toBeGreaterThan(0)
    for (const one of derived) {
      const operands = one.inputs.map((input) => load(input, device))
      const check = (): void => {
        const [, pullback] = vjp((...xs: Tensor[]) => call(one, xs), ...operands)
        const gradients = pullback(load(one.cotangent!, device)) as Tensor[]
        one.grads!.forEach((wanted, i) => {
          expectClose(gradients[i]!, wanted, tolerances[wanted.dtype]! * 10)
        })
      }
      expect(check, describeCase(one)).not.toThrow()
    }
  })
})

describe('layouts', () => {
  const at = (shape: number[], scale = 1): Tensor =>
    sinter
      .arange(shape.reduce((a, b) => a * b))
      .mul(0.37 * scale)
      .sin()
      .reshape(shape)
  const same = (a: Tensor, b: Tensor): void => {
    expect(a.shape).toEqual(b.shape)
    expect([...valuesOf(a)]).toEqual([...valuesOf(b)])
  }

  it('NHWC and HWIO are permuted NCHW and OIHW', () => {
    const [x, w, bias] = [at([2, 4, 6, 5]), at([6, 2, 3, 2], 2), at([6], 3)]
    const options = { groups: 2, stride: [1, 2], padding: 1, bias }
    const plain = conv2d(x, w, options)
    const other = conv2d(x.permuteDims([0, 2, 3, 1]), w.permuteDims([2, 3, 1, 0]), { ...options, dataLayout: 'NHWC', weightLayout: 'HWIO' })
    same(other, plain.permuteDims([0, 2, 3, 1]))
  })

  it('channels last in one and three dimensions', () => {
    const [x, w] = [at([2, 3, 8]), at([4, 3, 3], 2)]
    const last = conv1d(x.permuteDims([0, 2, 1]), w.permuteDims([2, 1, 0]), { dataLayout: 'NWC', weightLayout: 'WIO' })
    same(last, conv1d(x, w).permuteDims([0, 2, 1]))
    const [y, v] = [at([1, 2, 4, 3, 5]), at([3, 2, 2, 2, 2], 2)]
    const deep = conv3d(y.permuteDims([0, 2, 3, 4, 1]), v.permuteDims([2, 3, 4, 1, 0]), { dataLayout: 'NDHWC', weightLayout: 'DHWIO' })
    same(deep, conv3d(y, v).permuteDims([0, 2, 3, 4, 1]))
  })

  it('of transposed convolutions, weights being those of the convolution', () => {
    const [x, w] = [at([1, 4, 3, 3]), at([4, 2, 3, 3], 2)]
    const options = { stride: 2, outputPadding: 1 }
    const last = convTranspose2d(x.permuteDims([0, 2, 3, 1]), w.permuteDims([2, 3, 1, 0]), {
      ...options,
      dataLayout: 'NHWC',
      weightLayout: 'HWIO',
    })
    same(last, convTranspose2d(x, w, options).permuteDims([0, 2, 3, 1]))
  })
})

describe('padding', () => {
  it('of both sides apart is as padding the data first', () => {
    const x = sinter.arange(30).reshape([1, 1, 5, 6])
    const w = sinter.arange(6).reshape([1, 1, 3, 2])
    const padded = sinter.pad(x, [
      [0, 0],
      [0, 0],
      [2, 0],
      [1, 3],
    ])
    const result = conv2d(x, w, {
      padding: [
        [2, 0],
        [1, 3],
      ],
    })
    expect(result.jsSync()).toEqual(conv2d(padded, w).jsSync())
  })
})

describe('higher derivatives', () => {
  it('the second derivative of a squared convolution by the weights', () => {
    // sum over p of (sum over k of w_k x_{p+k})^2 has the Hessian 2 sum over p of x_{p+i} x_{p+j}.
    const x = sinter.tensor([1, 2, 3, 4, 5]).reshape([1, 1, 5])
    const loss = (w: Tensor) =>
      conv1d(x, w.reshape([1, 1, 2]))
        .square()
        .sum()
    const row = (i: number) => grad((w: Tensor) => (grad(loss)(w) as Tensor).at(i))(sinter.tensor([0.5, -1])) as Tensor
    expect(row(0).jsSync()).toEqual([2 * (1 + 4 + 9 + 16), 2 * (2 + 6 + 12 + 20)])
    expect(row(1).jsSync()).toEqual([2 * (2 + 6 + 12 + 20), 2 * (4 + 9 + 16 + 25)])
  })
})

describe('what is refused', () => {
  const x = sinter.zeros([1, 4, 5, 5])
  const w = sinter.zeros([6, 4, 3, 3])
  const refused = (fn: () => unknown, code: string, text: RegExp): void => {
    expect(fn).toThrow(SinterError)
    expect(fn).toThrow(expect.objectContaining({ code, message: expect.stringMatching(text) }))
  }

  it('integers', () => {
    refused(() => conv2d(x.astype('int32'), w), 'dtype', /conv2d.*floats, not on int32/s)
    refused(() => conv2d(x, w.astype('uint8')), 'dtype', /not on uint8/)
    refused(() => conv2d(x, w, { bias: sinter.zeros([6], { dtype: 'int32' }) }), 'dtype', /not on int32/)
    refused(() => sinter.unfold(x.astype('int8'), 2), 'dtype', /not on int8/)
  })

  it('results of 2^31 elements in a dimension', () => {
    const large = conv1d(sinter.zeros([1, 1, 4]), sinter.zeros([1, 1, 3]), { padding: 2 ** 30 })
    refused(() => large.dataSync(), 'memory', /convolution: f32\[1,1,2147483650\] has a dimension of 2\^31 elements or more/)
  })

  it('channels, groups and sizes that do not fit', () => {
    refused(() => conv2d(x, sinter.zeros([6, 3, 3, 3])), 'shape', /4 channels.*3 for each of 1 groups/)
    refused(() => conv2d(x, sinter.zeros([5, 2, 3, 3]), { groups: 2 }), 'shape', /2 groups do not divide 5/)
    refused(() => conv2d(x, w, { dilation: 3 }), 'shape', /spans 7 does not fit into 5/)
    refused(() => conv2d(sinter.zeros([4, 5]), w), 'shape', /data of 4 dimensions/)
    refused(() => conv2d(x, w, { bias: sinter.zeros([4]) }), 'shape', /bias of 6 output channels/)
    refused(() => convTranspose2d(x, sinter.zeros([4, 2, 1, 1]), { padding: 3 }), 'shape', /leaves a result/)
    refused(() => sinter.deformConv2d(x, sinter.zeros([1, 18, 5, 5]), w), 'shape', /offset is \[1, 2 \* offsetGroups \* 9, 3,3\]/)
    refused(() => sinter.fold(sinter.zeros([1, 8, 5]), [4, 4], 2), 'shape', /columns are/)
  })

  it('options that mean nothing', () => {
    refused(() => conv2d(x, w, { padding: 'same', stride: 2 }), 'argument', /'same' needs stride 1/)
    refused(() => conv2d(x, w, { padding: 'full' as never }), 'argument', /no padding "full"/)
    refused(() => conv2d(x, w, { stride: 0 }), 'argument', /stride is an integer of at least 1/)
    refused(() => conv2d(x, w, { stride: [1, 2, 3] }), 'argument', /stride is a number or 2 of them/)
    refused(() => conv2d(x, w, { padding: [[1, 2, 3]] as never }), 'argument', /in pairs/)
    refused(() => conv2d(x, w, { dataLayout: 'NWC' }), 'argument', /'NCHW' or 'NHWC'/)
    refused(() => convTranspose2d(x, sinter.zeros([4, 2, 3, 3]), { stride: 2, outputPadding: 2 }), 'argument', /outputPadding/)
    refused(() => conv2d(x, w, { strides: 2 } as never), 'argument', /no option 'strides'/)
  })
})
