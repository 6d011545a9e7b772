// realize({ verify }): the same graph on two devices, and where they differ the first op that does, with its operands saved.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inputNode } from '../ir/build.js'
import { type DataArray, type DType, dtypeInfo, isInexact, partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { Graph } from '../ir/graph.js'
import { decode } from '../ir/host.js'
import type { Node } from '../ir/node.js'
import { withInputs } from '../ir/passes/transform.js'
import { printGraph } from '../ir/print.js'
import type { TensorType } from '../ir/type.js'
import { jsonValues } from './format.js'
import { captureWithValues, checkDeviceName, copyOf, realizeNodes, runGraph } from './realize.js'

export interface RealizeOptions {
  /** Another device, usually 'cpu', on which the same graph is run and compared. Slow: for finding out what is wrong. */
  readonly verify: string
  /** Where the graph, the op that differs and its operands are written when there is a difference; default a new folder for temporary files. */
  readonly saveTo?: string | undefined
}

/** Whether the last argument of `realize` is options and not a tree. */
export const isRealizeOptions = (value: unknown): value is RealizeOptions =>
  typeof value === 'object' && value !== null && typeof (value as { verify?: unknown }).verify === 'string'

interface Tolerance {
  /** Allowed difference relative to the expected element ... */
  readonly relative: number
  /** ... and to the largest finite magnitude in the expected tensor, for sums that cancel. */
  readonly scale: number
}

/** Allowed differences by dtype; integers and bool are compared exactly, parts of complex values as floats. They leave room for another order of summation and for other kernels. */
export const tolerances: Partial<Record<DType, Tolerance>> = {
  float64: { relative: 1e-9, scale: 1e-12 },
  float32: { relative: 1e-4, scale: 1e-5 },
  float16: { relative: 2e-2, scale: 2e-3 },
  bfloat16: { relative: 1e-1, scale: 2e-2 },
}

/** Computes the pending nodes on their device and on the other one. Throws `mismatch` when values differ by more than `tolerances` allows. */
export async function realizeChecked(nodes: readonly Node[], device: string, options: RealizeOptions): Promise<void> {
  const unknown = Object.keys(options).find((name) => name !== 'verify' && name !== 'saveTo')
  if (unknown !== undefined || !isRealizeOptions(options)) {
    const what = unknown === undefined ? "'verify' is missing" : `there is no option '${unknown}'`
    throw new SinterError('argument', what, { op: 'realize', hint: "options are { verify: 'cpu', saveTo: 'folder' }" })
  }
  checkDeviceName(options.verify)
  const pending = [...new Set(nodes)].filter((node) => node.bound === undefined)
  if (pending.length === 0) return realizeNodes(nodes, device)
  const { graph, values } = await captureWithValues(pending)
  await realizeNodes(nodes, device)
  const expected = runGraph(graph, values, options.verify).outputs
  for (const [i, node] of graph.outputs.entries()) {
    const problem = difference(node.type, copyOf(pending[i]!), expected[i]!)
    if (problem !== undefined)
      throw report(locate(graph, values, device, options.verify) ?? { graph, values, problem }, graph, values, device, options)
  }
}

/** A graph that computes something else on the two devices, with the values of its inputs. */
interface Culprit {
  readonly graph: Graph
  readonly values: readonly DataArray[]
  /** The element that differs, as text. */
  readonly problem: string
  /** The op, when a single one is to blame. */
  readonly node?: Node
}

/**
 * The first op that differs when both devices compute it from the reference's operands; failing that, the first value that differs when the
 * device computes the graph up to there. Undefined when only the graph as a whole differs.
 */
function locate(graph: Graph, values: readonly DataArray[], device: string, reference: string): Culprit | undefined {
  const every = graph.nodes.filter((node) => !node.op.traits.leaf && node.results === undefined)
  const all = new Graph(graph.inputs, every)
  const right = new Map(graph.inputs.map((node, i) => [node, values[i]!]))
  runGraph(all, values, reference).outputs.forEach((data, i) => {
    right.set(every[i]!, data)
  })
  for (const node of every) {
    const alone = aloneWith(node, right)
    const problem = differenceOf(alone.graph, alone.values, device, reference)
    if (problem !== undefined) return { ...alone, problem, node }
  }
  for (const node of every) {
    const prefix = new Graph(graph.inputs, [node])
    const problem = differenceOf(prefix, values, device, reference)
    if (problem !== undefined) return { graph: prefix, values, problem }
  }
  return undefined
}

function differenceOf(graph: Graph, values: readonly DataArray[], device: string, reference: string): string | undefined {
  const actual = runGraph(graph, values, device).outputs
  const expected = runGraph(graph, values, reference).outputs
  for (const [i, node] of graph.outputs.entries()) {
    const problem = difference(node.type, actual[i]!, expected[i]!)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** The op by itself: its operands are inputs with known values, constants among them stay. */
function aloneWith(node: Node, known: ReadonlyMap<Node, DataArray>): { graph: Graph; values: readonly DataArray[] } {
  const inputs: Node[] = []
  const values: DataArray[] = []
  const copies = new Map<Node, Node>()
  const copyOfOperand = (operand: Node): Node => {
    const value = known.get(operand)
    if (value === undefined) return operand.inputs.length === 0 ? operand : withInputs(operand, operand.inputs.map(operandCopy))
    const input = inputNode(operand.type)
    inputs.push(input)
    values.push(value)
    return input
  }
  const operandCopy = (operand: Node): Node => {
    let copy = copies.get(operand)
    if (copy === undefined) {
      copy = copyOfOperand(operand)
      copies.set(operand, copy)
    }
    return copy
  }
  const output = withInputs(node, node.inputs.map(operandCopy))
  return { graph: new Graph(inputs, [output]), values }
}

/** The first element that differs by more than is allowed, as text. */
export function difference(type: TensorType, actual: DataArray, expected: DataArray): string | undefined {
  const [got, want] = [decode(type, actual).values, decode(type, expected).values]
  const tolerance = tolerances[partDType(type.dtype)]
  let largest = 0
  if (isInexact(type.dtype))
    for (const value of want) if (Number.isFinite(Number(value))) largest = Math.max(largest, Math.abs(Number(value)))
  for (let i = 0; i < want.length; i++) {
    if (isClose(got[i]!, want[i]!, tolerance, largest)) continue
    const at: number[] = []
    const { stored } = dtypeInfo[type.dtype]
    for (let rest = Math.floor(i / stored), d = type.rank - 1; d >= 0; d--) {
      at.unshift(rest % type.shape[d]!)
      rest = Math.floor(rest / type.shape[d]!)
    }
    const part = stored === 1 ? '' : `${i % 2 === 0 ? 'the real' : 'the imaginary'} part of `
    return `${part}element [${at.join(', ')}] of ${type} is ${got[i]}, expected ${want[i]}`
  }
  return undefined
}

function isClose(got: number | bigint, want: number | bigint, tolerance: Tolerance | undefined, largest: number): boolean {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return true
  if (tolerance === undefined) return false
  const allowed = tolerance.relative * Math.abs(Number(want)) + tolerance.scale * largest
  return Number.isFinite(Number(want)) && Math.abs(Number(got) - Number(want)) <= allowed
}

function report(
  culprit: Culprit,
  whole: Graph,
  values: readonly DataArray[],
  device: string,
  { verify, saveTo }: RealizeOptions,
): SinterError {
  const folder = save(culprit, whole, values, saveTo)
  const { node, problem } = culprit
  const what = node === undefined ? 'the graph' : `${node.op.name} (node ${whole.nodes.indexOf(node)})`
  return new SinterError('mismatch', `${what} gives another result on ${device} than on ${verify}: ${problem}`, {
    op: 'realize',
    operands: node?.inputs ?? [],
    hint: `graph, operands and values are in ${folder}; repeat it with: npx sinter run ${join(folder, 'op.ir')} --inputs ${join(folder, 'op-inputs.json')} --device ${device}`,
  })
}

/** Writes the whole graph and the culprit with their inputs; returns the folder. */
function save(culprit: Culprit, whole: Graph, values: readonly DataArray[], saveTo: string | undefined): string {
  try {
    if (saveTo !== undefined) mkdirSync(saveTo, { recursive: true })
    const folder = saveTo ?? mkdtempSync(join(tmpdir(), 'sinter-mismatch-'))
    for (const [name, graph, data] of [
      ['graph', whole, values],
      ['op', culprit.graph, culprit.values],
    ] as const) {
      writeFileSync(join(folder, `${name}.ir`), printGraph(graph))
      const inputs = graph.inputs.map((input, i) => jsonValues(input.type, data[i]!))
      writeFileSync(join(folder, `${name}-inputs.json`), `${JSON.stringify(inputs)}\n`)
    }
    return folder
  } catch (cause) {
    throw new SinterError('file', `a mismatch could not be saved: ${(cause as Error).message}`, { cause })
  }
}
