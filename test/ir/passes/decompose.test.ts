// Decomposition: chosen nodes are replaced, nested ones too, results of several by position; the rest stays.

import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../../ir/build.js'
import { Graph } from '../../../ir/graph.js'
import type { Op } from '../../../ir/op.js'
import { ops } from '../../../ir/ops/index.js'
import { PassContext } from '../../../ir/pass.js'
import { decompose } from '../../../ir/passes/decompose.js'
import { printGraph } from '../../../ir/print.js'
import { typeOf } from '../../../ir/type.js'
import { verify } from '../../../ir/verify.js'

/** Existing records with decompositions put on them for the test. */
const twice: Op = { ...ops.square, decompose: ({ b, inputs: [x] }) => b.mul(x!, x!) }
const words: Op = { ...ops.threefry2x32, decompose: ({ b, inputs: [k0, k1] }) => [b.add(k0!, k1!), b.emit('bitwiseXor', [k0!, k1!])] }

const pass = decompose((node) => [twice, words].includes(node.op))
const run = (graph: Graph): { text: string; fired: Record<string, number> } => {
  const context = new PassContext()
  return { text: printGraph(verify(pass.run(graph, context))), fired: Object.fromEntries(context.fired) }
}

describe('decompose', () => {
  const x = inputNode(typeOf('float32', [2]))

  it('leaves a graph without such nodes as it is', () => {
    const graph = new Graph([x], [emit(ops.exp, [x])])
    expect(pass.run(graph, new PassContext())).toBe(graph)
  })

  it('replaces nodes', () => {
    const { text } = run(new Graph([x], [emit(ops.exp, [emit(twice, [x])])]))
    expect(text).toContain('%1: f32[2] = mul %0, %0')
    expect(text).toContain('%2: f32[2] = exp %1')
  })

  it('picks results of nodes that have several', () => {
    const k = [0, 1].map(() => inputNode(typeOf('uint32', [3])))
    const node = emit(words, [k[0]!, k[1]!, k[0]!, k[1]!])
    const { text, fired } = run(new Graph(k, [resultNode(node, 1), resultNode(node, 0)]))
    expect(text).toMatch(/bitwiseXor %0, %1[\s\S]*add %0, %1|add %0, %1[\s\S]*bitwiseXor %0, %1/)
    expect(text).not.toContain('threefry')
    expect(fired).toEqual({ 'decompose threefry2x32': 1 })
  })

  it('says so when there is no decomposition', () => {
    const all = decompose(() => true)
    expect(() => all.run(new Graph([x], [emit(ops.exp, [x])]), new PassContext())).toThrow(/exp has no decomposition/)
  })
})
