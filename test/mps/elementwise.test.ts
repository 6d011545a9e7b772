// The elementwise families on the device mps: samples against the reference, stored values of NumPy and mpmath, and the compositions (division, powers,
// shifts, casts, log1p ...) at every place where one could go wrong.

import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { type DType, dtypeInfo, isBig, isComplex, realDTypes } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { emptyValues, type HostTensor, roundTo } from '../../ir/host.js'
import type { Attrs, Op } from '../../ir/op.js'
import { opByName, ops } from '../../ir/ops/index.js'
import { typeOf } from '../../ir/type.js'
import { gpuDTypes } from '../../runtime/backends/mps/dtypes.js'
import { refusal } from '../../runtime/backends/mps/support.js'
import { elementwiseCases } from '../elementwise-cases.js'
import { expectations, firstDifference, rounding } from '../support/oracle.js'
import { storedGraph, storedProblems } from '../support/stored.js'
import { randomFrom, sampleOperands } from '../support/values.js'
import { sampleGraph } from './conformance.js'
import { missingMps } from './device.js'
import { runOnMps } from './support/run.js'

const families = ['structure', 'binary', 'bitwise', 'cast', 'compare', 'logical', 'predicate', 'random', 'select', 'unary']
const own = Object.values<Op>(ops).filter(({ family, samples }) => families.includes(family) && samples.length > 0)

/** The first difference from the op's own evaluation, with nothing allowed but its rounding. */
function difference(op: Op, operands: readonly HostTensor[], attrs?: Attrs): string | undefined {
  const inputs = operands.map(({ type }) => inputNode(type))
  const graph = new Graph(inputs, [emit(op, inputs, attrs)])
  const problem = firstDifference(runOnMps(graph, operands), expectations(graph, operands, rounding))
  if (problem === undefined) return undefined
  const at = Number(/element (\d+)/.exec(problem)![1])
  return `${op.name} of ${operands.map(({ type, values }) => `${type.dtype} ${values[at]}`)}: ${problem}`
}

function host(dtype: DType, numbers: readonly (number | bigint)[]): HostTensor {
  const values = emptyValues(dtype, numbers.length)
  numbers.forEach((number, i) => {
    values[i] = isBig(dtype) ? BigInt(number) : typeof number === 'bigint' ? Number(number) : roundTo(dtype, number)
  })
  return { type: typeOf(dtype, [numbers.length]), values }
}

/** Every pair, as two lists. */
const pairs = <T>(as: readonly T[], bs: readonly T[]): [T[], T[]] => [as.flatMap((a) => bs.map(() => a)), as.flatMap(() => bs)]

describe.skipIf(missingMps !== undefined)('samples', () => {
  it.each(own.map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
    const problems = op.dtypes.flatMap((dtype) =>
      op.samples.flatMap((sample, i) => {
        const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
        const graph = sampleGraph(op, operands, sample)
        if (graph.nodes.some((node) => refusal(node) !== undefined)) return []
        return firstDifference(runOnMps(graph, operands), expectations(graph, operands, rounding)) ?? []
      }),
    )
    expect(problems).toEqual([])
  })
})

describe.skipIf(missingMps !== undefined)('stored values', () => {
  const names = [...new Set(elementwiseCases.map((one) => one.op))].filter((name) => families.includes(opByName(name)!.family))
  it.each(names)('%s', (name) => {
    const op = opByName(name)!
    const cases = elementwiseCases.filter(
      (one) => one.op === name && storedGraph(one, op).graph.nodes.every((node) => refusal(node) === undefined),
    )
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.flatMap((one) => storedProblems(one, op, runOnMps)).slice(0, 8)).toEqual([])
  })
})

const division = ['div', 'floorDiv', 'mod', 'rem'] as const

describe.skipIf(missingMps !== undefined)('all pairs of bytes', () => {
  it.each(
    (['int8', 'uint8'] as const).flatMap((dtype) =>
      [...division, 'pow' as const, 'shiftLeft' as const, 'shiftRight' as const].map((name) => ({ dtype, name })),
    ),
  )('$name of $dtype', ({ dtype, name }) => {
    const all = Array.from({ length: 256 }, (_, i) => Number(dtypeInfo[dtype].min) + i)
    const [a, b] = pairs(all, all)
    expect(difference(ops[name], [host(dtype, a), host(dtype, b)])).toBeUndefined()
  })
})

