// What is recognised, and what looks alike but must not be.

import { describe, expect, test } from 'vitest'
import type { Graph } from '../../ir/graph.js'
import { runPasses } from '../../ir/pass.js'
import { pipeline } from '../../ir/pipeline.js'
import * as sinter from '../../lib/index.js'
import type { Call } from '../../runtime/backends/mps/call.js'
import { Emitter } from '../../runtime/backends/mps/emitter.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { fusedAttention } from '../../runtime/backends/mps/patterns/attention.js'
import { claimPatterns } from '../../runtime/backends/mps/patterns/index.js'
import type { Target } from '../../runtime/backends/mps/target.js'
import { graphOf } from '../ir/passes/support.js'
import { Checker } from './catalog-check.js'

const sound: Target = { macOS: '26.0', family: 'Apple9' }

/** What a computation of a matrix records, optimized. */
const recorded = (
  compute: (x: sinter.Tensor) => sinter.Tensor,
  shape: readonly number[] = [4, 8],
  dtype: 'float32' | 'float16' = 'float32',
): Graph => runPasses(compute(sinter.zeros(shape, { dtype }).realizeSync()).graph().graph, pipeline)

interface Lowered {
  readonly patterns: readonly string[]
  /** Methods without their arguments, constants and feeds left out. */
  readonly methods: readonly string[]
}

const checker = new Checker()
const expectDeclared = (calls: readonly Call[]) => expect(calls.flatMap((call) => checker.problems(call))).toEqual([])

function lowered(graph: Graph, target: Target | undefined = sound): Lowered {
  const { program, claims } = lowerToCalls(graph, [], target)
  expectDeclared(program.calls)
  const selectors = program.calls.map(({ selector }) => selector).filter((selector) => !/^(placeholder|constant)/.test(selector))
  return {
    patterns: claims.map(({ pattern }) => pattern).sort(),
    methods: selectors.map((selector) => /^[a-zA-Z]+?(?=With|Of|Tensor|:)/.exec(selector)![0]),
  }
}

const stored = (...shape: number[]): sinter.Tensor => sinter.zeros(shape).realizeSync()

describe('what the library records is recognised', () => {
  test.each<[name: string, graph: Graph, patterns: readonly string[], methods: readonly string[]]>([
    ['softmax', recorded((x) => sinter.softmax(x)), ['softmax'], ['softMax']],
    ['softmax along the first axis', recorded((x) => sinter.softmax(x, 0)), ['softmax'], ['softMax']],
    ['softmax of float16', recorded((x) => sinter.softmax(x), [4, 8], 'float16'), ['softmax'], ['cast', 'softMax', 'cast']],
    ['mean of a power of two', recorded((x) => sinter.mean(x, 1)), ['mean'], ['mean', 'reshape']],
    ['mean of three', recorded((x) => sinter.mean(x, 0, { keepDims: true }), [3, 5]), ['mean'], ['mean']],
    ['mean of five dimensions', recorded((x) => sinter.mean(x, 0), [2, 3, 1, 2, 2]), ['mean'], ['transpose', 'reshape', 'mean', 'reshape']],
    ['variance', recorded((x) => sinter.variance(x, 1)), ['mean', 'variance'], ['mean', 'variance', 'reshape']],
    ['layer norm', recorded((x) => sinter.layerNorm(x)), ['mean', 'normalization'], ['mean', 'variance', 'normalization']],
    [
      'layer norm with weight and bias',
      recorded((x) => sinter.layerNorm(x, { weight: stored(8), bias: stored(8) })),
      ['mean', 'normalization'],
      ['mean', 'variance', 'normalization'],
    ],
    ['rms norm', recorded((x) => sinter.rmsNorm(x)), ['mean', 'normalization'], ['square', 'mean', 'broadcast', 'normalization']],
    [
      'rms norm with weight',
      recorded((x) => sinter.rmsNorm(x, { weight: stored(8) })),
      ['mean', 'normalization'],
      ['square', 'mean', 'broadcast', 'normalization', 'multiplication'],
    ],
    [
      'gelu by tanh',
      recorded((x) => sinter.gelu(x, { approximate: 'tanh' })),
      ['geluTanh'],
      ['square', 'multiplication', 'addition', 'multiplication', 'sigmoid', 'multiplication'],
    ],
  ])('%s', (_, graph, patterns, methods) => {
    expect(lowered(graph)).toEqual({ patterns, methods })
  })
})

