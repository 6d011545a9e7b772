// The differentiation driver: what it visits, how it routes and sums cotangents, custom gradients, errors.

import { describe, expect, it } from 'vitest'
import { gradients, setCustomGradient } from '../../ir/autodiff.js'
import { constantNode, emit, inputNode, resultNode } from '../../ir/build.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import { interpret } from '../../ir/interpret.js'
import type { Node } from '../../ir/node.js'
import { defineFamily } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { noAttrsSchema } from '../../ir/ops/schema.js'
import { parseType } from '../../ir/type.js'
import { f64, gradientAt } from './finite.js'

const two = defineFamily('test', {
  /** Results x^2 and 3 x. */
  twoResults: {
    doc: 'x squared, and three times x.',
    operands: ['x'],
    dtypes: ['float64'],
    attrs: noAttrsSchema,
    traits: {},
    infer: ([x]) => [x!.type, x!.type],
    gradient: ({ b, inputs, grads }) => {
      const square = grads[0] && b.mul(grads[0], b.mul(inputs[0]!, b.constant(2, 'float64')))
      const triple = grads[1] && b.mul(grads[1], b.constant(3, 'float64'))
      return [square && triple ? b.add(square, triple) : (square ?? triple)]
    },
    evaluate: ([x]) => [2, 3].map((_, k) => ({ type: x!.type, values: (x!.values as Float64Array).map((v) => (k === 0 ? v * v : 3 * v)) })),
    samples: [],
  },
  wrongType: {
    doc: 'Its gradient is of the wrong type.',
    operands: ['x'],
    dtypes: ['float64'],
    attrs: noAttrsSchema,
    traits: { elementwise: true },
    infer: ([x]) => x!.type,
    gradient: ({ b, grad }) => [b.cast(grad, 'float32')],
    evaluate: ([x]) => [x!],
    samples: [],
  },
  wrongCount: {
    doc: 'Its gradient returns too few.',
    operands: ['x', 'y'],
    dtypes: ['float64'],
    attrs: noAttrsSchema,
    traits: {},
    infer: ([x]) => x!.type,
    gradient: ({ grad }) => [grad],
    evaluate: ([x]) => [x!],
    samples: [],
  },
})

function caught(run: () => unknown): SinterError {
  try {
    run()
  } catch (error) {
    if (error instanceof SinterError) return error
  }
  throw new Error('no SinterError was thrown')
}

const input = (text: string): Node => inputNode(parseType(text)!)

describe('the driver', () => {
  it('routes cotangents of results, whether one or both are used', () => {
    const both = (x: Node) => {
      const node = emit(two.twoResults, [x])
      return b.add(resultNode(node, 0), resultNode(node, 1))
    }
    expect(gradientAt(both, f64([2], [1, 5]))).toEqual([5, 13])
    expect(gradientAt((x) => resultNode(emit(two.twoResults, [x]), 1), f64([2], [1, 5]))).toEqual([3, 3])
    expect(gradientAt((x) => b.neg(emit(two.twoResults, [x])), f64([2], [1, 5]))).toEqual([-2, -10])
  })

  it('sums over uses, outputs and broadcasting', () => {
    const x = input('f64[3]')
    const y = b.add(b.mul(x, x), x)
    const matrix = b.mul(x, constantNode(2, 'float64', [4, 3]))
    const [grad] = gradients([y, matrix, x], [b.fullLike(y, 1), b.fullLike(matrix, 1), b.fullLike(x, 100)], [x], b)
    expect(Array.from(interpret(new Graph([x], [grad!]), [f64([3], [1, 2, 3])])[0]!.values, Number)).toEqual([111, 113, 115])
  })

  it('outputs without cotangent, and nodes without influence, have none', () => {
    const x = input('f32[2]')
    const y = input('f32[2]')
    expect(gradients([b.neg(x), b.neg(y)], [b.fullLike(x, 1), undefined], [x, y], b).map((grad) => grad?.type.toString())).toEqual([
      'f32[2]',
      undefined,
    ])
    expect(gradients([], [], [x], b)).toEqual([undefined])
    const stopped = b.emit('stopGradient', [b.neg(x)])
    expect(gradients([stopped], [stopped], [x], b)).toEqual([undefined])
  })

  it('takes any node as a variable and does not walk through it', () => {
    const x = input('f64[]')
    const y = b.square(x)
    const z = b.mul(y, b.constant(3, 'float64'))
    const one = b.constant(1, 'float64')
    const [dx, dy, dz] = gradients([z], [one], [x, y, z], b)
    expect([dx, dy]).toEqual([undefined, undefined])
    expect(dz).toBe(one)
    const inner = gradients([z], [one], [x, y], b)
    expect(inner[0]).toBeUndefined()
    expect(inner[1]!.type.toString()).toBe('f64[]')
  })

  it('follows realized nodes that keep their operands', () => {
    const x = input('f64[]')
    const y = b.square(x)
    y.bind({}, false)
    const z = b.neg(y)
    expect(gradients([z], [b.constant(1, 'float64')], [x], b)[0]).toBeDefined()
  })

  it('calls no gradient that does not lie between the variables and the outputs', () => {
    let called = 0
    const { counted } = defineFamily('test', {
      counted: {
        ...ops.neg,
        gradient: ({ b, grad }) => {
          called++
          return [b.neg(grad)]
        },
      },
    })
    const x = input('f64[]')
    const unrelated = emit(counted, [emit(counted, [input('f64[]')])])
    const y = b.mul(emit(counted, [x]), unrelated)
    emit(counted, [y])
    gradients([y, unrelated], [b.constant(1, 'float64'), b.constant(1, 'float64')], [x], b)
    expect(called).toBe(1)
  })

  it('does not walk into what is older than every variable', () => {
    const old = b.neg(b.neg(input('f64[]')))
    const x = input('f64[]')
    gradients([b.mul(x, old)], [b.constant(1, 'float64')], [x], b)
    expect(old.inputs[0]!.mark).toBe(0)
  })

  it('walks a chain of a million nodes', () => {
    const x = input('f64[]')
    let y = x
    for (let i = 0; i < 1_000_000; i++) y = b.neg(y)
    const cotangent = input('f64[]')
    const [grad] = gradients([y], [cotangent], [x], b)
    const graph = new Graph([cotangent], [grad!])
    expect(graph.nodes.length).toBe(1_000_001)
    expect(Number(interpret(graph, [f64([], [7])])[0]!.values[0])).toBe(7)
  }, 60_000)
})

