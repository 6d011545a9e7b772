// Putting tensors together, taking them apart, repeating and rearranging their parts.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, axisList, axisOfRank, checkInteger, describeValue } from './check.js'
import { fromData } from './create.js'
import { promotedList } from './operand.js'
import { asTensor, record, type TensorLike } from './record.js'
import { broadcastTo, expandDims, reshape } from './shape.js'
import type { Tensor } from './tensor.js'

function tensorList(op: string, xs: readonly TensorLike[]): Tensor[] {
  if (!Array.isArray(xs)) throw new SinterError('argument', `expected an array of tensors, got ${describeValue(xs)}`, { op })
  if (xs.length === 0) throw new SinterError('argument', 'needs at least one tensor', { op })
  return promotedList(xs, op)
}

/** Tensors one after the other along an axis, in their common dtype. Other dimensions agree. */
export function concat(tensors: readonly TensorLike[], axis = 0): Tensor {
  const parts = tensorList('concat', tensors)
  const at = axisArgument('concat', parts[0]!, axis)
  return parts.length === 1 ? parts[0]! : record(ops.concat, parts, { axis: at })
}

/** Tensors of one shape along a new axis, in their common dtype. */
export function stack(tensors: readonly TensorLike[], axis = 0): Tensor {
  const parts = tensorList('stack', tensors)
  const [first] = parts as [Tensor]
  const at = axisOfRank('stack', first.ndim + 1, axis)
  for (const part of parts) {
    if (String(part.shape) !== String(first.shape))
      throw new SinterError('shape', 'shapes differ', { op: 'stack', operands: parts, hint: 'to join along an existing axis use concat' })
  }
  return concat(
    parts.map((part) => expandDims(part, at)),
    at,
  )
}

/** The elements start, start + step, ... (size of them) along one axis. */
export function sliceAxis(x: Tensor, axis: number, start: number, size: number, step = 1): Tensor {
  if (start === 0 && step === 1 && size === x.shape[axis]) return x
  const starts = x.shape.map((_, d) => (d === axis ? start : 0))
  const sizes = x.shape.map((own, d) => (d === axis ? size : own))
  const steps = x.shape.map((_, d) => (d === axis ? step : 1))
  return record(ops.slice, [x], { starts, sizes, steps })
}

/** Parts along an axis: `parts` equal ones, or cut at the given indices (split(x, [3, 5]) gives elements 0-2, 3-4 and the rest). */
export function split(x: TensorLike, parts: number | readonly number[], axis = 0): Tensor[] {
  const op = 'split'
  const own = asTensor(x, op)
  const at = axisArgument(op, own, axis)
  const size = own.shape[at]!
  if (typeof parts === 'number') {
    checkInteger(op, 'the number of parts', parts, 1)
    if (size % parts !== 0)
      throw new SinterError('shape', `dimension ${at} of size ${size} does not divide into ${parts} equal parts`, {
        op,
        operands: [own],
        hint: 'pass the indices to cut at',
      })
    const length = size / parts
    return Array.from({ length: parts }, (_, i) => sliceAxis(own, at, i * length, length))
  }
  if (!Array.isArray(parts))
    throw new SinterError('argument', `parts are a number or an array of indices, got ${describeValue(parts)}`, { op })
  const cuts = parts.map((cut: number) => {
    checkInteger(op, 'a place to cut', cut)
    return Math.min(size, cut < 0 ? Math.max(0, cut + size) : cut)
  })
  const bounds = [0, ...cuts, size]
  return bounds.slice(1).map((end, i) => sliceAxis(own, at, Math.min(bounds[i]!, size), Math.max(0, end - bounds[i]!)))
}

/** The slices along an axis, each without it. */
export function unstack(x: TensorLike, axis = 0): Tensor[] {
  const own = asTensor(x, 'unstack')
  const at = axisArgument('unstack', own, axis)
  const rest = own.shape.filter((_, d) => d !== at)
  return Array.from({ length: own.shape[at]! }, (_, i) => reshape(sliceAxis(own, at, i, 1), rest))
}

/** The order of elements reversed along axes (all by default). */
export function flip(x: TensorLike, axis?: number | readonly number[] | null): Tensor {
  const own = asTensor(x, 'flip')
  const axes = axis === undefined || axis === null ? own.shape.map((_, d) => d) : axisList('flip', own, axis)
  if (axes.length === 0 || own.size === 0) return own
  const starts = own.shape.map((size, d) => (axes.includes(d) ? size - 1 : 0))
  const steps = own.shape.map((_, d) => (axes.includes(d) ? -1 : 1))
  return record(ops.slice, [own], { starts, sizes: own.shape, steps })
}

