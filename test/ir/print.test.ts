// The text form: its exact look, and that it parses back.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constantNode, emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { originOf } from '../../ir/origin.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph, printNode, printValue } from '../../ir/print.js'
import { typeOf } from '../../ir/type.js'
import { randomGraph } from './random-graph.js'

const f32 = (...shape: number[]): Node => inputNode(typeOf('float32', shape))

describe('printGraph', () => {
  it('names nodes by position and states every type', () => {
    const x = f32(2, 3)
    const w = f32(3, 4)
    const graph = new Graph([x, w], [b.sum(b.matmul(x, w), [1])])
    expect(printGraph(graph)).toBe(`graph (%0: f32[2,3], %1: f32[3,4]) {
  %2: f32[2,4] = matmul %0, %1
  %3: f32[2] = sum %2 {axes=[1], keepDims=false}
  return %3
}
`)
  })

  it('lists inputs that nothing uses, and may return nothing', () => {
    expect(printGraph(new Graph([f32()], []))).toBe('graph (%0: f32[]) {\n  return\n}\n')
  })

  it('prints attributes in the order of the schema, whatever order they were given in', () => {
    const x = f32(2)
    const sum = emit(ops.sum, [x], { keepDims: true, axes: [0] })
    expect(printNode(sum, () => '%0')).toBe('%0: f32[1] = sum %0 {axes=[0], keepDims=true}')
  })

  it('prints nodes with several results and what picks them', () => {
    const word = inputNode(typeOf('uint32', []))
    const counts = inputNode(typeOf('uint32', [4]))
    const bits = emit(ops.threefry2x32, [word, word, counts, counts])
    expect(printGraph(new Graph([word, counts], [resultNode(bits, 1)]))).toBe(`graph (%0: u32[], %1: u32[4]) {
  %2: (u32[4], u32[4]) = threefry2x32 %0, %0, %1, %1
  %3: u32[4] = result %2 {index=1}
  return %3
}
`)
  })

  it('prints regions nested, with names of their own', () => {
    const inner = f32(4)
    const body = new Graph([inner], [b.exp(b.neg(inner))])
    const x = f32(4)
    const fused = emit(ops.fused, [x], { kind: 'map', body })
    expect(printGraph(new Graph([x], [b.sqrt(fused)]))).toBe(`graph (%0: f32[4]) {
  %1: f32[4] = fused %0 {kind="map"} (%0: f32[4]) {
    %1: f32[4] = neg %0
    %2: f32[4] = exp %1
    return %2
  }
  %2: f32[4] = sqrt %1
  return %2
}
`)
  })

  it('shortens long values on request', () => {
    const values = Array.from({ length: 100 }, (_, i) => i)
    const constant = emit(ops.constant, [], { dtype: 'float32', shape: [100], values })
    expect(printNode(constant, () => '%0', { maxValues: 2 })).toBe(
      '%0: f32[100] = constant {dtype="float32", shape=[100], values=[0, 1, ... 100 values]}',
    )
  })

  it('appends where nodes were recorded on request', () => {
    const x = f32(2)
    const y = b.neg(x)
    y.origin = { stack: 'Error\n    at run (node:internal/main:1:2)\n    at step (/home/me/train.ts:12:7)\n    at /home/me/other.ts:1:1' }
    expect(originOf(y)).toBe('/home/me/train.ts:12:7')
    const text = printGraph(new Graph([x], [y]), { origins: true })
    expect(text).toContain('neg %0 // /home/me/train.ts:12:7\n')
    expect(printGraph(parseGraph(text))).toBe(printGraph(new Graph([x], [y])))
  })

  it('prints and parses a chain of 100,000 nodes', () => {
    let node = f32(2)
    const x = node
    for (let i = 0; i < 100_000; i++) node = b.neg(node)
    const text = printGraph(new Graph([x], [node]))
    expect(printGraph(parseGraph(text))).toBe(text)
  })
})

describe('printValue', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [5e-324, '5e-324'],
    [0.1, '0.1'],
    [2n ** 63n, '9223372036854775808n'],
    [true, 'true'],
    ['say "hi"\n', '"say \\"hi\\"\\n"'],
    [[1, -0, 3n], '[1, -0, 3n]'],
    [[], '[]'],
  ] as const)('%s as %s', (value, text) => {
    expect(printValue(value)).toBe(text)
  })

  it('brings every double back, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 8 }), (values) => {
        const constant = emit(ops.constant, [], { dtype: 'float64', shape: [values.length], values })
        const [back] = parseGraph(printGraph(new Graph([], [constant]))).outputs
        const read = back!.attrs.values as number[]
        expect(read.length).toBe(values.length)
        expect(read.every((value, i) => Object.is(value, values[i]))).toBe(true)
      }),
    )
  })

  it('brings every bigint back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const [back] = parseGraph(printGraph(new Graph([], [constantNode(value, 'int64')]))).outputs
        expect(back!.attrs.values).toEqual([value])
      }),
    )
  })
})

describe('round trip', () => {
  it('print(parse(print(graph))) is print(graph) for random graphs over all ops', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        const text = printGraph(graph)
        expect(printGraph(parseGraph(text))).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})
