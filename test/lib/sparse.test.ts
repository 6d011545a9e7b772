// Sparse matrices against SciPy and PyTorch: test/data/sparse.json, made by make_sparse.py.

import { describe, expect, it } from 'vitest'
import { arange, grad, sparse, type Tensor, tensor, zeros } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Product {
  /** Whether the dense operand comes first. */
  readonly left: boolean
  readonly other: Stored
  readonly out: Stored
  /** Of the sum of the result times 1, 2, 3, ... with respect to the values and the dense operand. */
  readonly grads?: readonly [Stored, Stored]
}

interface Case {
  readonly format: sparse.SparseFormat
  readonly shape: readonly [number, number]
  readonly values: Stored
  readonly indices: readonly [Stored, Stored]
  readonly dense: Stored
  readonly products: readonly Product[]
}

const cases = readData<Case[]>('sparse.json')

describe.each(devices)('on %s', (device) => {
  const make = ({ format, shape, indices }: Case, values: Tensor): sparse.SparseTensor =>
    sparse[format](values, load(indices[0], device), load(indices[1], device), shape)
  const times = (a: sparse.SparseTensor, b: Tensor, left: boolean): Tensor => (left ? sparse.matmul(b, a) : sparse.matmul(a, b))
  const matrix = (one: Case): sparse.SparseTensor => make(one, load(one.values, device))

  describe.each(['coo', 'csr', 'csc'] as const)('%s', (format) => {
    const own = cases.filter((one) => one.format === format)

    it('dense, and transposed', () => {
      for (const one of own) {
        const dense = sparse.toDense(matrix(one))
        expectClose(dense, one.dense, 0)
        expect(matrix(one).transpose().toDense().jsSync()).toEqual(dense.transpose().jsSync())
      }
    })

    it('times dense matrices and vectors, on both sides', () => {
      for (const one of own)
        for (const { left, other, out } of one.products) expectClose(times(matrix(one), load(other, device), left), out, 0)
    })

    it('has gradients of the products', () => {
      for (const one of own) {
        for (const { left, other, grads } of one.products) {
          if (grads === undefined) continue
          const loss = ([values, dense]: readonly Tensor[]): Tensor => {
            const y = times(make(one, values!), dense!, left)
            return y.mul(arange(1, y.size + 1, { dtype: y.dtype, device }).reshape(y.shape)).sum()
          }
          const found = grad(loss)([load(one.values, device), load(other, device)]) as readonly Tensor[]
          expectClose(found[0]!, grads[0], 1e-12)
          expectClose(found[1]!, grads[1], 1e-12)
        }
      }
    })

    it('comes from dense matrices', () => {
      for (const { dense, values } of own) {
        const found = sparse.fromDenseSync(load(dense, device), format)
        expect([found.format, found.dtype]).toEqual([format, values.dtype])
        expectClose(found.toDense(), dense, 0)
        expect(found.count).toBe(dense.data.filter((value) => Number(value) !== 0).length)
      }
    })
  })

  const at = (...indices: number[]): Tensor => tensor(indices, { dtype: 'int32', device })

  it('drops what is out of range, counts negative indices from the end, adds what repeats', () => {
    const values = tensor([1, 2, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 16], { device })
    const a = sparse.coo(values, at(0, -1, 2, 0, 1), at(0, 1, 0, 2, -1), [2, 2])
    expect(a.toDense().jsSync()).toEqual([[1, 0], [0, 18]]) // biome-ignore format: a matrix
    expect(a.matmul(tensor([1, 10], { device })).jsSync()).toEqual([1, 180])
  })

  it('leaves elements outside of the starts out', () => {
    const a = sparse.csr(tensor([1, 2, 3, 4], { device }), at(0, 1, 0, 1), at(1, 1, 3), [2, 2])
    expect(a.toDense().jsSync()).toEqual([[0, 0], [3, 2]]) // biome-ignore format: a matrix
    expect(a.matmul(tensor([1, 10], { device })).jsSync()).toEqual([0, 23])
  })

  it('accumulates halves in float32, and takes the common dtype', () => {
    const ones = tensor([256, 1, 1], { dtype: 'bfloat16', device })
    const a = sparse.coo(ones, at(0, 0, 0), at(0, 0, 0), [1, 1])
    expect(a.toDense().jsSync()).toEqual([[258]])
    const product = a.matmul(tensor([1], { dtype: 'bfloat16', device }))
    expect([product.dtype, product.jsSync()]).toEqual(['bfloat16', [258]])
    expect(
      sparse
        .coo(tensor([true], { device }), at(0), at(1), [1, 2])
        .matmul(tensor([0.5, 0.25], { device }))
        .jsSync(),
    ).toEqual([0.25])
  })
})