describe('custom gradients', () => {
  const custom = (x: Node, k: Node, gradient: (cotangent: Node) => readonly (Node | undefined)[]): Node => {
    const node = b.emit('customGradient', [b.square(x), x, k])
    setCustomGradient(node, gradient)
    return node
  }

  it('replace the derivative, and nothing flows into the value', () => {
    const scaled = (x: Node) =>
      b.mul(
        custom(x, b.constant(0, 'int32'), (g) => [b.mul(g, b.constant(10, 'float64')), undefined]),
        b.constant(2, 'float64'),
      )
    expect(gradientAt(scaled, f64([2], [3, 4]))).toEqual([20, 20])
  })

  it('are not asked for when only the value depends on the variable', () => {
    const x = input('f64[2]')
    const y = custom(x, b.constant(0, 'int32'), () => {
      throw new Error('asked')
    })
    const inner = y.inputs[0]!
    expect(gradients([y], [b.fullLike(y, 1)], [inner], b)).toEqual([undefined])
  })

  it('may be differentiated again', () => {
    const cube = (x: Node) => custom(x, b.constant(0, 'int32'), (g) => [b.mul(g, b.mul(x, b.square(x))), undefined])
    expect(gradientAt((x) => gradients([cube(x)], [b.fullLike(x, 1)], [x], b)[0]!, f64([2], [3, 4]))).toEqual([27, 48])
  })

  it('with a wrong number or type of cotangents are refused', () => {
    const x = input('f64[2]')
    const run = (gradient: (g: Node) => readonly (Node | undefined)[]) => {
      const y = custom(x, b.constant(0, 'int32'), gradient)
      return caught(() => gradients([y], [b.fullLike(y, 1)], [x], b))
    }
    const count = run((g) => [g])
    expect([count.code, count.message.split('\n')[0]]).toEqual(['gradient', 'the custom gradient returned 1 cotangents for 2 inputs'])
    const type = run((g) => [b.sum(g, [0]), undefined])
    expect(type.code).toBe('gradient')
    expect(type.message).toContain('returned f64[] as the cotangent of input 0, which is f64[2]')
  })

  it('that lost their function say so', () => {
    const x = input('f64[2]')
    const y = b.emit('customGradient', [b.square(x), x])
    expect(caught(() => gradients([y], [b.fullLike(y, 1)], [x], b)).code).toBe('gradient')
  })
})

describe('errors', () => {
  it('only floats are differentiated', () => {
    const x = input('i32[2]')
    const wrt = caught(() => gradients([b.cast(x, 'float32')], [constantNode(1, 'float32', [2])], [x], b))
    expect([wrt.code, wrt.message.split('\n')[0]]).toEqual([
      'gradient',
      'cannot differentiate with respect to i32[2]: only floats and complex values have derivatives',
    ])
    const output = caught(() => gradients([x], [x], [input('f32[2]')], b))
    expect([output.code, output.message.split('\n')[0]]).toEqual([
      'gradient',
      'cannot differentiate i32[2]: only floats and complex values have derivatives',
    ])
  })

  it('cotangents have the type of their outputs', () => {
    const x = input('f32[2]')
    expect(caught(() => gradients([x], [b.constant(1, 'float32')], [x], b)).message).toContain(
      'the cotangent of output 0 is f32[], the output is f32[2]',
    )
    expect(caught(() => gradients([x], [], [x], b)).code).toBe('gradient')
  })

  it('a record whose gradient is wrong is named', () => {
    const x = input('f64[2]')
    for (const node of [emit(two.wrongType, [x]), emit(two.wrongCount, [x, x])]) {
      const error = caught(() => gradients([node], [b.fullLike(x, 1)], [x], b))
      expect([error.code, error.op]).toEqual(['internal', node.op.name])
    }
  })
})
