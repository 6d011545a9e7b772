// The number of threads never changes a bit of a result; every kernel set of this machine computes what the reference does.

import { afterAll, describe, expect, it } from 'vitest'
import { inputNode, resultNode } from '../../ir/build.js'
import { dtypeInfo } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import { encode } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Op } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { library } from '../../runtime/native/library.js'
import { type Build, graphOf, randomInputs } from '../support/check.js'
import { confirmedDifference } from '../support/oracle.js'
import { compileOnCpu, runExecutable, runOnCpu } from '../support/run.js'
import { randomFrom, sampleOperands } from '../support/values.js'

const { call } = library()
const info = JSON.parse(String(call['sinter_info']!())) as { isa: string; isas: string[]; threads: number }

const reduce = (op: string, x: Node, axes: readonly number[]): Node => b.emit(op, [x], { axes, keepDims: true })
const softmax = (x: Node): Node => {
  const e = b.exp(b.sub(x, reduce('max', x, [x.type.rank - 1])))
  return b.div(e, reduce('sum', e, [x.type.rank - 1]))
}

const programs: Readonly<Record<string, readonly [types: readonly string[], build: Build]>> = {
  'a long chain': [['f32[400003]', 'f32[]'], (x, s) => b.emit('tanh', [b.exp(b.mul(x!, s!))])],
  'a sum of everything': [['f32[1000003]'], (x) => [reduce('sum', x!, [0]), reduce('prod', x!, [0]), reduce('max', x!, [0])]],
  'sums of rows': [['f32[700,1500]'], (x) => [reduce('sum', b.square(x!), [1]), softmax(x!)]],
  'normalized rows': [
    ['f32[701,1024]', 'f32[1024]'],
    (x, y) => softmax(b.mul(b.sub(x!, b.div(reduce('sum', x!, [1]), b.constant(1024, 'float32'))), y!)),
  ],
  'more normalized rows than caches hold': [
    ['f32[16387,256]', 'f32[256]'],
    (x, y) => b.mul(b.mul(x!, b.emit('rsqrt', [reduce('sum', b.square(x!), [1])])), y!),
  ],
  'sums of columns': [['f32[1500,700]'], (x) => [reduce('sum', x!, [0]), b.sum(x!, [0, 1])]],
  'sums of long rows': [['f32[3,150001]'], (x) => reduce('sum', b.exp(x!), [1])],
  'sums of halves': [['f16[300,1100]'], (x) => [reduce('sum', x!, [1]), reduce('sum', x!, [0])]],
  'sums in float64': [['f64[300,1001]'], (x) => [reduce('sum', x!, [0]), reduce('sum', x!, [0, 1])]],
  'a transpose': [['f32[701,503]', 'f32[503]'], (x, y) => b.add(b.transpose(b.mul(x!, y!)), b.constant(1, 'float32'))],
  'matrix products': [['f32[301,257]', 'f32[257,203]', 'f32[203]'], (x, y, z) => b.emit('sigmoid', [b.add(b.matmul(x!, y!), z!)])],
  'a thin product': [['f32[1,4096]', 'f32[4096,300]'], (x, y) => [b.matmul(x!, y!), b.matmul(b.transpose(y!), b.transpose(x!))]],
  'a deep product': [['f32[8,20001]', 'f32[20001,8]'], (x, y) => b.matmul(x!, y!)],
  'batches of products': [['f32[40,33,65]', 'f32[65,40]'], (x, y) => softmax(b.matmul(x!, y!))],
  attention: [
    ['f32[6,301,40]', 'f32[6,777,40]', 'f32[6,777,33]', 'f32[301,777]'],
    (q, k, v, mask) => [
      b.emit('attention', [q!, k!, v!], { scale: 0.2, causal: true }),
      b.emit('attention', [q!, k!, v!, mask!], { scale: 0.2, causal: false }),
    ],
  ],
  'attention of few queries': [
    ['f32[6,3,40]', 'f32[1,777,40]', 'f32[777,33]'],
    (q, k, v) => b.emit('attention', [q!, k!, v!], { scale: 0.2, causal: false }),
  ],
  'attention of halves': [
    ['f16[6,50,40]', 'f16[6,777,40]', 'f16[6,777,40]'],
    (q, k, v) => b.emit('attention', [q!, k!, v!], { scale: 0.2, causal: false }),
  ],
  'recurrent layers': [
    ['f32[5,70,148]', 'f32[148,37]', 'f32[70,37]', 'f32[70,37]'],
    (gates, weight, h, c) => {
      const forwards = b.emit('lstm', [gates!, weight!, h!, c!], { reverse: true })
      const [output, cells, state] = [0, 1, 2].map((i) => resultNode(forwards, i))
      const backwards = b.emit('lstmGradient', [weight!, c!, cells!, output!, state!], { reverse: true })
      return [output!, cells!, ...[0, 1, 2].map((i) => resultNode(backwards, i))]
    },
  ],
  'recurrent layers of few rows': [
    ['f32[5,3,592]', 'f32[592,148]', 'f32[3,148]', 'f32[3,148]'],
    (gates, weight, h, c) => {
      const forwards = b.emit('lstm', [gates!, weight!, h!, c!], { reverse: false })
      const [output, cells, state] = [0, 1, 2].map((i) => resultNode(forwards, i))
      const backwards = b.emit('lstmGradient', [weight!, c!, cells!, output!, state!, output!], { reverse: false })
      return [output!, cells!, ...[0, 1, 2].map((i) => resultNode(backwards, i))]
    },
  ],
  convolutions: [
    ['f32[2,20,31,33]', 'f32[40,20,3,3]', 'f32[2,40,16,17]'],
    (x, w, g) => {
      const window = { strides: [2, 2], dilations: [1, 1], low: [1, 1], high: [1, 1], groups: 1 }
      const x2 = b.emit('convolutionDataGradient', [g!, w!], { ...window, sizes: [31, 33] })
      return [b.emit('convolution', [x!, w!], window), x2, b.emit('convolutionWeightsGradient', [x!, g!], { ...window, kernel: [3, 3] })]
    },
  ],
  'depthwise convolutions': [
    ['f32[3,24,31,33]', 'f32[24,1,3,3]', 'f32[3,24,31,33]'],
    (x, w, g) => {
      const window = { strides: [1, 1], dilations: [1, 1], low: [1, 1], high: [1, 1], groups: 24 }
      const x2 = b.emit('convolutionDataGradient', [g!, w!], { ...window, sizes: [31, 33] })
      return [b.emit('convolution', [x!, w!], window), x2, b.emit('convolutionWeightsGradient', [x!, g!], { ...window, kernel: [3, 3] })]
    },
  ],
  'integer products': [['i8[200,300]', 'i8[300,100]'], (x, y) => b.matmul(x!, y!)],
  scans: [['f32[200,1500]'], (x) => [0, 1].map((axis) => b.emit('cumsum', [x!], { axis, exclusive: false, reverse: axis === 1 }))],
  'sorting and searching': [
    ['f32[200,500]'],
    (x) => [b.emit('argsort', [x!], { descending: true }), b.emit('argmax', [x!], { axis: 0, keepDims: false })],
  ],
  'matrix factors': [
    ['f32[9,70,70]', 'f32[9,70,40]'],
    (a, x) => [
      b.emit('solve', [a!, x!]),
      b.emit('det', [a!]),
      resultNode(b.emit('qr', [a!], { complete: false }), 0),
      resultNode(b.emit('svd', [x!]), 0),
      b.emit('cholesky', [b.matmul(a!, b.transpose(a!))]),
    ],
  ],
  'scattered sums': [['f32[50,200]', 'i32[3000]', 'f32[3000,200]'], (x, i, u) => b.emit('indexAdd', [x!, i!, u!], { axis: 0 })],
  pooling: [
    ['f32[2,9,61,67]'],
    (x) => {
      const windows = { kernel: [3, 3], strides: [2, 1], dilations: [1, 1], low: [1, 1], high: [1, 1], ceil: false }
      const size = [61, 67]
      const average = b.emit('avgPool', [x!], { ...windows, count: 'inside' })
      const indices = resultNode(b.emit('maxPoolWithIndices', [x!], windows), 1)
      return [
        b.emit('maxPool', [x!], windows),
        indices,
        average,
        b.emit('avgPoolGradient', [average], { ...windows, count: 'inside', size }),
      ]
    },
  ],
  resizing: [
    ['f32[3,4,70,50]', 'f32[3,40,60,2]'],
    (x, grid) => {
      const attrs = { size: [99, 120], steps: [70 / 99, 50 / 120], starts: [0, 0.1], mode: 'linear', rounding: 'floor' }
      const resized = b.emit('resize', [x!], attrs)
      const sampled = b.emit('gridSample', [x!, grid!], { mode: 'linear', padding: 'reflection', alignCorners: false })
      return [resized, b.emit('resizeGradient', [resized], { ...attrs, from: [70, 50] }), sampled]
    },
  ],
  'random bits': [
    ['u32[300001]'],
    (x) => resultNode(b.emit('threefry2x32', [b.constant(1, 'uint32'), b.constant(2, 'uint32'), x!, x!]), 0),
  ],
}

