// Recurrent layers over whole sequences, after the projection of their inputs, and their gradients.

import { z } from 'zod'
import { gradients } from '../autodiff.js'
import { type Builder, resultNode } from '../build.js'
import { SinterError } from '../error.js'
import { type HostTensor, hostZeros, roundTo } from '../host.js'
import type { Node } from '../node.js'
import { type Attrs, type Decomposition, defineFamily, type Gradient, type HasType, type Sample } from '../op.js'
import { type Shape, sameShape } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkSameDType } from './check.js'
import { matrixDTypes } from './matrices.js'

interface RecurrentAttrs extends Attrs {
  /** From the last step to the first. */
  readonly reverse: boolean
}

interface Sizes {
  readonly steps: number
  readonly batch: number
  readonly hidden: number
}

const schema = z.strictObject({ reverse: z.boolean() })

/** The steps in the order in which they are computed. */
const order = (steps: number, reverse: boolean): number[] => Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i))

function checkDTypes(op: string, inputs: readonly HasType[]): void {
  const { dtype } = inputs[0]!.type
  if (!matrixDTypes.includes(dtype)) {
    throw new SinterError('dtype', `works on float32 and float64, not on ${dtype} (C1)`, {
      op,
      operands: inputs,
      hint: "convert first, for example astype('float32')",
    })
  }
  for (let i = 1; i < inputs.length; i++) checkSameDType(op, inputs, i)
}

function requireShape(op: string, inputs: readonly HasType[], index: number, name: string, shape: Shape, rule: string): void {
  const own = inputs[index]!.type.shape
  if (sameShape(own, shape)) return
  throw new SinterError('shape', `${name} is [${own.join(', ')}], it needs to be [${shape.join(', ')}] (${rule})`, { op, operands: inputs })
}

/** Sizes of a sequence [steps, batch, parts * hidden]. */
function sizesOf(op: string, inputs: readonly HasType[], index: number, name: string, parts: number): Sizes {
  const { shape } = inputs[index]!.type
  const [steps, batch, width] = shape
  if (shape.length !== 3 || steps === 0 || width! % parts !== 0) {
    const wanted = parts === 1 ? 'H' : `${parts} H`
    throw new SinterError('shape', `${name} is [${shape.join(', ')}], it needs to be [T, N, ${wanted}] with at least one step (C2)`, {
      op,
      operands: inputs,
    })
  }
  return { steps: steps!, batch: batch!, hidden: width! / parts }
}

function inferLstm(inputs: readonly HasType[]): TensorType[] {
  const op = 'lstm'
  checkDTypes(op, inputs)
  const { steps, batch, hidden } = sizesOf(op, inputs, 0, 'gates', 4)
  requireShape(op, inputs, 1, 'recurrentWeight', [4 * hidden, hidden], 'C3')
  requireShape(op, inputs, 2, 'initState', [batch, hidden], 'C4')
  requireShape(op, inputs, 3, 'initCell', [batch, hidden], 'C4')
  const { dtype } = inputs[0]!.type
  const every = typeOf(dtype, [steps, batch, hidden])
  return [every, every, typeOf(dtype, [steps, batch, 4 * hidden])]
}

function inferLstmGradient(inputs: readonly HasType[]): TensorType[] {
  const op = 'lstmGradient'
  if (inputs.length > 6) throw new SinterError('argument', 'takes at most one cellGradient (C5)', { op, operands: inputs })
  checkDTypes(op, inputs)
  const { steps, batch, hidden } = sizesOf(op, inputs, 3, 'outputGradient', 1)
  const every = [steps, batch, hidden]
  requireShape(op, inputs, 0, 'recurrentWeight', [4 * hidden, hidden], 'C3')
  requireShape(op, inputs, 1, 'initCell', [batch, hidden], 'C3')
  requireShape(op, inputs, 2, 'cells', every, 'C4')
  requireShape(op, inputs, 4, 'state', [steps, batch, 4 * hidden], 'C4')
  if (inputs.length > 5) requireShape(op, inputs, 5, 'cellGradient', every, 'C5')
  const { dtype } = inputs[0]!.type
  const once = typeOf(dtype, [batch, hidden])
  return [typeOf(dtype, [steps, batch, 4 * hidden]), once, once]
}

