// Writing at positions that are data. One rule on every device: negative indices count from the end, updates at indices out of range are dropped, and several
// updates of one place count in the order of their indices.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { type ScatterMode as OtherMode, scatterModes } from '../ir/ops/scatter.js'
import { add, mul } from './arithmetic.js'
import { checkInteger, checkOptions, describeValue, onlyAxis } from './check.js'
import { greaterEqual, less, where } from './comparison.js'
import { iota } from './create.js'
import { neg } from './elementwise.js'
import { type Indices, indicesOf } from './gather.js'
import { sliceAxis } from './join.js'
import { logicalAnd } from './logic.js'
import { constant, constantOf, indexOperand } from './operand.js'
import { asTensor, cast, promoted, record, type TensorLike } from './record.js'
import { broadcastTo, reshape, squeeze } from './shape.js'
import type { Tensor } from './tensor.js'

/** What an update does to the element at its place: 'set' replaces it; of several the last one stays. MPSGraphScatterMode. */
export type ScatterMode = 'add' | 'sub' | OtherMode

const modes: readonly string[] = ['add', 'sub', ...scatterModes]

export interface ScatterOptions {
  /** The axis that indices count along; may be left out in 1-D. */
  readonly axis?: number | undefined
  /** Default 'set'. */
  readonly mode?: ScatterMode | undefined
}

export interface ScatterNdOptions {
  /** Default 'set'. */
  readonly mode?: ScatterMode | undefined
  /** How many leading dimensions x, indices and updates have in common; default 0. */
  readonly batchDims?: number | undefined
}

export interface GatherNdOptions {
  /** How many leading dimensions x and indices have in common; default 0. */
  readonly batchDims?: number | undefined
}

/** How x is written at 1-D indices ('slices') or at indices of its own rank ('along'). */
type Form = 'slices' | 'along'

const adding = { slices: ops.indexAdd, along: ops.scatterAddAlongAxis }
const others = { slices: ops.scatterSlices, along: ops.scatterAlongAxis }

function modeOf(op: string, mode: ScatterMode | undefined): ScatterMode {
  if (mode === undefined || modes.includes(mode)) return mode ?? 'set'
  throw new SinterError('argument', `there is no mode ${describeValue(mode)}`, { op, hint: `modes: ${modes.join(', ')}` })
}

function write(form: Form, x: Tensor, indices: Tensor, updates: Tensor, axis: number, mode: ScatterMode): Tensor {
  if (mode === 'add' || mode === 'sub') return record(adding[form], [x, indices, mode === 'add' ? updates : neg(updates)], { axis })
  return record(others[form], [x, indices, updates], { axis, mode })
}

/** Calls back with x and updates in x's dtype, bool as uint8. */
function inNumbers(op: string, x: TensorLike, updates: TensorLike, compute: (x: Tensor, updates: Tensor) => Tensor): Tensor {
  const own = asTensor(x, op)
  const [, values] = promoted(own, updates, op)
  if (values.dtype !== own.dtype) {
    throw new SinterError('dtype', `updates of dtype ${values.dtype} do not fit ${own.dtype}`, {
      op,
      hint: 'convert one of them with astype',
    })
  }
  if (own.dtype !== 'bool') return compute(own, values)
  return cast(compute(cast(own, 'uint8'), cast(values, 'uint8')), 'bool')
}

/**
 * x with slices of updates written at 1-D indices of an axis: scatter(x, [0, 2], rows, { axis: 0 }). updates broadcasts to x's shape with one slice per index.
 * Throws `shape` and `dtype` where they do not fit. MPSGraph: scatterWithDataTensor.
 */
export function scatter(x: TensorLike, indices: Indices, updates: TensorLike, options: ScatterOptions = {}): Tensor {
  const op = 'scatter'
  checkOptions(op, options, ['axis', 'mode'])
  const mode = modeOf(op, options.mode)
  return inNumbers(op, x, updates, (own, values) => {
    const axis = onlyAxis(op, own, options.axis)
    const at = indicesOf(op, indices, own.device)
    if (at.ndim !== 1) throw new SinterError('shape', `indices have ${at.ndim} dimensions, they need 1`, { op, operands: [own, at] })
    const shape = own.shape.map((size, d) => (d === axis ? at.size : size))
    return write('slices', own, at, broadcastTo(values, shape), axis, mode)
  })
}

/**
 * x with updates[i][j] written at [indices[i][j]][j] (for axis 0): indices has x's rank and its sizes but along the axis, updates broadcasts to the shape of
 * indices. The inverse of gather. MPSGraph: scatterAlongAxis.
 */
