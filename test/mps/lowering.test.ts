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
import { gpuDTypes, gpuType } from '../../runtime/backends/mps/dtypes.js'
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
      const outside = types.some(({ dtype, size }) => !gpuDTypes.includes(dtype) || size === 0)
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

describe('calls that are not needed', () => {
  const selectors = (text: string) =>
    lowerToCalls(parseGraph(text), []).program.calls.map(({ selector, results }) => `${selector} ${results[0]!.type}`)

  it('an input that is only used in another shape is fed in it', () => {
    const used = '%0 = reshape %a {shape=[2,3]} %1 = exp %0 %2 = reshape %a {shape=[2,3]} %3 = add %1, %2 return %3'
    expect(selectors(`graph(%a: f32[6]) { ${used} }`)).toEqual([
      'placeholderWithShape:dataType:name: f32[2,3]',
      'exponentWithTensor:name: f32[2,3]',
      'additionWithPrimaryTensor:secondaryTensor:name: f32[2,3]',
    ])
    expect(selectors('graph(%a: f32[6]) { %0 = reshape %a {shape=[2,3]} return %0 }')).toEqual([
      'placeholderWithShape:dataType:name: f32[2,3]',
      'identityWithTensor:name: f32[2,3]',
    ])
  })

  it('but not where it is used in several shapes, or is an output', () => {
    const reshapes = (rest: string) =>
      selectors(`graph(%a: f32[6]) { %0 = reshape %a {shape=[2,3]} %1 = exp %0 ${rest} }`).filter((selector) =>
        selector.startsWith('reshape'),
      )
    expect(reshapes('return %1, %a')).toHaveLength(1)
    expect(reshapes('%2 = exp %a return %1, %2')).toHaveLength(1)
    expect(reshapes('%2 = reshape %a {shape=[3,2]} %3 = exp %2 return %1, %3')).toHaveLength(2)
  })

  it('a matrix multiplies a stack of matrices as it is, two stacks become flat, and single rows become a matrix', () => {
    const multiplied = (a: string, b: string) =>
      selectors(`graph(%a: f32[${a}], %b: f32[${b}]) { %0 = exp %a %1 = exp %b %2 = matmul %0, %1 %3 = neg %2 return %3 }`)
        .filter((selector) => /^(reshape|matrix)/.test(selector))
        .map((selector) => selector.replace(/(With|Tensor).*:/, ''))
    expect(multiplied('2,3,4,5', '5,6')).toEqual(['matrixMultiplication f32[2,3,4,6]'])
    expect(multiplied('7,1,5', '5,6')).toEqual(['reshape f32[7,5]', 'matrixMultiplication f32[7,6]', 'reshape f32[7,1,6]'])
    const flat = ['reshape f32[6,4,5]', 'reshape f32[6,5,6]', 'matrixMultiplication f32[6,4,6]', 'reshape f32[2,3,4,6]']
    expect(multiplied('2,3,4,5', '2,3,5,6')).toEqual(flat)
    expect(multiplied('2,2,3,4,5', '5,6')).toEqual(['reshape f32[48,5]', 'matrixMultiplication f32[48,6]', 'reshape f32[2,2,3,4,6]'])
  })
})
