// Every call that any op, dtype and sample is lowered to exists in MPSGraph's headers as it is sent.

import { describe, expect, it } from 'vitest'
import { typeOf } from '../../ir/type.js'
import type { Call } from '../../runtime/backends/mps/call.js'
import { Value } from '../../runtime/backends/mps/call.js'
import { enumValues } from '../../runtime/backends/mps/enums.js'
import { minimumMacOS } from '../../runtime/backends/mps/selectors.js'
import { readCatalog } from '../mpsgraph/catalog.js'
import { Checker } from './catalog-check.js'
import { allCalls, emittedSamples } from './emitted.js'

const checker = new Checker()
const samples = emittedSamples()

describe('all samples', () => {
  it('are lowered, or refused with a reason', () => {
    const neither = samples.filter(
      ({ computes, programs, reasons, sample }) => computes && programs.length === 0 && reasons.length === 0 && !/\b0\b/.test(sample),
    )
    expect(neither).toEqual([])
    expect(samples.length).toBeGreaterThan(3000)
  })

  it('send only messages that the headers declare, with arguments of the declared kinds', () => {
    const problems = new Map<string, string>()
    for (const { op, dtype, programs } of samples) {
      for (const call of programs.flatMap(allCalls)) for (const problem of checker.problems(call)) problems.set(problem, `${op} ${dtype}`)
    }
    expect([...problems]).toEqual([])
  })

  it('together send every selector that is listed', () => {
    const sent = new Set(samples.flatMap(({ programs }) => programs.flatMap(allCalls)).map(({ selector }) => selector))
    const unsent = Object.keys(minimumMacOS).filter((selector) => !sent.has(selector) && !onlyInPatterns.has(selector))
    expect(unsent).toEqual([])
  })
})

/** Selectors that take several ops to be emitted: recognised patterns. Their own tests (patterns.test.ts) check the calls. */
const onlyInPatterns = new Set<string>([
  'meanOfTensor:axes:name:',
  'normalizationWithTensor:meanTensor:varianceTensor:gammaTensor:betaTensor:epsilon:name:',
  'scaledDotProductAttentionWithQueryTensor:keyTensor:valueTensor:maskTensor:scale:name:',
  'scaledDotProductAttentionWithQueryTensor:keyTensor:valueTensor:scale:name:',
  'softMaxWithTensor:axis:name:',
  'varianceOfTensor:meanTensor:axes:name:',
])

describe('the tables', () => {
  it('of enums hold the headers’ values', () => {
    const known = new Map(readCatalog().enums.map((one) => [`${one.enumeration} ${one.case}`, Number(one.value)]))
    const wrong = Object.entries(enumValues).flatMap(([enumeration, cases]) =>
      Object.entries(cases).filter(([name, value]) => known.get(`${enumeration} ${name}`) !== value),
    )
    expect(wrong).toEqual([])
  })

  it('of selectors hold the headers’ first macOS', () => {
    const wrong = Object.entries(minimumMacOS).filter(([selector, macOS]) => checker.method(selector)?.macos !== macOS)
    expect(wrong).toEqual([])
  })
})

describe('the checker', () => {
  const x = new Value(0, typeOf('float32', [2]))
  const result = new Value(1, typeOf('float32', [2]))
  const call = (selector: string, args: Call['arguments'], list = false): Call => ({
    selector,
    receiver: 'graph',
    arguments: args,
    results: [result],
    list,
  })

  it('finds what is wrong', () => {
    expect(checker.problems(call('identityWithTensor:name:', [x, null]))).toEqual([])
    expect(checker.problems(call('identityWithTensor:nom:', [x, null]))[0]).toMatch(/MPSGraph has no/)
    expect(checker.problems(call('identityWithTensor:name:', [x]))[0]).toMatch(/takes 2 arguments, not 1/)
    expect(checker.problems(call('identityWithTensor:name:', [null, null]))[0]).toMatch(/argument 0.*null is not allowed/)
    expect(checker.problems(call('identityWithTensor:name:', [[x], null]))[0]).toMatch(/a tensor is wanted/)
    expect(checker.problems(call('identityWithTensor:name:', [x, null], true))[0]).toMatch(/returns MPSGraphTensor/)
    const half = { enumeration: 'MPSDataType', case: 'MPSDataTypeHalf' }
    expect(checker.problems(call('castTensor:toType:name:', [x, half, null]))[0]).toMatch(/MPSDataType has no MPSDataTypeHalf/)
    expect(checker.problems(call('castTensor:toType:name:', [x, 7, null]))[0]).toMatch(/a case of MPSDataType is wanted/)
    expect(checker.problems(call('reshapeTensor:withShape:name:', [x, [1.5], null]))[0]).toMatch(/a list of integers is wanted/)
  })
})
