// The families that move, gather, reduce, scan, multiply and sort on the device mps: samples, stored values of NumPy and JAX, extreme values, large ranks, patterns.

import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { type DType, dtypeInfo, isBig, isComplex, isFloat } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import type { Attrs, Op } from '../../ir/op.js'
import { type OpName, opByName, ops } from '../../ir/ops/index.js'
import { printGraph } from '../../ir/print.js'
import { parseType, typeOf } from '../../ir/type.js'
import * as sinter from '../../lib/index.js'
import { gpuDTypes } from '../../runtime/backends/mps/dtypes.js'
import { refusal } from '../../runtime/backends/mps/support.js'
import { structuralCases } from '../structural-cases.js'
import { confirmedDifference } from '../support/oracle.js'
import { compileOn, runExecutable } from '../support/run.js'
import { storedGraph, storedProblems } from '../support/stored.js'
import { type Range, randomFrom, randomTensor, sampleOperands } from '../support/values.js'
import { sampleGraph } from './conformance.js'
import { missingMps } from './device.js'
import { runOnMps } from './support/run.js'

const families = ['reduce', 'arg', 'scan', 'movement', 'assemble', 'indexing', 'linalg', 'order']
const own = Object.values<Op>(ops).filter(({ family }) => families.includes(family))

const onGpu = (graph: Graph): boolean => graph.nodes.every((node) => refusal(node) === undefined)

/** Why the GPU differs from the reference, with the graph. */
function difference(graph: Graph, inputs: readonly HostTensor[]): string[] {
  const problem = confirmedDifference(graph, inputs, runOnMps(graph, inputs))
  return problem === undefined ? [] : [`${problem}\n${printGraph(graph)}`]
}

function differenceOf(name: OpName, attrs: Attrs, operands: readonly HostTensor[]): string[] {
  const inputs = operands.map(({ type }) => inputNode(type))
  return difference(new Graph(inputs, [emit(ops[name], inputs, attrs)]), operands)
}

const tensor = (dtype: DType, shape: readonly number[], range: Range = [-3, 3]): HostTensor =>
  randomTensor(typeOf(dtype, shape), randomFrom(shape.length + shape[0]!), range)

/** Replaces elements by extremes of their dtype, by NaN and infinities, and integers by ones of any size. */
function extreme({ type, values }: HostTensor, random: () => number, overflows = false): void {
  const { min, max } = dtypeInfo[type.dtype]
  const largest = overflows ? [] : [min, max]
  const specials = isFloat(type.dtype) ? [NaN, Infinity, -Infinity, 0, -0, ...largest] : [min, max]
  for (let i = 0; i < values.length; i++) {
    const place = random()
    if (place < 0.4) values[i] = specials[Math.floor(random() * specials.length)]!
    else if (isBig(type.dtype))
      values[i] = BigInt(min) + (BigInt(Math.floor(random() * 2 ** 32)) << 32n) + BigInt(Math.floor(random() * 2 ** 32))
    else if (!isFloat(type.dtype)) values[i] = Number(min) + Math.floor(random() * (Number(max) - Number(min) + 1))
  }
}

/** Indices that would mean something else if they were cut to 32 bits, or counted from the end in 32 bits. */
function farIndices({ type, values }: HostTensor): void {
  const far = isBig(type.dtype) ? [2n ** 32n + 1n, -(2n ** 63n), -(2n ** 32n) + 1n, 2n ** 63n - 1n] : [-(2 ** 31), 2 ** 31 - 1]
  for (let i = 0; i < Math.min(far.length, values.length); i++) values[i] = far[i]!
}

describe.skipIf(missingMps !== undefined).each(['samples', 'extreme values'])('%s', (kind) => {
  it.each(own.map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
    const problems = op.dtypes.flatMap((dtype) =>
      op.samples.flatMap((sample, i) => {
        const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
        const graph = sampleGraph(op, operands, sample)
        if (!onGpu(graph)) return []
        if (kind === 'extreme values') {
          operands.forEach((operand, k) => {
            // Products of the largest floats are infinite in float32, and finite in the reference's doubles.
            if (sample.inputs[k]!.startsWith('$')) extreme(operand, randomFrom(i + k + 7), op.traits.contraction)
            else farIndices(operand)
          })
        }
        return difference(graph, operands)
      }),
    )
    expect(problems.slice(0, 3)).toEqual([])
  })
})

describe.skipIf(missingMps !== undefined)('stored values', () => {
  it.each([...new Set(structuralCases.map((one) => one.op))])('%s', (name) => {
    const op = opByName(name)!
    const cases = structuralCases.filter((one) => one.op === name && onGpu(storedGraph(one, op).graph))
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.flatMap((one) => storedProblems(one, op, runOnMps)).slice(0, 8)).toEqual([])
  })
})

const numbers = gpuDTypes.filter((dtype) => dtype !== 'bool' && !isComplex(dtype))

