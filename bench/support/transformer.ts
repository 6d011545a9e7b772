// A transformer block in inference, recorded through the public API: multi-head attention and a perceptron, each after a layer norm and with a residual.

import { gelu, layerNorm, matmul, matrixTranspose, softmax, type Tensor } from '../../lib/index.js'
import { filled } from './programs.js'

const [batch, length, width, heads, hidden] = [2, 16, 64, 4, 256]

/** What the block is given and computed with, all stored. */
function parameters() {
  const stored = (...shape: readonly number[]): Tensor => filled(shape).mul(0.1).realizeSync()
  return {
    x: stored(batch, length, width),
    norms: [0, 1].map(() => ({ weight: stored(width), bias: stored(width) })),
    attention: [0, 1, 2, 3].map(() => ({ weight: stored(width, width), bias: stored(width) })),
    up: { weight: stored(width, hidden), bias: stored(hidden) },
    down: { weight: stored(hidden, width), bias: stored(width) },
  }
}

interface Linear {
  readonly weight: Tensor
  readonly bias: Tensor
}

const linear = (x: Tensor, { weight, bias }: Linear): Tensor => matmul(x, weight).add(bias)

/** softmax(q k^T / sqrt(width of a head)) v, for each head. */
function attend(x: Tensor, [query, key, value, output]: readonly Linear[]): Tensor {
  const split = (projected: Tensor): Tensor => projected.reshape([batch, length, heads, width / heads]).permuteDims([0, 2, 1, 3])
  const [q, k, v] = [query!, key!, value!].map((projection) => split(linear(x, projection))) as [Tensor, Tensor, Tensor]
  const scores = matmul(q, matrixTranspose(k)).mul((width / heads) ** -0.5)
  const joined = matmul(softmax(scores), v).permuteDims([0, 2, 1, 3]).reshape([batch, length, width])
  return linear(joined, output!)
}

/** The block, recorded and not yet computed. `approximate` is gelu's form. */
export function transformerBlock(approximate: 'none' | 'tanh'): Tensor {
  const { x, norms, attention, up, down } = parameters()
  const attended = x.add(attend(layerNorm(x, norms[0]!), attention))
  const inner = gelu(linear(layerNorm(attended, norms[1]!), up), { approximate })
  return attended.add(linear(inner, down))
}
