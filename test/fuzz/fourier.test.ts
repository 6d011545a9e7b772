// Random chains of Fourier transforms on the CPU, against the reference.

import { describe, expect, it } from 'vitest'
import { printGraph } from '../../ir/print.js'
import { confirmedDifference } from '../support/oracle.js'
import { runOnCpu } from '../support/run.js'
import { randomFrom, randomTensor } from '../support/values.js'
import { randomChain } from './fourier.js'

describe.each(['float32', 'float64'] as const)('random chains of transforms of %s', (dtype) => {
  it.each([1, 101, 201, 301])('%i ...', (start) => {
    for (let seed = start; seed < start + 100; seed++) {
      const graph = randomChain(seed, dtype)
      const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(seed + i), [-2, 2]))
      expect(confirmedDifference(graph, inputs, runOnCpu(graph, inputs)), `seed ${seed}: ${printGraph(graph)}`).toBeUndefined()
    }
  })
})
