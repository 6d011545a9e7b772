// Recurrent layers over whole sequences, after the projection of their inputs, and their gradients.

import { z } from 'zod'
import { gradients } from '../autodiff.js'
import { SinterError } from '../error.js'
import type { Node } from '../node.js'
import { type Decomposition, defineFamily, type Gradient, type HasType, type Sample } from '../op.js'
import { type Shape, sameShape } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkSameDType, checkWideFloat, wideFloatDTypes } from './check.js'
import { evaluateLstm, evaluateLstmGradient, unrolledLstm, unrolledLstmGradient } from './lstm-steps.js'

interface Sizes {
  readonly steps: number
  readonly batch: number
  readonly hidden: number
}

const schema = z.strictObject({ reverse: z.boolean() })

function checkDTypes(op: string, inputs: readonly HasType[]): void {
  checkWideFloat(op, inputs)
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
  const [outputs, cells, state] = [0, 1, 2].map((index) => b.result(node, index)) as [Node, Node, Node]
  const back = b.emit(
    'lstmGradient',
    [recurrent, initCell, cells, grads[0] ?? b.fullLike(outputs, 0), state, ...(grads[1] === undefined ? [] : [grads[1]])],
    { reverse: attrs.reverse },
  )
  const dGates = b.result(back, 0)
  const dWeight = (): Node => {
    // The state before each step.
    const first = b.reshape(initState, [1, batch, hidden])
    const others = b.slice(outputs, [attrs.reverse ? 1 : 0, 0, 0], [steps - 1, batch, hidden])
    const before = steps === 1 ? first : b.concat(attrs.reverse ? [others, first] : [first, others], 0)
    return b.matmul(b.transpose(b.reshape(dGates, [steps * batch, 4 * hidden])), b.reshape(before, [steps * batch, hidden]))
  }
  return [dGates, needs[1] ? dWeight() : undefined, needs[2] ? b.result(back, 1) : undefined, needs[3] ? b.result(back, 2) : undefined]
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
    dtypes: wideFloatDTypes,
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
    dtypes: wideFloatDTypes,
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