describe('fromDense', () => {
  it('comes as a promise', async () => {
    const found = await sparse.fromDense(tensor([[0, 3], [0, 4]]), 'csr') // biome-ignore format: a matrix
    expect([found.values, ...found.indices].map((x) => x.jsSync())).toEqual([[3, 4], [1, 1], [0, 1, 2]]) // biome-ignore format: short
  })
})

describe('what is wrong is explained', () => {
  const values = zeros([3])
  const three = zeros([3], { dtype: 'int32' })
  it('names shapes', () => {
    expect(() => sparse.coo(values, three, zeros([2], { dtype: 'int32' }), [2, 2])).toThrow(/3 values need as many columns, got i32\[2\]/)
    expect(() => sparse.csr(values, three, three, [3, 2])).toThrow(/3 rows have 4 starts, the end included, got i32\[3\]/)
    expect(() => sparse.csc(values, three, three, [3, 1])).toThrow(/1 columns have 2 starts/)
    expect(() => sparse.coo(zeros([3, 1]), three, three, [2, 2])).toThrow(/values are 1-D/)
    expect(() => sparse.coo(values, three, three, [2] as never)).toThrow(/sparse tensors are matrices/)
    expect(() => sparse.coo(values, three, three, [2, 4]).matmul(zeros([3]))).toThrow(/does not fit a sparse one \[2, 4\]/)
    expect(() => sparse.matmul(zeros([1, 2, 2]), sparse.coo(values, three, three, [2, 4]))).toThrow(/a matrix or a vector/)
  })
  it('names dtypes and arguments', () => {
    const a = sparse.coo(values, three, three, [2, 2])
    expect(() => sparse.coo(values, values, three, [2, 2])).toThrow(/indices are integers, not float32/)
    expect(() => sparse.matmul(a, a)).toThrow(/one of the operands is dense/)
    expect(() => sparse.matmul(zeros([2, 2]), zeros([2]))).toThrow(/one of the operands is sparse/)
    expect(() => sparse.fromDenseSync(zeros([2, 2]), 'bsr' as never)).toThrow(/there is no format "bsr"/)
    expect(() => sparse.fromDenseSync(zeros([2]))).toThrow(/matrices/)
  })
})

describe('the product with a dense matrix', () => {
  const rows = 9
  const inner = 11
  // Rows of no element, of one and of hundreds.
  const counts = [0, 1, 300, 0, 7, 128, 129, 2, 0]
  const sorted = counts.flatMap((count, row) => new Array<number>(count).fill(row))
  const shuffled = sorted.map((_, e) => sorted[(e * 101) % sorted.length]!)
  const values = Float64Array.from(sorted, (_, e) => Math.sin(e))
  const columns = sorted.map((_, e) => ((e * 7) % (inner + 2)) - 1)

  it.each([1, 3, 17, 64, 131])('of %i columns adds up in the order of the elements, however they stand', (n) => {
    for (const places of [sorted, shuffled, sorted.map((row) => (row === 5 ? -rows - 1 : row === 7 ? rows : row))]) {
      for (const index of ['int32', 'int64'] as const) {
        const [onCpu, plainly] = ['cpu', 'reference'].map((device) => {
          const at = (list: readonly number[]): Tensor => tensor([...list], { device }).astype(index)
          const dense = tensor(
            Float64Array.from({ length: inner * n }, (_, k) => Math.cos(k)),
            { shape: [inner, n], device },
          )
          return sparse.coo(tensor(values, { device }), at(places), at(columns), [rows, inner]).matmul(dense)
        })
        expect(onCpu!.dataSync()).toEqual(plainly!.dataSync())
      }
    }
  })
})
