// Shapes that cross the borders of tiles, rows, blocks and threads, against the reference.

import { describe, expect, it } from 'vitest'
import { type DType, dtypeInfo, realDTypes } from '../../ir/dtype.js'
import type { HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import { builder as b } from '../../ir/ops/index.js'
import { type Build, expectSame, graphOf, randomInputs } from '../support/check.js'
import { confirmedDifference } from '../support/oracle.js'
import { runOnCpu } from '../support/run.js'

const lengths = [1, 2, 10, 511, 512, 513, 1023, 1024, 1025, 4096, 16384, 16385, 100_001]
const short = (dtype: DType): string => dtypeInfo[dtype].short
const reduce = (op: string, x: Node, axes: readonly number[], keepDims = true): Node => b.emit(op, [x], { axes, keepDims })
const last = (x: Node): number[] => [x.type.rank - 1]

describe('elementwise chains of every length', () => {
  it.each([...lengths, 131_075])('%i float32 elements with a scalar', (n) => {
    expectSame([`f32[${n}]`, `f32[${n}]`, 'f32[]'], (x, y, s) => b.emit('sigmoid', [b.add(b.mul(x!, s!), b.exp(y!))]), undefined, [
      false,
      false,
      true,
    ])
  })

  it.each([...lengths.slice(0, -1), 33_001])('%i elements through every dtype', (n) => {
    const others = realDTypes.filter((dtype) => dtype !== 'float32')
    expectSame([`f32[${n}]`], (x) => others.map((dtype) => b.cast(b.emit('square', [x!]), dtype)), [0, 12])
    for (const dtype of others) {
      expectSame([`${short(dtype)}[${n}]`], (x) => [
        b.cast(x!, 'float32'),
        b.equal(x!, b.emit('slice', [x!], { starts: [n - 1], sizes: [n], steps: [-1] })),
      ])
    }
  })

  it.each([1, 513, 4097])('random bits, two results, %i elements', (n) => {
    expectSame(
      ['u32[2]', `u32[${n}]`],
      (key, counter) => {
        const [k0, k1] = [0, 1].map((i) => b.reshape(b.slice(key!, [i], [1]), []))
        const bits = b.emit('threefry2x32', [k0!, k1!, counter!, b.emit('bitwiseNot', [counter!])])
        return [0, 1].map((index) => b.emit('result', [bits], { index }))
      },
      [0, 1e9],
    )
  })
})

const softmax = (x: Node): Node => {
  const e = b.exp(b.sub(x, reduce('max', x, last(x))))
  return b.div(e, reduce('sum', e, last(x)))
}
const mean = (x: Node): Node => {
  const total = reduce('sum', x, last(x))
  return b.div(total, b.constant(x.type.shape.at(-1)!, x))
}
const layerNorm = (x: Node, gain: Node, bias: Node): Node => {
  const centred = b.sub(x, mean(x))
  return b.add(b.mul(b.mul(centred, b.emit('rsqrt', [b.add(mean(b.square(centred)), b.constant(1e-5, x))])), gain), bias)
}

describe('rows of every length', () => {
  for (const [dtype, rows] of [
    ['float32', 1],
    ['float32', 3],
    ['float32', 17],
    ['float64', 2],
    ['float16', 1],
    ['bfloat16', 2],
  ] as const) {
    it.each(lengths.filter((n) => n * rows < (dtype === 'float32' ? 120_000 : 20_000)))(
      `softmax and layer norm of ${dtype}[${rows}, %i]`,
      (n) => {
        const type = `${short(dtype)}[${rows},${n}]`
        expectSame([type], (x) => softmax(x!))
        expectSame([type, `${short(dtype)}[${n}]`, `${short(dtype)}[${n}]`], (x, gain, bias) => layerNorm(x!, gain!, bias!))
      },
    )
  }

  // Results of more rows than caches hold are written past the caches, row by row and, where rows are short, several at a time. The last block is not full.
  const large: readonly (readonly [name: string, build: Build])[] = [
    ['layer norm', (x, gain, bias) => layerNorm(x!, gain!, bias!)],
    ['rows made one long', (x, gain, bias) => [b.mul(x!, b.emit('rsqrt', [reduce('sum', b.square(x!), [1])])), b.add(gain!, bias!)]],
  ]
  const sizes = [
    [4099, 1024],
    [16_387, 256],
  ] as const
  it.each(large.flatMap(([name, build]) => sizes.map(([rows, columns]) => ({ name, build, rows, columns }))))(
    '$name of [$rows, $columns]',
    ({ build, rows, columns }) => {
      const types = (m: number): string[] => [`f32[${m},${columns}]`, `f32[${columns}]`, `f32[${columns}]`]
      const inputs = randomInputs(graphOf(types(rows), build))
      const results = runOnCpu(graphOf(types(rows), build), inputs)
      const part = graphOf(types(67), build)
      const cut = ({ type, values }: HostTensor, from: number, to: Node): HostTensor =>
        type.rank === 1 ? { type, values } : { type: to.type, values: values.slice(from * columns, (from + 67) * columns) }
      for (const from of [0, 2010, rows - 67]) {
        const partInputs = inputs.map((input, i) => cut(input, from, part.inputs[i]!))
        const partResults = results.map((result, i) => cut(result, from, part.outputs[i]!))
        expect(confirmedDifference(part, partInputs, partResults)).toBeUndefined()
      }
    },
  )

  // One pass over more memory than caches hold, through a chain that writes past the caches where the result starts on a vector; the last is not full.
  it('a chain over 9,000,003 elements', () => {
    const n = 9_000_003
    const chain: Build = (x, y) => [b.sub(b.mul(b.add(b.mul(x!, y!), x!), y!), b.emit('abs', [x!]))]
    const inputs = randomInputs(graphOf([`f32[${n}]`, `f32[${n}]`], chain))
    const [result] = runOnCpu(graphOf([`f32[${n}]`, `f32[${n}]`], chain), inputs)
    const [x, y] = inputs.map(({ values }) => values as Float64Array)
    const { fround } = Math
    const expected = (i: number): number => fround(fround(fround(fround(x![i]! * y![i]!) + x![i]!) * y![i]!) - Math.abs(x![i]!))
    let wrong = 0
    for (let i = 0; i < n; i++) if (result!.values[i] !== expected(i)) wrong++
    expect(wrong).toBe(0)
  })

  // Enough rows of whole vectors for blocks of several long rows.
  it.each([
    [64, 256],
    [67, 272],
    [65, 1008],
    [70, 1024],
    [66, 2048],
  ])('row values, repeated rows and indices as operands: [%i, %i]', (m, n) => {
    const type = `[${m},${n}]`
    expectSame([`f32${type}`, `f32[${n}]`, `f32[${n}]`], (x, gain, bias) => [softmax(x!), layerNorm(x!, gain!, bias!)])
    expectSame([`f64${type}`, `f64[${n}]`, `f64[${m},1]`], (x, gain, scale) => layerNorm(b.div(x!, scale!), gain!, b.neg(gain!)))
    expectSame([`f16${type}`, `bf16[${n}]`], (x, gain) => b.mul(softmax(x!), b.cast(gain!, 'float16')))
    // Operands that are not tiles, first and second, by one instruction and in chains; results that are operands spread out.
    expectSame([`f32${type}`, `f32[${m},1]`, `f32[${n}]`, `f32[${2 * n}]`], (x, column, row, long) => {
      const top = reduce('max', x!, [1])
      const every = b.emit('slice', [long!], { starts: [1], sizes: [n], steps: [2] })
      const [wideTop, wideRow] = [top, row!].map((value) => b.broadcast(value, [m, n]))
      return [
        b.div(column!, b.add(x!, top)),
        b.sub(row!, b.emit('pow', [b.abs(x!), top])),
        b.emit('abs', [b.sub(b.mul(every, column!), b.sub(top, b.mul(row!, x!)))]),
        reduce('sum', b.mul(b.sub(x!, column!), row!), [1]),
        reduce('sum', b.sub(wideTop!, wideRow!), [1]),
        wideTop!,
        wideRow!,
      ]
    })
    expectSame(
      [`i32${type}`, `i32[${n}]`],
      (x, row) => {
        const total = reduce('sum', x!, [1])
        const [rows, columns] = [0, 1].map((axis) => b.emit('iota', [], { shape: [m, n], dtype: 'int32', axis }))
        return [b.add(b.mul(rows!, total), b.mul(columns!, row!)), reduce('max', b.sub(rows!, b.mul(columns!, x!)), [1])]
      },
      [-50, 50],
    )
    expectSame(
      [`u32${type}`, 'u32[2]', `u32[${n}]`],
      (x, key, row) => {
        const [k0, k1] = [0, 1].map((i) => b.reshape(b.slice(key!, [i], [1]), []))
        const bits = b.emit('threefry2x32', [k0!, k1!, row!, b.add(x!, reduce('max', x!, [1]))])
        return [0, 1].map((index) => b.emit('result', [bits], { index }))
      },
      [0, 1e9],
    )
  })

  it.each(lengths)('row results on their own, in both forms: [5, %i]', (n) => {
    expectSame([`f32[5,${n}]`, 'f32[5]', 'f32[5,1]'], (x, a, c) => {
      const top = reduce('max', x!, [1], false)
      return [b.add(top, a!), b.mul(reduce('sum', b.square(x!), [1]), c!), reduce('nanmin', x!, [1], false)]
    })
    expectSame([`i32[5,${n}]`], (x) => [reduce('sum', x!, [1], false), reduce('xor', x!, [1]), reduce('prod', x!, [1], false)], [-100, 100])
    expectSame(
      [`u8[3,${n}]`, `bool[3,${n}]`],
      (x, y) => [reduce('sum', x!, [1]), reduce('any', y!, [1]), reduce('all', y!, [1], false)],
      [0, 255],
    )
    expectSame(
      [`i64[2,${n}]`, `i8[2,${n}]`],
      (x, y) => [reduce('max', x!, [1]), reduce('min', y!, [1]), reduce('prod', y!, [1])],
      [-100, 100],
    )
  })

  it.each([
    [2, 3, 5],
    [4, 13, 11],
    [1, 40, 40],
    [3, 1, 700],
    [700, 2, 1],
  ])('rows of two dimensions: [%i, %i, %i]', (a, m, n) => {
    const both = (x: Node): Node => {
      const e = b.exp(b.sub(x, reduce('max', x, [1, 2])))
      return b.div(e, reduce('sum', e, [1, 2]))
    }
    expectSame([`f32[${a},${m},${n}]`], (x) => both(x!))
    expectSame([`f32[${a},${n},${m}]`], (x) => both(b.permute(x!, [0, 2, 1])))
    expectSame([`f32[${n},${a},${m}]`, `f32[${n}]`], (x, y) => both(b.mul(b.permute(x!, [1, 2, 0]), y!)))
  })

  it('a whole tensor as one row', () => {
    expectSame(['f32[37,41]'], (x) => b.div(x!, b.emit('sqrt', [reduce('sum', b.square(x!), [0, 1])])))
    expectSame(['f32[1025]'], (x) => [softmax(x!), reduce('sum', x!, [0], false)])
    expectSame(['f32[200,300]'], (x) => reduce('sum', x!, [0, 1], false))
  })
})

const subsets = (rank: number): number[][] =>
  Array.from({ length: 2 ** rank - 1 }, (_, mask) => [...new Array(rank).keys()].filter((axis) => (mask + 1) & (1 << axis)))

describe('reductions over every combination of axes', () => {
  it.each(subsets(4).map((axes) => ({ axes })))('$axes', ({ axes }) => {
    for (const shape of [
      [3, 5, 7, 9],
      [2, 33, 1, 37],
      [1, 3, 2, 1030],
    ]) {
      for (const keepDims of [false, true]) {
        expectSame([`f32[${shape}]`, `f32[${shape.at(-1)}]`], (x, y) => reduce('sum', b.mul(x!, y!), axes, keepDims))
      }
      expectSame([`f64[${shape}]`], (x) => [reduce('max', x!, axes), reduce('sum', b.abs(x!), axes), reduce('nanmin', x!, axes)])
      expectSame([`i16[${shape}]`], (x) => [reduce('sum', x!, axes), reduce('prod', x!, axes, false)], [-300, 300])
      expectSame([`f16[${[...shape].reverse()}]`], (x) => reduce('sum', b.permute(x!, [3, 2, 1, 0]), axes, false))
      expectSame([`bool[${shape}]`], (x) => [reduce('any', x!, axes), reduce('all', b.emit('logicalNot', [x!]), axes, false)])
    }
  })

  it.each([
    [1000, 1],
    [4097, 3],
    [300, 513],
    [17, 5000],
    [60_000, 2],
  ])('columns of [%i, %i]', (m, n) => {
    expectSame([`f32[${m},${n}]`, `f32[${n}]`], (x, y) => b.mul(reduce('sum', b.square(x!), [0], false), y!))
    expectSame([`i32[${m},${n}]`], (x) => [reduce('max', x!, [0]), reduce('sum', x!, [0])], [-1000, 1000])
    expectSame([`f32[${n},${m}]`], (x) => reduce('sum', b.transpose(x!), [0]))
  })

  it('a reduction feeds another one, and what it broadcasts against', () => {
    expectSame(['f32[40,30,20]'], (x) => {
      const a = reduce('sum', x!, [0])
      return [b.mul(x!, a), reduce('max', a, [1], false), reduce('sum', reduce('max', x!, [1], false), [1], false)]
    })
  })

  it('a gradient of broadcasting: the same elements summed over several axes', () => {
    expectSame(['f32[33,65]', 'f32[33,1]', 'f32[65]'], (x, y, z) => {
      const g = b.mul(b.add(x!, y!), z!)
      return [g, reduce('sum', g, [1]), reduce('sum', g, [0], false), reduce('sum', g, [0, 1], false)]
    })
  })
})

describe('transposes', () => {
  it.each([
    [1, 7],
    [31, 33],
    [32, 32],
    [100, 100],
    [257, 129],
    [2, 3000],
    [3000, 3],
  ])('[%i, %i] with and against the grain', (m, n) => {
    expectSame([`f32[${m},${n}]`, `f32[${n},${m}]`], (x, y) => [b.add(b.transpose(x!), y!), b.transpose(b.exp(x!))])
    expectSame([`i8[${m},${n}]`, `i8[${n}]`], (x, y) => b.transpose(b.add(x!, y!)))
    expectSame([`f32[${m},${n}]`], (x) => softmax(b.transpose(x!)))
  })

  it.each([
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])('permutation %i %i %i', (...permutation) => {
    for (const shape of [
      [5, 33, 37],
      [64, 2, 70],
      [1, 130, 9],
    ]) {
      const moved = permutation.map((d) => shape[d]!)
      expectSame([`f32[${shape}]`, `f32[${moved}]`], (x, y) => [b.mul(b.permute(x!, permutation), y!), b.permute(x!, permutation)])
      expectSame([`f64[${shape}]`, `f64[${moved.at(-1)}]`], (x, y) => reduce('sum', b.mul(b.permute(x!, permutation), y!), [2]))
      expectSame([`u16[${shape}]`], (x) => b.reshape(b.permute(b.add(x!, x!), permutation), [1, x!.type.size]))
    }
  })
})

describe('views', () => {
  const backwards = (x: Node): Node =>
    b.emit('slice', [x], { starts: x.type.shape.map((size) => size - 1), sizes: x.type.shape, steps: x.type.shape.map(() => -1) })

  it.each([1, 2, 1023, 1025, 5000])('steps forwards and backwards over %i elements', (n) => {
    expectSame([`f32[${n}]`], (x) => [b.add(x!, backwards(x!)), backwards(x!), b.slice(x!, [0], [Math.ceil(n / 3)], [3])])
    expectSame([`i64[3,${n}]`], (x) => [b.neg(backwards(x!)), reduce('sum', backwards(x!), [1])])
  })

  it('slices of slices, permuted and reshaped', () => {
    expectSame(['f32[20,30,40]'], (x) => {
      const part = b.slice(x!, [1, 28, 3], [9, 14, 12], [2, -2, 3])
      const moved = b.permute(part, [1, 2, 0])
      return [
        b.reshape(moved, [14 * 12, 9]),
        b.exp(b.reshape(moved, [7, 24, 9])),
        reduce('sum', moved, [0]),
        b.reshape(b.slice(x!, [2, 0, 0], [3, 30, 40]), [3600]),
      ]
    })
  })

  it('broadcast operands of every form', () => {
    expectSame(['f32[4,1,130]', 'f32[50,1]', 'f32[]', 'f32[130]', 'f32[4,50,1]'], (a, c, d, e, f) =>
      b.add(b.mul(b.add(a!, c!), b.sub(d!, e!)), f!),
    )
    expectSame(['f32[1,1]', 'f32[3,1]', 'f32[1,1000]'], (a, c, d) => [b.mul(b.add(a!, c!), d!), b.add(c!, a!)])
    expectSame(['f32[7,1,9]'], (x) => reduce('sum', b.broadcast(x!, [3, 7, 600, 9]), [0, 2]))
    expectSame(['f32[]'], (x) => [
      b.broadcast(x!, [2049]),
      reduce('sum', b.broadcast(x!, [100, 33]), [0]),
      reduce('sum', b.broadcast(x!, [100, 33]), [1]),
    ])
  })

  it('index values', () => {
    for (const dtype of ['float32', 'int8', 'uint8', 'int64', 'uint64', 'float16', 'uint16', 'float64', 'uint32', 'bfloat16'] as const) {
      for (const axis of [0, 1, 2]) {
        expectSame([`${short(dtype)}[7,33,45]`], (x) => {
          const index = b.emit('iota', [], { dtype, shape: [7, 33, 45], axis })
          return [b.add(x!, index), reduce('max', b.mul(index, x!), [2]), reduce('sum', index, [1, 2]), b.permute(index, [2, 0, 1])]
        })
      }
    }
    expectSame([], () => b.emit('iota', [], { dtype: 'float32', shape: [5000], axis: 0 }))
    expectSame([], () => b.reshape(b.emit('iota', [], { dtype: 'int32', shape: [50, 60], axis: 1 }), [3000]))
  })
})

describe('matrix products', () => {
  const numeric = realDTypes.filter((dtype) => dtype !== 'bool')
  it.each(numeric)('%s with transposed, strided, broadcast and batched operands', (dtype) => {
    const t = short(dtype)
    const range = [-9, 9] as const
    for (const [m, k, n] of [
      [1, 1, 1],
      [1, 40, 33],
      [33, 40, 1],
      [5, 1, 7],
      [17, 65, 19],
      [70, 130, 50],
    ] as const) {
      expectSame([`${t}[${m},${k}]`, `${t}[${k},${n}]`], (x, y) => b.matmul(x!, y!), range)
      expectSame([`${t}[${k},${m}]`, `${t}[${n},${k}]`], (x, y) => b.matmul(b.transpose(x!), b.transpose(y!)), range)
      expectSame([`${t}[3,${m},${k}]`, `${t}[${k},${n}]`, `${t}[${n}]`], (x, y, z) => b.add(b.matmul(x!, y!), z!), range)
      expectSame([`${t}[2,1,${m},${k}]`, `${t}[3,${n},${k}]`], (x, y) => b.matmul(x!, b.transpose(y!)), range)
      expectSame(
        [`${t}[${m},2,${k}]`, `${t}[${k},${2 * n}]`],
        (x, y) => {
          const everyOther = b.slice(y!, [0, 2 * n - 1], [k, n], [1, -2])
          return b.matmul(b.permute(x!, [1, 0, 2]), everyOther)
        },
        range,
      )
      expectSame([`${t}[${k}]`, `${t}[${k},${n}]`], (x, y) => b.matmul(b.broadcast(x!, [m, k]), y!), range)
    }
  })

  it.each(['float32', 'float64', 'float16', 'bfloat16'] as const)('%s with epilogues', (dtype) => {
    const t = short(dtype)
    for (const [m, k, n] of [
      [3, 4, 5],
      [64, 64, 64],
      [129, 33, 67],
      [1, 300, 200],
    ] as const) {
      const types = [`${t}[${m},${k}]`, `${t}[${k},${n}]`, `${t}[${n}]`, `${t}[${m},${n}]`]
      expectSame(types, (x, y, bias, residual) => b.add(b.emit('relu', [b.add(b.matmul(x!, y!), bias!)]), residual!))
      expectSame(types, (x, y, bias) => {
        const product = b.matmul(x!, y!)
        return [product, b.emit('tanh', [b.add(product, bias!)]), b.cast(product, 'float32')]
      })
      expectSame(types, (x, y, _, residual) => b.cast(b.greater(b.matmul(x!, y!), residual!), 'int8'))
      expectSame(types, (x, y, bias) => softmax(b.add(b.matmul(x!, y!), bias!)))
      expectSame([...types, `${t}[${n},${m}]`], (x, y, _, __, other) => [
        b.add(b.transpose(b.matmul(x!, y!)), other!),
        b.add(b.matmul(x!, y!), b.transpose(other!)),
      ])
      expectSame(types, (x, y) => b.matmul(b.exp(x!), b.matmul(b.transpose(b.neg(x!)), b.matmul(x!, y!))))
    }
  })

  it('of one matrix with itself and its transpose', () => {
    expectSame(['f32[40,40]'], (x) => [b.matmul(x!, x!), b.matmul(x!, b.transpose(x!)), b.add(b.matmul(b.transpose(x!), x!), x!)])
  })

  it('of batches in another order', () => {
    expectSame(['f32[6,3,20,8]', 'f32[6,20,3,8]'], (q, k) => softmax(b.matmul(q!, b.permute(k!, [0, 2, 3, 1]))))
  })

  it.each([
    [150, 515, 140],
    [300, 77, 1030],
    [1, 3000, 1200],
    [513, 130, 2],
  ])('[%i, %i, %i]: large enough for blocks and threads, exact on whole numbers', (m, k, n) => {
    const graph = graphOf([`f32[${m},${k}]`, `f32[${n},${k}]`, `f32[${n}]`], (x, y, z) =>
      b.emit('relu', [b.add(b.matmul(x!, b.transpose(y!)), z!)]),
    )
    const inputs = randomInputs(graph, 1, [-9, 9]).map(({ type, values }) => ({ type, values: (values as Float64Array).map(Math.round) }))
    const [x, y, z] = inputs.map(({ values }) => values) as [Float64Array, Float64Array, Float64Array]
    const expected = new Float64Array(m * n)
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = z[j]!
        for (let l = 0; l < k; l++) sum += x[i * k + l]! * y[j * k + l]!
        expected[i * n + j] = Math.max(sum, 0)
      }
    }
    const [result] = runOnCpu(graph, inputs)
    expect(expected.findIndex((value, i) => value !== result!.values[i])).toBe(-1)
  })
})

