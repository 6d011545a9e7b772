// First steps: arithmetic, broadcasting, reductions, shapes, gradients. Nothing runs before a value is asked for.

import { arange, concat, grad, maximum, type Tensor, tensor } from 'sinter'

const show = async (what: string, x: Tensor): Promise<void> => {
  const short = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : typeof value === 'bigint' ? `${value}n` : value
  console.log(`${what.padEnd(36)} ${x.dtype} [${x.shape}]  ${JSON.stringify(await x.js(), short)}`)
}

// Arithmetic is elementwise; sizes of 1, numbers and missing dimensions are stretched to fit.
const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])
const row = tensor([10, 20, 30])
await show('a + row', a.add(row))
await show('2a - 1', a.mul(2).sub(1))
await show('a > 2', a.greater(2))
await show('maximum(a, 3)', maximum(a, 3))

// Reductions over all axes or some, with the reduced axes kept or not.
await show('sum', a.sum())
await show('mean over axis 0', a.mean(0))
await show('max over axis 1, kept', a.max(1, { keepDims: true }))
await show('rows that sum to 1', a.div(a.sum(1, { keepDims: true })))
await show('cumulative sum of a row', row.cumsum(0))

// Shapes: most of these move nothing, they only read in another order.
await show('transposed', a.transpose())
await show('reshaped to 3 x 2', a.reshape(3, 2))
await show('every other, backwards', arange(10).at('::-2'))
await show('stacked on itself', concat([a, a.flip(0)], 0))
await show('matrix product with its transpose', a.matmul(a.transpose()))

// dtypes: float32 unless the data says otherwise. Integers stay integers, 64-bit ones come back as bigints.
await show('integers', tensor(Int32Array.of(7, -7)).floorDiv(2))
await show('big integers', tensor([9007199254740993n]).add(1n))

// The gradient of a function is a function: here of the sum of x^3, which is 3 x^2.
await show('gradient of sum(x^3) at 1, 2, 3', grad((x: Tensor) => x.pow(3).sum())(tensor([1, 2, 3])))

// What a tensor holds before anybody asks: the recorded operations, and how they would run.
const lazy = a.add(1).mul(2).relu().sum()
console.log(`\n${lazy}\n${lazy.graph()}`)
for (const { kind, ops } of lazy.explain()) console.log(`one ${kind} kernel: ${ops.join(' ')}`)
