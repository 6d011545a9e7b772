// A device against values from NumPy, mpmath and JAX (test/data). What it may differ in is stated in `deviation`, nothing else.

import { emit, inputNode, resultNode } from '../../ir/build.js'
import { type DType, isFloat } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { type HostTensor, roundTo } from '../../ir/host.js'
import type { Attrs, Op } from '../../ir/op.js'
import { type Case, hostOf, ulpDistance } from '../elementwise-cases.js'
import { ulps } from './oracle.js'

/** Smallest normal magnitudes: devices flush what is below, in operands and results (halves are computed in float32). */
const normal: Partial<Record<DType, number>> = { float32: 2 ** -126, float64: 2 ** -1022, bfloat16: 2 ** -126, float16: 0 }
const isSubnormal = (dtype: DType, value: number | bigint): boolean =>
  isFloat(dtype) && value !== 0 && Math.abs(Number(value)) < normal[dtype]!

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

/** The graph of a stored case: the op alone. */
export function storedGraph(one: Case, op: Op): { readonly graph: Graph; readonly inputs: readonly HostTensor[] } {
  const inputs = one.inputs.map((input) => hostOf(input, roundTo))
  const nodes = inputs.map(({ type }) => inputNode(type))
  const node = emit(op, nodes, op.attrs.parse(one.attrs) as Attrs)
  return { graph: new Graph(nodes, node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))), inputs }
}

/** Differences of a device's results from the stored values, as text. */
export function storedProblems(one: Case, op: Op, run: (graph: Graph, inputs: readonly HostTensor[]) => readonly HostTensor[]): string[] {
  const { graph, inputs } = storedGraph(one, op)
  return run(graph, inputs).flatMap((result, r) => {
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