describe('what must not be recognised', () => {
  const rows = '%a: f32[4,8]'
  const softmaxOf = (changed: Record<string, string>): Graph => {
    const line = {
      m: 'max %a {axes=[1], keepDims=true}',
      d: 'sub %a, %m',
      e: 'exp %d',
      s: 'sum %e {axes=[1], keepDims=true}',
      r: 'div %e, %s',
      ...changed,
    }
    return graphOf(rows, ...Object.entries(line).map(([name, text]) => `%${name} = ${text}`), 'return %r')
  }

  test('the unchanged softmax is', () => {
    expect(lowered(softmaxOf({})).patterns).toEqual(['softmax'])
  })

  test.each<[name: string, changed: Record<string, string>]>([
    ['maximum along another axis', { m: 'max %a {axes=[0], keepDims=true}' }],
    ['minimum', { m: 'min %a {axes=[1], keepDims=true}' }],
    ['sum over both axes', { s: 'sum %e {axes=[0,1], keepDims=true}' }],
    ['division the other way round', { r: 'div %s, %e' }],
    ['sum of something else', { s: 'sum %a {axes=[1], keepDims=true}' }],
  ])('softmax with %s', (_, changed) => {
    expect(lowered(softmaxOf(changed)).patterns).toEqual([])
  })

  test('softmax whose exponentials are used elsewhere', () => {
    const graph = graphOf(
      rows,
      '%m = max %a {axes=[1], keepDims=true}',
      '%d = sub %a, %m',
      '%e = exp %d',
      '%s = sum %e {axes=[1], keepDims=true}',
      '%r = div %e, %s',
      'return %r, %e',
    )
    expect(lowered(graph).patterns).toEqual([])
  })

  test.each([
    ['a sum over another count', 'div', 7],
    ['a reciprocal that is not exact', 'mul', 1 / 7],
    ['a reciprocal of another count', 'mul', 0.25],
  ])('mean: %s', (_, op, value) => {
    const constant = `%c = constant {dtype="float32", shape=[], values=[${Math.fround(value)}]}`
    expect(lowered(graphOf(rows, '%s = sum %a {axes=[1], keepDims=false}', constant, `%r = ${op} %s, %c`, 'return %r')).patterns).toEqual(
      [],
    )
  })

  test('variance of a sample', () => {
    expect(lowered(recorded((x) => sinter.variance(x, 1, { correction: 1 }))).patterns).toEqual(['mean'])
  })

  test('layer norm whose weight is not a weight', () => {
    const { patterns, methods } = lowered(recorded((x) => sinter.mul(sinter.layerNorm(x), x)))
    expect(patterns).toEqual(['mean', 'normalization'])
    expect(methods.at(-1)).toBe('multiplication')
  })

  test('layer norm with a computed epsilon', () => {
    const norm = (x: sinter.Tensor): sinter.Tensor => {
      const distance = sinter.sub(x, sinter.mean(x, 1, { keepDims: true }))
      return sinter.mul(distance, sinter.rsqrt(sinter.add(sinter.mean(sinter.square(distance), 1, { keepDims: true }), stored(4, 1))))
    }
    expect(lowered(recorded(norm)).patterns).not.toContain('normalization')
  })

  test.each([
    ['another factor', '0.7978845834732056', '0.05'],
    ['another scale', '0.8', '0.044714998453855515'],
  ])('gelu with %s', (_, scale, cubic) => {
    const number = (name: string, value: string) => `%${name} = constant {dtype="float32", shape=[], values=[${value}]}`
    const graph = graphOf(
      rows,
      ...[number('half', '0.5'), number('one', '1'), number('scale', scale), number('cubic', cubic)],
      '%h = mul %a, %half',
      ...['%q = mul %a, %a', '%k = mul %a, %cubic', '%u = mul %q, %k', '%v = add %a, %u', '%w = mul %v, %scale'],
      ...['%t = tanh %w', '%p = add %t, %one', '%r = mul %h, %p', 'return %r'],
    )
    expect(lowered(graph).patterns).toEqual([])
  })
})

