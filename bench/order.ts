// How fast are sorting, choosing the largest and embeddings with their gradients, against NumPy and PyTorch?

import { embedding, grad, type Tensor, tensor, topK } from '../lib/index.js'
import type { Benchmark } from './support/figure.js'
import { compareWithLibraries, runAndFree } from './support/libraries.js'
import { filled, requireClose, values } from './support/programs.js'

const [rows, columns, chosen] = [1024, 32_000, 50]
const [words, width, tokens] = [50_000, 256, 8192]

/** What is measured, by the name that torch_server.py has for it, and the libraries to compare with. */
const questions = {
  sort: { what: 'sort of 10^6 float32', others: ['NumPy', 'PyTorch'] },
  topk: { what: `topK(${chosen}) of [${rows}, ${columns}]`, others: ['PyTorch'] },
  embedding: { what: `embedding of ${tokens} in [${words}, ${width}] and its gradient`, others: ['PyTorch'] },
} as const

export const benchmark: Benchmark = {
  name: 'order',
  question: 'How fast are sort, topK and embedding with its gradient, against the faster of NumPy and PyTorch?',
  run: (recorder) => compareWithLibraries(recorder, questions, programs),
}

/** Each program once, with a check of what it computes. */
function programs(): Readonly<Record<keyof typeof questions, () => number>> {
  const line = filled([10 ** 6])
  requireClose('sort', line.sort().dataSync(), values(10 ** 6).sort(), 0)
  const table = filled([rows, columns], 2)
  requireClose('topK', topK(table, 1).values.dataSync(), table.max(-1).dataSync(), 0)
  const ids = tensor(
    Int32Array.from(values(tokens, 3), (v) => Math.floor((v + 1) * 0.5 * words)),
    { shape: [tokens] },
  )
  const [weight, cotangent] = [filled([words, width], 4), filled([tokens, width], 5)]
  const loss = (w: Tensor): Tensor => embedding(ids, w).mul(cotangent).sum()
  requireClose('embedding', (grad(loss)(weight) as Tensor).sum().dataSync(), cotangent.sum().dataSync(), 1e-2)
  return {
    sort: () => runAndFree([line.sort()]),
    topk: () => runAndFree(Object.values(topK(table, chosen)) as Tensor[]),
    embedding: () => runAndFree([embedding(ids, weight), grad(loss)(weight) as Tensor]),
  }
}
