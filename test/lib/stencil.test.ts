// Stencils against NumPy and PyTorch: test/data/stencil.json, made by make_stencil.py.

import { describe, expect, it } from 'vitest'
import { arange, grad, ones, pad, stencil, type Tensor, tensor, zeros } from '../../lib/index.js'
import { describeCases } from './cases.js'
import { devices } from './support.js'

describeCases('stencil.json')

describe.each(devices)('on %s', (device) => {
  it('finds NaN as the most extreme, and the first of equals', () => {
    const x = tensor([3, Number.NaN, 3, 3, Number.NaN], { device })
    const weights = ones([2], { device })
    expect(stencil(x, weights, { reduction: 'argmax' }).jsSync()).toEqual([1, 0, 0, 1])
    expect(stencil(x, weights, { reduction: 'argmin' }).jsSync()).toEqual([1, 0, 0, 1])
    expect(stencil(x, weights, { reduction: 'max' }).jsSync()).toEqual([Number.NaN, Number.NaN, 3, Number.NaN])
  })

  it('rounds halves once', () => {
    // The product of two overflows float16, and 256 + 1 is no bfloat16.
    const x = tensor([300, 300, 0.0001], { dtype: 'float16', device })
    const product = stencil(x, ones([3], { dtype: 'float16', device }), { reduction: 'prod' })
    expect(product.dtype).toBe('float16')
    expect(product.jsSync()).toEqual([9])
    const sum = stencil(tensor([256, 1, 1], { dtype: 'bfloat16', device }), ones([3], { dtype: 'bfloat16', device }))
    expect(sum.jsSync()).toEqual([258])
  })

  it('takes bool as numbers, and integers with floats in their common dtype', () => {
    const x = tensor([true, false, true], { device })
    expect(stencil(x, tensor([true, true], { device })).jsSync()).toEqual([1, 1])
    expect(stencil(arange(4, { device, dtype: 'int32' }), tensor([0.5, 0.5], { device })).jsSync()).toEqual([0.5, 1.5, 2.5])
  })

  it('has batches without elements', () => {
    expect(stencil(zeros([0, 4], { device }), ones([2], { device })).shape).toEqual([0, 3])
    expect(stencil(zeros([0, 4], { device }), ones([2], { device }), { reduction: 'max' }).jsSync()).toEqual([])
  })

  it('has second derivatives', () => {
    const loss = (x: Tensor): Tensor => stencil(x.square(), tensor([1, 2], { device })).sum()
    const second = grad((x: Tensor) => (grad(loss)(x) as Tensor).sum())(tensor([1, 2, 3], { device })) as Tensor
    expect(second.jsSync()).toEqual([2, 6, 4])
  })
})

describe('what is wrong is explained', () => {
  const x = zeros([4, 5])
  const weights = ones([2, 2])
  it('names shapes', () => {
    expect(() => stencil(x, ones([5, 2]))).toThrow(/spans 5 and starts at 0 does not fit into the 4 elements of dimension 0/)
    expect(() => stencil(x, ones([1, 1, 1]))).toThrow(/1 to 4 dimensions/)
    expect(() => stencil(x, ones([2, 0]))).toThrow(/none empty/)
    expect(() => stencil(x, 2)).toThrow(/1 to 4 dimensions/)
  })
  it('names options', () => {
    expect(() => stencil(x, weights, { reduction: 'mean' as never })).toThrow(/there is no reduction "mean"/)
    expect(() => stencil(x, weights, { mode: 'mirror' as never })).toThrow(/there is no mode "mirror"/)
    expect(() => stencil(x, weights, { padding: 'full' as never })).toThrow(/there is no padding "full"/)
    expect(() => stencil(x, weights, { padding: 1, mode: 'wrap', value: 1 })).toThrow(/mode 'wrap' takes no value/)
    expect(() => stencil(x, weights, { stride: 0 })).toThrow(/stride is an integer of at least 1/)
    expect(() => pad(tensor([true]), 1, { mode: 'antiperiodic' })).toThrow(/bool has no sign/)
  })
})