/** Extremes, small numbers, and where float32 stops being exact. */
function corners(dtype: DType): bigint[] {
  const { bytes, kind, min, max } = dtypeInfo[dtype]
  const [least, most, half] = [BigInt(min), BigInt(max), 1n << BigInt(bytes * 4)]
  const exact = bytes > 2 ? [(1n << 24n) - 1n, (1n << 24n) + 1n, 1n << 30n] : []
  const positive = [0n, 1n, 2n, 3n, 7n, half - 1n, half, half + 1n, most / 3n, most / 2n, most / 2n + 1n, most - 1n, most, ...exact]
  return kind === 'uint' ? positive : [...positive, ...positive.map((value) => -value), least, least + 1n]
}

/** Integers of every magnitude: random bits shifted right by a random count. */
function integers(dtype: DType, count: number, random: () => number): bigint[] {
  const { bytes, kind } = dtypeInfo[dtype]
  const bits = bytes * 8
  return Array.from({ length: count }, () => {
    let value = 0n
    for (let k = 0; k < bits; k += 16) value = (value << 16n) | BigInt(Math.floor(random() * 2 ** 16))
    return (kind === 'int' ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) >> BigInt(Math.floor(random() * bits))
  })
}

describe.skipIf(missingMps !== undefined).each(['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const)('%s', (dtype) => {
  const random = randomFrom(dtypeInfo[dtype].code)
  const [cornersA, cornersB] = pairs(corners(dtype), corners(dtype))

  it.each(division)('%s', (name) => {
    const [a, b] = [integers(dtype, 50_000, random), integers(dtype, 50_000, random)]
    // As many dividends next to multiples of their divisors, where quotients step.
    const near = a.map((x, i) => {
      const y = b[i]!
      const multiple = y === 0n ? x : x - (x % y) + [0n, 1n, -1n, y - 1n][i % 4]!
      return BigInt(dtypeInfo[dtype].min) <= multiple && multiple <= BigInt(dtypeInfo[dtype].max) ? multiple : x
    })
    const operands = [host(dtype, [...cornersA, ...a, ...near]), host(dtype, [...cornersB, ...b, ...b])]
    expect(difference(ops[name], operands)).toBeUndefined()
  })

  it('pow', () => {
    const small = integers(dtype, 1000, random).map((value) => value % 70n)
    const operands = [
      host(dtype, [...cornersA, ...integers(dtype, 2000, random)]),
      host(dtype, [...cornersB, ...small, ...integers(dtype, 1000, random)]),
    ]
    expect(difference(ops.pow, operands)).toBeUndefined()
  })

  it.each(['shiftLeft', 'shiftRight'] as const)('%s', (name) => {
    const counts = Array.from({ length: 70 }, (_, i) => BigInt(i))
    const [a, b] = pairs([...corners(dtype), ...integers(dtype, 50, random)], [...counts, ...corners(dtype)])
    expect(difference(ops[name], [host(dtype, a), host(dtype, b)])).toBeUndefined()
  })

  it.each(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'minimum', 'maximum', 'less', 'greaterEqual', 'equal', 'add', 'sub', 'mul'] as const)(
    '%s',
    (name) => {
      const operands = [
        host(dtype, [...cornersA, ...integers(dtype, 1000, random)]),
        host(dtype, [...cornersB, ...integers(dtype, 1000, random)]),
      ]
      expect(difference(ops[name], operands)).toBeUndefined()
    },
  )

  it.each([
    'bitwiseNot',
    'popcount',
    'abs',
    'neg',
    'sign',
    'relu',
    'square',
    'floor',
    'signbit',
    'isNan',
    'isFinite',
    'logicalNot',
  ] as const)('%s', (name) => {
    expect(difference(ops[name], [host(dtype, [...corners(dtype), ...integers(dtype, 1000, random)])])).toBeUndefined()
  })

  it('broadcast bitwise operands, rank 0 too', () => {
    const row = host(dtype, corners(dtype))
    const column: HostTensor = { type: typeOf(dtype, [row.type.size, 1]), values: row.values }
    const scalar: HostTensor = { type: typeOf(dtype, []), values: row.values.slice(4, 5) as HostTensor['values'] }
    for (const name of ['bitwiseXor', 'shiftLeft', 'shiftRight'] as const) {
      for (const operands of [
        [row, column],
        [column, scalar],
        [scalar, scalar],
      ]) {
        expect(difference(ops[name], operands)).toBeUndefined()
      }
    }
    expect(difference(ops.popcount, [scalar])).toBeUndefined()
  })
})

