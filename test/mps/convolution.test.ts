// Convolutions, unfold and fold on the device mps: every sample against the reference, and what they are lowered to.

import { describe, expect, it } from 'vitest'
import type { Op } from '../../ir/op.js'
import { convolutionOps } from '../../ir/ops/convolution.js'
import { unfoldOps } from '../../ir/ops/unfold.js'
import { parseGraph } from '../../ir/parse.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { conformance } from './conformance.js'
import { missingMps } from './device.js'

const family: readonly Op[] = [...Object.values(convolutionOps), ...Object.values(unfoldOps)]

describe.skipIf(missingMps !== undefined)('samples', () => {
  it.each(family.map((op) => [op.name, op] as const))('%s', (_, op) => {
    const results = conformance(op)
    expect(results.filter(({ outcome }) => outcome.kind === 'wrong' || outcome.kind === 'fallback')).toEqual([])
    expect(results.filter(({ dtype, outcome }) => (outcome.kind === 'refused') !== (dtype === 'float64'))).toEqual([])
  })
})

describe('selectors', () => {
  const window = 'strides=[1, 1], dilations=[1, 1], low=[1, 1], high=[1, 1]'
  const methodsOf = (body: string): string[] => {
    const { program } = lowerToCalls(parseGraph(`graph (%0: f32[2,4,5,5], %1: f32[4,1,3,3]) { %2 = ${body} return %2 }`), [false, false])
    return program.calls.map(({ selector }) => selector.split(':')[0]!).filter((method) => /onvolution/.test(method))
  }

  it('of depthwise convolutions are their own, but for the gradient by the weights', () => {
    expect(methodsOf(`convolution %0, %1 {${window}, groups=4}`)).toEqual(['depthwiseConvolution2DWithSourceTensor'])
    expect(methodsOf(`convolutionDataGradient %0, %1 {${window}, groups=4, sizes=[5, 5]}`)).toEqual([
      'depthwiseConvolution2DDataGradientWithIncomingGradientTensor',
    ])
    expect(methodsOf(`convolutionWeightsGradient %0, %0 {${window}, groups=4, kernel=[3, 3]}`)).toEqual([
      'convolution2DWeightsGradientWithIncomingGradientTensor',
    ])
  })
})
