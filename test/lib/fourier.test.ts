// Fourier transforms against NumPy and, for gradients, torch.fft: test/data/fourier.json, made by make_fourier.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { complex, fft, fftn, grad, ifft, irfft, jit, rfft, type Tensor, tensor, zeros } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: string
  /** One tensor, or real and imaginary parts. */
  readonly inputs: readonly Stored[]
  readonly options: object
  readonly out: readonly Stored[]
  /** Of the sum of 0.5 sin(i) times real parts and 0.25 cos(i) times imaginary parts of the result, i numbering its elements. */
  readonly grad: readonly Stored[]
}

type Call = (x: Tensor, options: object) => Tensor

const partsOf = (x: Tensor): Tensor[] => (sinter.isComplex(x) ? [x.real(), x.imag()] : [x])

function lossOf(result: Tensor): Tensor {
  const [re, im] = partsOf(result) as [Tensor, Tensor?]
  const i = sinter.arange(re.size, { dtype: 'float64', device: re.device }).reshape(re.shape)
  const real = re.mul(i.sin().mul(0.5).astype(re.dtype)).sum()
  return im === undefined ? real : real.add(im.mul(i.cos().mul(0.25).astype(re.dtype)).sum())
}

const byFunction = new Map<string, Case[]>()
for (const one of readData<Case[]>('fourier.json')) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

describe.each(devices)('on %s', (device) => {
  it.each([...byFunction])('%s', (fn, cases) => {
    const run = (sinter as unknown as Record<string, Call>)[fn]!
    for (const one of cases) {
      const what = `${fn}(${one.inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')}; ${JSON.stringify(one.options)})`
      const check = (): void => {
        const given = one.inputs.map((x) => load(x, device)) as [Tensor, Tensor?]
        const x = given[1] === undefined ? given[0] : complex(given[0], given[1])
        const tolerance = given[0].dtype === 'float32' ? 4e-6 : 1e-13
        partsOf(run(x, one.options)).forEach((part, i) => {
          expectClose(part, one.out[i]!, tolerance)
        })
        const slopes = grad((y: Tensor) => lossOf(run(y, one.options)))(x) as Tensor
        // The transforms of conjugates: torch.fft's gradient is that of real and imaginary parts as well.
        partsOf(slopes).forEach((slope, i) => {
          expectClose(slope, one.grad[i]!, tolerance)
        })
      }
      expect(check, what).not.toThrow()
    }
  })

  it('inverts itself, for lengths with large prime factors too', () => {
    for (const n of [1, 97, 128, 1000, 1009, 2 * 509, 4096, 6007]) {
      const x = tensor(
        Float32Array.from({ length: n }, (_, i) => Math.sin(i * i)),
        { device },
      )
      if (device === 'reference' && n > 1009) continue
      const there = fft(x)
      const back = ifft(there)
      expectClose(back.real(), stored(x), 2e-6)
      expectClose(back.imag(), stored(zeros([n], { device })), 2e-6)
      expectClose(irfft(rfft(x), { n }), stored(x), 2e-6)
    }
  })

  it('takes halves, integers and numbers', () => {
    const ones = fft(tensor([1, 1, 1, 1], { dtype: 'int32', device }))
    expect([ones.dtype, ones.real().jsSync(), ones.imag().jsSync()]).toEqual(['complex64', [4, 0, 0, 0], [0, 0, 0, 0]])
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const half = rfft(tensor([1, 2, 3, 4], { device }).astype(dtype))
      expect([half.dtype, half.real().jsSync(), half.imag().jsSync()]).toEqual(['complex64', [10, -2, -2], [0, 2, 0]])
    }
  })

  it('takes no axes at all, and no lines to transform', () => {
    const x = tensor([[1, 2], [3, 4]], { device }) // biome-ignore format: side by side
    expect(fftn(x, { axes: [] }).real().jsSync()).toEqual([[1, 2], [3, 4]]) // biome-ignore format: side by side
    expect(fft(zeros([0, 4], { device })).shape).toEqual([0, 4])
  })

  it('is compiled, and differentiated twice', () => {
    const power = (x: Tensor): Tensor => rfft(x).abs().square().sum()
    const x = tensor([1, 2, 3, 4, 5], { device })
    // Parseval: elements 1 and 2 stand for two each, so that the sum is (5 sum x^2 + (sum x)^2) / 2.
    expect(jit(power)(x).itemSync()).toBeCloseTo((5 * 55 + 225) / 2, 3)
    const second = grad((y: Tensor) => (grad(power)(y) as Tensor).sum())(x) as Tensor
    for (const value of second.jsSync() as number[]) expect(value).toBeCloseTo(10, 4)
  })
})

const stored = (x: Tensor): Stored => ({ dtype: x.dtype, shape: x.shape, data: Array.from(x.dataSync() as Float32Array) })

describe('what is wrong is explained', () => {
  const x = zeros([2, 4])
  it('names operands', () => {
    expect(() => rfft(complex(x, x))).toThrow(/transforms real values, not complex64/)
    expect(() => fft(zeros([2, 0]))).toThrow(/nothing to transform along axis 1/)
    expect(() => irfft(zeros([2, 1]))).toThrow(/the length of the result is an integer of at least 1/)
  })
  it('names options', () => {
    expect(() => fft(x, { norm: 'orthogonal' as never })).toThrow(/there is no norm "orthogonal"/)
    expect(() => fft(x, { n: 0 })).toThrow(/an integer of at least 1/)
    expect(() => fft(x, { axis: 2 })).toThrow(/axis 2 is out of range/)
    expect(() => fftn(x, { s: [2], axes: [0, 1] })).toThrow(/1 lengths for 2 axes/)
    expect(() => fftn(x, { axes: [0, 0] })).toThrow(/twice/)
    expect(() => sinter.rfftn(x, { axes: [] })).toThrow(/no axes/)
    expect(() => fft(x, { dim: 0 } as never)).toThrow(/no option 'dim'/)
  })
})