/** Elements moved along axes by shifts, those that leave at one end entering at the other. Without an axis in the flattened tensor. */
export function roll(x: TensorLike, shift: number | readonly number[], axis?: number | readonly number[] | null): Tensor {
  const op = 'roll'
  const own = asTensor(x, op)
  const shifts = typeof shift === 'number' ? [shift] : shift
  if (!Array.isArray(shifts)) throw new SinterError('argument', `shifts are a number or an array, got ${describeValue(shift)}`, { op })
  for (const by of shifts) checkInteger(op, 'a shift', by)
  if (axis === undefined || axis === null) {
    const total = shifts.reduce((a, b) => a + b, 0)
    return reshape(rollAxis(reshape(own, [-1]), total, 0), own.shape)
  }
  if (typeof axis !== 'number' && !Array.isArray(axis))
    throw new SinterError('argument', `axes are a number or an array, got ${describeValue(axis)}`, { op, operands: [own] })
  const axes = ([axis].flat() as readonly number[]).map((one) => axisArgument(op, own, one))
  if (shifts.length !== 1 && axes.length !== 1 && shifts.length !== axes.length) {
    throw new SinterError('argument', `${shifts.length} shifts for ${axes.length} axes`, { op, operands: [own] })
  }
  const count = Math.max(shifts.length, axes.length)
  let result = own
  for (let i = 0; i < count; i++) result = rollAxis(result, shifts[shifts.length === 1 ? 0 : i]!, axes[axes.length === 1 ? 0 : i]!)
  return result
}

function rollAxis(x: Tensor, shift: number, axis: number): Tensor {
  const size = x.shape[axis]!
  if (size === 0) return x
  const by = ((shift % size) + size) % size
  return by === 0 ? x : concat([sliceAxis(x, axis, size - by, by), sliceAxis(x, axis, 0, size - by)], axis)
}

/** The whole tensor repeated: reps[i] times along dimension i, counted from the last (missing ones are 1). */
export function tile(x: TensorLike, reps: number | readonly number[]): Tensor {
  const own = asTensor(x, 'tile')
  const list = typeof reps === 'number' ? [reps] : reps
  if (!Array.isArray(list))
    throw new SinterError('argument', `repetitions are a number or an array, got ${describeValue(reps)}`, { op: 'tile' })
  for (const rep of list) checkInteger('tile', 'a repetition', rep, 0)
  const rank = Math.max(own.ndim, list.length)
  const sizes = [...Array<number>(rank - own.ndim).fill(1), ...own.shape]
  const times = [...Array<number>(rank - list.length).fill(1), ...list]
  if (times.every((n) => n === 1)) return reshape(own, sizes)
  // Every repeated dimension gets a partner in front of it, which is broadcast and merged.
  const apart = sizes.flatMap((size, d) => (times[d] === 1 ? [size] : [1, size]))
  const wide = sizes.flatMap((size, d) => (times[d] === 1 ? [size] : [times[d]!, size]))
  return reshape(
    broadcastTo(reshape(own, apart), wide),
    sizes.map((size, d) => size * times[d]!),
  )
}

/** Each element repeated in place along an axis: a number of times, or its own number from an array. Without an axis the tensor is flattened. */
export function repeat(x: TensorLike, repeats: number | readonly number[], axis?: number | null): Tensor {
  const op = 'repeat'
  const given = asTensor(x, op)
  const own = axis === undefined || axis === null ? reshape(given, [-1]) : given
  const at = axisArgument(op, own, axis ?? 0)
  const size = own.shape[at]!
  if (typeof repeats === 'number') {
    checkInteger(op, 'the number of repeats', repeats, 0)
    const wide = own.shape.toSpliced(at + 1, 0, repeats)
    return reshape(
      broadcastTo(expandDims(own, at + 1), wide),
      own.shape.map((n, d) => (d === at ? n * repeats : n)),
    )
  }
  if (!Array.isArray(repeats) || repeats.length !== size) {
    throw new SinterError(
      'argument',
      `repeats are a number or ${size} numbers, one per element, got ${Array.isArray(repeats) ? repeats.length : describeValue(repeats)}`,
      { op, operands: [own] },
    )
  }
  const indices = (repeats as readonly number[]).flatMap((n, i) => {
    checkInteger(op, 'the number of repeats', n, 0)
    return Array<number>(n).fill(i)
  })
  return record(ops.take, [own, fromData(Int32Array.from(indices), 'int32', [indices.length], own.device)], { axis: at })
}
