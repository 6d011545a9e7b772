// Gradients through the public API; what each op's gradient is worth is checked in test/ir/gradients.test.ts.

import { describe, expect, it } from 'vitest'
import { customGrad, grad, realize, SinterError, stopGradient, type Tensor, tensor, valueAndGrad, vjp } from '../../lib/index.js'

const values = (x: Tensor) => [...(x.dataSync() as Float32Array)]

describe('grad', () => {
  it('of the sum of squares is twice the argument', () => {
    const gradient = grad((x: Tensor) => x.square().sum())(tensor([1, -2, 3]))
    expect(values(gradient)).toEqual([2, -4, 6])
  })

  it('has the structure of the argument', () => {
    const params = { w: tensor([[1, 2]]), layers: [tensor([3]), { b: tensor(4) }] }
    const loss = (p: typeof params) => {
      const [first, second] = p.layers as [Tensor, { b: Tensor }]
      return p.w.sum().mul(first.sum()).add(second.b.mul(5))
    }
    const gradient = grad(loss)(params)
    expect(gradient.w.jsSync()).toEqual([[3, 3]])
    expect(gradient.layers[0].jsSync()).toEqual([3])
    expect(gradient.layers[1].b.itemSync()).toBe(5)
  })

  it('of arguments named by argnums, as an array', () => {
    const product = (x: Tensor, y: Tensor) => x.mul(y).sum()
    const [byX, byY] = grad(product, { argnums: [0, 1] })(tensor([2, 3]), tensor([5, 7]))
    expect(values(byX)).toEqual([5, 7])
    expect(values(byY)).toEqual([2, 3])
    expect(values(grad(product, { argnums: 1 })(tensor([2, 3]), tensor([5, 7])))).toEqual([2, 3])
  })

  it('of a number is a rank-0 tensor', () => {
    expect(grad((x: Tensor) => x.pow(3))(2).itemSync()).toBe(12)
  })

  it('is zero where the function does not depend on the argument', () => {
    expect(values(grad((_: Tensor, y: Tensor) => y.sum())(tensor([1, 2]), tensor([3])))).toEqual([0, 0])
  })

  it('nests: derivatives of x^4 at 3 are 108, 108 and 72', () => {
    const power = (x: Tensor) => x.mul(x).mul(x).mul(x)
    const first = grad(power)
    const second = grad(first)
    const third = grad(second)
    expect(first(tensor(3)).itemSync()).toBe(108)
    expect(second(tensor(3)).itemSync()).toBe(108)
    expect(third(tensor(3)).itemSync()).toBe(72)
  })

  it('passes aux through untouched', () => {
    const [[loss, aux], gradient] = valueAndGrad((x: Tensor) => [x.sum(), { note: 'kept', twice: x.mul(2) }], { hasAux: true })(
      tensor([1, 2]),
    )
    expect(loss.itemSync()).toBe(3)
    expect(aux.note).toBe('kept')
    expect(values(aux.twice)).toEqual([2, 4])
    expect(values(gradient)).toEqual([1, 1])
  })

  it('survives realizing inside the function', () => {
    let seen: unknown
    const gradient = grad((x: Tensor) => {
      const y = x.mul(x)
      seen = y.jsSync()
      return y.mul(x).sum()
    })(tensor([1, 2]))
    expect(seen).toEqual([1, 4])
    expect(values(gradient)).toEqual([3, 12])
  })

  it('leaves no graph behind on values realized inside', () => {
    let inner: Tensor | undefined
    grad((x: Tensor) => {
      inner = x.mul(2).realizeSync()
      return inner.sum()
    })(tensor([1]))
    expect(inner!.node.inputs).toEqual([])
  })

  it.each([
    ['a vector', (x: Tensor) => x.mul(2), 'one element'],
    ['nothing', () => undefined, 'must return a scalar tensor'],
    ['a promise', async (x: Tensor) => x.sum(), 'synchronous'],
    ['an integer', (x: Tensor) => x.sum().astype('int32'), 'floating tensor'],
  ])('refuses a function that returns %s', (_, fn, message) => {
    expect(() => grad(fn)(tensor([1, 2]))).toThrow(expect.objectContaining({ code: 'gradient', message: expect.stringContaining(message) }))
  })

  it('refuses integer tensors, strings and positions that are not arguments', () => {
    expect(() => grad((x: Tensor) => x.sum())(tensor([1], { dtype: 'int32' }))).toThrow(/only floats and complex values have gradients/)
    expect(() => grad((x: { a: Tensor }) => x.a.sum())({ a: tensor(1), mode: 'train' } as never)).toThrow(/string where a tensor belongs/)
    expect(() => grad((x: Tensor) => x.sum(), { argnums: 1 })(tensor([1]))).toThrow(SinterError)
  })
})

