// Every op, every dtype, every sample on the CPU device against the reference: alone, and inside graphs that make it fuse.

import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { isBool } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { encode, type HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Attrs, Op } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { inversePermutation } from '../../ir/shape.js'
import { typeOf } from '../../ir/type.js'
import { execute } from '../../runtime/execute.js'
import { openDevice } from '../../runtime/index.js'
import { Storage } from '../../runtime/storage.js'
import { confirmedDifference, expectations, firstDifference, rounding } from '../support/oracle.js'
import { runOnCpu } from '../support/run.js'
import { randomFrom, sampleOperands, sampleType } from '../support/values.js'

/** A graph under construction: nodes that stand for its operands' values, and everything it is run on. */
interface Context {
  readonly operands: readonly Node[]
  readonly inputs: Node[]
  readonly values: HostTensor[]
}

const yes: HostTensor = { type: typeOf('bool', []), values: Float64Array.of(1) }

function addInput(context: Pick<Context, 'inputs' | 'values'>, value: HostTensor): Node {
  const node = inputNode(value.type)
  context.inputs.push(node)
  context.values.push(value)
  return node
}

/** x itself by way of an elementwise op that nothing can fold: a choice made at run time. */
const chosen = (context: Context, x: Node): Node => b.select(addInput(context, yes), x, b.fullLike(x, 0))

/** The value as a transposed view of an input with reversed dimensions. */
function transposed(context: Pick<Context, 'inputs' | 'values'>, value: HostTensor): Node {
  const reversed = value.type.shape.map((_, d) => d).reverse()
  const permuted = inputNode(value.type)
  const [stored] = emit(ops.permute, [permuted], { permutation: reversed }).op.evaluate([value], { permutation: reversed }, [
    typeOf(
      value.type.dtype,
      reversed.map((d) => value.type.shape[d]!),
    ),
  ]) as [HostTensor]
  return b.permute(addInput(context, stored), inversePermutation(reversed))
}

const resultsOf = (node: Node): Node[] => (node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i)))

/** A reduction of the last dimension, as softmax and norms have it. */
function reduced(x: Node): Node[] {
  const { shape, dtype } = x.type
  if (shape.length === 0) return []
  const attrs = { axes: [shape.length - 1], keepDims: true }
  return [b.emit(isBool(dtype) ? 'any' : 'sum', [x], attrs)]
}

type Surroundings = (context: Context, apply: (operands: readonly Node[]) => readonly Node[]) => readonly Node[]

const surroundings: Readonly<Record<string, Surroundings>> = {
  alone: (context, apply) => apply(context.operands),
  'between elementwise ops': (context, apply) =>
    apply(context.operands.map((x) => chosen(context, x))).map((result) => chosen(context, result)),
  'stored and used': (context, apply) =>
    apply(context.operands.map((x) => chosen(context, x))).flatMap((result) => [chosen(context, result), result]),
  'then reduced': (context, apply) =>
    apply(context.operands.map((x) => chosen(context, x))).flatMap((result) => {
      const after = chosen(context, result)
      return [after, ...reduced(after)]
    }),
}

/** Why the CPU differs from the reference on the op within its surroundings; undefined when it does not. */
function difference(op: Op, attrs: Attrs, operands: readonly HostTensor[], around: Surroundings, view: boolean): string | undefined {
  const base = { inputs: [] as Node[], values: [] as HostTensor[] }
  const nodes = operands.map((value) => (view ? transposed(base, value) : addInput(base, value)))
  const context: Context = { ...base, operands: nodes }
  const outputs = around(context, (given) => resultsOf(emit(op, given, attrs)))
  const graph = new Graph(context.inputs, outputs)
  const text = printGraph(graph)
  expect(printGraph(parseGraph(text))).toBe(text)
  const actual = runOnCpu(graph, context.values)
  const { elementwise, movement } = op.traits
  // Alone, such an op has nothing but its own rounding.
  const strict = around === surroundings['alone'] && (elementwise || movement)
  const problem = strict
    ? firstDifference(actual, expectations(graph, context.values, rounding))
    : confirmedDifference(graph, context.values, actual)
  return problem === undefined ? undefined : `${problem}\n${text}`
}

const cases = Object.values<Op>(ops)
  .filter((op) => op.samples.length > 0)
  .map((op) => ({ name: op.name, op }))

describe.each(Object.keys(surroundings))('%s', (where) => {
  it.each(cases)('$name', ({ op }) => {
    const problems: string[] = []
    for (const dtype of op.dtypes) {
      op.samples.forEach((sample, i) => {
        for (const view of where === 'alone' ? [false, true] : [i % 2 === 0]) {
          const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
          try {
            const problem = difference(op, sample.attrs ?? {}, operands, surroundings[where]!, view)
            if (problem !== undefined) problems.push(problem)
          } catch (error) {
            problems.push(`${op.name} ${dtype} ${JSON.stringify(sample)}: ${(error as Error).message}`)
          }
        }
      })
    }
    expect(problems.slice(0, 3)).toEqual([])
  })
})

describe('recorded again, a plan comes from the cache', () => {
  const device = openDevice('cpu')
  it.each(cases)('$name', ({ op }) => {
    for (const dtype of op.dtypes) {
      const sample = op.samples[0]!
      const record = (): Node[] => {
        const operands = sampleOperands(sample, dtype, randomFrom(1))
        const nodes = sample.inputs.map((text, i) => {
          const node = inputNode(sampleType(text, dtype))
          const storage = new Storage(node.type, device.backend.pool)
          storage.view().set(encode(operands[i]!) as never)
          node.bind(storage, true)
          return node
        })
        return resultsOf(emit(op, nodes, sample.attrs))
      }
      execute(record(), device, { keepGraph: false, mayWait: false })
      const { hits, misses } = device.cache.statistics()
      execute(record(), device, { keepGraph: false, mayWait: false })
      expect(device.cache.statistics()).toMatchObject({ hits: hits + 1, misses })
    }
  })
})
