// The same elements under another shape or order of dimensions. Nothing is copied: backends read the result in place where they can.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastShapes, broadcastsTo, type Shape, sameShape, sizeOf } from '../ir/shape.js'
import { axisArgument, axisList, describeValue, shapeArgument } from './check.js'
import { asTensor, record, type TensorLike } from './record.js'
import { Tensor } from './tensor.js'

/** The same elements, row-major, under another shape; one size may be -1 and is inferred. */
export function reshape(x: TensorLike, shape: readonly number[] | number): Tensor {
  const own = asTensor(x, 'reshape')
  const sizes = inferredSizes(own, typeof shape === 'number' ? [shape] : shape)
  return sameShape(sizes, own.shape) ? own : record(ops.reshape, [own], { shape: sizes })
}

function inferredSizes(x: Tensor, shape: readonly number[]): number[] {
  const op = 'reshape'
  if (!Array.isArray(shape))
    throw new SinterError('argument', `a shape is an array of sizes, got ${describeValue(shape)}`, { op, operands: [x] })
  const at = shape.indexOf(-1)
  if (at < 0) {
    const sizes = shapeArgument(op, shape)
    if (sizeOf(sizes) === x.size) return sizes
    throw new SinterError('shape', `${x.size} elements do not fit shape [${sizes.join(', ')}], which has ${sizeOf(sizes)}`, {
      op,
      operands: [x],
    })
  }
  if (shape.indexOf(-1, at + 1) >= 0)
    throw new SinterError('shape', `only one size can be -1, got [${shape.join(', ')}]`, { op, operands: [x] })
  const sizes = shapeArgument(op, shape.toSpliced(at, 1, 1))
  const rest = sizeOf(sizes)
  if (rest === 0 || x.size % rest !== 0) {
    const why = rest === 0 ? 'any size would do for -1' : `${x.size} elements do not divide by ${rest}`
    throw new SinterError('shape', `cannot infer -1 in [${shape.join(', ')}]: ${why}`, { op, operands: [x] })
  }
  sizes[at] = x.size / rest
  return sizes
}

function permuted(x: Tensor, permutation: readonly number[]): Tensor {
  return permutation.every((axis, i) => axis === i) ? x : record(ops.permute, [x], { permutation })
}

/** Dimensions in another order: dimension i of the result is dimension axes[i] of x. */
export function permuteDims(x: TensorLike, axes: readonly number[]): Tensor {
  const own = asTensor(x, 'permuteDims')
  const order = axisList('permuteDims', own, axes)
  if (order.length !== own.ndim) {
    throw new SinterError('argument', `axes [${order.join(', ')}] are not an order of the ${own.ndim} dimensions`, {
      op: 'permuteDims',
      operands: [own],
    })
  }
  return permuted(own, order)
}

/** Dimensions reversed, or in the given order. See matrixTranspose for the last two only. */
export function transpose(x: TensorLike, axes?: readonly number[]): Tensor {
  const own = asTensor(x, 'transpose')
  if (axes !== undefined && axes !== null) return permuteDims(own, axes)
  return permuted(
    own,
    own.shape.map((_, i) => own.ndim - 1 - i),
  )
}

/** The last two dimensions swapped. */
export function matrixTranspose(x: TensorLike): Tensor {
  const own = asTensor(x, 'matrixTranspose')
  if (own.ndim < 2) throw new SinterError('shape', 'needs at least two dimensions', { op: 'matrixTranspose', operands: [own] })
  return swapaxes(own, -2, -1)
}

/** Two dimensions swapped. */
export function swapaxes(x: TensorLike, a: number, b: number): Tensor {
  const own = asTensor(x, 'swapaxes')
  const order = own.shape.map((_, i) => i)
  const first = axisArgument('swapaxes', own, a)
  const second = axisArgument('swapaxes', own, b)
  order[first] = second
  order[second] = first
  return permuted(own, order)
}