describe('1, 2, 3 and 8 threads agree bit for bit', () => {
  afterAll(() => {
    call['sinter_set_threads']!(info.threads)
  })

  it.each(Object.keys(programs))('%s', (name) => {
    const graph = graphOf(...programs[name]!)
    const inputs = randomInputs(graph)
    const executable = compileOnCpu(graph)
    const results = [1, 2, 3, 8].map((threads) => {
      expect(call['sinter_set_threads']!(threads)).toBe(0)
      // Twice: a first run may find the other threads asleep and go on alone.
      runExecutable(executable, graph, inputs)
      return runExecutable(executable, graph, inputs).map((host) => Buffer.from(encode(host).buffer).toString('base64'))
    })
    executable.dispose()
    for (const result of results) expect(result.every((text, i) => text === results[0]![i])).toBe(true)
  })
})

describe.each(info.isas.filter((isa) => isa !== info.isa))('the %s kernels', (isa) => {
  /** Runs `fn` with this kernel set: plans take the one in force when they are made. */
  const within = <T>(fn: () => T): T => {
    expect(call['sinter_set_isa']!(isa)).toBe(0)
    try {
      return fn()
    } finally {
      call['sinter_set_isa']!(info.isa)
    }
  }

  it.each(
    Object.values<Op>(ops)
      .filter((op) => op.samples.length > 0)
      .map((op) => ({ name: op.name, op })),
  )('$name', ({ op }) => {
    const problems = op.dtypes.flatMap((dtype) =>
      // A third of the samples, another one for every dtype: the code of all sets is the same.
      op.samples.flatMap((sample, i) => {
        if ((i + dtypeInfo[dtype].code) % 3 !== 0) return []
        const values = sampleOperands(sample, dtype, randomFrom(i + 1))
        const inputs = values.map(({ type }) => inputNode(type))
        const node = b.emit(op.name, inputs, sample.attrs ?? {})
        const graph = new Graph(inputs, node.results === undefined ? [node] : node.results.map((_, index) => resultNode(node, index)))
        const problem = confirmedDifference(
          graph,
          values,
          within(() => runOnCpu(graph, values)),
        )
        return problem === undefined ? [] : [`${op.name} ${dtype} ${JSON.stringify(sample)}: ${problem}`]
      }),
    )
    expect(problems.slice(0, 3)).toEqual([])
  })

  it.each(['f32[37,1029]', 'f64[5,517]', 'f16[9,130]', 'bf16[9,130]'])('fused rows, reductions and products of %s', (type) => {
    const graph = graphOf([type, type], (x, y) => {
      const product = b.matmul(x!, b.transpose(y!))
      return [
        softmax(b.mul(x!, y!)),
        reduce('sum', b.exp(x!), [0]),
        b.emit('relu', [b.add(product, product)]),
        b.cast(b.transpose(x!), 'int8'),
      ]
    })
    const inputs = randomInputs(graph)
    expect(
      confirmedDifference(
        graph,
        inputs,
        within(() => runOnCpu(graph, inputs)),
      ),
    ).toBeUndefined()
  })
})
