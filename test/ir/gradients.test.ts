// Gradients of ops: every differentiable one against finite differences, and analytic values where those cannot look.

import { describe, expect, it } from 'vitest'
import { gradients } from '../../ir/autodiff.js'
import { constantNode, emit, inputNode, resultNode } from '../../ir/build.js'
import type { HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Op, Sample } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { typeOf } from '../../ir/type.js'
import { type Build, directionalError, f64, gradientAt, pullback, randomFrom, sampleOperands } from './finite.js'

const differentiable: readonly Op[] = Object.values<Op>(ops).filter((op) => op.gradient !== 'zero' && op.dtypes.includes('float64'))
const cases = differentiable
  .map((op) => ({ name: op.name, op, samples: op.samples.filter((sample) => sample.noGradientCheck === undefined) }))
  .filter(({ samples }) => samples.length > 0)

const apply =
  (op: Op, sample: Sample): Build =>
  (inputs) => {
    const node = emit(op, inputs, sample.attrs)
    return node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
  }

describe('gradients agree with central finite differences in float64', () => {
  it.each(cases)('$name', ({ op, samples }) => {
    samples.forEach((sample, i) => {
      const random = randomFrom(i + 1)
      const error = directionalError(apply(op, sample), sampleOperands(sample, random), random)
      expect(error, `${op.name} ${JSON.stringify(sample)}`).toBeLessThan(1e-7)
    })
  })

  it.each(cases)('$name, second order', ({ op, samples }) => {
    samples.forEach((sample, i) => {
      const random = randomFrom(i + 1)
      const operands = sampleOperands(sample, random)
      const build = apply(op, sample)
      const results = build(operands.map(({ type }) => inputNode(type))).filter((node) => node.type.dtype === 'float64')
      const cotangents = results.map(
        (node): HostTensor => ({ type: node.type, values: Float64Array.from({ length: node.type.size }, () => random() + 0.5) }),
      )
      const error = directionalError(pullback(build, operands.length), [...operands, ...cotangents], random)
      expect(error, `${op.name} ${JSON.stringify(sample)}`).toBeLessThan(1e-6)
    })
  })

  it('covers every family that has derivatives', () => {
    const checked = new Set(cases.map(({ op }) => op.family))
    const expected = [
      'unary',
      'binary',
      'select',
      'reduce',
      'scan',
      'movement',
      'assemble',
      'indexing',
      'linalg',
      'attention',
      'convolution',
      'fourier',
      'unfold',
      'scatter',
      'order',
      'solve',
      'spectral',
      'triangular',
      'structure',
      'recurrent',
    ]
    expect(expected.filter((family) => !checked.has(family))).toEqual([])
  })

  it('leaves out only what the driver or earlier stages handle', () => {
    const unchecked = differentiable.filter((op) => !cases.some((one) => one.op === op)).map((op) => op.name)
    expect(unchecked.sort()).toEqual(['customGradient', 'fused', 'result'])
  })
})

const scan =
  (op: string, exclusive = false, reverse = false) =>
  (x: Node) =>
    b.emit(op, [x], { axis: 0, exclusive, reverse })
const reduce = (op: string) => (x: Node) => b.emit(op, [x], { axes: [0], keepDims: false })
const like = (x: Node, values: readonly number[]) => b.emit('constant', [], { dtype: 'float64', shape: x.type.shape, values })

