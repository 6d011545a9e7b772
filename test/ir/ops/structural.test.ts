// Reference values of the ops that are not elementwise, against NumPy and JAX (test/data/make_structural.py), and what they refuse.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../../ir/build.js'
import { type DType, dtypeInfo, isBig, isFloat } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import { emptyValues, type HostTensor } from '../../../ir/host.js'
import type { Attrs, Op } from '../../../ir/op.js'
import { ops } from '../../../ir/ops/index.js'
import { parseType, type TensorType, typeOf } from '../../../ir/type.js'

interface Stored {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

interface Case {
  readonly op: string
  readonly dtype: DType
  readonly attrs: Attrs
  readonly inputs: readonly Stored[]
  readonly outputs: readonly Stored[]
  readonly ulp: number
  readonly zeroSign?: true
}

const { cases } = JSON.parse(readFileSync(new URL('../../data/structural.json', import.meta.url), 'utf8')) as { cases: readonly Case[] }
const words: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

function hostOf({ dtype, shape, data }: Stored): HostTensor {
  const type = typeOf(dtype, shape)
  const values = emptyValues(dtype, type.size)
  data.forEach((value, i) => {
    values[i] = isBig(dtype) ? BigInt(value) : typeof value === 'string' ? words[value]! : value
  })
  return { type, values }
}

/** One unit in the last place at `value`. */
function ulpAt(dtype: DType, value: number): number {
  const [digits, lowest] = { float64: [53, -1022], float32: [24, -126], float16: [11, -14], bfloat16: [8, -126] }[dtype as 'float64'] as [
    number,
    number,
  ]
  const exponent = value === 0 ? lowest : Math.max(lowest, Math.floor(Math.log2(Math.abs(value))))
  return 2 ** (exponent - digits + 1)
}

function agrees(dtype: DType, actual: number | bigint, expected: number | bigint, ulp: number, zeroSign: boolean): boolean {
  if (!isFloat(dtype)) return actual === expected
  if (Object.is(actual, expected)) return true
  if (actual === expected) return !zeroSign
  return Math.abs(Number(actual) - Number(expected)) <= ulp * ulpAt(dtype, Number(expected))
}

const families = ['reduce', 'arg', 'scan', 'movement', 'assemble', 'indexing', 'linalg', 'order']
/** Their values are in order.json, and the reference device is among those that test/lib/order.test.ts runs on. */
const elsewhere = ['sort', 'topK']
const structural = Object.values<Op>(ops).filter((op) => families.includes(op.family) && !elsewhere.includes(op.name))

describe('reference values agree with NumPy', () => {
  it.each(structural.map((op) => ({ name: op.name, op })))('$name', ({ name, op }) => {
    const mine = cases.filter((one) => one.op === name)
    expect(new Set(mine.map((one) => one.dtype))).toEqual(new Set(op.dtypes))
    for (const one of mine) {
      const inputs = one.inputs.map(hostOf)
      const where = `${name} ${JSON.stringify(one.attrs)} ${inputs.map(({ type }) => type)}`
      const node = emit(
        op,
        inputs.map(({ type }) => inputNode(type)),
        op.attrs.parse(one.attrs) as Attrs,
      )
      const expected = one.outputs.map(hostOf)
      expect([node.type.toString()], where).toEqual(expected.map(({ type }) => type.toString()))
      const results = op.evaluate(inputs, node.attrs, [node.type])
      results.forEach((result, r) => {
        const { dtype } = result.type
        const wrong = Array.from(result.values as ArrayLike<number | bigint>).findIndex(
          (value, i) => !agrees(dtype, value, expected[r]!.values[i]!, one.ulp, one.zeroSign === true),
        )
        expect(wrong === -1 ? undefined : [wrong, result.values[wrong], expected[r]!.values[wrong]], where).toBeUndefined()
      })
    }
  })

  it('for all ops of these families', () => {
    expect(new Set(cases.map((one) => one.op))).toEqual(new Set(structural.map((op) => op.name)))
  })
})

describe('samples', () => {
  it.each(structural.map((op) => ({ name: op.name, op })))(
    '$name: every sample has valid attributes and a type for each dtype',
    ({ op }) => {
      for (const dtype of op.dtypes) {
        for (const sample of op.samples) {
          const inputs = sample.inputs.map((text) => inputNode(parseType(text.replace('$', dtypeInfo[dtype].short))!))
          const node = emit(op, inputs, op.attrs.parse(sample.attrs ?? {}) as Attrs)
          const zeros = inputs.map(({ type }): HostTensor => ({ type, values: emptyValues(type.dtype, type.size) }))
          const [result] = op.evaluate(zeros, node.attrs, [node.type])
          expect([result!.type, result!.values.length]).toEqual([node.type, node.type.size])
        }
      }
    },
  )
})

/** The error of recording an op on operands of the given types. */
function refusal(name: keyof typeof ops, types: readonly string[], attrs: Attrs = {}): SinterError {
  try {
    emit(
      ops[name],
      types.map((text) => inputNode(parseType(text) as TensorType)),
      attrs,
    )
  } catch (error) {
    if (error instanceof SinterError) return error
    throw error
  }
  throw new Error(`${name} accepted ${types} ${JSON.stringify(attrs)}`)
}

const scan = { axis: 0, exclusive: false, reverse: false }

describe('what cannot be is refused where it is recorded', () => {
  it.each<[string, keyof typeof ops, readonly string[], Attrs, string]>([
    ['axes out of range', 'sum', ['f32[2,3]'], { axes: [2], keepDims: false }, 'attribute'],
    ['negative axes', 'max', ['f32[2,3]'], { axes: [-1], keepDims: false }, 'attribute'],
    ['axes of a rank-0 tensor', 'sum', ['f32[]'], { axes: [0], keepDims: false }, 'attribute'],
    ['repeated axes', 'prod', ['f32[2,3]'], { axes: [1, 1], keepDims: false }, 'attribute'],
    ['unsorted axes', 'xor', ['i32[2,3]'], { axes: [1, 0], keepDims: false }, 'attribute'],
    ['sums of bool', 'sum', ['bool[2]'], { axes: [0], keepDims: false }, 'dtype'],
    ['any of numbers', 'any', ['f32[2]'], { axes: [0], keepDims: false }, 'dtype'],
    ['xor of floats', 'xor', ['f32[2]'], { axes: [0], keepDims: false }, 'dtype'],
    ['the maximum of nothing', 'max', ['f32[2,0]'], { axes: [1], keepDims: false }, 'shape'],
    ['the minimum of nothing, ignoring NaN', 'nanmin', ['f32[0]'], { axes: [0], keepDims: true }, 'shape'],
    ['the position of the maximum of nothing', 'argmax', ['f32[2,0]'], { axis: 1, keepDims: false }, 'shape'],
    ['positions past int32', 'argmin', ['i8[2147483648]'], { axis: 0, keepDims: false }, 'shape'],
    ['a fractional axis', 'argmax', ['f32[2,3]'], { axis: 0.5, keepDims: false }, 'attribute'],
    ['scans of bool', 'cumsum', ['bool[2]'], scan, 'dtype'],
    ['scans of a rank-0 tensor', 'cummax', ['f32[]'], scan, 'attribute'],
    ['reshape to another size', 'reshape', ['f32[2,3]'], { shape: [7] }, 'shape'],
    ['reshape to sizes that are not numbers', 'reshape', ['f32[2,3]'], { shape: [2, Number.NaN] }, 'shape'],
    ['a permutation with a repeated dimension', 'permute', ['f32[2,3]'], { permutation: [0, 0] }, 'attribute'],
    ['a permutation that is too short', 'permute', ['f32[2,3]'], { permutation: [0] }, 'attribute'],
    ['a permutation out of range', 'permute', ['f32[2,3]'], { permutation: [0, 2] }, 'attribute'],
    ['broadcast of a size that is not 1', 'broadcast', ['f32[2]'], { shape: [2, 3] }, 'shape'],
    ['broadcast to fewer dimensions', 'broadcast', ['f32[1,2]'], { shape: [2] }, 'shape'],
    ['a slice past the end', 'slice', ['f32[4]'], { starts: [2], sizes: [3], steps: [1] }, 'shape'],
    ['a slice before the start', 'slice', ['f32[4]'], { starts: [2], sizes: [4], steps: [-1] }, 'shape'],
    ['a slice with step 0', 'slice', ['f32[4]'], { starts: [2], sizes: [1], steps: [0] }, 'attribute'],
    ['a slice with NaN', 'slice', ['f32[4]'], { starts: [Number.NaN], sizes: [1], steps: [1] }, 'attribute'],
    ['a slice for another rank', 'slice', ['f32[4,4]'], { starts: [0], sizes: [1], steps: [1] }, 'attribute'],
    ['concat of nothing', 'concat', [], { axis: 0 }, 'argument'],
    ['concat of other dtypes', 'concat', ['f32[2]', 'i32[2]'], { axis: 0 }, 'dtype'],
    ['concat of other shapes', 'concat', ['f32[2,3]', 'f32[2,4]'], { axis: 0 }, 'shape'],
    ['concat of other ranks', 'concat', ['f32[2,3]', 'f32[2]'], { axis: 0 }, 'shape'],
    ['concat of rank 0', 'concat', ['f32[]', 'f32[]'], { axis: 0 }, 'attribute'],
    ['negative padding', 'pad', ['f32[2]'], { low: [-1], high: [0], value: 0 }, 'attribute'],
    ['padding for another rank', 'pad', ['f32[2]'], { low: [1, 1], high: [0, 0], value: 0 }, 'attribute'],
    ['indices that are not integers', 'take', ['f32[2]', 'f32[2]'], { axis: 0 }, 'dtype'],
    ['take from rank 0', 'take', ['f32[]', 'i32[2]'], { axis: 0 }, 'attribute'],
    ['takeAlongAxis with other sizes', 'takeAlongAxis', ['f32[2,3]', 'i32[3,3]'], { axis: 1 }, 'shape'],
    ['takeAlongAxis with another rank', 'takeAlongAxis', ['f32[2,3]', 'i32[2]'], { axis: 1 }, 'shape'],
    ['indexAdd with 2-D indices', 'indexAdd', ['f32[2]', 'i32[1,1]', 'f32[1]'], { axis: 0 }, 'shape'],
    ['indexAdd with updates of another size', 'indexAdd', ['f32[2,3]', 'i32[4]', 'f32[3,3]'], { axis: 0 }, 'shape'],
    ['indexAdd of another dtype', 'indexAdd', ['f32[2]', 'i32[1]', 'f64[1]'], { axis: 0 }, 'dtype'],
    ['indexAdd on bool', 'indexAdd', ['bool[2]', 'i32[1]', 'bool[1]'], { axis: 0 }, 'dtype'],
    ['scatterAdd with updates unlike its indices', 'scatterAddAlongAxis', ['f32[2,3]', 'i32[2,4]', 'f32[2,5]'], { axis: 1 }, 'shape'],
    ['matmul of vectors', 'matmul', ['f32[3]', 'f32[3,2]'], {}, 'shape'],
    ['matmul of other inner sizes', 'matmul', ['f32[2,3]', 'f32[4,2]'], {}, 'shape'],
    ['matmul of batches that do not broadcast', 'matmul', ['f32[2,2,3]', 'f32[3,3,2]'], {}, 'shape'],
    ['matmul of other dtypes', 'matmul', ['f32[2,3]', 'f64[3,2]'], {}, 'dtype'],
    ['matmul of bool', 'matmul', ['bool[2,3]', 'bool[3,2]'], {}, 'dtype'],
    ['argsort of rank 0', 'argsort', ['f32[]'], { descending: false }, 'shape'],
    ['argsort of bool', 'argsort', ['bool[3]'], { descending: false }, 'dtype'],
  ])('%s', (_, name, types, attrs, code) => {
    const error = refusal(name, types, attrs)
    expect([error.code, error.op, error.operands]).toEqual([code, name, types])
  })

  it('sizes that are no tensor, whatever the op', () => {
    expect(refusal('reshape', ['f32[2,3]'], { shape: [-2, -3] }).code).toBe('shape')
    expect(refusal('broadcast', ['f32[]'], { shape: [2 ** 20, 2 ** 21] }).code).toBe('shape')
    expect(refusal('pad', ['f32[1]'], { low: [2 ** 40], high: [0], value: 0 }).code).toBe('shape')
    expect(refusal('matmul', ['f32[1048576,1]', 'f32[1,2097152]']).code).toBe('shape')
  })

  it('messages name the operand facts', () => {
    expect(refusal('matmul', ['f32[2,3]', 'f32[4,2]']).message).toBe(
      'matmul: the last dimension of operand 0 is 3, the one before last of operand 1 is 4 (C3)\n  operand 0: f32[2,3]\n  operand 1: f32[4,2]',
    )
    expect(refusal('slice', ['f32[4]'], { starts: [2], sizes: [3], steps: [1] }).message).toContain(
      'dimension 0 has 4 elements, the slice reads 2 to 4 (C3)',
    )
  })
})