/** Floats of every magnitude down to the smallest normal one, with specials, whole and half numbers and extremes in front. */
function floats(dtype: DType, count: number, random: () => number): number[] {
  const special = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -0,
    Number(dtypeInfo[dtype].max),
    Number(dtypeInfo[dtype].min),
  ]
  const halves = Array.from({ length: 41 }, (_, i) => (i - 20) / 2)
  const powers = Array.from({ length: 130 }, (_, i) => 2 ** (i - 64)).flatMap((power) => [
    power,
    -power,
    power * (1 + 2 ** -7),
    power * (1 - 2 ** -8),
  ])
  const spread = Array.from({ length: count }, () => (random() < 0.5 ? -1 : 1) * (1 + random()) * 2 ** Math.floor(random() * 252 - 126))
  const usual = Array.from({ length: count }, () => (random() - 0.5) * 2 ** Math.floor(random() * 16 - 6))
  return [...special, ...halves, ...powers, ...spread, ...usual]
}

describe.skipIf(missingMps !== undefined).each(['float32', 'float16', 'bfloat16'] as const)('%s', (dtype) => {
  const random = randomFrom(dtypeInfo[dtype].code + 100)

  it.each([
    'log1p',
    'expm1',
    'sign',
    'relu',
    'round',
    'floor',
    'ceil',
    'trunc',
    'neg',
    'abs',
    'signbit',
    'isNan',
    'isInf',
    'isFinite',
    'logicalNot',
  ] as const)('%s', (name) => {
    // Both functions end near -18 and at the largest finite numbers, and log1p at -1.
    const ends = [-1, -1 + 2 ** -24, -1 - 2 ** -23, -2, -2.5, -3, -17, -17.5, -18, -18.5, 88.72, 88.73, 89, 11.08, 11.1]
    expect(difference(ops[name], [host(dtype, [...ends, ...floats(dtype, 20_000, random)])])).toBeUndefined()
  })

  it.each(['floorDiv', 'mod', 'rem', 'divNoNan', 'minimum', 'maximum', 'fmin', 'fmax', 'less', 'lessEqual', 'notEqual'] as const)(
    '%s',
    (name) => {
      const some = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 2.5, -2.5, 0.1, 7, -7, 1000]
      const [a, b] = pairs(some, some)
      // Divisors within 2^40 of the dividends: remainders of others may be subnormal, and those count as 0.
      const more = floats(dtype, 5000, random).filter((value) => Math.abs(value) < 2 ** 14 && Math.abs(value) > 2 ** -10)
      const others = more.map(() => (random() - 0.5) * 2 ** Math.floor(random() * 8))
      expect(difference(ops[name], [host(dtype, [...a, ...more]), host(dtype, [...b, ...others])])).toBeUndefined()
    },
  )

  it.each(realDTypes.filter((to) => gpuDTypes.includes(to)))('cast to %s', (to) => {
    const { min, max } = dtypeInfo[to]
    const around = [min, max].flatMap((end) => [-2, -1, -0.5, 0, 0.5, 1, 2].map((by) => Number(end) + by))
    const scaled = [min, max].flatMap((end) => [0.5, 1 - 2 ** -12, 1 - 2 ** -24, 1 + 2 ** -7, 2, 4].map((by) => Number(end) * by))
    expect(difference(ops.cast, [host(dtype, [...around, ...scaled, ...floats(dtype, 1000, random)])], { dtype: to })).toBeUndefined()
  })
})

describe.skipIf(missingMps !== undefined)('casts of integers', () => {
  const integerDTypes = gpuDTypes.filter((dtype) => ['int', 'uint'].includes(dtypeInfo[dtype].kind))
  it.each(integerDTypes)('%s', (from) => {
    const values = host(from, [...corners(from), ...integers(from, 300, randomFrom(5))])
    for (const dtype of gpuDTypes.filter((one) => !isComplex(one))) expect(difference(ops.cast, [values], { dtype })).toBeUndefined()
  })
})