/** Step t of a sequence, or the columns of one of its parts. */
function stepOf(b: Builder, x: Node, t: number, part = 0, parts = 1): Node {
  const [, batch, width] = x.type.shape as [number, number, number]
  return b.reshape(b.slice(x, [t, 0, (part * width) / parts], [1, batch, width / parts]), [batch, width / parts])
}

/** A sequence of its steps. */
function sequence(b: Builder, steps: readonly Node[]): Node {
  const parts = steps.map((step) => b.reshape(step, [1, ...step.type.shape]))
  return parts.length === 1 ? parts[0]! : b.concat(parts, 0)
}

const unrolledLstm: Decomposition = ({ b, inputs, attrs, node }) => {
  const [gates, recurrent, initState, initCell] = inputs as [Node, Node, Node, Node]
  const [steps, batch, hidden] = node.type.shape as [number, number, number]
  const matrix = b.transpose(recurrent)
  const outputs: Node[] = []
  const cells: Node[] = []
  const states: Node[] = []
  let [h, c] = [initState, initCell]
  for (const t of order(steps, attrs.reverse)) {
    const sums = b.add(stepOf(b, gates, t), b.matmul(h, matrix))
    const [i, f, z, o] = ['sigmoid', 'sigmoid', 'tanh', 'sigmoid'].map((act, gate) =>
      b.emit(act, [b.slice(sums, [0, gate * hidden], [batch, hidden])]),
    ) as [Node, Node, Node, Node]
    c = b.add(b.mul(f, c), b.mul(i, z))
    h = b.mul(o, b.emit('tanh', [c]))
    outputs[t] = h
    cells[t] = c
    states[t] = b.concat([i, f, z, o], 1)
  }
  return [sequence(b, outputs), sequence(b, cells), sequence(b, states)]
}

const unrolledLstmGradient: Decomposition = ({ b, inputs, attrs }) => {
  const [recurrent, initCell, cells, outputGradient, state, cellGradient] = inputs as [Node, Node, Node, Node, Node, Node | undefined]
  const forwards = order(cells.type.shape[0]!, attrs.reverse)
  const rest = (x: Node): Node => b.emit('sub', [b.fullLike(x, 1), x])
  const gates: Node[] = []
  let dh: Node | undefined
  let carry: Node | undefined
  for (let at = forwards.length - 1; at >= 0; at--) {
    const t = forwards[at]!
    const [i, f, z, o] = [0, 1, 2, 3].map((part) => stepOf(b, state, t, part, 4)) as [Node, Node, Node, Node]
    const before = at === 0 ? initCell : stepOf(b, cells, forwards[at - 1]!)
    const shown = b.emit('tanh', [stepOf(b, cells, t)])
    const given = stepOf(b, outputGradient, t)
    const dOutput = dh === undefined ? given : b.add(given, dh)
    let dCell = b.mul(b.mul(dOutput, o), rest(b.mul(shown, shown)))
    if (carry !== undefined) dCell = b.add(dCell, carry)
    if (cellGradient !== undefined) dCell = b.add(dCell, stepOf(b, cellGradient, t))
    const back = b.concat(
      [
        b.mul(b.mul(dCell, z), b.mul(i, rest(i))),
        b.mul(b.mul(dCell, before), b.mul(f, rest(f))),
        b.mul(b.mul(dCell, i), rest(b.mul(z, z))),
        b.mul(b.mul(dOutput, shown), b.mul(o, rest(o))),
      ],
      1,
    )
    gates[t] = back
    carry = b.mul(dCell, f)
    dh = b.matmul(back, recurrent)
  }
  return [sequence(b, gates), dh!, carry!]
}

/** The gradient of an op through its decomposition. */
const throughDecomposition =
  (decompose: Decomposition): Gradient =>
  ({ b, node, inputs, attrs, grads, needs }) => {
    // Each operand by itself, as two of them may be the same node.
    const own = inputs.map((input) => b.emit('identity', [input]))
    const outputs = decompose({ b, inputs: own, attrs, node }) as readonly Node[]
    const wanted = own.filter((_, i) => needs[i])
    const found = gradients(outputs, grads, wanted, b)
    return own.map((input) => found[wanted.indexOf(input)])
  }

const differentiateUnrolled = throughDecomposition(unrolledLstm)

