// Products with matrices of which only some elements are held.

import { z } from 'zod'
import { SinterError } from '../error.js'
import type { HostTensor } from '../host.js'
import type { Node } from '../node.js'
import { type DecomposeContext, defineFamily, type GradientContext, type HasType, type Sample } from '../op.js'
import { type TensorType, typeOf } from '../type.js'
import { checkIndices, checkWideFloat, wideFloatDTypes } from './check.js'

interface SparseAttrs {
  readonly rows: number
}

const op = 'sparseMatmul'

function infer(inputs: readonly HasType[], { rows: m }: SparseAttrs): TensorType {
  const [values, rows, columns, dense] = inputs.map(({ type }) => type) as [TensorType, TensorType, TensorType, TensorType]
  const wrong = (code: 'shape' | 'dtype' | 'attribute', problem: string, constraint: string): never => {
    throw new SinterError(code, `${problem} (${constraint})`, { op, operands: inputs })
  }
  checkWideFloat(op, inputs)
  if (values.rank !== 1) wrong('shape', `values are 1-D, not ${values}`, 'C1')
  checkIndices(op, inputs, rows)
  if (columns.dtype !== rows.dtype) wrong('dtype', `rows are ${rows.dtype} and columns ${columns.dtype}`, 'C2')
  for (const index of [rows, columns]) {
    if (index.rank !== 1 || index.size !== values.size)
      wrong('shape', `${values.size} values have rows ${rows} and columns ${columns}`, 'C2')
  }
  if (dense.rank !== 2 || dense.dtype !== values.dtype)
    wrong('shape', `the dense operand is a matrix of ${values.dtype}, not ${dense}`, 'C3')
  if (!Number.isSafeInteger(m) || m < 0) wrong('attribute', `there are ${m} rows`, 'C4')
  return typeOf(values.dtype, [m, dense.shape[1]!])
}

/** The position that an index stands for, undefined for one out of range. */
function place(index: number | bigint, size: number): number | undefined {
  const at = Number(index) < 0 ? Number(index) + size : Number(index)
  return at >= 0 && at < size ? at : undefined
}

function evaluate([values, rows, columns, dense]: readonly HostTensor[], type: TensorType): Float64Array {
  const [m, n] = type.shape as [number, number]
  const k = dense!.type.shape[0]!
  const result = new Float64Array(m * n)
  for (let e = 0; e < values!.type.size; e++) {
    const [row, column] = [place(rows!.values[e]!, m), place(columns!.values[e]!, k)]
    if (row === undefined || column === undefined) continue
    for (let j = 0; j < n; j++) result[row * n + j]! += Number(values!.values[e]) * Number(dense!.values[column * n + j])
  }
  return type.dtype === 'float32' ? result.map(Math.fround) : result
}

function gradient({ b, inputs: [values, rows, columns, dense], grad, needs }: GradientContext): (Node | undefined)[] {
  const [k] = dense!.type.shape as [number, number]
  const products = (): Node => b.mul(b.emit('take', [grad, rows!], { axis: 0 }), b.emit('take', [dense!, columns!], { axis: 0 }))
  return [
    needs[0] ? b.sum(products(), [1]) : undefined,
    undefined,
    undefined,
    needs[3] ? b.emit('sparseMatmul', [values!, columns!, rows!, grad], { rows: k }) : undefined,
  ]
}

function decompose({ b, inputs: [values, rows, columns, dense], node }: DecomposeContext): Node {
  const k = dense!.type.shape[0]!
  // What has no column goes to no row: zeros in its place would make NaN of infinite values.
  const bound = (size: number): Node => b.constant(size, columns!)
  const inside = b.logicalAnd(b.greaterEqual(columns!, bound(-k)), b.less(columns!, bound(k)))
  const places = b.select(inside, rows!, b.fullLike(rows!, node.type.shape[0]!))
  const products = b.mul(b.emit('take', [dense!, columns!], { axis: 0 }), b.reshape(values!, [values!.type.size, 1]))
  return b.emit('indexAdd', [b.broadcast(b.constant(0, values!.type.dtype), node.type.shape), places, products], { axis: 0 })
}

const sample = (count: number, m: number, k: number, n: number, index = 'i32'): Sample => ({
  inputs: [`$[${count}]`, `${index}[${count}]`, `${index}[${count}]`, `$[${k},${n}]`],
  attrs: { rows: m },
  range: [
    [-2, 2],
    [-m, m],
    [-k, k],
    [-2, 2],
  ],
})

export const sparseOps = defineFamily('sparse', {
  sparseMatmul: {
    doc:
      'The product of a sparse matrix and a dense one [k, n]: [rows, n]. The sparse one has values at rows and columns; those at the same place add up. Negative indices ' +
      'count from the end, and values of indices out of range are dropped. (C1) values are 1-D, float32 or float64. (C2) rows and columns are int32 or int64, both the same, one each for ' +
      'every value. (C3) The dense operand is a matrix of the dtype of values. (C4) rows is not negative. MPSGraph: sparseTensorWithType and matrixMultiplication.',
    operands: ['values', 'rows', 'columns', 'dense'],
    dtypes: wideFloatDTypes,
    attrs: z.strictObject({ rows: z.int().min(0) }),
    traits: {},
    infer,
    gradient,
    evaluate: (inputs, _attrs: SparseAttrs, [type]) => [{ type: type!, values: evaluate(inputs, type!) }],
    decompose,
    samples: [
      sample(7, 4, 5, 3),
      sample(12, 3, 6, 1, 'i64'),
      sample(40, 9, 8, 17),
      sample(5, 6, 1, 2),
      sample(3, 1, 4, 70),
      sample(0, 2, 3, 2),
      sample(4, 2, 3, 0),
      sample(4, 0, 3, 2),
      sample(4, 3, 0, 2),
    ],
    flops: ([values], { rows }: SparseAttrs) => (rows === 0 ? 0 : Math.ceil((2 * values!.type.size) / rows)),
  },
})