describe('tensors without elements, and of rank 0', () => {
  it('pass through everything', () => {
    expectSame(['f32[0]', 'f32[3,0,2]', 'f32[0,5]', 'f32[5,0]'], (x, y, z, w) => [
      b.exp(x!),
      b.add(y!, b.constant(1, 'float32')),
      b.permute(y!, [2, 0, 1]),
      b.reshape(y!, [0, 7]),
      reduce('sum', y!, [1]),
      reduce('sum', y!, [0, 1, 2], false),
      reduce('prod', y!, [0], false),
      b.matmul(z!, w!),
      b.add(b.matmul(w!, z!), b.constant(2, 'float32')),
      b.concat([x!, x!], 0),
      b.emit('pad', [x!], { low: [2], high: [1], value: 3 }),
      b.emit('cumsum', [y!], { axis: 1, exclusive: false, reverse: false }),
      b.emit('argsort', [w!], { descending: true }),
      b.broadcast(b.reshape(x!, [0, 1]), [0, 4]),
      b.transpose(z!),
    ])
  })

  it('rank 0', () => {
    expectSame(['f32[]', 'f32[]', 'i32[]'], (x, y, i) => [
      b.add(x!, y!),
      b.exp(b.mul(x!, y!)),
      b.reshape(b.add(x!, y!), [1, 1, 1]),
      b.emit('take', [b.reshape(x!, [1]), i!], { axis: 0 }),
      reduce('sum', x!, [], false),
      x!,
    ])
  })

  it('outputs that are inputs, constants, views or the same', () => {
    const graph = graphOf(['f32[2,3]'], (x) => {
      const y = b.exp(b.constant(0, 'float32'))
      return [x!, b.transpose(x!), b.fullLike(x!, 7), y, b.neg(x!), b.reshape(b.neg(x!), [3, 2]), b.neg(x!), b.transpose(b.neg(x!))]
    })
    const doubled = graphOf(['f32[2,3]'], (x) => {
      const y = b.neg(x!)
      return [y, y, b.reshape(y, [6]), x!, x!]
    })
    const value = { type: graph.inputs[0]!.type, values: Float64Array.of(1, 2, 3, 4, 5, 6) }
    expect(runOnCpu(graph, [value]).map(({ values }) => [...values])).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 4, 2, 5, 3, 6],
      [7, 7, 7, 7, 7, 7],
      [1],
      [-1, -2, -3, -4, -5, -6],
      [-1, -2, -3, -4, -5, -6],
      [-1, -2, -3, -4, -5, -6],
      [-1, -4, -2, -5, -3, -6],
    ])
    const negative = [-1, -2, -3, -4, -5, -6]
    expect(runOnCpu(doubled, [value]).map(({ values }) => [...values])).toEqual([
      negative,
      negative,
      negative,
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ])
  })
})