const lstmGradient: Gradient = (context) => {
  const { b, node, inputs, attrs, grads, needs } = context
  // The state has a cotangent in derivatives of derivatives only.
  if (grads[2] !== undefined) return differentiateUnrolled(context)
  const [, recurrent, initState, initCell] = inputs as [Node, Node, Node, Node]
  const [steps, batch, hidden] = node.type.shape as [number, number, number]
  const [outputs, cells, state] = [0, 1, 2].map((index) => resultNode(node, index)) as [Node, Node, Node]
  const back = b.emit(
    'lstmGradient',
    [recurrent, initCell, cells, grads[0] ?? b.fullLike(outputs, 0), state, ...(grads[1] === undefined ? [] : [grads[1]])],
    { reverse: attrs.reverse },
  )
  const dGates = resultNode(back, 0)
  const dWeight = (): Node => {
    // The state before each step.
    const first = b.reshape(initState, [1, batch, hidden])
    const others = b.slice(outputs, [attrs.reverse ? 1 : 0, 0, 0], [steps - 1, batch, hidden])
    const before = steps === 1 ? first : b.concat(attrs.reverse ? [others, first] : [first, others], 0)
    return b.matmul(b.transpose(b.reshape(dGates, [steps * batch, 4 * hidden])), b.reshape(before, [steps * batch, hidden]))
  }
  return [dGates, needs[1] ? dWeight() : undefined, needs[2] ? resultNode(back, 1) : undefined, needs[3] ? resultNode(back, 2) : undefined]
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

function evaluateLstm(inputs: readonly HostTensor[], { reverse }: RecurrentAttrs, types: readonly TensorType[]): HostTensor[] {
  const [gates, recurrent, initState, initCell] = inputs.map(({ values }) => values as Float64Array) as Float64Array[]
  const results = types.map(hostZeros)
  const [output, cells, state] = results.map(({ values }) => values as Float64Array) as [Float64Array, Float64Array, Float64Array]
  const { dtype, shape } = types[0]!
  const [steps, batch, hidden] = shape as [number, number, number]
  order(steps, reverse).forEach((t, at, all) => {
    for (let n = 0; n < batch; n++) {
      const before = at === 0 ? n * hidden : (all[at - 1]! * batch + n) * hidden
      const [h, c] = at === 0 ? [initState!, initCell!] : [output, cells]
      const row = (t * batch + n) * hidden
      for (let j = 0; j < hidden; j++) {
        const [i, f, z, o] = [0, 1, 2, 3].map((gate) => {
          let sum = gates![row * 4 + gate * hidden + j]!
          for (let k = 0; k < hidden; k++) sum += h[before + k]! * recurrent![(gate * hidden + j) * hidden + k]!
          const value = roundTo(dtype, gate === 2 ? Math.tanh(sum) : sigmoid(sum))
          state[row * 4 + gate * hidden + j] = value
          return value
        }) as [number, number, number, number]
        const cell = roundTo(dtype, f * c[before + j]! + i * z)
        cells[row + j] = cell
        output[row + j] = roundTo(dtype, o * Math.tanh(cell))
      }
    }
  })
  return results
}

function evaluateLstmGradient(inputs: readonly HostTensor[], { reverse }: RecurrentAttrs, types: readonly TensorType[]): HostTensor[] {
  const [recurrent, initCell, cells, outputGradient, state, cellGradient] = inputs.map(({ values }) => values as Float64Array)
  const results = types.map(hostZeros)
  const [gates, dState, carry] = results.map(({ values }) => values as Float64Array) as [Float64Array, Float64Array, Float64Array]
  const { dtype } = types[0]!
  const [steps, batch, hidden] = inputs[3]!.type.shape as [number, number, number]
  const forwards = order(steps, reverse)
  for (let at = steps - 1; at >= 0; at--) {
    for (let n = 0; n < batch; n++) {
      const row = (forwards[at]! * batch + n) * hidden
      for (let j = 0; j < hidden; j++) {
        const [i, f, z, o] = [0, 1, 2, 3].map((gate) => state![row * 4 + gate * hidden + j]!) as [number, number, number, number]
        const before = at === 0 ? initCell![n * hidden + j]! : cells![(forwards[at - 1]! * batch + n) * hidden + j]!
        const shown = Math.tanh(cells![row + j]!)
        const dOutput = outputGradient![row + j]! + dState[n * hidden + j]!
        const dCell = dOutput * o * (1 - shown * shown) + carry[n * hidden + j]! + (cellGradient?.[row + j] ?? 0)
        const back = [dCell * z * i * (1 - i), dCell * before * f * (1 - f), dCell * i * (1 - z * z), dOutput * shown * o * (1 - o)]
        back.forEach((value, gate) => {
          gates[row * 4 + gate * hidden + j] = roundTo(dtype, value)
        })
        carry[n * hidden + j] = roundTo(dtype, dCell * f)
      }
      for (let j = 0; j < hidden; j++) {
        let sum = 0
        for (let k = 0; k < 4 * hidden; k++) sum += gates[row * 4 + k]! * recurrent![k * hidden + j]!
        dState[n * hidden + j] = roundTo(dtype, sum)
      }
    }
  }
  return results
}

/** Samples over steps, batch and hidden size: all kinds of rows and columns that kernels treat apart. */
const sizes: readonly (readonly [steps: number, batch: number, hidden: number, reverse: boolean])[] = [
  [1, 1, 1, false],
  [3, 2, 3, false],
  [3, 2, 3, true],
  [2, 7, 5, false],
  [2, 5, 37, true],
  [2, 1, 37, false],
  [2, 67, 4, false],
  [2, 0, 3, false],
  [2, 3, 0, false],
]

const lstmSamples = sizes.map(
  ([t, n, h, reverse]): Sample => ({
    inputs: [`$[${t},${n},${4 * h}]`, `$[${4 * h},${h}]`, `$[${n},${h}]`, `$[${n},${h}]`],
    attrs: { reverse },
    range: [-1, 1],
    tame: true,
  }),
)

const lstmGradientSamples = sizes.map(
  ([t, n, h, reverse], at): Sample => ({
    inputs: [
      `$[${4 * h},${h}]`,
      `$[${n},${h}]`,
      `$[${t},${n},${h}]`,
      `$[${t},${n},${h}]`,
      `$[${t},${n},${4 * h}]`,
      ...(at % 2 === 0 ? [] : [`$[${t},${n},${h}]`]),
    ],
    attrs: { reverse },
    range: [-1, 1],
    tame: true,
  }),
)

export const recurrentOps = defineFamily('recurrent', {
  lstm: {
    doc:
      'An LSTM layer over a sequence, given the parts of its gates that come from its inputs: with [i, f, z, o] = gates[t] + h recurrentWeight^T, where i, f and o ' +
      'go through sigmoid and z through tanh, the cell becomes c = f c + i z and the state h = o tanh(c). Three results: the states after each step, [T, N, H], ' +
      'the cells, [T, N, H], and i, f, z, o, [T, N, 4 H], which the gradient starts from. With reverse from the last step to the first. ' +
      '(C1) Operands are float32 or float64, of one dtype. (C2) gates are [T, N, 4 H] with T >= 1. (C3) recurrentWeight is [4 H, H]. ' +
      '(C4) initState and initCell are [N, H].',
    operands: ['gates', 'recurrentWeight', 'initState', 'initCell'],
    dtypes: matrixDTypes,
    attrs: schema,
    traits: {},
    infer: inferLstm,
    gradient: lstmGradient,
    evaluate: evaluateLstm,
    decompose: unrolledLstm,
    samples: lstmSamples,
    flops: ([, recurrent]) => 8 * recurrent!.type.shape[1]! + 30,
  },
  lstmGradient: {
    doc:
      "Cotangents of lstm's gates, [T, N, 4 H], initState and initCell, [N, H]: three results, from its cells and state and the cotangents of its outputs and, " +
      'where there are some, of its cells. The cotangent of recurrentWeight is the product of that of the gates with the states before each step. ' +
      '(C1) Operands are float32 or float64, of one dtype. (C2) outputGradient is [T, N, H] with T >= 1. (C3) recurrentWeight is [4 H, H] and initCell [N, H]. ' +
      '(C4) cells are [T, N, H] and state is [T, N, 4 H]. (C5) There is at most one cellGradient, [T, N, H].',
    operands: ['recurrentWeight', 'initCell', 'cells', 'outputGradient', 'state', '...cellGradient'],
    dtypes: matrixDTypes,
    attrs: schema,
    traits: {},
    infer: inferLstmGradient,
    gradient: throughDecomposition(unrolledLstmGradient),
    evaluate: evaluateLstmGradient,
    decompose: unrolledLstmGradient,
    samples: lstmGradientSamples,
    flops: ([recurrent]) => 2 * recurrent!.type.shape[1]! + 10,
  },
})