describe('vjp', () => {
  it('pulls cotangents of a tree back to every argument, more than once', () => {
    const [result, pullback] = vjp((x: Tensor, y: Tensor) => ({ sum: x.add(y), product: x.mul(y) }), tensor([1, 2]), tensor([3, 4])) as [
      { sum: Tensor; product: Tensor },
      (cotangent: unknown) => Tensor[],
    ]
    expect(values(result.product)).toEqual([3, 8])
    const [byX, byY] = pullback({ sum: tensor([1, 1]), product: tensor([10, 100]) }) as [Tensor, Tensor]
    expect(values(byX)).toEqual([31, 401])
    expect(values(byY)).toEqual([11, 201])
    expect(values(pullback({ sum: tensor([0, 0]), product: tensor([1, 0]) })[0]!)).toEqual([3, 0])
  })

  it('works after the result was realized', async () => {
    const [result, pullback] = vjp((x: Tensor) => x.exp(), tensor([0, 1])) as [Tensor, (cotangent: unknown) => Tensor[]]
    await realize(result)
    expect(pullback(tensor([2, 2]))[0]!.dataSync()[0]).toBe(2)
  })

  it('refuses a cotangent that is not like the result', () => {
    const [, pullback] = vjp((x: Tensor) => x.exp(), tensor([0, 1]))
    expect(() => pullback(tensor([1]))).toThrow(/type of its result/)
    expect(() => pullback([tensor([1, 1])])).toThrow(/tree like the result/)
  })
})

describe('stopGradient and customGrad', () => {
  it('stopGradient is a constant to the gradient', () => {
    expect(values(grad((x: Tensor) => x.mul(stopGradient(x)).sum())(tensor([3, 4])))).toEqual([3, 4])
  })

  it('customGrad replaces the gradient, also under another function', () => {
    const clipped = customGrad(
      (x) => x.exp(),
      (cotangent, result) => cotangent.mul(result).clamp(-1, 1),
    )
    const gradient = grad((x: Tensor) => clipped(x.mul(2)).sum())(tensor([-1, 3]))
    expect(gradient.dataSync()[0]).toBeCloseTo(2 * Math.exp(-2), 6)
    expect(gradient.dataSync()[1]).toBe(2)
  })

  it('customGrad differentiates its backward function at second order', () => {
    const cube = customGrad(
      (x) => x.pow(3),
      (cotangent, _, x) => cotangent.mul(x.square()).mul(30),
    )
    expect(grad(grad(cube))(tensor(2)).itemSync()).toBe(120)
  })

  it('customGrad refuses cotangents of the wrong number or type', () => {
    const wrongCount = customGrad(
      (x) => x,
      (cotangent) => [cotangent, cotangent],
    )
    expect(() => grad((x: Tensor) => wrongCount(x).sum())(tensor([1]))).toThrow(/2 cotangents for 1 arguments/)
    const wrongType = customGrad(
      (x) => x,
      (cotangent) => cotangent.sum(),
    )
    expect(() => grad((x: Tensor) => wrongType(x).sum())(tensor([1, 2]))).toThrow(/the cotangent of argument 0 is f32\[\]/)
  })
})
