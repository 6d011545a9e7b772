// Control flow: a body graph that runs a number of times on carried values. Counted loops, scans, loops that end themselves, and branches (a loop of one turn).

import { z } from 'zod'
import { constantNode, emit, inputNode } from '../build.js'
import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { Graph } from '../graph.js'
import { emptyValues, type HostTensor } from '../host.js'
import { interpret } from '../interpret.js'
import type { Node } from '../node.js'
import { deepestLoops, defineFamily, type HasType, type Sample } from '../op.js'
import { type TensorType, typeOf } from '../type.js'
import { binaryOps } from './binary.js'
import { compareOps } from './compare.js'
import { loopGradient } from './loop-gradient.js'
import { reduceOps } from './reduce.js'

/** The most turns of a loop: what runs in one native call should end. */
export const mostTurns = 2 ** 24

export interface LoopAttrs {
  readonly length: number
  readonly reverse: boolean
  /** How many values are carried, and how many operands are scanned. */
  readonly carried: number
  readonly scanned: number
  readonly conditional: boolean
  readonly body: Graph
}

/** The results of the body that are stacked: what follows the condition and the carried values. */
export const stackedOf = ({ carried, conditional, body }: LoopAttrs) => body.outputs.slice(carried + Number(conditional))

/** The type of `length` of them along a new first axis. */
export const stackedType = (type: TensorType, length: number): TensorType => typeOf(type.dtype, [length, ...type.shape])

const flagType = typeOf('bool', [])

/** How many loops lie in each other in the body of a loop, that one included. */
const depthOf = (body: Graph): number =>
  1 + Math.max(0, ...body.nodes.map(({ op, attrs }) => (op.traits.loop ? depthOf(attrs['body'] as Graph) : 0)))

function infer(inputs: readonly HasType[], attrs: LoopAttrs): TensorType | TensorType[] {
  const { length, carried, scanned, conditional, body } = attrs
  const first = Number(conditional)
  const wrong = (problem: string): never => {
    throw new SinterError('shape', problem, { op: 'loop', operands: inputs })
  }
  if (length > mostTurns) wrong(`${length} turns are more than ${mostTurns} (C4)`)
  if (depthOf(body) > deepestLoops) {
    throw new SinterError('attribute', `loops lie more than ${deepestLoops} deep in each other (C5)`, {
      op: 'loop',
      operands: inputs,
      hint: 'carry several values through one loop, or write one out in JavaScript',
    })
  }
  const given = inputs.length - first
  if (given !== body.inputs.length || given < carried + scanned)
    wrong(`${given} operands for the ${body.inputs.length} parameters of its body, ${carried} carried and ${scanned} scanned (C1)`)
  body.inputs.forEach(({ type }, i) => {
    const wanted = i >= carried && i < carried + scanned ? stackedType(type, length) : type
    if (!inputs[first + i]!.type.equals(wanted))
      wrong(`operand ${first + i} is ${inputs[first + i]!.type}, its body expects ${wanted} (C1)`)
  })
  if (body.outputs.length < first + carried) wrong(`its body returns ${body.outputs.length} values and carries ${carried} (C2)`)
  for (let i = 0; i < carried; i++) {
    const { type } = body.outputs[first + i]!
    if (!type.equals(body.inputs[i]!.type)) wrong(`carried value ${i} is ${body.inputs[i]!.type}, its body makes ${type} of it (C2)`)
  }
  if (conditional && !(inputs[0]!.type.equals(flagType) && body.outputs[0]!.type.equals(flagType)))
    wrong('operand 0 and the first result of its body say whether there is another turn: bool[] (C3)')
  const stacked = stackedOf(attrs)
  if (conditional && (scanned > 0 || stacked.length > 0)) wrong('a loop that may end early neither scans nor stacks (C3)')
  const types = [...body.inputs.slice(0, carried).map(({ type }) => type), ...stacked.map(({ type }) => stackedType(type, length))]
  if (types.length === 0) wrong('it has no results (C2)')
  return types.length === 1 ? types[0]! : types
}

function evaluate(inputs: readonly HostTensor[], attrs: LoopAttrs, types: readonly TensorType[]): HostTensor[] {
  const { length, reverse, carried, scanned, conditional, body } = attrs
  const first = Number(conditional)
  let state = inputs.slice(first, first + carried)
  const scans = inputs.slice(first + carried, first + carried + scanned)
  const captured = inputs.slice(first + carried + scanned)
  const stacked = types.slice(carried).map((type): HostTensor => ({ type, values: emptyValues(type.dtype, type.size) }))
  let active = !conditional || Boolean(inputs[0]!.values[0])
  for (let turn = 0; turn < length && active; turn++) {
    const at = reverse ? length - 1 - turn : turn
    const slices = scans.map(({ values }, i): HostTensor => {
      const { type } = body.inputs[carried + i]!
      return { type, values: values.slice(at * type.size, (at + 1) * type.size) as HostTensor['values'] }
    })
    const results = interpret(body, [...state, ...slices, ...captured])
    active = !conditional || Boolean(results[0]!.values[0])
    state = results.slice(first, first + carried)
    results.slice(first + carried).forEach(({ values }, i) => {
      for (let j = 0; j < values.length; j++) stacked[i]!.values[at * values.length + j] = values[j]!
    })
  }
  return [...state, ...stacked]
}

