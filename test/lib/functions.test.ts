// What the table of stored answers cannot express: numbers as operands, error messages, methods, copies between devices.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import {
  add,
  argsort,
  concat,
  einsum,
  grad,
  mul,
  norm,
  random,
  relu,
  SinterError,
  stack,
  type Tensor,
  tensor,
  where,
} from '../../lib/index.js'

const x = tensor([
  [1, 2],
  [3, 4],
])
const integers = tensor(new Int32Array([1, 2, 3]))

describe('JS numbers', () => {
  it('take the dtype of the tensor beside them', () => {
    for (const dtype of ['float16', 'bfloat16', 'float32', 'float64', 'int8', 'uint64'] as const) {
      expect(tensor([1], { dtype }).add(1).dtype).toBe(dtype)
      expect(mul(2, tensor([1], { dtype })).dtype).toBe(dtype)
    }
    expect(integers.add(2n).jsSync()).toEqual([3, 4, 5])
    expect(tensor([true]).add(2).dtype).toBe('int32')
  })

  it('turn integers into float32 when they are fractions', () => {
    expect(integers.mul(0.5).jsSync()).toEqual([0.5, 1, 1.5])
    expect(integers.maximum(Number.NaN).dtype).toBe('float32')
    expect(tensor([true]).add(0.5).jsSync()).toEqual([1.5])
  })

  it('are tensors of their own in free functions', () => {
    expect(add(1, 2).jsSync()).toBe(3)
    expect(add(1n, 2n).dtype).toBe('int64')
    expect(where(true, 1, 2).jsSync()).toBe(1)
    expect(sinter.sqrt(4).itemSync()).toBe(2)
  })

  it('do not change the graph with their value', () => {
    expect(String(x.mul(3.5).graph())).toBe(String(x.mul(7.25).graph()))
    expect(String(x.pow(1.3).graph())).toBe(String(x.pow(1.7).graph()))
  })

  it('that rewrites look for are part of the graph as exponents', () => {
    expect(String(x.pow(2).graph())).not.toBe(String(x.pow(3).graph()))
  })

  it('keep to the device of the tensor', () => {
    const there = tensor([1, 2], { device: 'reference' })
    expect(where(there.greater(1), 5, 6).device).toBe('reference')
    expect(concat([there, there]).add(1).sum().device).toBe('reference')
    expect(there.logicalAnd(true).jsSync()).toEqual([true, true])
  })
})

