// Does a chain of a million ops work that nobody realizes on the way?

import type { Tensor } from '../lib/index.js'
import { collectGarbage } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { filled } from './support/programs.js'

const ops = 1_000_000

export const benchmark: Benchmark = {
  name: 'million',
  question: 'Does a chain of 1,000,000 ops work, in bounded memory?',
  run(recorder) {
    const x = filled([16]).mul(0).realizeSync()
    collectGarbage()
    const before = process.memoryUsage().rss
    let highest = before
    const start = performance.now()
    let y: Tensor = x
    for (let i = 0; i < ops; i++) {
      y = y.add(1)
      if (i % 10_000 === 0) highest = Math.max(highest, process.memoryUsage().rss)
    }
    const values = y.dataSync()
    const seconds = (performance.now() - start) / 1000
    highest = Math.max(highest, process.memoryUsage().rss)
    const wrong = Array.from(values as Float32Array).filter((value) => value !== ops).length
    recorder.figure('1,000,000 chained ops: wrong values', wrong, '', { most: 0 }, `${seconds.toFixed(1)} s`)
    recorder.figure('1,000,000 chained ops: resident memory rises by', (highest - before) / 2 ** 20, 'MB', { most: 512 })
  },
}
