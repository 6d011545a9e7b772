// The CPU device against values from NumPy, mpmath and JAX (test/data). What it may differ in is stated in `deviation`, nothing else.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { type DType, isFloat } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { type HostTensor, roundTo } from '../../ir/host.js'
import type { Attrs, Op } from '../../ir/op.js'
import { opByName } from '../../ir/ops/index.js'
import { type Case, elementwiseCases, hostOf, type StoredTensor, ulpDistance } from '../elementwise-cases.js'
import { ulps } from '../support/oracle.js'
import { runOnCpu } from '../support/run.js'

/** Smallest normal magnitudes: the CPU flushes what is below, in operands and results (halves are computed in float32). */
const normal: Partial<Record<DType, number>> = { float32: 2 ** -126, float64: 2 ** -1022, bfloat16: 2 ** -126, float16: 0 }
const isSubnormal = (dtype: DType, value: number | bigint): boolean =>
  isFloat(dtype) && value !== 0 && Math.abs(Number(value)) < normal[dtype]!

/** Words of structural.json for what JSON has no number for. */
const words: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }
const structuralCases = (
  JSON.parse(readFileSync(new URL('../data/structural.json', import.meta.url), 'utf8')) as { cases: Case[] }
).cases.map((one): Case => {
  const plain = (tensor: StoredTensor): StoredTensor => ({
    ...tensor,
    data: tensor.data.map((value) => (typeof value === 'string' ? (words[value] ?? value) : value)),
  })
  return { ...one, inputs: one.inputs.map(plain), outputs: one.outputs.map(plain) }
})

/** Why an element is not compared, or compared loosely. */
function deviation(
  one: Case,
  inputs: readonly HostTensor[],
  result: HostTensor,
  expected: HostTensor,
  i: number,
): 'flushed' | 'NaN bits' | undefined {
  const { dtype } = expected.type
  const got = result.values[i]!
  const want = expected.values[i]!
  const operands = inputs.map(({ type, values }) => ({
    dtype: type.dtype,
    values: type.size === expected.type.size ? [values[i]!] : [...values],
  }))
  if (isSubnormal(dtype, want) && Number(got) === 0) return 'flushed'
  if (operands.some((operand) => operand.values.some((value) => isSubnormal(operand.dtype, value)))) return 'flushed'
  // Which NaN an operation yields is not specified; a bitcast shows it.
  if (one.op === 'bitcast' && inputs[0]!.values.some((value: number | bigint) => Number.isNaN(value))) return 'NaN bits'
  return undefined
}

/** Differences from the stored values, as text. */
function problems(one: Case, op: Op): string[] {
  const inputs = one.inputs.map((input) => hostOf(input, roundTo))
  const nodes = inputs.map(({ type }) => inputNode(type))
  const node = emit(op, nodes, op.attrs.parse(one.attrs) as Attrs)
  const outputs = node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
  const results = runOnCpu(new Graph(nodes, outputs), inputs)
  return results.flatMap((result, r) => {
    const stored = one.outputs[r]!
    const expected = hostOf(stored, roundTo)
    const { dtype } = expected.type
    const tolerance = Math.max(one.ulp, ulps[dtype] ?? 0)
    return Array.from({ length: expected.type.size }, (_, i) => i).flatMap((i) => {
      if (stored.data[i] === null) return []
      const distance = ulpDistance(dtype, result.values[i]!, expected.values[i]!)
      if (distance <= tolerance || deviation(one, inputs, result, expected, i) !== undefined) return []
      const from = inputs.map(({ type, values }) => (type.size === expected.type.size ? String(values[i]) : `${type}`))
      return [
        `${op.name} ${dtype} ${JSON.stringify(one.attrs)} element ${i} of [${from}]: got ${result.values[i]}, expected ${expected.values[i]} (${distance} ulp)`,
      ]
    })
  })
}

const cases = [...elementwiseCases, ...structuralCases]
const names = [...new Set(cases.map((one) => one.op))]

describe('the CPU computes the stored values', () => {
  it.each(names)('%s', (name) => {
    const mine = cases.filter((one) => one.op === name)
    expect(mine.flatMap((one) => problems(one, opByName(name)!)).slice(0, 8)).toEqual([])
  })
})
