// The JSON form: exact values, round trips, and errors with the path of what is wrong.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import { type GraphJson, graphFromJson, graphSchema, graphToJson } from '../../ir/json.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { typeOf } from '../../ir/type.js'
import { verify } from '../../ir/verify.js'
import { randomGraph } from './random-graph.js'

function failure(json: unknown): string {
  try {
    graphFromJson(json)
  } catch (error) {
    if (error instanceof SinterError && error.code === 'parse') return error.message
    throw error
  }
  return 'no error'
}

const valid: GraphJson = {
  version: 1,
  inputs: ['f32[2,3]'],
  nodes: [
    { op: 'sum', inputs: [0], attrs: { axes: [1], keepDims: false }, type: 'f32[2]' },
    {
      op: 'fused',
      inputs: [1],
      attrs: { kind: 'map' },
      type: 'f32[2]',
      body: { inputs: ['f32[2]'], nodes: [{ op: 'exp', inputs: [0], attrs: {}, type: 'f32[2]' }], outputs: [1] },
    },
  ],
  outputs: [2],
}

/** `valid` with the member at a dotted path replaced; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(valid) as unknown
  const keys = path.split('.')
  const last = keys.pop()!
  const holder = keys.reduce((object, key) => (object as Record<string, unknown>)[key], copy) as Record<string, unknown>
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

describe('graphToJson', () => {
  it('states inputs, nodes and outputs by position', () => {
    const x = inputNode(typeOf('float32', [2, 3]))
    const inner = inputNode(typeOf('float32', [2]))
    const fused = emit(ops.fused, [b.sum(x, [1])], { kind: 'map', body: new Graph([inner], [b.exp(inner)]) })
    expect(graphToJson(new Graph([x], [fused]))).toEqual(valid)
  })

  it('encodes what JSON lacks', () => {
    const floats = emit(ops.constant, [], { dtype: 'float64', shape: [5], values: [Number.NaN, Infinity, -Infinity, -0, 0.1] })
    const integers = emit(ops.constant, [], { dtype: 'int64', shape: [], values: [-(2n ** 63n)] })
    const graph = new Graph([], [floats, integers])
    const json = graphToJson(graph)
    expect(json.nodes.map((node) => node.attrs.values)).toEqual([
      [{ number: 'NaN' }, { number: 'Infinity' }, { number: '-Infinity' }, { number: '-0' }, 0.1],
      [{ bigint: '-9223372036854775808' }],
    ])
    expect(printGraph(graphFromJson(JSON.parse(JSON.stringify(json))))).toBe(printGraph(graph))
  })

  it('round-trips random graphs over all ops through text, and satisfies its schema', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        const json = JSON.parse(JSON.stringify(graphToJson(graph)))
        expect(graphSchema.safeParse(json).success).toBe(true)
        expect(printGraph(graphFromJson(json))).toBe(printGraph(graph))
      }),
      { numRuns: 200 },
    )
  })

  it('says the same as the text form', () => {
    const text = printGraph(graphFromJson(valid))
    expect(graphToJson(parseGraph(text))).toEqual(valid)
  })
})

describe('graphFromJson refuses', () => {
  it.each([
    ['', 'graph JSON: Invalid input', 'no object', null],
    ['version', 'graph JSON: version: ', 'another version', 2],
    ['inputs.0', "graph JSON: inputs.0: a type is written like 'f32[2,3]', not 'f32'", 'no type', 'f32'],
    ['inputs.0', 'graph JSON: inputs.0: [1099511627777] has more than 2^40 elements', 'a huge type', 'f32[1099511627777]'],
    ['nodes.0.op', "graph JSON: nodes.0.op: no op is called 'frob'", 'an unknown op', 'frob'],
    ['nodes.0.op', "graph JSON: nodes.0.op: no op is called 'constructor'", 'a method as an op', 'constructor'],
    ['nodes.0.inputs.0', 'graph JSON: nodes.0.inputs.0: there is no node 1 above', 'a cycle', 1],
    ['nodes.0.inputs.0', 'graph JSON: nodes.0.inputs.0: ', 'a negative operand', -1],
    ['nodes.0.inputs', 'graph JSON: nodes.0: sum takes 1 operand', 'too many operands', [0, 0]],
    ['nodes.0.attrs.axes', 'graph JSON: nodes.0: sum: ', 'an axis that is none', [7]],
    ['nodes.0.attrs.extra', 'graph JSON: nodes.0: sum: ', 'an extra attribute', 1],
    ['nodes.0.attrs.axes', 'graph JSON: nodes.0.attrs.axes: ', 'nested values', [[[1]]]],
    ['nodes.0.type', 'graph JSON: nodes.0.type: stated as f32[3], but sum gives f32[2]', 'a wrong type', 'f32[3]'],
    ['nodes.0.type', 'graph JSON: nodes.0.type: stated as (f32[2]), but sum gives f32[2]', 'a list of one type', ['f32[2]']],
    ['nodes.0.body', 'graph JSON: nodes.0.body: sum has no body', 'a body on a plain op', { inputs: [], nodes: [], outputs: [] }],
    ['nodes.1.body', 'graph JSON: nodes.1: fused needs a body', 'a missing body', undefined],
    ['nodes.1.body.nodes.0.op', "graph JSON: nodes.1.body.nodes.0.op: no op is called 'x'", 'an unknown op in a body', 'x'],
    ['nodes.1.body.nodes.0.op', 'graph JSON: nodes.1.body.nodes.0: fused inside the body of a region', 'a region in a region', 'fused'],
    ['outputs.0', 'graph JSON: outputs.0: there is no node 3', 'an output that is none', 3],
    ['nodes.0.op', 'graph JSON: nodes.0: inputs are listed at the head', 'an input among the nodes', 'input'],
  ])('%s: %s (%s)', (path, message, _, value) => {
    expect(failure(path === '' ? value : changed(path, value))).toContain(message)
  })

  it('deep nesting', () => {
    let body: unknown = { inputs: [], nodes: [], outputs: [] }
    for (let i = 0; i < 10_000; i++)
      body = { inputs: [], nodes: [{ op: 'fused', inputs: [], attrs: {}, type: 'f32[]', body }], outputs: [] }
    expect(failure(changed('nodes.1.body', body))).toContain('graph JSON: nodes.1.body.nodes.0')
  })

  it('members replaced by arbitrary values, or gives a valid graph', () => {
    const paths = [
      'inputs',
      'inputs.0',
      'nodes',
      'outputs',
      ...['op', 'inputs', 'attrs', 'type'].map((key) => `nodes.0.${key}`),
      'nodes.1.body',
    ]
    const replaced = fc.tuple(
      fc.constantFrom(...paths, 'nodes.1.body.nodes', 'nodes.0.attrs.axes'),
      fc.oneof(fc.jsonValue(), fc.anything()),
    )
    fc.assert(
      fc.property(replaced, ([path, value]) => {
        const json = changed(path, value)
        if (failure(json) === 'no error') verify(graphFromJson(json))
      }),
      { numRuns: 500 },
    )
  })
})
