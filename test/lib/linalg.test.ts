// linalg against NumPy's and PyTorch's values (test/data/linalg.json, made by make_linalg.py), by reconstruction, and at its edges.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { linalg, random, type Tensor, tensor } from '../../lib/index.js'
import { randomFrom } from '../support/values.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Case {
  readonly fn: string
  readonly inputs: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** null: signs or order that nothing defines. */
  readonly out: readonly (Stored | null)[]
  /** Of the sum of results times `weights`; with `squares` of their squares. */
  readonly grads?: readonly Stored[]
  readonly squares?: true
}

const data = readData<{ inputs: Record<string, Stored>; cases: readonly Case[] }>('linalg.json')
const functions = linalg as unknown as Readonly<Record<string, (...args: unknown[]) => Tensor | Tensor[]>>

const resultsOf = (one: Case, operands: readonly Tensor[]): Tensor[] => {
  const { args, ...options } = one.options as { args?: readonly unknown[] }
  const result = functions[one.fn]!(...operands, ...(args ?? []), ...(Object.keys(options).length === 0 ? [] : [options]))
  return result instanceof sinter.Tensor ? [result] : result
}

const inputsOf = (one: Case, device: string, dtype: 'float32' | 'float64'): Tensor[] =>
  one.inputs.map((name) => load({ ...data.inputs[name]!, dtype }, device))

function weighted(x: Tensor, squares: boolean): Tensor {
  const weights = tensor(
    Float64Array.from({ length: x.size }, (_, i) => ((i % 7) - 3) / 4),
    { device: x.device },
  ).reshape(x.shape)
  return (squares ? x.square() : x).mul(weights).sum()
}

const named = data.cases.map((one) => [`${one.fn}(${one.inputs.join(', ')}) ${JSON.stringify(one.options)}`, one] as const)

describe.each(devices)('on %s', (device) => {
  it.each(named)('%s', (_, one) => {
    for (const [dtype, tolerance] of [
      ['float64', 1e-9],
      ['float32', 2e-4],
    ] as const) {
      const results = resultsOf(one, inputsOf(one, device, dtype))
      expect(results.length).toBe(one.out.length)
      results.forEach((result, i) => {
        const wanted = one.out[i]
        if (wanted) expectClose(result, { ...wanted, dtype: wanted.dtype === 'float64' ? dtype : wanted.dtype }, tolerance)
      })
    }
  })

  it.each(named.filter(([, one]) => one.grads !== undefined))('the gradient of %s', (_, one) => {
    const loss = (...operands: Tensor[]): Tensor =>
      resultsOf(one, operands)
        .filter((result) => result.dtype === 'float64')
        .map((result) => weighted(result, one.squares === true))
        .reduce((a, b) => a.add(b))
    const gradients = sinter.grad(loss, { argnums: one.inputs.map((_, i) => i) })(...inputsOf(one, device, 'float64')) as Tensor[]
    gradients.forEach((gradient, i) => {
      expectClose(gradient, one.grads![i]!, 1e-7)
    })
  })
})

const key = random.key(3)
const matrix = (...shape: number[]): Tensor => random.uniform(key, shape, { min: -1, max: 1, dtype: 'float64' })
/** The largest magnitude; 0 for no elements. */
const largest = (x: Tensor): number => Array.from(valuesOf(x), Number).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const identity = (n: number): Tensor => sinter.eye(n, { dtype: 'float64' })

describe('reconstruction', () => {
  it.each([0, 1, 2, 7, 31, 32, 33, 50, 64])('factors and solutions of size %i', (n) => {
    const a = matrix(2, n, n)
    const definite = a.matmul(a.mT).add(identity(n))
    const factor = linalg.cholesky(definite)
    expect(largest(factor.matmul(factor.mT).sub(definite))).toBeLessThan(1e-11)
    expect(largest(sinter.triu(factor, { k: 1 }))).toBe(0)
    const [p, l, u] = linalg.lu(a)
    expect(largest(p.matmul(l).matmul(u).sub(a))).toBeLessThan(1e-12)
    expect(largest(l)).toBeLessThanOrEqual(1)
    const dominant = a.add(identity(n).mul(n))
    expect(largest(dominant.matmul(linalg.inverse(dominant)).sub(identity(n)))).toBeLessThan(1e-12)
    const b = matrix(2, n, 5)
    expect(largest(a.matmul(linalg.solve(a, b)).sub(b))).toBeLessThan(1e-8)
    for (const lower of [true, false]) {
      const triangle = lower ? sinter.tril(dominant) : sinter.triu(dominant)
      expect(largest(triangle.matmul(linalg.triangularSolve(dominant, b, { lower })).sub(b))).toBeLessThan(1e-12)
      expect(largest(triangle.mT.matmul(linalg.triangularSolve(dominant, b, { lower, transpose: true })).sub(b))).toBeLessThan(1e-12)
    }
    const [sign, logarithm] = linalg.slogdet(dominant)
    expect(sign.dataSync()).toEqual(Float64Array.of(1, 1))
    expect(largest(logarithm.sub(sinter.log(linalg.det(dominant))))).toBeLessThan(1e-12)
  })
})