export function scatterAlongAxis(x: TensorLike, indices: Tensor, updates: TensorLike, options: ScatterOptions = {}): Tensor {
  const op = 'scatterAlongAxis'
  checkOptions(op, options, ['axis', 'mode'])
  const mode = modeOf(op, options.mode)
  return inNumbers(op, x, updates, (own, values) => {
    const at = indexOperand(indices, op, own.device)
    return write('along', own, at, broadcastTo(values, at.shape), onlyAxis(op, own, options.axis), mode)
  })
}

/** Index vectors as positions in x with the dimensions that they index (and batches) made one. */
interface Linear {
  /** As many as there are index vectors; the size of that dimension for vectors out of range. */
  readonly positions: Tensor
  /** x with that dimension first. */
  readonly table: Tensor
  /** The shape of one slice. */
  readonly rest: readonly number[]
  /** The shape of the index vectors' own dimensions. */
  readonly outer: readonly number[]
}

function linear(op: string, x: Tensor, given: Tensor, batchDims: number): Linear {
  checkInteger(op, 'batchDims', batchDims, 0)
  const indices = indexOperand(given, op, x.device)
  const depth = indices.shape.at(-1) ?? -1
  const batches = x.shape.slice(0, batchDims)
  const fits =
    batchDims < indices.ndim && depth >= 0 && depth <= x.ndim - batchDims && batches.every((size, d) => size === indices.shape[d])
  if (!fits) {
    throw new SinterError('shape', `index vectors ${indices.type} do not index ${x.type} with ${batchDims} batch dimensions`, {
      op,
      operands: [x, indices],
      hint: 'their last dimension has one index for each of the first dimensions after the batch dimensions',
    })
  }
  const outer = indices.shape.slice(0, -1)
  const sizes = x.shape.slice(batchDims, batchDims + depth)
  const rest = x.shape.slice(batchDims + depth)
  const total = [...batches, ...sizes].reduce((product, size) => product * size, 1)
  const wide = total > 2 ** 31 - 1 ? cast(indices, 'int64') : indices
  let at = constantOf(0, wide.dtype, outer, x.device)
  let valid: Tensor | undefined
  for (const [d, size] of batches.entries()) at = add(mul(at, constant(size, wide)), iota(wide.dtype as 'int32', outer, d, x.device))
  for (const [d, size] of sizes.entries()) {
    const index = squeeze(sliceAxis(wide, wide.ndim - 1, d, 1), -1)
    const zero = constant(0, wide)
    const counted = where(less(index, zero), add(index, constant(size, wide)), index)
    const inside = logicalAnd(greaterEqual(counted, zero), less(counted, constant(size, wide)))
    valid = valid === undefined ? inside : logicalAnd(valid, inside)
    at = add(mul(at, constant(size, wide)), counted)
  }
  const positions = valid === undefined ? at : where(valid, at, constant(total, wide))
  const count = outer.reduce((product, size) => product * size, 1)
  return { positions: reshape(positions, [count]), table: reshape(x, [total, ...rest]), rest, outer }
}

/**
 * Slices of x at index vectors: result[i, j] = x[indices[i, j, 0], indices[i, j, 1], ...]. The last dimension of indices holds vectors that index the first
 * dimensions of x (after batchDims that both share). Negative indices count from the end; where one is out of range the slice is 0. MPSGraph:
 * gatherNDWithUpdatesTensor.
 */
export function gatherNd(x: TensorLike, indices: Tensor, options: GatherNdOptions = {}): Tensor {
  const op = 'gatherNd'
  checkOptions(op, options, ['batchDims'])
  const { positions, table, rest, outer } = linear(op, asTensor(x, op), indices, options.batchDims ?? 0)
  return reshape(record(ops.take, [table, positions], { axis: 0 }), [...outer, ...rest])
}

/**
 * x with slices written at index vectors: x[indices[i, j, 0], indices[i, j, 1], ...] is combined with updates[i, j]. updates broadcasts to the shape of
 * gatherNd(x, indices). MPSGraph: scatterNDWithDataTensor.
 */
export function scatterNd(x: TensorLike, indices: Tensor, updates: TensorLike, options: ScatterNdOptions = {}): Tensor {
  const op = 'scatterNd'
  checkOptions(op, options, ['mode', 'batchDims'])
  const mode = modeOf(op, options.mode)
  return inNumbers(op, x, updates, (own, values) => {
    const { positions, table, rest, outer } = linear(op, own, indices, options.batchDims ?? 0)
    const slices = reshape(broadcastTo(values, [...outer, ...rest]), [positions.size, ...rest])
    return reshape(write('slices', table, positions, slices, 0, mode), own.shape)
  })
}