describe('errors', () => {
  it.each<[string, () => unknown, string, string]>([
    ['an array as operand', () => add(x, [1, 2] as never), 'argument', 'expected a tensor or a number, got an array'],
    ['a string as operand', () => x.mul('2' as never), 'argument', 'mul: expected a tensor or a number'],
    ['null as operand', () => relu(null as never), 'argument', 'relu: expected a tensor or a number, got null'],
    ['undefined as operand', () => x.sub(undefined as never), 'argument', 'sub: expected a tensor or a number, got undefined'],
    ['shapes that do not broadcast', () => x.add(tensor([1, 2, 3])), 'shape', 'do not broadcast'],
    ['a number that does not fit', () => tensor(new Int8Array([1])).add(300), 'dtype', '300 does not fit int8'],
    ['dtypes without a common one', () => tensor([1n]).add(tensor(new BigUint64Array(1))), 'dtype', 'no common integer dtype'],
    ['tensors of two devices', () => x.add(tensor([1, 2], { device: 'reference' })), 'device', 'operands are on different devices'],
    ['an axis out of range', () => x.sum(2), 'argument', 'sum: axis 2 is out of range'],
    ['a fractional axis', () => x.sum(0.5), 'argument', 'an axis is an integer, got 0.5'],
    ['an axis named twice', () => x.mean([0, -2]), 'argument', 'name a dimension twice'],
    ['an axis of a scalar', () => tensor(1).max(0), 'argument', 'a rank-0 tensor has no axes'],
    ['an unknown option', () => x.sum(0, { keepdims: true } as never), 'argument', "there is no option 'keepdims'"],
    ['an option of another type', () => x.sum(0, { keepDims: 1 } as never), 'argument', 'keepDims is true or false'],
    ['options in the place of an axis', () => x.sum({ keepDims: true } as never), 'argument', 'axes are a number or an array'],
    ['the maximum of nothing', () => tensor([]).max(), 'shape', 'no elements'],
    ['a scan without axis', () => x.cumsum(), 'argument', 'which axis?'],
    ['a reshape that does not fit', () => x.reshape([3, 2]), 'shape', '4 elements do not fit shape [3, 2]'],
    ['two inferred sizes', () => x.reshape([-1, -1]), 'shape', 'only one size can be -1'],
    ['an inferred size that does not divide', () => x.reshape([3, -1]), 'shape', 'do not divide by 3'],
    ['an inferred size of nothing', () => tensor([]).reshape([0, -1]), 'shape', 'any size would do'],
    ['axes that are no order', () => x.permuteDims([0]), 'argument', 'not an order of the 2 dimensions'],
    ['squeezing a wide dimension', () => x.squeeze(0), 'shape', 'has size 2'],
    ['broadcasting to fewer elements', () => x.broadcastTo([2, 1]), 'shape', 'does not broadcast to [2, 1]'],
    ['joining nothing', () => concat([]), 'argument', 'at least one tensor'],
    ['stacking different shapes', () => stack([x, integers]), 'shape', 'shapes differ'],
    ['an uneven split', () => integers.split(2), 'shape', 'does not divide into 2 equal parts'],
    ['an index out of range', () => x.at(2), 'argument', 'index 2 is out of range for dimension 0 of size 2'],
    ['too many indices', () => x.at(0, 0, 0), 'argument', '3 indices for 2 dimensions'],
    ['two ellipses', () => x.at('...', '...'), 'argument', "at most one '...'"],
    ['text that is no range', () => x.at('1;2'), 'argument', "'1;2' is not a range"],
    ['a step of 0', () => x.at([0, 2, 0]), 'argument', 'the step of a slice is not 0'],
    ['a mask as index', () => x.at(tensor([true, false])), 'dtype', 'indices are integers, not bool'],
    ['float indices', () => x.take(tensor([0.5]), 0), 'dtype', 'indices are integers, not float32'],
    ['a border of other dimensions', () => x.pad([[1, 1]]), 'argument', '1 pairs of widths for 2 dimensions'],
    ['an unknown padding', () => x.pad(1, { mode: 'mirror' as never }), 'argument', 'there is no mode "mirror"'],
    ['a border around nothing', () => tensor([]).pad(1, { mode: 'edge' }), 'shape', 'holds no elements to continue from'],
    ['inner dimensions that differ', () => x.matmul(tensor([[1, 2, 3]])), 'shape', 'matmul'],
    ['a scalar matrix product', () => x.matmul(2), 'shape', 'to scale by a number use mul'],
    ['an equation for other operands', () => einsum('ij,jk->ik', x), 'argument', '2 terms for 1 operands'],
    ['an equation of other ranks', () => einsum('ijk->i', x), 'argument', 'names 3 dimensions, operand 0 has 2'],
    ['labels of two sizes', () => einsum('ij,jk->ik', x, tensor([[1], [2], [3]])), 'shape', "label 'j' is 2 and 3 long"],
    ['an output label from nowhere', () => einsum('ij->ik', x), 'argument', "output label 'k' is on no operand"],
    ['a repeated output label', () => einsum('ij->ii', x), 'argument', 'repeated in the result'],
    ['bad characters in an equation', () => einsum('i1->i', x), 'argument', 'is not a list of labels'],
    ['an integer to a negative power', () => integers.pow(-1), 'dtype', 'are not integers'],
    ['bits of bool', () => tensor([true]).bitcast('int8'), 'dtype', 'bitcast'],
    ['bits of floats', () => x.bitwiseAnd(1), 'dtype', 'bitwiseAnd'],
    ['a dtype that is none', () => x.astype('double' as never), 'dtype', '"double" is not a dtype'],
    ['a weight of another shape', () => x.layerNorm({ weight: integers }), 'shape', 'weight has shape [3], the normalized axes [2]'],
    ['clamping without bounds', () => x.clamp(), 'argument', 'needs min, max or both'],
    ['an unknown approximation', () => x.gelu({ approximate: 'erf' as never }), 'argument', 'there is no approximation "erf"'],
    ['a depth below 0', () => integers.oneHot(-1), 'argument', 'depth is an integer of at least 0'],
  ])('name the mistake for %s', (_, call, code, message) => {
    expect(call).toThrow(SinterError)
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })

  it('point at the line of the call', () => {
    try {
      x.add(tensor([1, 2, 3]))
    } catch (error) {
      const first = (error as Error).stack!.split('\n').find((line) => /^\s+at /.test(line))
      expect(first).toContain('functions.test.ts')
    }
  })
})