describe.skipIf(missingMps !== undefined).each(numbers)('more dimensions and elements than samples have: %s', (dtype) => {
  const six = tensor(dtype, [2, 3, 1, 2, 2, 3])

  it.each(['sum', 'prod', 'max', 'min', 'nanmax', 'nanmin'] as const)('%s', (name) => {
    for (const axes of [[0], [1, 3], [0, 2, 4], [4, 5], [0, 1, 2, 3, 4, 5]]) {
      for (const keepDims of [false, true]) expect(differenceOf(name, { axes, keepDims }, [six])).toEqual([])
    }
  })

  it.each(['argmax', 'argmin'] as const)('%s', (name) => {
    for (const axis of [0, 3, 5]) expect(differenceOf(name, { axis, keepDims: true }, [six])).toEqual([])
  })

  it.each(['cumsum', 'cumprod', 'cummax', 'cummin'] as const)('%s', (name) => {
    for (const axis of [0, 2, 3, 5]) {
      for (const exclusive of [false, true]) expect(differenceOf(name, { axis, exclusive, reverse: axis % 2 === 1 }, [six])).toEqual([])
    }
  })

  it('argsort of many equal elements', () => {
    for (const descending of [false, true]) expect(differenceOf('argsort', { descending }, [tensor(dtype, [2, 1, 3, 1, 90])])).toEqual([])
  })

  it('concat of seventy', () => {
    const parts = Array.from({ length: 70 }, (_, i) => tensor(dtype, [2, 1 + (i % 2)]))
    expect(differenceOf('concat', { axis: 1 }, parts)).toEqual([])
  })

  it('takeAlongAxis and scatterAddAlongAxis where only one dimension is not 1', () => {
    expect(differenceOf('takeAlongAxis', { axis: 0 }, [tensor(dtype, [4, 1]), tensor('int32', [3, 1], [-5, 5])])).toEqual([])
    expect(differenceOf('takeAlongAxis', { axis: 2 }, [tensor(dtype, [2, 3, 4, 2, 2]), tensor('int64', [2, 3, 5, 2, 2], [-5, 5])])).toEqual(
      [],
    )
    const updates = tensor(dtype, [3, 1])
    expect(differenceOf('scatterAddAlongAxis', { axis: 0 }, [tensor(dtype, [4, 1]), tensor('int32', [3, 1], [-5, 5]), updates])).toEqual([])
  })

  it('indexAdd of a thousand updates to three places', () => {
    const operands = [tensor(dtype, [3, 2]), tensor('int32', [1000], [-4, 3]), tensor(dtype, [1000, 2])]
    if (!isFloat(dtype)) extreme(operands[2]!, randomFrom(5))
    expect(differenceOf('indexAdd', { axis: 0 }, operands)).toEqual([])
  })

  it('matmul of five dimensions', () => {
    expect(differenceOf('matmul', {}, [tensor(dtype, [2, 2, 1, 3, 4]), tensor(dtype, [2, 2, 3, 4, 2])])).toEqual([])
    expect(differenceOf('matmul', {}, [tensor(dtype, [2, 1, 3, 4]), tensor(dtype, [4, 2])])).toEqual([])
  })

  it('matmul of long sums', () => {
    const range: Range = isFloat(dtype) ? [-1, 1] : [Number(dtypeInfo[dtype].min), Number(dtypeInfo[dtype].max)]
    const wide: Range = isBig(dtype) ? [-(2 ** 30), 2 ** 30] : range
    expect(differenceOf('matmul', {}, [tensor(dtype, [2, 3000], wide), tensor(dtype, [3000, 2], wide)])).toEqual([])
  })
})

describe('what does not fit', () => {
  it.each<[OpName, Attrs, readonly string[], string]>([
    ['take', { axis: 0 }, ['i64[600000000]', 'i32[4]'], 'splits i64[600000000]'],
    ['indexAdd', { axis: 1 }, ['i32[600000000,2]', 'i32[1]', 'i32[600000000,1]'], 'splits i32[600000000,2]'],
    ['indexAdd', { axis: 0 }, ['i32[8]', 'i32[70000]', 'i32[70000]'], '70000 updates'],
    ['matmul', {}, ['i32[512,512]', 'i32[512,512]'], 'makes 134217728 products'],
    ['matmul', {}, ['i8[2,70000]', 'i8[70000,2]'], 'sums 70000 products'],
    ['argsort', { descending: false }, ['u64[20000000]'], 'of 20000000 64-bit integers'],
  ])('%s %j of %j is refused', (name, attrs, types, reason) => {
    const inputs = types.map((text) => inputNode(parseType(text)!))
    expect(refusal(emit(ops[name], inputs, attrs))).toContain(reason)
  })
})

