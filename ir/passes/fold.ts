// Constant folding with the records' own reference implementations.

import { constantNode } from '../build.js'
import { dtypeInfo } from '../dtype.js'
import type { HostTensor, HostValues } from '../host.js'
import { Node } from '../node.js'
import { leafOps } from '../ops/leaf.js'
import type { Pass, PassContext } from '../pass.js'
import { foldSplats } from '../rules/constants.js'
import { transform, withInputs } from './transform.js'

/** Results with more elements than this stay computed, unless all elements are known to be equal: a program is not a place for data. */
const resultLimit = 1024
/** Operands with more elements than this (all together) would make compiling slow. */
const operandLimit = 65536

export const fold: Pass = {
  name: 'fold',
  doc: 'Evaluates nodes whose operands are all constants (or index sequences), where the result has at most 1024 elements or a single value.',
  run(graph, context) {
    const folder = new Folder(context)
    return transform(graph, (node, inputs) => folder.fold(withInputs(node, inputs)))
  },
}

class Folder {
  readonly context: PassContext
  /** Results of nodes with several, which `result` nodes pick from. */
  readonly several = new Map<Node, readonly HostTensor[] | undefined>()

  constructor(context: PassContext) {
    this.context = context
  }

  fold(node: Node): Node {
    if (node.op.traits.leaf || node.op.traits.region || node.results !== undefined || node.type.isComplex) return node
    const folded = node.op.name === 'result' ? this.resultOf(node) : (foldSplats(node) ?? constantOf(valuesOf(node)?.[0]))
    if (folded === undefined) return node
    folded.origin = node.origin
    this.context.count(`fold ${node.op.name}`)
    return folded
  }

  resultOf(node: Node): Node | undefined {
    const source = node.inputs[0]!
    if (!this.several.has(source)) this.several.set(source, source.op.traits.region ? undefined : valuesOf(source))
    return constantOf(this.several.get(source)?.[node.attrs.index as number])
  }
}

/** Whether the value depends on nothing but the program. */
const isKnown = (node: Node): boolean => node.op === leafOps.constant || node.op === leafOps.iota

/** The node's results when they are known and small enough. */
function valuesOf(node: Node): readonly HostTensor[] | undefined {
  if (node.type.size > resultLimit || node.inputs.length === 0 || !node.inputs.every(isKnown)) return undefined
  if (node.inputs.reduce((sum, input) => sum + input.type.size, 0) > operandLimit) return undefined
  return node.op.evaluate(node.inputs.map(knownValue), node.attrs, node.results ?? [node.type])
}

const knownValue = (node: Node): HostTensor => node.op.evaluate([], node.attrs, [node.type])[0]!

/** A constant node with these values; with a single one when all are equal. */
function constantOf(value: HostTensor | undefined): Node | undefined {
  if (value === undefined) return undefined
  const { dtype, shape } = value.type
  const list: readonly (number | bigint)[] = Array.from<number | bigint>(
    value.values as Exclude<HostValues, BigInt64Array | BigUint64Array>,
  )
  const first = list[0] ?? dtypeInfo[dtype].min
  if (list.every((element) => Object.is(element, first))) return constantNode(first, dtype, shape)
  return new Node(leafOps.constant, [], { dtype, shape, values: list }, value.type)
}
