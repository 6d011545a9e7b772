// An LSTM step by step: as nodes, for backends without a kernel and for derivatives of derivatives, and as plain loops, for the reference implementations.

import type { Builder } from '../build.js'
import { type HostTensor, hostZeros, roundTo } from '../host.js'
import type { Node } from '../node.js'
import type { Attrs, Decomposition } from '../op.js'
import type { TensorType } from '../type.js'
import { sigmoid } from './functions.js'

export interface RecurrentAttrs extends Attrs {
  /** From the last step to the first. */
  readonly reverse: boolean
}

/** The steps in the order in which they are computed. */
const order = (steps: number, reverse: boolean): number[] => Array.from({ length: steps }, (_, i) => (reverse ? steps - 1 - i : i))

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

export const unrolledLstm: Decomposition = ({ b, inputs, attrs, node }) => {
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

export const unrolledLstmGradient: Decomposition = ({ b, inputs, attrs }) => {
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

export function evaluateLstm(inputs: readonly HostTensor[], { reverse }: RecurrentAttrs, types: readonly TensorType[]): HostTensor[] {
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

export function evaluateLstmGradient(
  inputs: readonly HostTensor[],
  { reverse }: RecurrentAttrs,
  types: readonly TensorType[],
): HostTensor[] {
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
