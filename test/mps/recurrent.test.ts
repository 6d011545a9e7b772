// LSTM layers on the device mps: MPSGraph's own method and the gates computed again, their gradients from those, and what they are lowered to.

import { describe, expect, it } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import { ops } from '../../ir/ops/index.js'
import { typeOf } from '../../ir/type.js'
import * as sinter from '../../lib/index.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { confirmedDifference } from '../support/oracle.js'
import { randomFrom, randomTensor } from '../support/values.js'
import { missingMps } from './device.js'
import { runOnMps } from './support/run.js'

function layer(steps: number, batch: number, hidden: number, reverse: boolean): Graph {
  const shapes = [
    [steps, batch, 4 * hidden],
    [4 * hidden, hidden],
    [batch, hidden],
    [batch, hidden],
  ]
  const inputs = shapes.map((shape) => inputNode(typeOf('float32', shape)))
  const node = emit(ops.lstm, inputs, { reverse })
  return new Graph(
    inputs,
    [0, 1, 2].map((index) => resultNode(node, index)),
  )
}

function gradientOf(steps: number, batch: number, hidden: number, reverse: boolean, ofCells: boolean): Graph {
  const every = [steps, batch, hidden]
  const shapes = [[4 * hidden, hidden], [batch, hidden], every, every, [steps, batch, 4 * hidden], ...(ofCells ? [every] : [])]
  const inputs = shapes.map((shape) => inputNode(typeOf('float32', shape)))
  const node = emit(ops.lstmGradient, inputs, { reverse })
  return new Graph(
    inputs,
    [0, 1, 2].map((index) => resultNode(node, index)),
  )
}

const cases = [
  [1, 2, 3, false],
  [2, 1, 1, false],
  [7, 3, 4, false],
  [7, 3, 4, true],
  [40, 2, 8, true],
] as const

describe('calls', () => {
  const methodsOf = (graph: Graph): string[] => lowerToCalls(graph, []).program.calls.map(({ selector }) => selector)
  const own = (methods: readonly string[]) => methods.filter((method) => method.startsWith('LSTM'))
  const products = (methods: readonly string[]) => methods.filter((method) => method.startsWith('matrixMultiplication'))

  it('do not grow with the steps', () => {
    const [few, many] = [methodsOf(layer(3, 2, 4, false)), methodsOf(layer(300, 2, 4, false))]
    expect(many).toEqual(few)
    expect([own(many).length, products(many).length]).toEqual([1, 1])
  })

  it('of gradients are few for each step', () => {
    const [nine, ten] = [9, 10].map((steps) => methodsOf(gradientOf(steps, 2, 4, false, false)).length) as [number, number]
    expect(ten - nine).toBeLessThanOrEqual(11)
  })

  it('of one step are those of its equations', () => {
    expect(own(methodsOf(layer(1, 2, 4, true)))).toEqual([])
  })
})

describe.skipIf(missingMps !== undefined)('values', () => {
  it.each(cases)('%i steps of %i rows and %i units, reverse %s', (...sizes) => {
    const graph = layer(...sizes)
    const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(i + 1), [-1, 1]))
    expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs))).toBeUndefined()
  })

  it.each(cases.flatMap((sizes) => [false, true].map((ofCells) => [...sizes, ofCells] as const)))(
    'gradients of %i steps of %i rows and %i units, reverse %s, of cells too %s',
    (...sizes) => {
      const graph = gradientOf(...sizes)
      const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(i + 1), [-1, 1]))
      expect(confirmedDifference(graph, inputs, runOnMps(graph, inputs))).toBeUndefined()
    },
  )

  it.each([false, true])('gradients, reverse %s', async (reverse) => {
    const shapes = [
      [5, 3, 2],
      [16, 2],
      [16, 4],
    ] as const
    const values = shapes.map((shape, i) => randomTensor(typeOf('float32', shape), randomFrom(i + 1), [-1, 1]).values as Float64Array)
    const gradients = async (device: string): Promise<unknown[]> => {
      const [x, inputWeight, recurrentWeight] = shapes.map((shape, i) =>
        sinter.tensor(Float32Array.from(values[i]!), { device }).reshape([...shape]),
      ) as [sinter.Tensor, sinter.Tensor, sinter.Tensor]
      const loss = (a: sinter.Tensor, b: sinter.Tensor, c: sinter.Tensor): sinter.Tensor =>
        sinter.lstm(a, { inputWeight: b, recurrentWeight: c }, { reverse }).output.square().sum()
      const found = sinter.grad(loss, { argnums: [0, 1, 2] })(x, inputWeight, recurrentWeight) as sinter.Tensor[]
      return Promise.all(found.map((one) => one.reshape([one.size]).js()))
    }
    const [got, wanted] = [await gradients('mps'), await gradients('cpu')] as [number[][], number[][]]
    got.forEach((numbers, i) => {
      numbers.forEach((number, at) => {
        expect(number).toBeCloseTo(wanted[i]![at]!, 4)
      })
    })
  })
})
