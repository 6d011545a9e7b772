// Fourier transforms and complex values on the device mps: what they are lowered to, and sizes that samples do not have.

import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import { ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { typeOf } from '../../ir/type.js'
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

/**
 * A chain of transforms over values that are fed, with products and complex values in between. Random graphs of test/fuzz have none, since transforms of the
 * constants that those are full of are zero but for rounding.
 */
function randomChain(seed: number): Graph {
  const random = randomFrom(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const shape = Array.from({ length: 1 + below(6) }, () => 1 + below(4))
  shape[below(shape.length)] = 1 + below(20)
  const inputs: Node[] = []
  const input = (dtype: 'float32' | 'complex64'): Node => {
    inputs.push(inputNode(typeOf(dtype, shape)))
    return inputs.at(-1)!
  }
  const split = (z: Node): Node[] => [emit(ops.real, [z]), emit(ops.imag, [z])]
  const both = (node: Node): Node[] => [resultNode(node, 0), resultNode(node, 1)]
  const scaling = (): string => pick(['unitary', 'size'])
  const along = (planes: readonly Node[]): Node[] => {
    const axes = shape.map((_, d) => d).filter(() => random() < 0.5)
    return both(emit(ops.fft, planes, { axes, inverse: random() < 0.5, scaling: scaling() }))
  }
  const there = ([re, im]: readonly Node[]): Node[] => {
    const axis = below(shape.length)
    const half = both(emit(ops.rfft, [re!], { axis, scaling: scaling() }))
    return [emit(ops.irfft, half, { axis, length: shape[axis]!, scaling: 'unitary' }), im!]
  }
  const steps: readonly ((planes: readonly Node[]) => Node[])[] = [
    along,
    along,
    there,
    (planes) => split(emit(ops.complex, planes)),
    ([re, im]) => [emit(ops.mul, [im!, input('float32')]), re!],
  ]
  let planes = random() < 0.5 ? split(input('complex64')) : [input('float32'), input('float32')]
  for (let count = 1 + below(5); count > 0; count--) planes = pick(steps)(planes)
  const [re, im] = along(planes) as [Node, Node]
  return new Graph(inputs, [emit(ops.complex, [re, im]), emit(ops.neg, [im])])
}

describe.skipIf(missingMps !== undefined)('random chains of transforms', () => {
  it.each([1, 101, 201])('%i ...', (start) => {
    for (let seed = start; seed < start + 100; seed++) {
      const graph = randomChain(seed)
      const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(seed + i), [-2, 2]))
      expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs)), `seed ${seed}: ${printGraph(graph)}`).toBeUndefined()
    }
  })
})
