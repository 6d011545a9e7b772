// Recurrent layers. MPSGraph's own method computes the states and the cells. What it keeps for its gradient is not read: the gates follow from the states, for all
// steps in one matrix product, whichever side computed them. Its gradient asks for what it kept: gradients are written step by step, each with no more than the
// few calls that wait for the step after it.

import type { RecurrentAttrs } from '../../../../ir/ops/lstm-steps.js'
import type { recurrentOps } from '../../../../ir/ops/recurrent.js'
import { typeOf } from '../../../../ir/type.js'
import type { Descriptor, Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import { concatAll } from './assemble.js'
import { multiplyMatrices } from './linalg.js'

const activation = (name: string) => ({ enumeration: 'MPSGraphRNNActivation', case: `MPSGraphRNNActivation${name}` })

/** Gates in the order i, f, z, o. Where the results of a sequence from its end go is not documented: reverse stays off. */
const descriptor: Descriptor = {
  descriptor: 'MPSGraphLSTMDescriptor',
  properties: {
    reverse: 0,
    bidirectional: 0,
    forgetGateLast: 0,
    // Together, as PyTorch has them: the second result is the cells, the third what is kept.
    produceCell: 1,
    training: 1,
    inputGateActivation: activation('Sigmoid'),
    forgetGateActivation: activation('Sigmoid'),
    cellGateActivation: activation('Tanh'),
    outputGateActivation: activation('Sigmoid'),
    activation: activation('Tanh'),
  },
}

/** The steps from the last to the first. */
function reversed(g: Emitter, x: Value): Value {
  const { shape } = x.type
  return g.slice(x, [shape[0]! - 1, 0, 0], shape, [-1, 1, 1])
}

/** What was there before each step: `first`, [N, H], before the one that is computed first. */
function shifted(g: Emitter, every: Value, first: Value, reverse: boolean): Value {
  const [steps, batch, hidden] = every.type.shape as [number, number, number]
  const own = g.reshape(first, [1, batch, hidden])
  if (steps === 1) return own
  const others = g.slice(every, [reverse ? 1 : 0, 0, 0], [steps - 1, batch, hidden])
  return g.concat(reverse ? [others, own] : [own, others], 0)
}

/** Part `index` of four of the last dimension. */
function gate(g: Emitter, x: Value, index: number): Value {
  const width = x.type.shape.at(-1)! / 4
  const starts = x.type.shape.map((_, d) => (d === x.type.rank - 1 ? index * width : 0))
  return g.slice(x, starts, [...x.type.shape.slice(0, -1), width])
}

/** i, f, z and o of every step, from the states before it. */
function gatesOf(g: Emitter, gates: Value, recurrent: Value, before: Value): Value[] {
  const { dtype, shape } = gates.type
  const [steps, batch, width] = shape as [number, number, number]
  const rows = g.reshape(before, [steps * batch, width / 4])
  const product = multiplyMatrices(g, rows, g.permute(recurrent, [1, 0]), typeOf(dtype, [steps * batch, width]))
  const sums = g.add(gates, g.reshape(product, shape))
  return ['sigmoid', 'sigmoid', 'tanh', 'sigmoid'].map((method, index) => g.unary(method, gate(g, sums, index)))
}

function oneStep(g: Emitter, [gates, recurrent, state, cell]: readonly [Value, Value, Value, Value]): readonly Value[] {
  const [i, f, z, o] = gatesOf(g, gates, recurrent, state) as [Value, Value, Value, Value]
  const next = g.add(g.mul(f, g.reshape(cell, i.type.shape)), g.mul(i, z))
  return [g.mul(o, g.unary('tanh', next)), next, g.concat([i, f, z, o], 2)]
}

function lstm(g: Emitter, operands: readonly [Value, Value, Value, Value], reverse: boolean): readonly Value[] {
  const [gates, recurrent, initState, initCell] = operands
  const { dtype, shape } = gates.type
  const [steps, batch, width] = shape as [number, number, number]
  if (steps === 1) return oneStep(g, operands)
  const every = typeOf(dtype, [steps, batch, width / 4])
  const source = reverse ? reversed(g, gates) : gates
  const [states, cells] = g.callList(
    'LSTMWithSourceTensor:recurrentWeight:initState:initCell:descriptor:name:',
    [source, recurrent, initState, initCell, descriptor],
    [every, every, gates.type],
  ) as [Value, Value, Value]
  const results = [states, cells, g.concat(gatesOf(g, source, recurrent, shifted(g, states, initState, false)), 2)]
  return reverse ? results.map((x) => reversed(g, x)) : results
}

type Backward = readonly [recurrent: Value, initCell: Value, cells: Value, outputGradient: Value, state: Value, cellGradient?: Value]

function lstmGradient(g: Emitter, operands: Backward, reverse: boolean): readonly Value[] {
  const [recurrent, initCell, cells, outputGradient, state, cellGradient] = operands
  const [steps, batch, hidden] = cells.type.shape as [number, number, number]
  const once = [batch, hidden]
  const [i, f, z, o] = [0, 1, 2, 3].map((index) => gate(g, state, index)) as [Value, Value, Value, Value]
  const rest = (x: Value): Value => g.sub(g.scalar(1, x.type.dtype), x)
  const shown = g.unary('tanh', cells)
  // What the cotangents of a step are multiplied by, for all steps: that of the output on its way to the cell, and both on their way to the gates.
  const toCell = g.mul(o, rest(g.mul(shown, shown)))
  const toGates = g.concat(
    [
      g.mul(z, g.mul(i, rest(i))),
      g.mul(shifted(g, cells, initCell, reverse), g.mul(f, rest(f))),
      g.mul(i, rest(g.mul(z, z))),
      g.mul(shown, g.mul(o, rest(o))),
    ],
    2,
  )
  const at = (x: Value, t: number): Value => g.slice(x, [t, 0, 0], [1, ...x.type.shape.slice(1)])
  const gates: Value[] = []
  let [dState, dCell]: (Value | undefined)[] = []
  for (let count = 0; count < steps; count++) {
    const t = reverse ? count : steps - 1 - count
    const given = at(outputGradient, t)
    const dOutput = dState === undefined ? given : g.add(given, dState)
    const parts = [g.mul(dOutput, at(toCell, t)), ...(dCell === undefined ? [] : [dCell]), ...(cellGradient ? [at(cellGradient, t)] : [])]
    const own = parts.reduce((a, b) => g.add(a, b))
    gates[t] = g.mul(g.concat([own, own, own, dOutput], 2), at(toGates, t))
    dCell = g.mul(own, at(f, t))
    dState = multiplyMatrices(g, gates[t], recurrent, typeOf(cells.type.dtype, [1, batch, hidden]))
  }
  return [concatAll(g, gates, 0), g.reshape(dState!, once), g.reshape(dCell!, once)]
}

export const recurrentLowerings: Table<typeof recurrentOps> = {
  lstm: {
    emit: (g, [gates, recurrent, state, cell], { attrs }) =>
      lstm(g, [gates!, recurrent!, state!, cell!], (attrs as RecurrentAttrs).reverse),
  },
  lstmGradient: {
    emit: (g, operands, { attrs }) => lstmGradient(g, operands as unknown as Backward, (attrs as RecurrentAttrs).reverse),
  },
}
