// What follows a product is computed block by block, where the rows of a block lie apart in the result. Whatever the widths of the blocks, the bits are those
// of the same instructions over a whole product in memory.

import { describe, expect, it } from 'vitest'
import { gelu, matmul, relu, type Tensor, tensor } from '../../lib/index.js'

const values = (size: number, seed: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => ((((i + seed) * 2654435761) >>> 8) % 2001) / 1000 - 1)

const steps: Readonly<Record<string, (product: Tensor, bias: Tensor, column: Tensor, other: Tensor) => Tensor>> = {
  'a bias and gelu': (product, bias) => gelu(product.add(bias)),
  'a chain': (product, bias, column, other) => relu(product.mul(0.5).add(bias).sub(column).mul(other)),
  'a chain and gelu': (product, bias, _, other) => gelu(product.mul(bias).sub(other).mul(0.25).add(bias)),
  'a value used twice': (product, bias) => product.add(bias).sigmoid().mul(product.add(bias)),
  'a narrower result': (product, bias) => product.add(bias).tanh().astype('float16'),
  'a transposed operand': (product, bias, _, other) => product.add(bias).mul(other.T.reshape(other.shape)).exp(),
}

describe.each([
  [300, 512],
  [300, 480],
  [520, 531],
  [512, 1040],
])('an epilogue of %i x %i', (m, n) => {
  const a = tensor(values(m * 64, 1)).reshape([m, 64])
  const b = tensor(values(64 * n, 2)).reshape([64, n])
  const bias = tensor(values(n, 3))
  const column = tensor(values(m, 4)).reshape([m, 1])
  const other = tensor(values(m * n, 5)).reshape([m, n])
  const product = matmul(a, b).realizeSync()

  it.each(Object.entries(steps))('%s', (_, follow) => {
    const fused = follow(matmul(a, b), bias, column, other).dataSync()
    expect(fused).toEqual(follow(product, bias, column, other).dataSync())
  })
})
