// The elementwise records against NumPy, mpmath and JAX (test/data/make_elementwise.py), and their errors.

import { describe, expect, test } from 'vitest'
import { gradients } from '../../../ir/autodiff.js'
import { emit, inputNode, resultNode } from '../../../ir/build.js'
import type { DType } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import { Graph } from '../../../ir/graph.js'
import { roundTo } from '../../../ir/host.js'
import { interpret } from '../../../ir/interpret.js'
import type { Attrs, Op } from '../../../ir/op.js'
import { binaryOps } from '../../../ir/ops/binary.js'
import { bitwiseOps } from '../../../ir/ops/bitwise.js'
import { castOps } from '../../../ir/ops/cast.js'
import { compareOps } from '../../../ir/ops/compare.js'
import { builder, opByName } from '../../../ir/ops/index.js'
import { logicalOps } from '../../../ir/ops/logical.js'
import { predicateOps } from '../../../ir/ops/predicate.js'
import { randomOps } from '../../../ir/ops/random.js'
import { selectOps } from '../../../ir/ops/select.js'
import { unaryOps } from '../../../ir/ops/unary.js'
import { parseType, typeOf } from '../../../ir/type.js'
import { differences, elementwiseCases, elementwiseGradients, fromStored, hostOf } from '../../elementwise-cases.js'

const families: Record<string, Op> = {
  ...unaryOps,
  ...predicateOps,
  ...binaryOps,
  ...compareOps,
  ...logicalOps,
  ...bitwiseOps,
  ...selectOps,
  ...castOps,
  ...randomOps,
}

describe.each(Object.values(families).map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
  const cases = elementwiseCases.filter((stored) => stored.op === op.name)

  test('has stored values for each of its dtypes', () => {
    expect([...new Set(cases.map((stored) => stored.dtype))].sort()).toEqual([...op.dtypes].sort())
  })

  test('computes the stored values', () => {
    for (const stored of cases) {
      const inputs = stored.inputs.map((input) => hostOf(input, roundTo))
      const inferred = op.infer(inputs, stored.attrs)
      const types = Array.isArray(inferred) ? inferred : [inferred]
      expect(types.map(String), JSON.stringify(stored.attrs)).toEqual(
        stored.outputs.map((output) => typeOf(output.dtype, output.shape).toString()),
      )
      const outputs = op.evaluate(inputs, stored.attrs, types)
      stored.outputs.forEach((output, i) => {
        const label = `${stored.dtype} ${JSON.stringify(stored.attrs)} ${stored.set}`
        expect(differences(outputs[i]!, hostOf(output, roundTo), output, stored.ulp), label).toEqual([])
      })
    }
  })

  test('has samples that infer and whose attributes its schema takes', () => {
    for (const sample of op.samples) {
      expect(op.attrs.safeParse(sample.attrs ?? {}).success).toBe(true)
      for (const dtype of op.dtypes) {
        const short = typeOf(dtype, []).toString().slice(0, -2)
        const inputs = sample.inputs.map((text) => ({ type: parseType(text.replace('$', short))! }))
        expect(op.infer(inputs, sample.attrs ?? {})).toBeDefined()
      }
    }
  })
})

/** The close relation of doubles that went through different formulas. */
const close = (actual: number, expected: number) =>
  Object.is(actual + 0, expected + 0) || Math.abs(actual - expected) <= 1e-11 * Math.max(1, Math.abs(expected))

describe('gradients equal those of JAX', () => {
  test.each(elementwiseGradients.map((row) => ({ title: `${row.op}(${row.at.join(', ')})`, row })))('$title', ({ row }) => {
    const values = row.at.map((value) => fromStored(value, 'float64') as number)
    const inputs = values.map(() => inputNode(typeOf('float64', [])))
    const hosts = values.map((value) => ({ type: typeOf('float64', []), values: Float64Array.of(value) }))
    const run = (outputs: typeof inputs) => interpret(new Graph(inputs, outputs), hosts).map((host) => host.values[0] as number)
    const one = builder.constant(1, 'float64')
    const output = builder.emit(row.op, inputs)
    const zero = builder.constant(0, 'float64')
    const first = gradients([output], [one], inputs, builder).map((node) => node ?? zero)
    const expectedFirst = row.first.map((value) => fromStored(value, 'float64') as number)
    const actualFirst = run(first)
    expect(
      actualFirst.every((value, i) => close(value, expectedFirst[i]!)),
      `got ${actualFirst}, expected ${expectedFirst}`,
    ).toBe(true)
    row.second?.forEach((expected, i) => {
      const actual = run(gradients([first[i]!], [one], inputs, builder).map((node) => node ?? zero))
      expect(
        actual.every((value, j) => close(value, fromStored(expected[j]!, 'float64') as number)),
        `second derivatives of operand ${i}: got ${actual}, expected ${expected}`,
      ).toBe(true)
    })
  })

  test('there are rows for every differentiable elementwise op of floats', () => {
    const covered = new Set(elementwiseGradients.map((row) => row.op))
    const differentiable = Object.values({ ...unaryOps, ...binaryOps }).filter((op) => op.gradient !== 'zero')
    expect(differentiable.map((op) => op.name).filter((name) => !covered.has(name))).toEqual([])
  })
})

