// Legalization: graph to graph, so that the reference interpreter says whether values stay what they are.

import { describe, expect, test } from 'vitest'
import { emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { HostTensor } from '../../ir/host.js'
import { interpret } from '../../ir/interpret.js'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { castRules } from '../../ir/rules/cast.js'
import { typeOf } from '../../ir/type.js'
import { castChainRules } from '../../runtime/backends/mps/legalize/casts.js'
import { emptyRules } from '../../runtime/backends/mps/legalize/empty.js'
import { float64Rules, refuseFloat64 } from '../../runtime/backends/mps/legalize/float64.js'
import { legalization, legalize as legalizeAll } from '../../runtime/backends/mps/legalize/index.js'
import { literalRules } from '../../runtime/backends/mps/legalize/literals.js'
import { expectSameValues, graphOf, optimize, summary } from '../ir/passes/support.js'
import { randomFrom, sampleType } from '../support/values.js'

const legalize = (graph: Graph) => optimize(graph, legalization)

/** The rule that a case is about, its graph and what becomes of it. */
const cases: readonly (readonly [rule: string, inputs: string, lines: readonly string[], after: string | RegExp])[] = [
  ['neg of size 0 -> constant', '%a: f32[0,3]', ['%b = neg %a', 'return %b'], 'f32[0, 3](0)'],
  ['slice of size 0 -> constant', '%a: i32[4]', ['%b = slice %a {starts=[1], sizes=[0], steps=[1]}', 'return %b'], 'i32[0](0)'],
  ['sum(empty) -> its identity', '%a: f32[2,0]', ['%b = sum %a {axes=[1], keepDims=false}', 'return %b'], 'f32[2](0)'],
  ['prod(empty) -> its identity', '%a: i64[2,0]', ['%b = prod %a {axes=[1], keepDims=true}', 'return %b'], 'i64[2, 1](1)'],
  ['any(empty) -> its identity', '%a: bool[2,0]', ['%b = any %a {axes=[1], keepDims=false}', 'return %b'], 'bool[2](0)'],
  ['all(empty) -> its identity', '%a: bool[2,0]', ['%b = all %a {axes=[1], keepDims=false}', 'return %b'], 'bool[2](1)'],
  ['xor(empty) -> its identity', '%a: u8[2,0]', ['%b = xor %a {axes=[1], keepDims=false}', 'return %b'], 'u8[2](0)'],
  [
    'concat(x, empty) -> concat(x)',
    '%a: f32[2], %b: f32[0], %c: f32[3]',
    ['%d = concat %a, %b, %c {axis=0}', 'return %d'],
    'concat %0, %2 {axis=0}',
  ],
  ['concat(x, empty) -> concat(x)', '%a: f32[2], %b: f32[0]', ['%d = concat %b, %a {axis=0}', '%e = neg %d', 'return %e'], 'neg %0'],
  ['pad(empty) -> constant', '%a: i8[0,2]', ['%b = pad %a {low=[2,0], high=[0,1], value=300}', 'return %b'], 'i8[2, 3](127)'],
  ['matmul(empty) -> zeros', '%a: f32[2,0], %b: f32[0,3]', ['%c = matmul %a, %b', 'return %c'], 'f32[2, 3](0)'],
  [
    'convolutionWeightsGradient(empty) -> zeros',
    '%a: f32[0,2,5], %g: f32[0,3,4]',
    ['%c = convolutionWeightsGradient %a, %g {strides=[1], dilations=[1], low=[0], high=[0], groups=1, kernel=[2]}', 'return %c'],
    'f32[3, 2, 2](0)',
  ],
  ['take(empty) -> zeros', '%a: f32[0,2], %i: i32[3]', ['%c = take %a, %i {axis=0}', 'return %c'], 'f32[3, 2](0)'],
  ['takeAlongAxis(empty) -> zeros', '%a: f32[0,2], %i: i64[3,2]', ['%c = takeAlongAxis %a, %i {axis=0}', 'return %c'], 'f32[3, 2](0)'],
  ['det(empty) -> 1', '%a: f32[2,0,0]', ['%b = det %a', 'return %b'], 'f32[2](1)'],
  [
    'result(factors of empty matrices) -> constant',
    '%a: f32[0,0]',
    ['%b = slogdet %a', '%c = result %b {index=0}', 'return %c'],
    'f32[](1)',
  ],
  [
    'result(factors of empty matrices) -> constant',
    '%a: f32[3,0]',
    ['%b = lu %a', '%c = result %b {index=2}', 'return %c'],
    'iota {dtype="int32", shape=[3], axis=0}',
  ],
  [
    'indexAdd(base, no updates) -> base',
    '%a: f32[3,2], %i: i32[0], %u: f32[0,2]',
    ['%c = indexAdd %a, %i, %u {axis=0}', '%d = neg %c', 'return %d'],
    'neg %0',
  ],
  [
    'scatterAddAlongAxis(base, no updates) -> base',
    '%a: i16[3,2], %i: i32[0,2], %u: i16[0,2]',
    ['%c = scatterAddAlongAxis %a, %i, %u {axis=0}', '%d = neg %c', 'return %d'],
    'neg %0',
  ],
  [
    'scatterSlices(base, no updates) -> base',
    '%a: i16[3,2], %i: i32[0], %u: i16[0,2]',
    ['%c = scatterSlices %a, %i, %u {axis=0, mode="max"}', '%d = neg %c', 'return %d'],
    'neg %0',
  ],
  [
    'scatterAlongAxis(base, no updates) -> base',
    '%a: i16[3,2], %i: i32[0,2], %u: i16[0,2]',
    ['%c = scatterAlongAxis %a, %i, %u {axis=0, mode="max"}', '%d = neg %c', 'return %d'],
    'neg %0',
  ],
  [
    'sliceUpdate(x, empty) -> x',
    '%a: i16[3,2], %u: i16[0,2]',
    ['%c = sliceUpdate %a, %u {starts=[1, 0], steps=[1, 1]}', '%d = neg %c', 'return %d'],
    'neg %0',
  ],
  [
    'cast(move(cast(x))) -> move(cast(x))',
    '%a: f16[2,3]',
    ['%b = cast %a {dtype="float32"}', '%c = reshape %b {shape=[6]}', '%d = cast %c {dtype="bfloat16"}', 'return %d'],
    'cast %0 {dtype="bfloat16"}; %2 = reshape %1 {shape=[6]}',
  ],
  [
    'cast(cast(x)) -> cast(x)',
    '%a: i32[2,3]',
    ['%b = cast %a {dtype="int64"}', '%c = cast %b {dtype="int8"}', 'return %c'],
    'cast %0 {dtype="int8"}',
  ],
]

describe('every rule, with its result', () => {
  test.each(cases)('%s: %s', (rule, inputs, lines, after) => {
    const before = graphOf(inputs, ...lines)
    const result = legalize(before)
    expect([...result.fired.keys()]).toContain(rule)
    expect(summary(result.after).replace(/^%\d+ = |; return %\d+$/g, '')).toBe(after)
    expectSameValues(before, result.after)
    expect(legalize(result.after).after).toBe(result.after)
  })

  test('no rule is without a case', () => {
    const shared = new Set(castRules.map(({ name }) => name))
    const tested = new Set([
      ...cases.map(([rule]) => rule),
      ...float64Rules.map(({ name }) => name),
      ...literalRules.map(({ name }) => name),
    ])
    const own = [...emptyRules, ...castChainRules, ...float64Rules, ...literalRules].filter(({ name }) => !shared.has(name))
    expect(own.map(({ name }) => name).filter((name) => !tested.has(name) && !name.endsWith(' of size 0 -> constant'))).toEqual([])
  })
})

describe('tensors without elements', () => {
  const graphs = Object.values<Op>(ops).flatMap((op) =>
    op.samples.flatMap((sample) => {
      const dtype = op.dtypes.includes('float32') ? 'float32' : op.dtypes[0]!
      const inputs = sample.inputs.map((text) => inputNode(sampleType(text, dtype)))
      const node = emit(op, inputs, sample.attrs)
      const outputs = node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
      const types = [...inputs, ...outputs].map(({ type }) => type)
      return types.some(({ size }) => size === 0)
        ? [{ name: `${op.name} of ${inputs.map(({ type }) => type)}`, graph: new Graph(inputs, outputs) }]
        : []
    }),
  )

  test.each(graphs)('$name', ({ graph }) => {
    // With what comes before: some ops are written with others first.
    const after = legalizeAll(graph)
    const computed = after.nodes.filter((node) => !node.op.traits.leaf)
    expect(computed.filter((node) => [node, ...node.inputs].some(({ type }) => type.size === 0))).toEqual([])
    expectSameValues(graph, after, 2)
  })
})

describe('literals', () => {
  const values = Array.from({ length: 96 }, (_, i) => (i * 7) % 12)
  const literal = (list: readonly number[]) =>
    graphOf('%a: f32[8,12]', `%c = constant {dtype="float32", shape=[8,12], values=[${list}]}`, '%b = mul %a, %c', 'return %b')

  test('constant with equal slices -> broadcast(constant)', () => {
    const graph = literal(values)
    const { after, fired } = legalize(graph)
    expect(fired.get('constant with equal slices -> broadcast(constant)')).toBe(1)
    expect(summary(after)).toBe(
      `%1 = f32[1, 12](${values.slice(0, 12).join(', ')}); %2 = broadcast %1 {shape=[8, 12]}; %3 = mul %0, %2; return %3`,
    )
    expectSameValues(graph, after)
  })

  test('one different element keeps it', () => {
    const graph = literal(values.map((value, i) => (i === 95 ? value + 1 : value)))
    expect(legalize(graph).after).toBe(graph)
  })
})

describe('float64', () => {
  const sumOf = (type: string, attrs: string) => graphOf(`%a: ${type}`, `%b = sum %a {${attrs}}`, 'return %b')
  const run = (graph: Graph, values: readonly number[]): HostTensor =>
    interpret(legalize(graph).after, [{ type: graph.inputs[0]!.type, values: Float64Array.from(values) }])[0]!

  /** A sum of doubles without rounding, as a multiple of 2^-1074. */
  const exactly = (values: readonly number[]): bigint => {
    const bits = new DataView(new ArrayBuffer(8))
    return values.reduce((sum, value) => {
      bits.setFloat64(0, value)
      const raw = bits.getBigUint64(0)
      const exponent = (raw >> 52n) & 0x7ffn
      const mantissa = (raw & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n)
      const magnitude = mantissa << (exponent === 0n ? 0n : exponent - 1n)
      return value < 0 ? sum - magnitude : sum + magnitude
    }, 0n)
  }

  test.each([2, 3, 7, 64, 1000, 4095])('sum(f64) -> sums of pairs of f32: %i terms are off by 2^-44 of their magnitudes at most', (n) => {
    const random = randomFrom(n)
    const values = Array.from({ length: n }, (_, i) => (random() - 0.5) * 10 ** ((i % 13) - 6))
    const got = run(sumOf(`f64[${n}]`, 'axes=[0], keepDims=false'), values).values[0] as number
    const error = exactly([got]) - exactly(values)
    const magnitude = exactly(values.map(Math.abs))
    expect((error < 0n ? -error : error) << 44n).toBeLessThanOrEqual(magnitude)
  })

  test('cancellation leaves what float32 would have lost', () => {
    const values = [1e7, 2 ** -20, -1e7, 0.1, 3e6 + 0.25, -3e6]
    expect(run(sumOf('f64[6]', 'axes=[0], keepDims=true'), values).values[0]).toBeCloseTo(2 ** -20 + 0.1 + 0.25, 7)
  })

  test('axes, kept and dropped dimensions', () => {
    const whole = Array.from({ length: 24 }, (_, i) => i - 5)
    for (const attrs of [
      'axes=[1], keepDims=true',
      'axes=[0,2], keepDims=false',
      'axes=[0,1,2], keepDims=false',
      'axes=[], keepDims=false',
    ]) {
      const graph = sumOf('f64[2,3,4]', attrs)
      const expected = interpret(graph, [{ type: graph.inputs[0]!.type, values: Float64Array.from(whole) }])[0]!
      expect(run(graph, whole)).toEqual(expected)
    }
  })

  test('infinities and NaN', () => {
    const graph = sumOf('f64[4,3]', 'axes=[1], keepDims=false')
    const values = [1, Infinity, 2, -Infinity, 0, 1, Infinity, -Infinity, 1, 1, NaN, 2]
    expect([...(run(graph, values).values as Float64Array)]).toEqual([Infinity, -Infinity, NaN, NaN])
  })

  test('only the split and the last additions stay float64', () => {
    const { after } = legalize(sumOf('f64[8,9]', 'axes=[1], keepDims=false'))
    const wide = after.nodes.filter(
      (node) => node.op.name !== 'input' && [node, ...node.inputs].some(({ type }) => type.dtype === 'float64'),
    )
    expect(wide.map((node) => node.op.name).sort()).toEqual(['add', 'cast', 'cast', 'cast', 'cast', 'cast', 'sub'])
  })

  test.each([
    ['%a: f64[4]', ['%b = sum %a {axes=[0], keepDims=false}', 'return %b']],
    [
      '%a: f64[4]',
      [
        '%b = sum %a {axes=[0], keepDims=false}',
        '%c = constant {dtype="float64", shape=[], values=[0.25]}',
        '%d = mul %b, %c',
        'return %d',
      ],
    ],
    // What optimizing leaves of a sum over no axes, or over one element.
    ['%a: f64[4]', ['%c = constant {dtype="float64", shape=[], values=[0]}', '%b = add %a, %c', 'return %b']],
    [
      '%a: f64[3]',
      ['%b = sum %a {axes=[0], keepDims=true}', '%c = constant {dtype="float64", shape=[], values=[3]}', '%d = div %b, %c', 'return %d'],
    ],
    [
      '%a: f64[4]',
      ['%b = cast %a {dtype="float32"}', '%c = exp %b', '%d = cast %c {dtype="float64"}', '%e = reshape %d {shape=[2,2]}', 'return %e'],
    ],
  ])('is computed: %s %j', (inputs, lines) => {
    expect(() => refuseFloat64(graphOf(inputs, ...lines))).not.toThrow()
  })

  test.each([
    ['exp', '%a: f64[4]', ['%b = exp %a', 'return %b']],
    ['mul', '%a: f64[4], %b: f64[4]', ['%c = mul %a, %b', 'return %c']],
    ['add', '%a: f64[4]', ['%c = constant {dtype="float64", shape=[], values=[1]}', '%b = add %a, %c', 'return %b']],
    ['less', '%a: f64[4], %b: f64[4]', ['%c = less %a, %b', 'return %c']],
    ['max', '%a: f64[4]', ['%b = max %a {axes=[0], keepDims=false}', 'return %b']],
  ])('%s is refused with what to do', (op, inputs, lines) => {
    const refuse = () => refuseFloat64(graphOf(inputs, ...lines))
    expect(refuse).toThrow(expect.objectContaining({ code: 'dtype', op }))
    expect(refuse).toThrow("x.to('cpu')")
  })
})

test('graphs that are legal stay the same object', () => {
  const graph = graphOf('%a: f32[4,4]', '%b = exp %a', '%c = sum %b {axes=[1], keepDims=false}', 'return %c')
  expect(legalize(graph).after).toBe(graph)
  expect(graph.inputs[0]!.type).toBe(typeOf('float32', [4, 4]))
})