describe('orthogonal factors', () => {
  it.each([0, 1, 2, 7, 31, 33, 64])('of size %i', (n) => {
    const orthonormal = (q: Tensor): void => expect(largest(q.mT.matmul(q).sub(identity(q.shape.at(-1)!)))).toBeLessThan(1e-12)
    for (const a of [matrix(2, n, n), matrix(2, n + 5, n), matrix(n, n + 3)]) {
      for (const mode of ['reduced', 'complete'] as const) {
        const [q, r] = linalg.qr(a, { mode })
        orthonormal(q)
        expect(largest(sinter.tril(r, { k: -1 }))).toBe(0)
        expect(largest(q.matmul(r).sub(a))).toBeLessThan(1e-12)
      }
      const [u, s, vt] = linalg.svd(a)
      orthonormal(u)
      orthonormal(vt.mT)
      expect(largest(u.mul(s.expandDims(-2)).matmul(vt).sub(a))).toBeLessThan(1e-12)
      expect(largest(linalg.svdvals(a).sub(s))).toBeLessThan(1e-12)
    }
    const a = matrix(3, n, n)
    const symmetric = a.add(a.mT)
    const [w, v] = linalg.eigh(symmetric)
    orthonormal(v)
    expect(largest(symmetric.matmul(v).sub(v.mul(w.expandDims(-2))))).toBeLessThan(1e-11)
    expect(largest(w.sub(w.sort()))).toBe(0)
  })

  it('of matrices without full rank', () => {
    for (const a of [
      sinter.zeros([4, 3], { dtype: 'float64' }),
      sinter.ones([3, 5], { dtype: 'float64' }),
      identity(4),
      identity(3).mul(1e-200),
    ]) {
      const [u, s, vt] = linalg.svd(a)
      expect(largest(u.mT.matmul(u).sub(identity(u.shape[1]!)))).toBeLessThan(1e-14)
      expect(largest(vt.matmul(vt.mT).sub(identity(vt.shape[0]!)))).toBeLessThan(1e-14)
      expect(largest(u.mul(s).matmul(vt).sub(a))).toBeLessThan(1e-14)
    }
    const [w, v] = linalg.eigh(sinter.ones([4, 4], { dtype: 'float64' }))
    expect(
      w
        .sub(tensor([0, 0, 0, 4], { dtype: 'float64' }))
        .abs()
        .max()
        .itemSync(),
    ).toBeLessThan(1e-14)
    expect(largest(v.mT.matmul(v).sub(identity(4)))).toBeLessThan(1e-14)
  })

  const kinds: Readonly<Record<string, (i: number, j: number, random: () => number) => number>> = {
    'of zeros and ones': (_, __, random) => (random() < 0.3 ? 1 : 0),
    'of -1, 0 and 1': (_, __, random) => Math.round(random() * 2 - 1),
    'of proportional rows': (i, j) => (i + 1) * Math.sin(j + 1),
    graded: (i, j, random) => (random() + 0.5) * 1e-3 ** (i + j),
    'that are huge': (_, __, random) => (random() - 0.5) * 1e300,
    'that are tiny': (_, __, random) => (random() - 0.5) * 1e-290,
  }
  it.each(Object.entries(kinds))('of matrices %s', (_, element) => {
    const random = randomFrom(3)
    for (let m = 1; m <= 7; m++) {
      for (let n = 1; n <= 7; n++) {
        const rows = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => element(i, j, random)))
        const largestOf = Math.max(...rows.flat().map(Math.abs)) || 1
        const difference = (a: Tensor, b: Tensor): number => largest(a.sub(b.div(largestOf)))
        const a = tensor(rows, { dtype: 'float64' })
        const [u, s, vt] = linalg.svd(a)
        expect(difference(u.mul(s.div(largestOf)).matmul(vt), a)).toBeLessThan(1e-14)
        expect(largest(u.mT.matmul(u).sub(identity(Math.min(m, n))))).toBeLessThan(1e-14)
        expect(largest(vt.matmul(vt.mT).sub(identity(Math.min(m, n))))).toBeLessThan(1e-14)
        expect(difference(linalg.svdvals(a).div(largestOf), s)).toBeLessThan(1e-14)
        if (m !== n) continue
        const [w, v] = linalg.eigh(a)
        const symmetric = a.div(2).add(a.mT.div(2))
        expect(difference(v.mul(w.div(largestOf)).matmul(v.mT), symmetric)).toBeLessThan(1e-14)
        expect(largest(v.mT.matmul(v).sub(identity(n)))).toBeLessThan(1e-14)
      }
    }
  })

  it('signs are fixed, and what is not finite gives NaN', () => {
    const [u, , vt] = linalg.svd(
      tensor(
        [
          [-3, 0],
          [0, -2],
        ],
        { dtype: 'float64' },
      ),
    )
    expect(largest(u.sub(identity(2)))).toBe(0)
    expect(largest(vt.add(identity(2)))).toBe(0)
    const bad = tensor([
      [1, Number.POSITIVE_INFINITY],
      [0, 1],
    ])
    for (const part of [...linalg.svd(bad), ...linalg.eigh(bad)]) expect(part.isNan().all().itemSync()).toBe(true)
    const gradient = sinter.grad((a: Tensor) => linalg.qr(a)[1].sum())
    expect(() => gradient(sinter.ones([2, 3]))).toThrow(/not 2 x 3/)
  })
})

