// Every op, every dtype, every sample as MPSGraph calls: lowered with consistent types, or refused with a reason.

import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import type { DType } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import type { Op, Sample } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { type CallArgument, type Program, Value } from '../../runtime/backends/mps/call.js'
import { gpuType } from '../../runtime/backends/mps/dtypes.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { packProgram } from '../../runtime/backends/mps/program.js'
import { refusal } from '../../runtime/backends/mps/support.js'
import { sampleType } from '../support/values.js'

const elementwise = ['structure', 'binary', 'bitwise', 'cast', 'compare', 'logical', 'predicate', 'random', 'select', 'unary']

const resultsOf = (node: Node): Node[] => (node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i)))

interface Case {
  readonly node: Node
  readonly graph: Graph
  readonly text: string
}

function caseOf(op: Op, dtype: DType, sample: Sample): Case {
  const inputs = sample.inputs.map((text) => inputNode(sampleType(text, dtype)))
  const node = emit(op, inputs, sample.attrs)
  const graph = new Graph(inputs, resultsOf(node))
  return { node, graph, text: printGraph(graph) }
}

const casesOf = (op: Op): Case[] => op.dtypes.flatMap((dtype) => op.samples.map((sample) => caseOf(op, dtype, sample)))

/** Values named by arguments before any call made them. */
function unknownValues({ calls }: Program): number[] {
  const known = new Set<number>()
  const unknown: number[] = []
  const visit = (argument: CallArgument): void => {
    if (argument instanceof Value) {
      if (!known.has(argument.id)) unknown.push(argument.id)
    } else if (Array.isArray(argument)) for (const item of argument as readonly CallArgument[]) visit(item)
  }
  for (const { arguments: args, results } of calls) {
    for (const argument of args) visit(argument)
    for (const { id } of results) known.add(id)
  }
  return unknown
}

/** What is wrong with the program of a case; undefined when nothing is. */
function flaw({ graph }: Case): string | undefined {
  const { program } = lowerToCalls(
    graph,
    graph.inputs.map(() => false),
  )
  const unknown = unknownValues(program)
  if (unknown.length > 0) return `uses values ${unknown} before they are made`
  const wanted = graph.outputs.map(({ type }) => gpuType(type))
  const wrong = wanted.findIndex((type, i) => !program.targets[i]!.type.equals(type))
  if (wrong >= 0) return `target ${wrong} is ${program.targets[wrong]!.type}, not ${wanted[wrong]}`
  const feeds = new Set(program.feeds.map(({ value }) => value))
  if (program.targets.some((target) => feeds.has(target))) return 'a target is a feed'
  if (new Set(program.targets).size < program.targets.length) return 'a target occurs twice'
  const bytes = packProgram(program)
  const total = new Uint32Array(bytes.buffer, bytes.byteOffset, 3)[2]
  return total === bytes.length ? undefined : `the program states ${total} bytes, it has ${bytes.length}`
}

describe('lowered, or refused with a reason', () => {
  it.each(Object.values<Op>(ops).map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
    const problems: string[] = []
    for (const one of casesOf(op)) {
      const reason = refusal(one.node)
      const problem = reason === undefined ? flaw(one) : /^\w+ .*[^.]$/.test(reason) ? undefined : `is refused with "${reason}"`
      if (problem !== undefined) problems.push(`${one.text} ${problem}`)
    }
    expect(problems).toEqual([])
  })
})

describe('the elementwise families are lowered for all that the GPU holds', () => {
  const own = Object.values<Op>(ops).filter(({ family }) => elementwise.includes(family))
  it.each(own.map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
    for (const { node, text } of casesOf(op)) {
      const types = [...node.inputs.map(({ type }) => type), ...(node.results ?? [node.type])]
      const outside = types.some(({ dtype, size }) => dtype === 'float64' || size === 0)
      expect(refusal(node) === undefined, text).toBe(!outside)
    }
  })

  it('but for 64-bit words of rank 16', () => {
    const shape = `[${Array(16).fill(1)}]`
    for (const [dtype, refused] of [
      ['int64', true],
      ['int32', false],
    ] as const) {
      const { node } = caseOf(ops.shiftLeft, dtype, { inputs: [`$${shape}`, `$${shape}`] })
      expect(refusal(node) !== undefined).toBe(refused)
    }
  })
})

describe('integer constants outside the range of their dtype', () => {
  it.each([
    ['uint64', '-1n', 2n ** 64n - 1n],
    ['uint8', '-3', 253],
    ['int8', '200', -56],
    ['int64', `${2n ** 63n + 5n}n`, -(2n ** 63n) + 5n],
  ] as const)('wrap: %s %s', (dtype, text, expected) => {
    const graph = parseGraph(`graph() { %0 = constant {dtype="${dtype}", shape=[1], values=[${text}]} return %0 }`)
    const made = lowerToCalls(graph, []).program.calls[0]!
    const [value] = made.arguments
    if (made.selector === 'constantWithScalar:shape:dataType:') expect(value).toBe(Number(expected))
    else {
      const { bytes } = value as { bytes: Uint8Array }
      const read = new DataView(bytes.buffer, bytes.byteOffset)
      expect(dtype === 'uint64' ? read.getBigUint64(0, true) : read.getBigInt64(0, true)).toBe(expected)
    }
  })
})