describe('factors of norms', () => {
  const factors = (norm: (weight: sinter.Tensor) => sinter.Tensor, weight: sinter.Tensor) =>
    lowered(recorded(() => norm(weight))).methods.at(-1)

  test('belong to the method when they are stored, and to layer norm', () => {
    const x = stored(4, 8)
    const computed = stored(8).log()
    expect(factors((weight) => sinter.layerNorm(x, { weight }), stored(8))).toBe('normalization')
    expect(factors((weight) => sinter.layerNorm(x, { weight }), computed)).toBe('multiplication')
    expect(factors((weight) => sinter.rmsNorm(x, { weight }), stored(8))).toBe('multiplication')
  })
})

describe('attention', () => {
  const attend = (scale: number | sinter.Tensor, mask?: sinter.Tensor) => (q: sinter.Tensor) => {
    const [k, v] = [stored(2, 3, 6, 8), stored(2, 3, 6, 8)]
    const scores = sinter.mul(sinter.matmul(q, sinter.matrixTranspose(k)), scale)
    return sinter.matmul(sinter.softmax(mask === undefined ? scores : sinter.add(scores, mask)), v)
  }
  const graph = (mask?: sinter.Tensor) => recorded(attend(0.25, mask), [2, 3, 6, 8])

  test('is kept apart from the softmax where the fused form is wrong', () => {
    const { patterns, methods } = lowered(graph(stored(6, 6)))
    expect(patterns).toEqual(['attention'])
    const order = methods.filter((method) => !['reshape', 'transpose', 'broadcast'].includes(method))
    expect(order).toEqual(['matrixMultiplication', 'multiplication', 'addition', 'identity', 'softMax', 'matrixMultiplication'])
  })

  test.each<[name: string, mask: sinter.Tensor | undefined, argument: string]>([
    ['no mask', undefined, ''],
    ['one mask for all', stored(6, 6), 'maskTensor:'],
    ['a mask per batch', stored(2, 1, 6, 6), 'maskTensor:'],
  ])('is one method otherwise: %s', (_, mask, argument) => {
    const [claim, ...others] = claimPatterns(graph(mask), sound, [fusedAttention])
    expect(others).toEqual([])
    // The library feeds numbers as scalars, so that one program serves all: the scale goes into the queries.
    const types = [...new Array(3).fill('f32[2,3,6,8]'), 'f32[]', ...(mask === undefined ? [] : [`${mask.node.type}`])]
    expect(claim!.operands.map(({ type }) => `${type}`)).toEqual(types)
    const g = new Emitter(sound)
    const result = claim!.emit(
      g,
      claim!.operands.map(({ type }) => g.feed(type, false)),
    )
    const { calls } = g.program([result])
    expectDeclared(calls)
    const methods = calls.map(({ selector }) => selector).filter((selector) => !/^(placeholder|broadcast)/.test(selector))
    const attended = `scaledDotProductAttentionWithQueryTensor:keyTensor:valueTensor:${argument}scale:name:`
    expect(methods).toEqual(['multiplicationWithPrimaryTensor:secondaryTensor:name:', attended])
  })

  test('needs values as wide as keys', () => {
    const narrow = recorded((q) => sinter.matmul(sinter.softmax(sinter.matmul(q, stored(2, 3, 8, 6))), stored(2, 3, 6, 4)), [2, 3, 6, 8])
    expect(claimPatterns(narrow, sound, [fusedAttention])).toEqual([])
    expect(lowered(narrow).patterns).toEqual(['attention'])
  })
})

test('variances stay composed where the method is wrong', () => {
  const { patterns, methods } = lowered(
    recorded((x) => sinter.layerNorm(x)),
    { macOS: '27.0', family: 'Apple9' },
  )
  expect(patterns).toEqual(['mean', 'mean', 'normalization'])
  expect(methods).toEqual(['mean', 'subtraction', 'square', 'mean', 'normalization'])
})