describe('gradients by definition', () => {
  const f32 = typeOf('float32', [])

  test('ties of fmin and fmax share the cotangent', () => {
    for (const name of ['fmin', 'fmax']) {
      const inputs = [inputNode(f32), inputNode(f32)]
      const grads = gradients([builder.emit(name, inputs)], [builder.constant(1, 'float32')], inputs, builder)
      const host = { type: f32, values: Float64Array.of(3) }
      const values = interpret(
        new Graph(
          inputs,
          grads.map((node) => node!),
        ),
        [host, host],
      ).map((result) => result.values[0])
      expect(values).toEqual([0.5, 0.5])
    }
  })

  test('the derivative of abs at 0 is 0', () => {
    const x = inputNode(f32)
    const [grad] = gradients([builder.abs(x)], [builder.constant(1, 'float32')], [x], builder)
    expect(interpret(new Graph([x], [grad!]), [{ type: f32, values: Float64Array.of(0) }])[0]!.values[0]).toBe(0)
  })

  test('select routes the cotangent by its condition', () => {
    const inputs = [inputNode(typeOf('bool', [2])), inputNode(typeOf('float32', [2])), inputNode(typeOf('float32', [2]))]
    const output = builder.emit('select', inputs)
    const grads = gradients([output], [builder.fullLike(output, 5)], inputs.slice(1), builder)
    const hosts = [
      { type: inputs[0]!.type, values: Float64Array.of(1, 0) },
      { type: inputs[1]!.type, values: Float64Array.of(1, 2) },
      { type: inputs[2]!.type, values: Float64Array.of(3, 4) },
    ]
    const values = interpret(
      new Graph(
        inputs,
        grads.map((node) => node!),
      ),
      hosts,
    ).map((host) => [...host.values])
    expect(values).toEqual([
      [5, 0],
      [0, 5],
    ])
  })

  test('cast carries the cotangent back in its operand dtype, and nothing back to integers', () => {
    const x = inputNode(f32)
    const half = builder.cast(x, 'float16')
    const [grad] = gradients([half], [builder.constant(1, 'float16')], [x], builder)
    expect(grad!.type.toString()).toBe('f32[]')
    const whole = builder.cast(builder.cast(x, 'int32'), 'float32')
    expect(gradients([whole], [builder.constant(1, 'float32')], [x], builder)).toEqual([undefined])
  })
})

test('both results of threefry2x32 reach a graph through result nodes', () => {
  const words = [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3].map((word) => builder.constant(word, 'uint32'))
  const node = builder.emit('threefry2x32', words)
  const outputs = interpret(new Graph([], [resultNode(node, 0), resultNode(node, 1)]), [])
  // Random123's kat_vectors: threefry 2x32, 20 rounds, digits of pi.
  expect(outputs.map((host) => host.values[0])).toEqual([0xc4923a9c, 0x483df7a0])
})

describe('errors', () => {
  const refuse = (name: string, types: string[], attrs: Attrs = {}): SinterError => {
    try {
      emit(
        opByName(name)!,
        types.map((text) => inputNode(parseType(text)!)),
        attrs,
      )
    } catch (error) {
      if (error instanceof SinterError) return error
      throw error
    }
    throw new Error(`${name} of ${types} was accepted`)
  }

  test('operands of different dtypes', () => {
    const error = refuse('add', ['f32[2]', 'f16[2]'])
    expect(error.code).toBe('dtype')
    expect(error.message).toBe(
      'add: operands 0 and 1 differ in dtype, float32 against float16\n  operand 0: f32[2]\n  operand 1: f16[2]\n  convert one of them with astype first',
    )
  })

  test('dtypes that an op does not take', () => {
    for (const [name, types] of [
      ['exp', ['i32[2]']],
      ['add', ['bool[2]', 'bool[2]']],
      ['maximum', ['bool[]', 'bool[]']],
      ['atan2', ['i8[2]', 'i8[2]']],
      ['shiftLeft', ['f32[2]', 'f32[2]']],
      ['popcount', ['bool[2]']],
      ['logicalAnd', ['i32[2]', 'i32[2]']],
      ['isNan', ['bool[2]']],
      ['select', ['i32[2]', 'f32[2]', 'f32[2]']],
      ['select', ['bool[2]', 'f32[2]', 'f64[2]']],
      ['threefry2x32', ['u32[]', 'u32[]', 'u32[2]', 'i32[2]']],
      ['bitcast', ['bool[2]', 'u8']],
    ] as [string, string[]][]) {
      const operands = types.filter((text) => text.includes('['))
      const error = refuse(name, operands, name === 'bitcast' ? { dtype: 'uint8' } : {})
      expect(error.code, name).toBe('dtype')
      expect(error.op, name).toBe(name)
      expect(error.operands, name).toEqual(operands)
    }
  })

  test('shapes that do not broadcast', () => {
    const error = refuse('mul', ['f32[2,3]', 'f32[2,4]'])
    expect(error.code).toBe('shape')
    expect(error.message).toContain('shapes [2,3] and [2,4] do not broadcast: dimension -1 is 3 against 4')
    expect(refuse('less', ['i8[5,2,1]', 'i8[3,3]']).message).toContain('dimension -2 is 2 against 3')
    expect(refuse('select', ['bool[3]', 'f32[2]', 'f32[]']).code).toBe('shape')
    expect(refuse('threefry2x32', ['u32[2]', 'u32[]', 'u32[3]', 'u32[3]']).code).toBe('shape')
  })

  test('casts to what is no dtype', () => {
    expect(refuse('cast', ['f32[2]'], { dtype: 'float128' }).message).toContain('"float128" is not a real dtype')
    expect(refuse('bitcast', ['f32[2]'], { dtype: 'toString' as DType }).code).toBe('attribute')
  })

  test('bitcasts whose bytes do not fit', () => {
    expect(refuse('bitcast', ['f32[2]'], { dtype: 'bool' }).code).toBe('dtype')
    expect(refuse('bitcast', ['f32[]'], { dtype: 'float64' }).message).toContain('no last dimension')
    expect(refuse('bitcast', ['f32[2,3]'], { dtype: 'float64' }).message).toContain('3 elements of 4 bytes do not divide by 8')
  })
})