describe('analytic gradients where finite differences cannot look', () => {
  it('tied extremes share evenly', () => {
    expect(gradientAt(reduce('max'), f64([4], [1, 3, 3, 2]))).toEqual([0, 0.5, 0.5, 0])
    expect(gradientAt(reduce('min'), f64([3], [1, 1, 1]))).toEqual([1 / 3, 1 / 3, 1 / 3])
    expect(gradientAt(reduce('nanmax'), f64([4], [Number.NaN, 5, 5, 1]))).toEqual([0, 0.5, 0.5, 0])
    expect(gradientAt((x) => b.maximum(x, like(x, [1, 0])), f64([2], [1, 2]))).toEqual([0.5, 1])
    expect(gradientAt((x) => b.minimum(x, like(x, [1, 0])), f64([2], [1, 2]))).toEqual([0.5, 0])
  })

  it('products with zeros need no division', () => {
    expect(gradientAt(reduce('prod'), f64([3], [2, 0, 3]))).toEqual([0, 6, 0])
    expect(gradientAt(reduce('prod'), f64([3], [0, 0, 3]))).toEqual([0, 0, 0])
    expect(gradientAt(reduce('prod'), f64([1], [0]))).toEqual([1])
  })

  it('the Hessian of a product with a zero is exact', () => {
    const hessianRow = (row: number) =>
      gradientAt((x) => b.slice(gradients([reduce('prod')(x)], [b.constant(1, 'float64')], [x], b)[0]!, [row], [1]), f64([3], [2, 0, 3]))
    expect([0, 1, 2].map(hessianRow)).toEqual([
      [0, 3, 0],
      [3, 0, 2],
      [0, 2, 0],
    ])
  })

  it('running products with zeros', () => {
    // y = [x0, x0 x1, x0 x1 x2, x0 x1 x2 x3] at [2, 0, 3, 4]
    expect(gradientAt(scan('cumprod'), f64([4], [2, 0, 3, 4]))).toEqual([1, 2 + 6 + 24, 0, 0])
    // y = [x0 x1 x2, x1 x2, x2]
    expect(gradientAt(scan('cumprod', false, true), f64([3], [5, 0, 2]), [1, 10, 100])).toEqual([0, 5 * 2 + 10 * 2, 100])
    // y = [1, x0, x0 x1]
    expect(gradientAt(scan('cumprod', true), f64([3], [0, 0, 7]), [1, 10, 100])).toEqual([10, 0, 0])
    expect(gradientAt(scan('cumprod'), f64([3], [0, 0, 0]))).toEqual([1, 0, 0])
  })

  it('running extremes credit the first of equal elements, and the first NaN', () => {
    expect(gradientAt(scan('cummax'), f64([4], [1, 3, 3, 2]), [1, 10, 100, 1000])).toEqual([1, 1110, 0, 0])
    expect(gradientAt(scan('cummax', false, true), f64([4], [1, 3, 3, 2]), [1, 10, 100, 1000])).toEqual([0, 0, 111, 1000])
    expect(gradientAt(scan('cummin'), f64([3], [1, Number.NaN, 0]), [1, 10, 100])).toEqual([1, 110, 0])
    expect(gradientAt(scan('cummax', true), f64([3], [2, 1, 5]), [1, 10, 100])).toEqual([110, 0, 0])
    expect(gradientAt(scan('cummin', true, true), f64([3], [2, 1, 5]), [1, 10, 100])).toEqual([0, 1, 10])
    expect(gradientAt(scan('cummax'), f64([2], [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]))).toEqual([2, 0])
  })

  it('powers at zero have no NaN', () => {
    const powers = (exponents: readonly number[]) => gradientAt((x) => b.pow(x, like(x, exponents)), f64([3], [0, 0, 0]))
    expect(powers([2, 1, 0])).toEqual([0, 1, 0])
    expect(gradientAt((y) => b.pow(like(y, [0, 0]), y), f64([2], [2, 1]))).toEqual([0, 0])
  })

  it('kinks at zero: abs and relu have slope 0 there', () => {
    expect(gradientAt((x) => b.abs(x), f64([3], [-2, 0, 2]))).toEqual([-1, 0, 1])
    expect(gradientAt((x) => b.emit('relu', [x]), f64([3], [-2, 0, 2]))).toEqual([0, 0, 1])
  })

  it('repeated and out-of-range positions', () => {
    const indices = b.emit('constant', [], { dtype: 'int32', shape: [5], values: [0, -1, 0, 3, -4] })
    expect(gradientAt((x) => b.emit('take', [x, indices], { axis: 0 }), f64([3], [1, 2, 3]), [1, 10, 100, 1000, 10000])).toEqual([
      101, 0, 10,
    ])
    const add = (updates: Node) => b.emit('indexAdd', [constantNode(0, 'float64', [3]), indices, updates], { axis: 0 })
    expect(gradientAt(add, f64([5], [1, 1, 1, 1, 1]), [1, 10, 100])).toEqual([1, 100, 1, 0, 0])
  })

  it('casts hand the cotangent back in the operand dtype', () => {
    const x = inputNode(typeOf('float16', [2]))
    const y = b.cast(b.cast(x, 'float32'), 'float64')
    expect(gradients([y], [b.fullLike(y, 1)], [x], b)[0]!.type.toString()).toBe('f16[2]')
    const cut = b.cast(b.cast(x, 'int32'), 'float32')
    expect(gradients([cut], [b.fullLike(cut, 1)], [x], b)).toEqual([undefined])
  })

  it('the third derivative of x^4', () => {
    const third = (x: Node): Node => {
      let y = b.square(b.square(x))
      for (let order = 0; order < 2; order++) y = gradients([y], [b.fullLike(y, 1)], [x], b)[0]!
      return y
    }
    expect(gradientAt(third, f64([3], [1, -2, 0.5]))).toEqual([24, -48, 12])
  })
})