describe.skipIf(missingMps !== undefined)('single cases', () => {
  it('sums more than 32768 products', () => {
    expect(differenceOf('matmul', {}, [tensor('float32', [2, 40000], [-1, 1]), tensor('float32', [40000, 2], [-1, 1])])).toEqual([])
  })

  it('pads with what no double holds, with NaN and with what the dtype rounds', () => {
    const attrs = { low: [1], high: [2] }
    expect(differenceOf('pad', { ...attrs, value: 2n ** 62n + 1n }, [tensor('int64', [3])])).toEqual([])
    expect(differenceOf('pad', { ...attrs, value: NaN }, [tensor('float16', [3])])).toEqual([])
    expect(differenceOf('pad', { ...attrs, value: -Infinity }, [tensor('bfloat16', [3])])).toEqual([])
    expect(differenceOf('pad', { ...attrs, value: 1e9 }, [tensor('uint8', [3])])).toEqual([])
    expect(differenceOf('pad', { ...attrs, value: 0.1 }, [tensor('float16', [3])])).toEqual([])
  })

  it('constants that their dtype wraps or rounds', () => {
    const all: [DType, number | bigint][] = [
      ['uint64', -1n],
      ['int64', 2n ** 63n],
      ['uint8', -1],
      ['float16', 0.1],
      ['float32', -0],
    ]
    for (const [dtype, value] of all) {
      const graph = new Graph([], [emit(ops.constant, [], { dtype, shape: [2], values: [value] })])
      expect(difference(graph, [])).toEqual([])
    }
  })

  it('slices that are reshaped', () => {
    const x = inputNode(typeOf('float32', [4, 6]))
    const cut = emit(ops.slice, [emit(ops.neg, [x])], { starts: [3, 5], sizes: [2, 3], steps: [-2, -1] })
    const graph = new Graph([x], [emit(ops.neg, [emit(ops.reshape, [cut], { shape: [6] })])])
    expect(difference(graph, [tensor('float32', [4, 6])])).toEqual([])
  })
})

/** What the library records, as a graph of its inputs. */
const recorded = (result: sinter.Tensor): Graph => result.graph().graph
const stored = (...shape: number[]): sinter.Tensor => sinter.zeros(shape).realizeSync()

describe.skipIf(missingMps !== undefined)('recognised patterns compute what they replace', () => {
  const x = stored(5, 12)
  it.each<[string, sinter.Tensor]>([
    ['softmax', sinter.softmax(x)],
    ['softmax along the first axis', sinter.softmax(x, 0)],
    ['softmax of float16', sinter.softmax(x.astype('float16'))],
    ['log of softmax', sinter.logSoftmax(x)],
    ['mean', sinter.mean(x, 1)],
    ['mean of six dimensions', sinter.mean(stored(2, 3, 1, 2, 2, 3), [1, 4])],
    ['variance', sinter.variance(x, 0)],
    ['layer norm', sinter.layerNorm(x, { weight: stored(12), bias: stored(12) })],
    ['layer norm over two axes', sinter.layerNorm(stored(3, 4, 5), { axes: [0, 2], weight: stored(3, 5) })],
    ['layer norm with bias only', sinter.layerNorm(x, { bias: stored(12) })],
    ['rms norm', sinter.rmsNorm(x, { weight: stored(12) })],
    ['gelu', sinter.gelu(x)],
    ['gelu by tanh', sinter.gelu(x, { approximate: 'tanh' })],
    [
      'gradient of a layer norm',
      sinter.grad((t: sinter.Tensor) => sinter.sum(sinter.mul(sinter.layerNorm(t, { weight: stored(12) }), t)))(x),
    ],
    [
      'attention',
      sinter.matmul(
        sinter.softmax(sinter.add(sinter.mul(sinter.matmul(stored(2, 3, 6, 4), stored(2, 3, 4, 7)), 0.5), stored(6, 7))),
        stored(2, 3, 7, 5),
      ),
    ],
  ])('%s', (_, result) => {
    const graph = recorded(result)
    const inputs = graph.inputs.map(({ type }, i) => randomTensor(type, randomFrom(i + 3)))
    expect(difference(graph, inputs)).toEqual([])
  })
})

describe.skipIf(missingMps !== undefined)('float64 between GPU and CPU', () => {
  const values = Float64Array.from({ length: 3 * 37 }, (_, i) => Math.sin(i) * 10 ** (i % 7))
  const x: HostTensor = { type: typeOf('float64', [3, 37]), values }

  function sums(graph: Graph): number[] {
    const executable = compileOn('mps', graph)
    try {
      expect(new Set(executable.groups.map(({ device }) => device ?? 'mps'))).toEqual(new Set(['mps', 'cpu']))
      return [...(runExecutable(executable, graph, [x], [], 'mps')[0]!.values as Float64Array)]
    } finally {
      executable.dispose()
    }
  }

  it.each([
    ['sum', 1],
    ['mean', 37],
  ])('%s', (_, count) => {
    const input = inputNode(x.type)
    const total = emit(ops.sum, [input], { axes: [1], keepDims: false })
    const divisor = emit(ops.constant, [], { dtype: 'float64', shape: [], values: [count] })
    const graph = new Graph([input], [count === 1 ? total : emit(ops.div, [total, divisor])])
    const got = sums(graph)
    for (let row = 0; row < 3; row++) {
      const own = [...values.subarray(row * 37, row * 37 + 37)]
      const magnitude = own.reduce((sum, value) => sum + Math.abs(value), 0)
      const expected = own.reduce((sum, value) => sum + value, 0) / count
      expect(Math.abs(got[row]! - expected)).toBeLessThanOrEqual((magnitude * 2 ** -44) / count)
    }
  })
})
