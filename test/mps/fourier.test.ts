// Fourier transforms and complex values on the device mps: what they are lowered to, and sizes that samples do not have.

import { describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { confirmedDifference } from '../support/oracle.js'
import { randomFrom, randomTensor } from '../support/values.js'
import { missingMps } from './device.js'
import { runOnMps } from './support/run.js'

const methodsOf = (text: string): string[] =>
  lowerToCalls(parseGraph(text), []).program.calls.map(({ selector }) => selector.slice(0, selector.indexOf(':')))

const forth = 'fft %a, %b {axes=[0], inverse=false, scaling="none"} %re = result %f {index=0} %im = result %f {index=1}'
const back = 'fft %re, %im {axes=[0], inverse=true, scaling="size"} %x = result %g {index=0} %y = result %g {index=1}'
const parts = ['realPartOfTensor', 'imaginaryPartOfTensor']
const transform = 'fastFourierTransformWithTensor'
const feed = 'placeholderWithShape'

describe('calls', () => {
  it('one transform takes what another gave as it is', () => {
    const methods = methodsOf(`graph (%a: f32[8], %b: f32[8]) { %f = ${forth} %g = ${back} %z = complex %x, %y return %z }`)
    expect(methods).toEqual([feed, feed, 'complexTensorWithRealTensor', transform, ...parts, transform, ...parts])
  })

  it('a transform takes complex values that are fed as they are', () => {
    const methods = methodsOf(`graph (%c: c64[8]) { %a = real %c %b = imag %c %f = ${forth} return %re }`)
    expect(methods.filter((method) => method.startsWith('complexTensor'))).toEqual([])
  })

  it('a target is never the feed that its parts were taken from, nor another target', () => {
    const { program } = lowerToCalls(parseGraph('graph (%c: c64[8]) { %a = real %c %b = imag %c %z = complex %a, %b return %z }'), [])
    expect(program.targets).not.toContain(program.feeds[0]!.value)
    const twice = lowerToCalls(
      parseGraph(`graph (%a: f32[8], %b: f32[8]) { %f = ${forth} %y = complex %re, %im %z = complex %re, %im return %y, %z }`),
      [],
    )
    expect(new Set(twice.program.targets).size).toBe(2)
  })
})

describe.skipIf(missingMps !== undefined)('values', () => {
  it.each([
    `graph (%a: f32[8], %b: f32[8]) { %f = ${forth} %g = ${back} %z = complex %x, %y return %z }`,
    `graph (%a: f32[8], %b: f32[8]) { %f = ${forth} %y = complex %re, %im %z = complex %im, %re return %y, %z }`,
    `graph (%c: c64[6]) { %a = real %c %b = imag %c %f = ${forth} %z = complex %re, %im return %z }`,
    'graph (%c: c64[8]) { %a = real %c %b = imag %c %z = complex %a, %b return %z }',
    'graph (%a: f32[2,3,2,4,3], %b: f32[2,3,2,4,3]) { %f = fft %a, %b {axes=[0, 3], inverse=true, scaling="unitary"} %z = result %f {index=1} return %z }',
    'graph (%a: f32[2,7,2,1,3]) { %f = rfft %a {axis=1, scaling="none"} %re = result %f {index=0} %im = result %f {index=1} %g = irfft %re, %im {axis=1, length=7, scaling="size"} return %g }',
  ])('%s', (text) => {
    const graph = parseGraph(text)
    const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(i + 1), [-2, 2]))
    expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs)), printGraph(graph)).toBeUndefined()
  })
})
