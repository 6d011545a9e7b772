// What the tests of passes share: graphs in short notation, inputs full of special values, comparison bit for bit.

import { expect } from 'vitest'
import { type DType, dtypeInfo, isBig, isFloat } from '../../../ir/dtype.js'
import type { Graph } from '../../../ir/graph.js'
import { emptyValues, type HostTensor, roundTo } from '../../../ir/host.js'
import { interpret } from '../../../ir/interpret.js'
import { parseGraph } from '../../../ir/parse.js'
import { type Pass, runPasses } from '../../../ir/pass.js'
import { printGraph } from '../../../ir/print.js'
import type { TensorType } from '../../../ir/type.js'
import { verify } from '../../../ir/verify.js'

/** A graph from its inputs and its lines: `graphOf('%a: f32[2]', '%b = neg %a', 'return %b')`. */
export const graphOf = (inputs: string, ...lines: string[]): Graph => parseGraph(`graph (${inputs}) {\n${lines.join('\n')}\n}`)

/** The text of a constant with these values. */
export function constant(dtype: DType, values: string, shape = ''): string {
  const list = isBig(dtype) ? values.replace(/-?\d+/g, '$&n') : values
  return `constant {dtype="${dtype}", shape=[${shape}], values=[${list}]}`
}

/** The lines of a graph without types, constants as their values: what a reader needs to compare. */
export function summary(graph: Graph): string {
  const [, ...lines] = printGraph(graph).trim().split('\n')
  return lines
    .slice(0, -1)
    .map((line) =>
      line
        .trim()
        .replace(/^(%\d+): .*? = /, '$1 = ')
        .replace(/constant \{dtype="(\w+)", shape=\[(.*?)\], values=\[(.*?)\]\}/, (_, dtype: DType, shape: string, values: string) => {
          return `${dtypeInfo[dtype].short}[${shape}](${values.replace(/(\d)n/g, '$1')})`
        }),
    )
    .join('; ')
}

const floats = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5, -2.5, 3, 1e-3, 700.25, -1e30]

/** The value at position i of a sequence that visits every special value of the dtype and then pseudorandom ones. */
function special(dtype: DType, i: number): number | bigint {
  const { min, max, kind } = dtypeInfo[dtype]
  // A multiplicative step through the residues of a prime, so that operands of equal shape do not line up.
  const random = ((i * 7919 + 104729) % 99991) / 99991
  if (kind === 'bool') return random < 0.5 ? 0 : 1
  if (isFloat(dtype)) {
    const list = [...floats, max as number, min as number, (max as number) / 3]
    return roundTo(dtype, i % 3 === 2 ? (random - 0.5) * 8 : list[Math.floor(random * list.length)]!)
  }
  const list = isBig(dtype) ? [0n, 1n, 2n, 5n, min, max, (max as bigint) - 1n] : [0, 1, 2, 5, min, max, (max as number) - 1]
  if (kind === 'int') list.push(isBig(dtype) ? -1n : -1, isBig(dtype) ? -7n : -7)
  return list[Math.floor(random * list.length)]!
}

export function specialTensor(type: TensorType, seed: number): HostTensor {
  const values = emptyValues(type.dtype, type.size)
  for (let i = 0; i < values.length; i++) values[i] = special(type.dtype, i + seed * 31 + 1)
  return { type, values }
}

/** All outputs of both graphs agree bit for bit (any NaN counts as any other) on inputs of special values. */
export function expectSameValues(before: Graph, after: Graph, rounds = 12): void {
  for (let round = 0; round < rounds; round++) {
    const inputs = before.inputs.map((node, i) => specialTensor(node.type, round * 17 + i * 5))
    const expected = interpret(before, inputs)
    const actual = interpret(after, inputs)
    expect(actual.map(({ type, values }) => [`${type}`, ...values])).toStrictEqual(
      expected.map(({ type, values }) => [`${type}`, ...values]),
    )
  }
}

/** Runs passes with the verifier after each; returns the result and how often each rule fired. */
export function optimize(graph: Graph, passes: readonly Pass[]): { after: Graph; fired: Map<string, number> } {
  const total = new Map<string, number>()
  verify(graph)
  const after = runPasses(graph, passes, ({ after, fired }) => {
    verify(after)
    expect(after.inputs.every((node, i) => node === graph.inputs[i])).toBe(true)
    for (const [name, count] of fired) total.set(name, (total.get(name) ?? 0) + count)
  })
  return { after, fired: total }
}
