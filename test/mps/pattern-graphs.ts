// Graphs of several ops that the backend recognises, recorded through the public API.

import type { Graph } from '../../ir/graph.js'
import * as sinter from '../../lib/index.js'

export interface NamedGraph {
  readonly name: string
  readonly graph: Graph
}

const stored = (...shape: number[]): sinter.Tensor => sinter.random.normal(sinter.random.key(shape.length), shape).realizeSync()

/** softmax(q k^T / 2 + mask) v */
function attend(shape: readonly number[], mask?: sinter.Tensor): sinter.Tensor {
  const [q, k, v] = [stored(...shape), stored(...shape), stored(...shape)]
  const scores = sinter.matmul(q, sinter.matrixTranspose(k)).mul(sinter.full([], 0.5))
  return sinter.matmul(sinter.softmax(mask === undefined ? scores : scores.add(mask)), v)
}

const named = (computations: Readonly<Record<string, () => sinter.Tensor>>): NamedGraph[] =>
  Object.entries(computations).map(([name, compute]) => ({ name, graph: compute().graph().graph }))

/** Scaled dot-product attention, with and without a mask. */
export const attentionGraphs = (): NamedGraph[] =>
  named({
    attention: () => attend([2, 3, 6, 8]),
    'attention with a mask': () => attend([2, 3, 6, 8], stored(6, 6)),
    'attention with a mask per head': () => attend([2, 3, 6, 8], stored(2, 3, 6, 6)),
  })

/** Every pattern in the forms that the library records. */
export const patternGraphs = (): NamedGraph[] => [
  ...attentionGraphs(),
  ...named({
    softmax: () => sinter.softmax(stored(4, 8)),
    'softmax along the first axis': () => sinter.softmax(stored(4, 8), 0),
    mean: () => sinter.mean(stored(4, 8), 1),
    'mean over all': () => sinter.mean(stored(3, 5)),
    variance: () => sinter.variance(stored(4, 8), 1),
    'layer norm': () => sinter.layerNorm(stored(4, 8)),
    'layer norm with a weight': () => sinter.layerNorm(stored(4, 8), { weight: stored(8) }),
    'layer norm with a bias': () => sinter.layerNorm(stored(4, 8), { bias: stored(8) }),
    'layer norm with both': () => sinter.layerNorm(stored(4, 8), { weight: stored(8), bias: stored(8) }),
    'rms norm': () => sinter.rmsNorm(stored(4, 8)),
    'rms norm with a weight': () => sinter.rmsNorm(stored(4, 8), { weight: stored(8) }),
    'gelu by erf': () => sinter.gelu(stored(4, 8)),
    'gelu by tanh': () => sinter.gelu(stored(4, 8), { approximate: 'tanh' }),
  }),
]
