// How fast is attention that never holds its scores, against PyTorch's own and against the same product by product?

import { matmul, scaledDotProductAttention, softmax, type Tensor } from '../lib/index.js'
import { type Contender, contender, sideBySide } from './harness.js'
import { type Benchmark, type Recorder, showTime } from './support/figure.js'
import { threads } from './support/machine.js'
import { filled, requireClose } from './support/programs.js'
import { startTorch, type Torch } from './support/torch.js'

interface Case {
  readonly name: string
  readonly heads: number
  readonly queries: number
  readonly keys: number
  readonly causal: boolean
  readonly target?: number
}

const width = 64
const cases: readonly Case[] = [
  { name: 'attention', heads: 8, queries: 512, keys: 512, causal: false, target: 1 },
  { name: 'causal attention', heads: 8, queries: 512, keys: 512, causal: true },
  { name: 'long attention', heads: 2, queries: 2048, keys: 2048, causal: false },
  { name: 'one query', heads: 8, queries: 1, keys: 2048, causal: false },
]

const run = (program: () => Tensor) => (): number => {
  const result = program().realizeSync()
  result.dispose()
  return result.size
}

async function measure(recorder: Recorder, torch: Torch | undefined, { name, heads, queries, keys, causal, target }: Case): Promise<void> {
  const q = filled([heads, queries, width])
  const [k, v] = [filled([heads, keys, width], 2), filled([heads, keys, width], 3)]
  const fused = () => scaledDotProductAttention(q, k, v, { isCausal: causal })
  const composed = () => matmul(softmax(matmul(q, k.matrixTranspose()).mul(1 / Math.sqrt(width))), v)
  if (!causal) requireClose(name, fused().dataSync(), composed().dataSync() as Float32Array, 1e-5)
  const contenders: Contender[] = [contender('Sinter', run(fused))]
  if (!causal) contenders.push(contender('composed', run(composed)))
  if (torch !== undefined) contenders.push(torch.contender('PyTorch', name))
  const times = await sideBySide(contenders, { rounds: 15, sampleMilliseconds: 15 })
  const label = `${name}, ${heads} heads, ${queries} x ${keys} x ${width}`
  const ours = times.median('Sinter')
  const bound = target === undefined ? undefined : { least: target }
  if (torch !== undefined) {
    const detail = `${showTime(ours)} against ${showTime(times.median('PyTorch'))}`
    recorder.figure(`${label}: speed against PyTorch`, times.ratio('PyTorch', 'Sinter'), 'x', bound, detail)
  } else {
    recorder.figure(label, ours, 'us')
  }
  if (causal) return
  const detail = `${showTime(ours)} against ${showTime(times.median('composed'))}`
  recorder.figure(`${label}: speed against products and softmax`, times.ratio('composed', 'Sinter'), 'x', undefined, detail)
}

export const benchmark: Benchmark = {
  name: 'attention',
  question: `How fast is attention on ${threads} threads?`,
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') recorder.note(torch)
    for (const one of cases) await measure(recorder, typeof torch === 'string' ? undefined : torch, one)
    if (typeof torch !== 'string') torch.close()
  },
}
