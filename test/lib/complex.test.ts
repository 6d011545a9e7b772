// Complex tensors against NumPy and, for gradients, PyTorch: test/data/complex.json, made by make_complex.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import {
  cond,
  eager,
  foriLoop,
  full,
  grad,
  imag,
  isComplex,
  jit,
  ones,
  real,
  scan,
  type Tensor,
  tensor,
  variable,
  where,
  zeros,
} from '../../lib/index.js'
import { devices, load, readData, type Stored, valuesOf } from './support.js'

interface Case {
  readonly fn: string
  readonly args: readonly (Stored | number | null | readonly number[])[]
  readonly options: object
  readonly out: Stored
  /** Of the sum of 0.5 sin(i) times real parts and 0.25 cos(i) times imaginary parts of the result; null where there is none. */
  readonly grads?: readonly (Stored | null)[]
}

const isStored = (value: unknown): value is Stored => typeof value === 'object' && value !== null && 'dtype' in value

/** The distance of every element from the expected one is at most `tolerance` times its magnitude (or `least`). */
function expectNear(actual: Tensor, expected: Stored, tolerance: number, least: number): void {
  expect(`${actual.dtype} [${actual.shape}]`).toBe(`${expected.dtype} [${expected.shape}]`)
  const parts = isComplex(actual) ? 2 : 1
  const values = valuesOf(actual)
  for (let i = 0; i < expected.data.length; i += parts) {
    const wanted = expected.data.slice(i, i + parts).map(Number)
    const found = [...values.slice(i, i + parts)].map(Number)
    const same = found.every((value, k) => Object.is(value, wanted[k]) || value === wanted[k])
    const distance = Math.hypot(...found.map((value, k) => value - wanted[k]!))
    if (!same && !(distance <= tolerance * Math.max(least, Math.hypot(...wanted))))
      expect.fail(`element ${i / parts} of ${expected.dtype} [${expected.shape}] is ${found}, expected ${wanted}`)
  }
}

/** Functions whose results are sums or products of many elements, which may cancel. */
const many = ['sum', 'mean', 'prod', 'variance', 'std', 'norm', 'cumsum', 'cumprod', 'matmul', 'dot', 'vecdot', 'tensordot', 'trace', 'pow']

function lossOf(result: Tensor): Tensor {
  const i = sinter.arange(result.size, { dtype: 'float64', device: result.device }).reshape(result.shape)
  const weighted = (part: Tensor, weights: Tensor): Tensor => part.mul(weights.astype(part.dtype)).sum()
  const loss = weighted(real(result), i.sin().mul(0.5))
  return isComplex(result) ? loss.add(weighted(imag(result), i.cos().mul(0.25))) : loss
}

const byFunction = new Map<string, Case[]>()
for (const one of readData<Case[]>('complex.json')) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