/** A body for samples: parameters of the types, and what `make` returns of them. */
function sampleBody(types: readonly TensorType[], make: (parameters: readonly Node[]) => readonly Node[]): Graph {
  const parameters = types.map(inputNode)
  return new Graph(parameters, make(parameters))
}

const counts = typeOf('int32', [2])
const { mul, add, sub } = binaryOps
const parts = { reverse: false, carried: 1, scanned: 0, conditional: false }
const running = sampleBody([counts, counts], ([c, x]) => [emit(add, [c!, x!]), c!])

/** Loops over floats: in float64, whose gradients are checked, and in float32, which every device has. */
function samplesOf(dtype: 'float64' | 'float32'): Sample[] {
  const vector = typeOf(dtype, [3])
  const v = `${dtype === 'float64' ? 'f64' : 'f32'}[3]`
  const rows = v.replace('[', '[4,')
  /** c, x, w -> c w + x, and x times that. */
  const recurrence = sampleBody([vector, vector, vector], ([c, x, w]) => {
    const next = emit(add, [emit(mul, [c!, w!]), x!])
    return [next, emit(mul, [next, x!])]
  })
  /** Both values are carried, and change places. */
  const exchange = sampleBody([vector, vector], ([a, b]) => [b!, emit(sub, [a!, b!])])
  const squares = sampleBody([vector], ([x]) => [emit(mul, [x!, x!])])
  /** One turn at most: what a branch is. */
  const branch = sampleBody([vector, vector], ([x, w]) => [constantNode(0, 'bool'), emit(mul, [x!, w!])])
  /** As long as the sum is small. */
  const growing = sampleBody([vector, vector], ([c, x]) => {
    const next = emit(add, [c!, emit(mul, [x!, x!])])
    return [emit(compareOps.less, [emit(reduceOps.sum, [next], { axes: [0], keepDims: false }), constantNode(30, dtype)]), next]
  })
  const unknown = 'how many turns there are is not known'
  return [
    { inputs: [v, rows, v], attrs: { ...parts, length: 4, scanned: 1, body: recurrence } },
    { inputs: [v, rows, v], attrs: { ...parts, length: 4, reverse: true, scanned: 1, body: recurrence } },
    { inputs: [v, rows.replace('[4', '[0'), v], attrs: { ...parts, length: 0, scanned: 1, body: recurrence } },
    { inputs: [v, v], attrs: { ...parts, length: 5, carried: 2, body: exchange } },
    { inputs: [rows], attrs: { ...parts, length: 4, carried: 0, scanned: 1, body: squares } },
    { inputs: ['bool[]', v, v], attrs: { ...parts, length: 1, conditional: true, body: branch } },
    { inputs: ['bool[]', v, v], attrs: { ...parts, length: 9, conditional: true, body: growing }, noGradientCheck: unknown },
  ]
}

const samples: Sample[] = [
  ...samplesOf('float64'),
  ...samplesOf('float32').map((sample): Sample => ({ ...sample, noGradientCheck: 'that of float64 is checked' })),
  { inputs: ['i32[2]', 'i32[3,2]'], attrs: { ...parts, length: 3, scanned: 1, body: running }, noGradientCheck: 'integers' },
]
// Attributes in the order of the schema.
const ordered = samples.map((sample): Sample => {
  const { length, reverse, carried, scanned, conditional, body } = sample.attrs as unknown as LoopAttrs
  return { ...sample, attrs: { length, reverse, carried, scanned, conditional, body } }
})

const count = z.int().min(0)

export const controlOps = defineFamily('control', {
  loop: {
    doc:
      'Runs `body` `length` times on carried values. Operands: with `conditional` whether there is a first turn; `carried` initial values; `scanned` tensors ' +
      'whose slices along their first axis the turns get, the last one first with reverse; values that every turn gets. ' +
      'The body returns, with `conditional`, whether there is another turn; the carried values of the next turn; and values that are stacked along a new first ' +
      'axis. Results: the carried values, then the stacked ones. ' +
      '(C1) Operands have the types of the body’s parameters, scanned ones with a first axis of `length`. (C2) Carried values keep their types; there is a result. ' +
      '(C3) A conditional loop neither scans nor stacks, and its conditions are bool[]. (C4) length is at most 16777216. (C5) At most 8 loops lie in each other.',
    operands: ['...xs'],
    dtypes: realDTypes,
    attrs: z.strictObject({
      length: count,
      reverse: z.boolean(),
      carried: count,
      scanned: count,
      conditional: z.boolean(),
      body: z.instanceof(Graph),
    }),
    traits: { region: true, loop: true },
    infer,
    gradient: loopGradient,
    evaluate,
    samples: ordered,
  },
})
