// The verifier: each invariant broken once, by hand, since neither the builder nor the parser lets anyone break them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import { Node } from '../../ir/node.js'
import { type Attrs, noAttrs } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { type TensorType, typeOf } from '../../ir/type.js'
import { invariants, verify } from '../../ir/verify.js'
import { randomGraph } from './random-graph.js'

const type = typeOf('float32', [2, 3])
const x = inputNode(type)
const y = inputNode(type)

/** A graph whose lists are what the test says, without the constructor's ordering. */
function rawGraph(inputs: readonly Node[], nodes: readonly Node[], outputs: readonly Node[]): Graph {
  return Object.assign(Object.create(Graph.prototype), { inputs, nodes, outputs }) as Graph
}

function rawNode(name: keyof typeof ops, inputs: readonly Node[], attrs: Attrs = noAttrs, stated: TensorType = type): Node {
  return new Node(ops[name], inputs, attrs, stated)
}

function violation(graph: Graph): string {
  try {
    verify(graph)
  } catch (error) {
    if (error instanceof SinterError && error.code === 'verify') return error.message
    throw error
  }
  return 'none'
}

const graphOf = (node: Node): Graph => new Graph([x, y], [node])
const sum = b.add(x, y)
const bits = emit(
  ops.threefry2x32,
  Array.from({ length: 4 }, () => inputNode(typeOf('uint32', []))),
)
const body = (outputs: (input: Node) => Node[]): Graph => {
  const input = inputNode(type)
  return new Graph([input], outputs(input))
}
const region = (of: Graph): Node => new Node(ops.fused, [x], { kind: 'map', body: of }, type)

describe('verify', () => {
  it('returns a valid graph', () => {
    const graph = graphOf(sum)
    expect(verify(graph)).toBe(graph)
  })

  it('accepts random graphs over all ops', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        expect(violation(graph)).toBe('none')
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['V1', 'a user before its operand', rawGraph([x, y], [x, y, b.exp(sum), sum], [sum]), 'operand 0 is not listed before it'],
    ['V1', 'a node listed twice', rawGraph([x, y], [x, y, sum, sum], [sum]), '%3 (add): it is listed twice'],
    ['V2', 'an input listed twice', rawGraph([x, x], [x, x], [x]), 'it is listed twice'],
    ['V2', 'an input that is none', rawGraph([sum], [sum], []), 'input 0 is a add'],
    ['V2', 'inputs not first', rawGraph([x, y], [y, x], []), 'input 0 is not node 0 of the list'],
    ['V2', 'an input that is not listed', rawGraph([x], [x, y, sum], [sum]), 'it is not among the inputs'],
    ['V3', 'an output from elsewhere', rawGraph([x, y], [x, y], [sum]), 'output 0 is not a node of the graph'],
    ['V3', 'an output with several results', new Graph(bits.inputs, [bits]), 'output 0 has several results'],
    ['V4', 'a foreign op', graphOf(new Node({ ...ops.exp, name: 'mine' }, [x], noAttrs, type)), "'mine' is not a registered record"],
    ['V4', 'an impostor', graphOf(new Node({ ...ops.exp }, [x], noAttrs, type)), "'exp' is not a registered record"],
    ['V5', 'a missing operand', graphOf(rawNode('add', [x])), 'add takes 2 operands (x, y), got 1'],
    [
      'V5',
      'a result used without a pick',
      new Graph(bits.inputs, [rawNode('popcount', [bits])]),
      'operand 0 of popcount has several results',
    ],
    ['V6', 'a missing attribute', graphOf(rawNode('sum', [x], { axes: [0] })), 'keepDims'],
    ['V6', 'an extra attribute', graphOf(rawNode('exp', [x], { axes: [0] })), 'axes'],
    ['V6', 'another order', graphOf(rawNode('sum', [x], { keepDims: true, axes: [0] })), 'attributes are not in the order axes, keepDims'],
    ['V7', 'a wrong type', graphOf(rawNode('exp', [x], noAttrs, typeOf('float32', [6]))), 'recorded as f32[6], its operands give f32[2,3]'],
    ['V7', 'operands that do not fit', graphOf(rawNode('matmul', [x, y])), 'matmul: '],
    [
      'V8',
      'a region in a region',
      graphOf(region(body((z) => [new Node(ops.fused, [z], { kind: 'map', body: body((w) => [w]) }, type)]))),
      'fused inside the body of a region',
    ],
    ['V8', 'a region without results', graphOf(region(body(() => []))), 'its body returns nothing'],
    ['V8', 'a broken body', graphOf(region(body((z) => [rawNode('add', [z])]))), 'V5, '],
  ] as const)('%s: %s', (invariant, _, graph, problem) => {
    const message = violation(graph)
    expect(message).toContain(`${invariant}, ${invariants[invariant]}: `)
    expect(message).toContain(problem)
  })

  it('shows the offending node among its neighbours', () => {
    let chain = x
    for (let i = 0; i < 20; i++) chain = b.neg(chain)
    let broken: Node = rawNode('exp', [chain], noAttrs, typeOf('float32', [6]))
    for (let i = 0; i < 20; i++) broken = new Node(ops.neg, [broken], noAttrs, typeOf('float32', [6]))
    const lines = violation(new Graph([x], [broken])).split('\n')
    expect(lines.slice(1)).toEqual([
      ...[16, 17, 18, 19, 20].map((i) => `    %${i}: f32[2,3] = neg %${i - 1}`),
      '  > %21: f32[6] = exp %20',
      ...[22, 23, 24, 25, 26].map((i) => `    %${i}: f32[6] = neg %${i - 1}`),
    ])
  })
})