describe('edges', () => {
  it('a matrix that is not positive definite has a triangle of NaN, its neighbours do not', () => {
    const factor = linalg.cholesky(load({ ...data.inputs['indefinite']!, dtype: 'float32' }, 'cpu'))
    expect(factor.jsSync()).toEqual([
      [
        [Number.NaN, 0],
        [Number.NaN, Number.NaN],
      ],
      [
        [Math.fround(Math.SQRT2), 0],
        [Math.fround(Math.SQRT1_2), Math.fround(Math.sqrt(1.5))],
      ],
    ])
    expect(
      linalg
        .cholesky(tensor([[Number.NaN]]))
        .isNan()
        .jsSync(),
    ).toEqual([[true]])
  })

  it('singular matrices give NaN', () => {
    const singular = load(data.inputs['singular']!, 'cpu')
    const all = [
      [true, true],
      [true, true],
    ]
    expect(linalg.inverse(singular).isNan().jsSync()).toEqual(all)
    expect(linalg.solve(singular, identity(2)).isNan().jsSync()).toEqual(all)
  })

  it('halves, vectors and other shapes are refused with a reason', () => {
    const half = sinter.ones([2, 2], { dtype: 'float16' })
    expect(() => linalg.cholesky(half)).toThrow(/float32 and float64, not on float16[\s\S]*astype/)
    expect(() => linalg.solve(half, half)).toThrow(/not on float16/)
    expect(() => linalg.det(sinter.ones([3]))).toThrow(/at least two dimensions/)
    expect(() => linalg.inverse(sinter.ones([2, 3]))).toThrow(/square/)
    expect(() => linalg.solve(sinter.ones([3, 3]), sinter.ones([2, 1]))).toThrow(/it needs to be \[3, any\]/)
    expect(() => linalg.solve(sinter.ones([2, 3, 3]), sinter.ones([3, 3, 1]))).toThrow(/do not broadcast/)
    expect(() => linalg.matrixPower(sinter.ones([2, 2]), 0.5)).toThrow(/an integer/)
    expect(() => linalg.cholesky(sinter.ones([2, 2]), { lower: true } as never)).toThrow(/no option 'lower'/)
    const gradient = sinter.grad((a: Tensor) => linalg.luFactor(a)[0].sum())
    expect(() => gradient(sinter.ones([2, 3]))).toThrow(/not square/)
  })

  it('integers become float32', () => {
    expect(linalg.det(tensor(new Int32Array([1, 2, 3, 4])).reshape([2, 2])).itemSync()).toBe(-2)
  })
})
