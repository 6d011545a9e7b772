// How long does the first realize of a graph take that was never seen before?

import { cacheInfo, matmul, type Tensor } from '../lib/index.js'
import { median, now } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { filled } from './support/programs.js'

const graphs = 60
const opsPerGraph = 100

type Draw = (bound: number) => number

/** A small reproducible generator of choices. */
function chooser(seed: number): Draw {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 16) % bound
  }
}

const unary = ['exp', 'neg', 'abs', 'relu', 'tanh', 'square', 'sigmoid', 'sin'] as const
const binary = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const

/** A graph of exactly 100 ops: mostly elementwise on recent values, some reductions, products and movement. All values are [32, 32]. */
function randomGraph(leaves: readonly Tensor[], draw: Draw): Tensor {
  const known = [...leaves]
  const recent = (): Tensor => known[known.length - 1 - draw(Math.min(known.length, 6))]!
  let ops = 0
  while (ops < opsPerGraph) {
    const kind = draw(20)
    const last = known[known.length - 1]!
    const left = opsPerGraph - ops
    if (kind === 0) {
      known.push(matmul(last, recent()))
      ops += 1
    } else if (kind === 1 && left >= 2) {
      known.push(last.sum(draw(2), { keepDims: true }).mul(recent()))
      ops += 2
    } else if (kind === 2) {
      known.push(last.permuteDims([1, 0]))
      ops += 1
    } else if (kind < 9) {
      known.push(last[unary[draw(unary.length)]!]())
      ops += 1
    } else if (kind < 12) {
      known.push(last[binary[draw(binary.length)]!](draw(7) - 2.5))
      ops += 1
    } else {
      known.push(last[binary[draw(binary.length)]!](recent()))
      ops += 1
    }
  }
  return known[known.length - 1]!
}

export const benchmark: Benchmark = {
  name: 'first',
  question: 'How long does the first realize of a new 100-op graph take?',
  run(recorder) {
    const leaves = [filled([32, 32]), filled([32, 32], 2), filled([32, 32], 3)]
    const missesBefore = cacheInfo().misses
    const times: number[] = []
    for (let i = 0; i < graphs; i++) {
      const draw = chooser(i * 7919 + 1)
      const start = now()
      const result = randomGraph(leaves, draw).realizeSync()
      times.push(now() - start)
      result.dispose()
    }
    const compiled = cacheInfo().misses - missesBefore
    if (compiled !== graphs) throw new Error(`${graphs} new graphs were to be compiled, ${compiled} were`)
    const warm = times.slice(graphs / 3)
    const high = [...warm].sort((a, b) => a - b)[Math.floor(warm.length * 0.95)]!
    recorder.figure(
      'first realize of a new 100-op graph',
      median(warm),
      'ms',
      { most: 10 },
      `median of ${warm.length} graphs; 95th percentile ${high.toFixed(1)} ms`,
    )
    recorder.figure('the very first in a process', times[0]!, 'ms', undefined, 'JavaScript not yet compiled by V8')
  },
}
