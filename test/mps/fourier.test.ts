// Fourier transforms and complex values on the device mps: what they are lowered to, and sizes that samples do not have.

import { describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { randomChain } from '../fuzz/fourier.js'
import { confirmedDifference } from '../support/oracle.js'
import { randomFrom, randomTensor } from '../support/values.js'
import { missingMps } from './device.js'
import { runOnMps } from './support/run.js'

const methodsOf = (text: string): string[] =>
  lowerToCalls(parseGraph(text), []).program.calls.map(({ selector }) => selector.slice(0, selector.indexOf(':')))

const forth = 'fft %a {axes=[0], inverse=false, scaling="none"}'
const back = 'fft %f {axes=[0], inverse=true, scaling="size"}'
const transform = 'fastFourierTransformWithTensor'
const feed = 'placeholderWithShape'

describe('calls', () => {
  it('one transform takes what another gave, or what is fed, as it is', () => {
    const methods = methodsOf(`graph (%a: c64[8]) { %f = ${forth} %g = ${back} return %g }`)
    expect(methods).toEqual([feed, transform, transform])
  })

  it('a target is never a feed', () => {
    const { program } = lowerToCalls(parseGraph('graph (%a: c64[8]) { %z = identity %a return %z, %a }'), [])
    expect(program.targets).not.toContain(program.feeds[0]!.value)
    expect(new Set(program.targets).size).toBe(2)
  })
})

describe.skipIf(missingMps !== undefined)('values', () => {
  it.each([
    `graph (%a: c64[8]) { %f = ${forth} %g = ${back} return %f, %g }`,
    `graph (%b: f32[8], %c: f32[8]) { %a = complex %b, %c %f = ${forth} %re = real %f %im = imag %f %z = complex %im, %re return %z }`,
    'graph (%a: c64[6]) { %b = real %a %c = imag %a %z = complex %b, %c return %z }',
    'graph (%a: c64[2,3,2,4,3]) { %f = fft %a {axes=[0, 3], inverse=true, scaling="unitary"} return %f }',
    'graph (%a: f32[2,7,2,1,3]) { %f = rfft %a {axis=1, scaling="none"} %g = irfft %f {axis=1, length=7, scaling="size"} return %f, %g }',
  ])('%s', (text) => {
    const graph = parseGraph(text)
    const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(i + 1), [-2, 2]))
    expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs)), printGraph(graph)).toBeUndefined()
  })
})

describe.skipIf(missingMps !== undefined)('random chains of transforms', () => {
  it.each([1, 101, 201])('%i ...', (start) => {
    for (let seed = start; seed < start + 100; seed++) {
      const graph = randomChain(seed)
      const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(seed + i), [-2, 2]))
      expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs)), `seed ${seed}: ${printGraph(graph)}`).toBeUndefined()
    }
  })
})