/** Dimensions `from` moved to the places `to` (numbers, or arrays of equal length); the others keep their order. */
export function moveaxis(x: TensorLike, from: number | readonly number[], to: number | readonly number[]): Tensor {
  const own = asTensor(x, 'moveaxis')
  const sources = axisList('moveaxis', own, from)
  const targets = axisList('moveaxis', own, to)
  if (sources.length !== targets.length) {
    throw new SinterError('argument', `${sources.length} axes cannot move to ${targets.length} places`, { op: 'moveaxis', operands: [own] })
  }
  const rest = own.shape.map((_, i) => i).filter((axis) => !sources.includes(axis))
  const order = own.shape.map((_, i) => {
    const moved = targets.indexOf(i)
    return moved < 0 ? rest.shift()! : sources[moved]!
  })
  return permuted(own, order)
}

/** Without dimensions of size 1: all of them, or the given ones (which must have size 1). */
export function squeeze(x: TensorLike, axis?: number | readonly number[] | null): Tensor {
  const own = asTensor(x, 'squeeze')
  const axes =
    axis === undefined || axis === null ? own.shape.flatMap((size, i) => (size === 1 ? [i] : [])) : axisList('squeeze', own, axis)
  for (const i of axes) {
    if (own.shape[i] !== 1)
      throw new SinterError('shape', `dimension ${i} has size ${own.shape[i]}, only size 1 can be squeezed`, {
        op: 'squeeze',
        operands: [own],
      })
  }
  return reshape(
    own,
    own.shape.filter((_, i) => !axes.includes(i)),
  )
}

/** With new dimensions of size 1 at the given places of the result. */
export function expandDims(x: TensorLike, axis: number | readonly number[]): Tensor {
  const own = asTensor(x, 'expandDims')
  const count = typeof axis === 'number' ? 1 : axis.length
  const axes = axisList('expandDims', own, axis, own.ndim + count)
  const sizes = own.shape.slice()
  for (const i of axes.sort((a, b) => a - b)) sizes.splice(i, 0, 1)
  return reshape(own, sizes)
}

/** One dimension in place of dimensions start to end (inclusive; all by default), row-major. */
export function flatten(x: TensorLike, start = 0, end = -1): Tensor {
  const own = asTensor(x, 'flatten')
  if (own.ndim === 0) return reshape(own, [1])
  const first = axisArgument('flatten', own, start)
  const last = axisArgument('flatten', own, end)
  if (last < first) throw new SinterError('argument', `dimension ${start} comes after ${end}`, { op: 'flatten', operands: [own] })
  return reshape(own, [...own.shape.slice(0, first), sizeOf(own.shape.slice(first, last + 1)), ...own.shape.slice(last + 1)])
}

/** x repeated to a shape by NumPy's rules: aligned at the last dimension, each size of x is 1 or the wanted one. */
export function broadcastTo(x: TensorLike, shape: readonly number[] | number): Tensor {
  const own = asTensor(x, 'broadcastTo')
  const sizes = shapeArgument('broadcastTo', shape)
  if (!broadcastsTo(own.shape, sizes)) {
    throw new SinterError('shape', `does not broadcast to [${sizes.join(', ')}]`, {
      op: 'broadcastTo',
      operands: [own],
      hint: 'sizes are aligned at the last dimension; each must be 1 or equal',
    })
  }
  return sameShape(sizes, own.shape) ? own : record(ops.broadcast, [own], { shape: sizes })
}

/** All tensors broadcast to their common shape. */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  const shape = commonShape('broadcastTensors', tensors)
  return tensors.map((x) => broadcastTo(x, shape))
}

/** The common shape of tensors that broadcast together. */
export function commonShape(op: string, tensors: readonly Tensor[]): Shape {
  let shape: Shape = []
  for (const x of tensors) {
    if (!(x instanceof Tensor)) throw new SinterError('argument', `expected tensors, got ${describeValue(x)}`, { op })
    const joined = broadcastShapes(shape, x.shape)
    if (joined === undefined) throw new SinterError('shape', `shapes do not broadcast together`, { op, operands: tensors })
    shape = joined
  }
  return shape
}
