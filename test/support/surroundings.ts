// An op alone and inside graphs that make a compiler fuse it, with what its results may differ in.

import { emit, inputNode, resultNode } from '../../ir/build.js'
import { isBool } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Attrs, Op } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { inversePermutation } from '../../ir/shape.js'
import { typeOf } from '../../ir/type.js'
import { confirmedDifference, expectations, firstDifference, rounding } from './oracle.js'

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
function chosen(context: Context, x: Node): Node {
  if (x.type.isComplex)
    return b.emit(
      'complex',
      partsOf(x).map((part) => chosen(context, part)),
    )
  return b.select(addInput(context, yes), x, b.fullLike(x, 0))
}

const partsOf = (z: Node): Node[] => [b.emit('real', [z]), b.emit('imag', [z])]

/** The value as a transposed view of an input with reversed dimensions; a complex one, which is not moved, as an input. */
function transposed(context: Pick<Context, 'inputs' | 'values'>, value: HostTensor): Node {
  if (value.type.isComplex) return addInput(context, value)
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

/** The results of a node as nodes. */
export const resultsOf = (node: Node): Node[] => (node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i)))

/** A reduction of the last dimension, as softmax and norms have it. */
function reduced(x: Node): Node[] {
  const { shape, dtype } = x.type
  if (shape.length === 0) return []
  if (x.type.isComplex) return partsOf(x).flatMap(reduced)
  const attrs = { axes: [shape.length - 1], keepDims: true }
  return [b.emit(isBool(dtype) ? 'any' : 'sum', [x], attrs)]
}

type Surroundings = (context: Context, apply: (operands: readonly Node[]) => readonly Node[]) => readonly Node[]

const surroundings = {
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
} as const satisfies Readonly<Record<string, Surroundings>>

export type Where = keyof typeof surroundings

export const places = Object.keys(surroundings) as Where[]

/** An op within its surroundings. */
export interface Around {
  readonly graph: Graph
  readonly values: readonly HostTensor[]
  /** Whether the results have nothing but one op's own rounding. */
  readonly exact: boolean
}

/** The op on the given operands, inputs of the graph; with `view` transposed views of inputs. */
export function surround(op: Op, attrs: Attrs, operands: readonly HostTensor[], where: Where, view: boolean): Around {
  const base = { inputs: [] as Node[], values: [] as HostTensor[] }
  const nodes = operands.map((value) => (view ? transposed(base, value) : addInput(base, value)))
  const context: Context = { ...base, operands: nodes }
  const outputs = surroundings[where](context, (given) => resultsOf(emit(op, given, attrs)))
  const { elementwise, movement } = op.traits
  const exact = where === 'alone' && (elementwise === true || movement === true)
  return { graph: new Graph(context.inputs, outputs), values: context.values, exact }
}

/** How a device's results differ from the reference by more than they may; undefined when they do not. */
export const differenceAround = ({ graph, values, exact }: Around, actual: readonly HostTensor[]): string | undefined =>
  exact ? firstDifference(actual, expectations(graph, values, rounding)) : confirmedDifference(graph, values, actual)
