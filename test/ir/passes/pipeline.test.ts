import { expect, test } from 'vitest'
import { constantNode, inputNode } from '../../../ir/build.js'
import { Graph } from '../../../ir/graph.js'
import type { Node } from '../../../ir/node.js'
import { builder as b } from '../../../ir/ops/index.js'
import { runPasses } from '../../../ir/pass.js'
import { passes } from '../../../ir/passes/index.js'
import { pipeline } from '../../../ir/pipeline.js'
import { typeOf } from '../../../ir/type.js'
import { expectSameValues, optimize, summary } from './support.js'

test('a gradient-like graph becomes what a person would write', () => {
  const x = inputNode(typeOf('float32', [3]))
  const y = inputNode(typeOf('float32', [3]))
  // (x * 1 - 0) / 4 + -(y), and the same again
  const left = b.sub(b.mul(x, b.fullLike(x, 1)), b.constant(0, x))
  const sum = b.add(b.div(left, b.constant(4, x)), b.neg(y))
  const again = b.sub(b.mul(b.constant(0.25, x), x), y)
  const before = new Graph([x, y], [b.add(b.emit('stopGradient', [sum]), again)])
  const { after } = optimize(before, pipeline)
  expect(summary(after)).toBe('%2 = f32[](0.25); %3 = mul %0, %2; %4 = sub %3, %1; %5 = add %4, %4; return %5')
  expectSameValues(before, after)
})

test('every pass of the pipeline is known by name and has a sentence about it', () => {
  for (const pass of pipeline) expect(passes.get(pass.name)).toBe(pass)
  for (const [name, pass] of passes) {
    expect(pass.name).toBe(name)
    expect(pass.doc).toMatch(/^[A-Z].*\.$/)
  }
})

test('a graph with nothing to do is returned as it is', () => {
  const x = inputNode(typeOf('float32', [3]))
  const graph = new Graph([x], [b.exp(x)])
  expect(optimize(graph, pipeline).after === graph).toBe(true)
})

test('outputs may become inputs, constants or each other', () => {
  const x = inputNode(typeOf('int32', [2]))
  const unused = inputNode(typeOf('bool', []))
  const zero = b.sub(x, x)
  const before = new Graph([x, unused], [b.add(x, b.constant(0, x)), zero, b.neg(b.neg(x)), b.mul(x, b.constant(0, x))])
  const { after } = optimize(before, pipeline)
  expect(summary(after)).toBe('%2 = i32[2](0); return %0, %2, %0, %2')
  expectSameValues(before, after)
})

const chains: Record<string, (x: Node, i: number) => Node> = {
  'identities that vanish': (x) => b.neg(b.add(x, constantNode(-0, 'float32'))),
  'ops that stay': (x, i) => (i % 2 === 0 ? b.sin(x) : b.add(x, b.constant(1, x))),
  'moves between elementwise ops': (x, i) =>
    i % 3 === 0 ? b.permute(x, [1, 0]) : i % 3 === 1 ? b.exp(x) : b.reshape(x, [x.type.shape[1]!, x.type.shape[0]!]),
  'equal pairs': (x) => b.mul(b.sin(x), b.sin(x)),
  'integer sums of constants': (x) => b.add(x, b.constant(3, x)),
}

test.each(Object.keys(chains))('a chain of 100,000 nodes: %s', (name) => {
  const x = inputNode(typeOf(name.startsWith('integer') ? 'int32' : 'float32', [2, 3]))
  let node = x
  for (let i = 0; i < 100_000; i++) node = chains[name]!(node, i)
  const after = runPasses(new Graph([x], [node]), pipeline)
  if (name === 'identities that vanish') expect(after.outputs[0] === x).toBe(true)
  if (name === 'integer sums of constants') expect(summary(after)).toBe('%1 = i32[](300000); %2 = add %0, %1; return %2')
  if (name === 'equal pairs') expect(after.nodes.length).toBe(200_001)
})