describe('methods', () => {
  it('exist for the functions of the same name and give the same graph', () => {
    const graphOf = (result: unknown): string => String((result as Tensor).graph())
    for (const name of [
      'exp',
      'abs',
      'relu',
      'softmax',
      'sum',
      'mean',
      'variance',
      'argmax',
      'transpose',
      'flip',
      'sort',
      'flatten',
      'layerNorm',
    ] as const) {
      const byFunction = (sinter as unknown as Record<string, (x: Tensor) => Tensor>)[name]!
      expect(graphOf((x[name] as () => Tensor)())).toBe(graphOf(byFunction(x)))
    }
    for (const name of ['add', 'pow', 'maximum', 'less', 'matmul', 'outer'] as const) {
      const byFunction = (sinter as unknown as Record<string, (x: Tensor, y: Tensor) => Tensor>)[name]!
      expect(graphOf(x[name](x))).toBe(graphOf(byFunction(x, x)))
    }
  })

  it('take sizes as an array or one by one', () => {
    expect(x.reshape(4, 1).shape).toEqual([4, 1])
    expect(x.reshape([1, 4]).shape).toEqual([1, 4])
    expect(x.permuteDims(1, 0).jsSync()).toEqual(x.T.jsSync())
    expect(integers.broadcastTo(2, 3).shape).toEqual([2, 3])
    expect(tensor(5).reshape().shape).toEqual([])
  })

  it('T and mT transpose', () => {
    const y = sinter.arange(24).reshape(2, 3, 4)
    expect(y.T.shape).toEqual([4, 3, 2])
    expect(y.mT.shape).toEqual([2, 4, 3])
  })

  it('are not enumerable, so that tensors look like values', () => {
    expect(Object.keys(x).sort()).toEqual(['device', 'node'])
  })

  it('to moves a tensor to another device', async () => {
    const there = await x.to('reference')
    expect(there.device).toBe('reference')
    expect(there.add(1).jsSync()).toEqual([
      [2, 3],
      [4, 5],
    ])
    expect(await there.to('reference')).toBe(there)
    expect(x.toSync('reference').jsSync()).toEqual(x.jsSync())
  })
})

describe('gradients of composites', () => {
  it('the norm of the zero vector has gradient 0', () => {
    expect((grad((v: Tensor) => norm(v))(tensor([0, 0])) as Tensor).jsSync()).toEqual([0, 0])
  })

  it('log-softmax keeps its gradient for large inputs', () => {
    const gradient = grad((v: Tensor) => v.logSoftmax().at(0))(tensor([1e4, 0, -1e4])) as Tensor
    // d log p_0 / d v = [1 - p_0, -p_1, -p_2], where p = [1, 0, 0] in float32.
    expect(gradient.add(0).jsSync()).toEqual([0, 0, 0])
  })

  it('the variance has the gradient 2 (x - mean) / n', () => {
    expect((grad((v: Tensor) => v.variance())(tensor([1, 2, 6])) as Tensor).mul(3).jsSync()).toEqual([-4, -2, 6])
  })

  it('sorting carries gradients back to where the elements were', () => {
    const weights = tensor([1, 10, 100])
    expect((grad((v: Tensor) => v.sort().mul(weights).sum())(tensor([3, 1, 2])) as Tensor).jsSync()).toEqual([100, 1, 10])
    expect(argsort(tensor([3, 1, 2])).jsSync()).toEqual([1, 2, 0])
  })
})

it('random functions take undefined for no key', () => {
  expect(random.uniform(undefined as never, [3]).shape).toEqual([3])
})
