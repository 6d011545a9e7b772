// The table of defects, and that lowering follows it.

import { describe, expect, test } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { verify } from '../../ir/verify.js'
import { applies, type DefectId, defects } from '../../runtime/backends/mps/defects.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { refusal } from '../../runtime/backends/mps/support.js'
import { compareVersions, type Target } from '../../runtime/backends/mps/target.js'
import { graphOf } from '../ir/passes/support.js'

const methodsOf = (graph: ReturnType<typeof graphOf>, target?: Target): string[] =>
  lowerToCalls(graph, [], target).program.calls.map(({ selector }) => selector)

test('every entry has an id of its own, a source and a probe that is a graph', () => {
  expect(new Set(defects.map(({ id }) => id)).size).toBe(defects.length)
  for (const { probe, citation } of defects) {
    verify(parseGraph(probe))
    expect(citation).not.toBe('')
  }
})

test.each([
  ['14.4', '14.10', -1],
  ['15', '15.0', 0],
  ['26.0.1', '26.0', 1],
  ['9.9', '10.0', -1],
])('versions %s and %s', (a, b, order) => {
  expect(compareVersions(a, b)).toBe(order)
  expect(compareVersions(b, a)).toBe(order === 0 ? 0 : -order)
})

test.each<[DefectId, Target | undefined, boolean]>([
  ['matmul-over-32768', { macOS: '14.3', family: 'Apple9' }, true],
  ['matmul-over-32768', { macOS: '14.4', family: 'Apple9' }, false],
  ['matmul-k-over-32768', { macOS: '26.0', family: 'Apple8' }, true],
  ['matmul-k-over-32768', { macOS: '26.0', family: 'Apple9' }, false],
  ['variance-large', { macOS: '26.9', family: 'Apple9' }, false],
  ['variance-large', { macOS: '27.0', family: 'Apple9' }, true],
  ['matmul-over-32768', undefined, true],
  ['variance-large', undefined, true],
])('%s on %j', (id, target, expected) => {
  expect(applies(id, target)).toBe(expected)
})

describe('lowering', () => {
  const wide = graphOf('%a: f32[2,40000], %b: f32[40000,2]', '%c = matmul %a, %b', 'return %c')
  const products = (target?: Target) => methodsOf(wide, target).filter((method) => method.startsWith('matrixMultiplication')).length

  test('splits long sums of products on M1 and M2', () => {
    expect(products({ macOS: '26.0', family: 'Apple7' })).toBe(2)
    expect(products({ macOS: '26.0', family: 'Apple9' })).toBe(1)
    expect(products()).toBe(2)
  })

  test('refuses large matrices on old systems', () => {
    const node = wide.outputs[0]!
    expect(refusal(node, { macOS: '14.3', family: 'Apple9' })).toContain('macOS before 14.4')
    expect(refusal(node, { macOS: '15.2', family: 'Apple9' })).toBeUndefined()
  })

  test('separates a slice from its reshape', () => {
    const graph = graphOf(
      '%a: f32[4,6]',
      '%b = slice %a {starts=[1,2], sizes=[2,3], steps=[1,1]}',
      '%c = reshape %b {shape=[6]}',
      '%d = neg %c',
      'return %d',
    )
    const methods = methodsOf(graph)
    const at = methods.findIndex((method) => method.startsWith('slice'))
    expect(methods.slice(at + 1, at + 3)).toEqual(['identityWithTensor:name:', 'reshapeTensor:withShape:name:'])
  })

  test('gathers along an axis from a flat tensor before 15.2', () => {
    const graph = graphOf('%a: f32[4,1], %i: i32[3,1]', '%b = takeAlongAxis %a, %i {axis=0}', 'return %b')
    const along = 'gatherAlongAxis:withUpdatesTensor:indicesTensor:name:'
    const flat = 'gatherWithUpdatesTensor:indicesTensor:axis:batchDimensions:name:'
    const narrow = graphOf('%a: f32[4,2], %i: i32[1,2]', '%b = takeAlongAxis %a, %i {axis=0}', 'return %b')
    expect(methodsOf(graph)).toContain(along)
    expect(methodsOf(narrow)).toContain(flat)
    expect(methodsOf(narrow, { macOS: '15.2', family: 'Apple9' })).toContain(along)
  })
})
