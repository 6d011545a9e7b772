// Random graphs made of the records' own samples, for the tests of the IR's forms.

import fc from 'fast-check'
import { constantNode, emit, inputNode, resultNode } from '../../ir/build.js'
import { type DType, dtypeInfo } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import type { Op, Sample } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { structureOps } from '../../ir/ops/structure.js'
import { parseType } from '../../ir/type.js'

interface Case {
  readonly op: Op
  readonly sample: Sample
  readonly dtype: DType
}

const cases: readonly Case[] = Object.values<Op>(ops).flatMap((op) =>
  op.samples.flatMap((sample) => op.dtypes.map((dtype) => ({ op, sample, dtype }))),
)

/** One op to add: which sample, and for each operand whether to reuse a node of its type (and which) or to add a leaf. */
interface Step {
  readonly pick: number
  readonly reuse: readonly number[]
}

const step: fc.Arbitrary<Step> = fc.record({ pick: fc.nat(cases.length - 1), reuse: fc.array(fc.nat(7), { minLength: 4, maxLength: 4 }) })

/** Random graphs over all ops with samples; some hold a fused region. */
export const randomGraph: fc.Arbitrary<Graph> = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 12 }), fc.array(step, { maxLength: 4 }))
  .map(([outer, inner]) => build(outer, inner))

function build(steps: readonly Step[], body: readonly Step[]): Graph {
  const inputs: Node[] = []
  const nodes: Node[] = []
  for (const one of steps) addStep(one, nodes, inputs)
  // Regions do not lie in each other.
  const plain = body.filter(({ pick }) => !cases[pick]!.op.traits.region)
  if (plain.length > 0) {
    const region = build(plain, [])
    const operands = region.inputs.map((input, i) => operandOf(`${input.type}`, i, nodes, inputs))
    const fused = emit(structureOps.fused, operands, { kind: 'map', body: region })
    nodes.push(...usable(fused))
  }
  const used = new Set(nodes.flatMap((node) => node.inputs))
  return new Graph(
    inputs,
    nodes.filter((node) => !used.has(node)),
  )
}

function addStep({ pick, reuse }: Step, nodes: Node[], inputs: Node[]): void {
  const { op, sample, dtype } = cases[pick]!
  const short = dtypeInfo[dtype].short
  const operands = sample.inputs.map((text, i) => operandOf(text.replace('$', short), reuse[i % reuse.length]!, nodes, inputs))
  nodes.push(...usable(emit(op, operands, sample.attrs)))
}

/** What can be an operand: the node, or the picks of its results. */
function usable(node: Node): Node[] {
  return node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
}

function operandOf(text: string, reuse: number, nodes: readonly Node[], inputs: Node[]): Node {
  const type = parseType(text)!
  const same = [...nodes, ...inputs].filter((node) => node.type.equals(type))
  if (reuse > 2 && same.length > 0) return same[reuse % same.length]!
  if (reuse === 2 && !type.isComplex) return constantNode(1, type.dtype, type.shape)
  const input = inputNode(type)
  inputs.push(input)
  return input
}

/** Valid text with a few random edits. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      '%0',
      '%1',
      '%99',
      ',',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '=',
      ':',
      '-',
      '"',
      'n',
      '\\',
      '\n',
      '//',
      'NaN',
      '-Infinity',
      '1e999',
      '0x1',
    ),
    fc.constantFrom(
      'fused',
      'result',
      'input',
      'return',
      'graph',
      'f32[',
      'i64[2]',
      'true',
      'axes=[0]',
      '{index=1}',
      '__proto__',
      'toString',
      '\u0000',
    ),
    fc.bigInt().map(String),
    fc.double().map(String),
    fc.string(),
  )
  const edit = fc.record({ at: fc.nat(), length: fc.nat(12), piece, kind: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'cut') })
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([source, edits]) => {
    let current = source
    for (const { at: anywhere, length, piece: text, kind } of edits) {
      const at = anywhere % (current.length + 1)
      const head = current.slice(0, at)
      const tail = current.slice(at + length)
      if (kind === 'insert') current = head + text + current.slice(at)
      else if (kind === 'delete') current = head + tail
      else if (kind === 'replace') current = head + text + tail
      else if (kind === 'repeat') current = head + current.slice(at, at + length).repeat(2) + tail
      else current = head
    }
    return current
  })
}