describe.each(devices)('on %s', (device) => {
  it.each([...byFunction])('%s', (fn, cases) => {
    const run = (sinter as unknown as Record<string, (...args: unknown[]) => Tensor>)[fn]!
    for (const one of cases) {
      const what = `${fn}(${one.args.map((x) => (isStored(x) ? `${x.dtype} [${x.shape}]` : JSON.stringify(x))).join(', ')}; ${JSON.stringify(one.options)})`
      const args = one.args.map((x) => (isStored(x) ? load(x, device) : x))
      const last = Object.keys(one.options).length > 0 ? [one.options] : []
      const double = one.args.some((x) => isStored(x) && ['float64', 'complex128'].includes(x.dtype))
      const tolerance = double ? 2e-14 : 1.5e-6
      const check = (): void => {
        expectNear(run(...args, ...last), one.out, many.includes(fn) ? tolerance * 8 : tolerance, many.includes(fn) ? 1 : 0)
        if (one.grads === undefined) return
        const positions = args.flatMap((x, i) => (x instanceof sinter.Tensor ? [i] : []))
        const slopes = grad((...given: Tensor[]) => lossOf(run(...given, ...last)), { argnums: positions })(...args) as Tensor[]
        slopes.forEach((slope, i) => {
          if (one.grads![i] !== null) expectNear(slope, one.grads![i]!, tolerance * 20, 1)
        })
      }
      expect(check, what).not.toThrow()
    }
  })

  it('makes tensors of complex numbers, and reads them', () => {
    const z = tensor([[{ re: 1, im: 2 }, 3], [{ re: 0, im: -1 }, { re: 0.5, im: 0 }]], { device }) // biome-ignore format: side by side
    expect(`${z.dtype} [${z.shape}]`).toBe('complex64 [2,2]')
    expect(z.jsSync()).toEqual([[{ re: 1, im: 2 }, { re: 3, im: 0 }], [{ re: 0, im: -1 }, { re: 0.5, im: 0 }]]) // biome-ignore format: side by side
    expect(z.dataSync()).toEqual(Float32Array.of(1, 2, 3, 0, 0, -1, 0.5, 0))
    expect(tensor({ re: 1, im: 2 }, { dtype: 'complex128', device }).itemSync()).toEqual({ re: 1, im: 2 })
    expect(`${z}`).toContain('1+2i')
    expect(tensor(Float64Array.of(1, 2), { dtype: 'complex64', device }).jsSync()).toEqual([{ re: 1, im: 0 }, { re: 2, im: 0 }]) // biome-ignore format: side by side
    expect(tensor(Float32Array.of(1, 2, 3, 4).buffer, { dtype: 'complex64', device }).jsSync()).toEqual([{ re: 1, im: 2 }, { re: 3, im: 4 }]) // biome-ignore format: side by side
    expect([zeros([2], { dtype: 'complex64', device }), ones([1], { dtype: 'complex128', device })].map((x) => x.jsSync())).toEqual([
      [{ re: 0, im: 0 }, { re: 0, im: 0 }],
      [{ re: 1, im: 0 }],
    ]) // biome-ignore format: side by side
    expect(full([2], { re: 1, im: -1 }, { device }).jsSync()).toEqual([{ re: 1, im: -1 }, { re: 1, im: -1 }]) // biome-ignore format: side by side
  })

  it('takes complex numbers as operands', () => {
    const x = tensor([1, 2], { device })
    expect(x.mul({ re: 0, im: 1 }).jsSync()).toEqual([{ re: 0, im: 1 }, { re: 0, im: 2 }]) // biome-ignore format: side by side
    expect(x.astype('float64').add({ re: 0, im: 1 }).dtype).toBe('complex128')
    expect(where(tensor([true, false], { device }), { re: 1, im: 1 }, x).jsSync()).toEqual([{ re: 1, im: 1 }, { re: 2, im: 0 }]) // biome-ignore format: side by side
  })

  it('refuses what has no complex meaning, naming the function', () => {
    const z = zeros([4, 4], { dtype: 'complex64', device })
    const x = zeros([4, 4], { device })
    const refused: Readonly<Record<string, () => unknown>> = {
      max: () => z.max(),
      sort: () => z.sort(-1),
      less: () => z.less(x),
      argmax: () => z.argmax(),
      floor: () => z.floor(),
      clamp: () => z.clamp(0, 1),
      atan2: () => z.atan2(x),
      layerNorm: () => sinter.layerNorm(z),
      mseLoss: () => sinter.mseLoss(z, x),
      svd: () => sinter.linalg.svd(z),
      inverse: () => sinter.linalg.inverse(z),
      take: () => x.take(z),
      gridSample: () => sinter.gridSample(x.reshape(1, 1, 4, 4), zeros([1, 2, 2, 2], { dtype: 'complex64', device })),
      normal: () => sinter.random.normal([2], { dtype: 'complex64' }),
      complex: () => sinter.complex(z, x),
      cast: () => z.astype('float32'),
    }
    for (const [name, run] of Object.entries(refused)) {
      expect(run, name).toThrow(expect.objectContaining({ code: 'dtype' }))
    }
    expect(() => tensor([{ re: 1, im: 1 }], { dtype: 'float32' })).toThrow(/element \[0\] is a complex number/)
    expect(() => tensor([{ re: 1, im: 1 }, true as never])).toThrow(/mixes number and boolean/)
    expect(() => tensor([{ re: 1 } as never])).toThrow(/not a number, bigint, boolean or { re, im }/)
    expect(() => grad((y: Tensor) => y.sum())(z)).toThrow(/take a real number of it first/)
  })

  it('is compiled and run eagerly with the same results', () => {
    const f = (z: Tensor): Tensor => z.mul(z.conj()).add(z.exp()).sum().abs()
    const z = tensor(
      [
        { re: 0.5, im: 1 },
        { re: -1, im: 2 },
      ],
      { device },
    )
    const value = f(z).itemSync()
    expect(jit(f)(z).itemSync()).toBeCloseTo(value as number, 5)
    expect(eager(() => f(z)).itemSync()).toBeCloseTo(value as number, 5)
  })

  it('is carried, scanned, stacked and captured by loops', () => {
    const z = tensor(
      [
        { re: 1, im: 1 },
        { re: 0, im: 2 },
        { re: -1, im: 0.5 },
      ],
      { device },
    )
    const w = tensor({ re: 0, im: 1 }, { device })
    const run = (start: Tensor): [Tensor, Tensor] => scan((c: Tensor, x: Tensor) => [c.mul(w).add(x), c], start, z)
    const [last, before] = run(tensor({ re: 2, im: 0 }, { device }))
    // 2; 2i + 1 + i; i(1 + 3i) + 2i; i(-3 + 3i) - 1 + 0.5i
    expect(before.jsSync()).toEqual([
      { re: 2, im: 0 },
      { re: 1, im: 3 },
      { re: -3, im: 3 },
    ])
    expect(last.jsSync()).toEqual({ re: -4, im: -2.5 })
    const slope = grad((start: Tensor) => run(start)[0].abs().square().sum())(tensor({ re: 2, im: 0 }, { device })) as Tensor
    // The last is w^3 start + ..., so that the slope is 2 conj(w^3) last = 2 i last.
    expect(slope.jsSync()).toEqual({ re: 5, im: -8 })
    const realized = w.mul(2).realizeSync()
    expect(foriLoop(0, 2, (_, c: Tensor) => c.mul(realized), last).jsSync()).toEqual({ re: 16, im: 10 })
    expect(
      cond(
        true,
        () => z,
        () => z.mul(w),
      ).dtype,
    ).toBe('complex64')
    const counter = variable(w)
    expect(jit((x: Tensor) => foriLoop(0, 1, (_, c: Tensor) => c.mul(counter.read()), x))(last).jsSync()).toEqual({ re: 2.5, im: -4 })
    expect(() => foriLoop(0, 2, (_, c: Tensor) => c.real(), z)).toThrow(/leaf 0 is complex and real/)
  })

  it('descends along gradients of complex parameters', () => {
    const target = tensor(
      [
        { re: 1, im: -2 },
        { re: 0.5, im: 3 },
      ],
      { device },
    )
    const loss = (z: Tensor): Tensor => z.sub(target).abs().square().sum()
    let z = zeros([2], { dtype: 'complex64', device })
    for (let i = 0; i < 60; i++) z = z.sub((grad(loss)(z) as Tensor).mul(0.1))
    expectNear(z, { dtype: 'complex64', shape: [2], data: [1, -2, 0.5, 3] }, 1e-4, 1)
  })
})
