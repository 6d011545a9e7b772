// Picking elements by position: slices with Python's rules, a Python-like index, and gathering by index tensors.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkInteger, describeValue } from './check.js'
import { flip } from './join.js'
import { indexOperand } from './operand.js'
import { asTensor, promoted, record, type TensorLike } from './record.js'
import { broadcastTo, reshape } from './shape.js'
import { Tensor } from './tensor.js'

/** A bound of a range; null and undefined stand for the end it starts or stops at. */
export type Bound = number | null | undefined

/** [start, stop, step] as Python's start:stop:step; later entries may be left out. */
export type Range = readonly Bound[]

/** In an index: a new dimension of size 1 at this place. */
export const newAxis: unique symbol = Symbol('newAxis')

/**
 * An entry of `at`: an integer (drops the dimension), null or ':' (all of it), [start, stop, step] or 'start:stop:step' (a range), '...' (as many whole
 * dimensions as fit), newAxis, or a tensor of integers (gathers along the dimension).
 */
export type Index = number | null | undefined | string | Range | typeof newAxis | Tensor

interface Span {
  readonly start: number
  readonly size: number
  readonly step: number
}

/** The elements of range(size)[start:stop:step] in Python. */
function spanOf(op: string, size: number, range: Range): Span {
  const [start, stop, step = 1] = range.map((bound) => bound ?? undefined)
  for (const bound of [start, stop, step]) {
    if (bound !== undefined && !Number.isSafeInteger(bound))
      throw new SinterError('argument', `bounds are integers, got ${describeValue(bound)}`, { op })
  }
  if (step === 0) throw new SinterError('argument', 'the step of a slice is not 0', { op })
  const lowest = step > 0 ? 0 : -1
  const highest = step > 0 ? size : size - 1
  const clip = (bound: number): number => Math.min(highest, Math.max(lowest, bound < 0 ? bound + size : bound))
  const first = start === undefined ? (step > 0 ? 0 : size - 1) : clip(start)
  const last = stop === undefined ? (step > 0 ? size : -1) : clip(stop)
  const count = Math.max(0, Math.ceil((last - first) / step))
  return { start: count === 0 ? 0 : first, size: count, step: count <= 1 ? 1 : step }
}

function sliceSpans(x: Tensor, spans: readonly Span[]): Tensor {
  if (spans.every((span, d) => span.start === 0 && span.step === 1 && span.size === x.shape[d])) return x
  return record(ops.slice, [x], { starts: spans.map((s) => s.start), sizes: spans.map((s) => s.size), steps: spans.map((s) => s.step) })
}

/**
 * A box of x with Python's slice rules for each dimension: bounds count from the end when negative and are clipped to the dimension, null (or a missing
 * entry) is the whole side, steps may be negative.
 */
export function slice(x: TensorLike, starts: readonly Bound[], stops: readonly Bound[] = [], steps: readonly Bound[] = []): Tensor {
  const own = asTensor(x, 'slice')
  return sliceSpans(own, spansOf('slice', own, starts, stops, steps))
}

/** The elements that bounds name along each dimension. */
function spansOf(op: string, own: Tensor, starts: readonly Bound[], stops: readonly Bound[], steps: readonly Bound[]): Span[] {
  for (const list of [starts, stops, steps]) {
    if (!Array.isArray(list)) throw new SinterError('argument', `starts, stops and steps are arrays, got ${describeValue(list)}`, { op })
    if (list.length > own.ndim)
      throw new SinterError('argument', `${list.length} bounds for ${own.ndim} dimensions`, { op, operands: [own] })
  }
  return own.shape.map((size, d) => spanOf(op, size, [starts[d], stops[d], steps[d]]))
}

/**
 * x with a box replaced by updates, which broadcast to it; bounds as in slice. Also called sliceAssign. On the CPU, x is not copied when it is computed for this
 * alone. MPSGraph: sliceUpdateDataTensor.
 */
export function sliceUpdate(
  x: TensorLike,
  updates: TensorLike,
  starts: readonly Bound[],
  stops: readonly Bound[] = [],
  steps: readonly Bound[] = [],
): Tensor {
  const op = 'sliceUpdate'
  const own = asTensor(x, op)
  const spans = spansOf(op, own, starts, stops, steps)
  const down = spans.flatMap(({ step }, d) => (step < 0 ? [d] : []))
  const values = broadcastTo(
    updatesOf(op, own, updates),
    spans.map(({ size }) => size),
  )
  return record(ops.sliceUpdate, [own, down.length === 0 ? values : flip(values, down)], {
    starts: spans.map(({ start, size, step }) => (step < 0 ? start + (size - 1) * step : start)),
    steps: spans.map(({ step }) => Math.abs(step)),
  })
}

/** x with the box at starts replaced by updates of x's rank; starts are moved so that the box lies in x, as in JAX. They are part of the compiled plan. */
export function dynamicUpdateSlice(x: TensorLike, updates: TensorLike, starts: readonly number[]): Tensor {
  const op = 'dynamicUpdateSlice'
  const own = asTensor(x, op)
  const values = updatesOf(op, own, updates)
  const fits = Array.isArray(starts) && starts.length === own.ndim && values.ndim === own.ndim
  if (!fits || values.shape.some((size, d) => size > own.shape[d]!)) {
    throw new SinterError('shape', `updates ${values.type} and ${describeValue(starts)} of starts do not fit ${own.type}`, {
      op,
      operands: [own, values],
      hint: 'updates and starts have one dimension for each of x, and updates are nowhere larger',
    })
  }
  for (const start of starts) checkInteger(op, 'a start', start)
  return record(ops.sliceUpdate, [own, values], {
    starts: starts.map((start, d) => Math.min(Math.max(start < 0 ? start + own.shape[d]! : start, 0), own.shape[d]! - values.shape[d]!)),
    steps: starts.map(() => 1),
  })
}

function updatesOf(op: string, x: Tensor, updates: TensorLike): Tensor {
  const [, values] = promoted(x, updates, op)
  if (values.dtype === x.dtype) return values
  throw new SinterError('dtype', `updates of dtype ${values.dtype} do not fit ${x.dtype}`, { op, hint: 'convert one of them with astype' })
}

function parseRange(text: string): Range {
  const parts = text.split(':').map((part) => part.trim())
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => /^[+-]?\d*$/.test(part) && part !== '-' && part !== '+')) {
    throw new SinterError('argument', `'${text}' is not a range`, { op: 'at', hint: "write 'start:stop', 'start:stop:step', ':' or '...'" })
  }
  return parts.map((part) => (part === '' ? null : Number(part)))
}

/** The index with '...' replaced and padded so that every dimension has its entry. */
function completeIndex(x: Tensor, index: readonly Index[]): Index[] {
  const used = index.filter((entry) => entry !== newAxis && entry !== '...').length
  const missing = x.ndim - used
  if (missing < 0) throw new SinterError('argument', `${used} indices for ${x.ndim} dimensions`, { op: 'at', operands: [x] })
  const whole = Array<Index>(missing).fill(null)
  const dots = index.indexOf('...')
  if (dots < 0) return [...index, ...whole]
  if (index.includes('...', dots + 1)) throw new SinterError('argument', "an index has at most one '...'", { op: 'at', operands: [x] })
  return index.toSpliced(dots, 1, ...whole)
}

function integerSpan(x: Tensor, d: number, position: number): Span {
  const size = x.shape[d]!
  if (!Number.isSafeInteger(position))
    throw new SinterError('argument', `indices are integers, got ${position}`, { op: 'at', operands: [x] })
  if (position < -size || position >= size) {
    throw new SinterError('argument', `index ${position} is out of range for dimension ${d} of size ${size}`, { op: 'at', operands: [x] })
  }
  return { start: position < 0 ? position + size : position, size: 1, step: 1 }
}

/**
 * The part of x an index names, one entry per dimension: x.at(0), x.at('1:5:2', -1), x.at('...', [0, 2]), x.at(null, newAxis). Integers and ranges are part
 * of the compiled plan; to visit many positions without recompiling pass an integer tensor, or use take.
 */
export function at(x: TensorLike, ...index: readonly Index[]): Tensor {
  const own = asTensor(x, 'at')
  const entries = completeIndex(own, index)
  const spans: Span[] = []
  const shape: number[] = []
  let gather: { axis: number; indices: Tensor } | undefined
  for (const entry of entries) {
    const d = spans.length
    const size = own.shape[d]!
    if (entry === newAxis) {
      shape.push(1)
      continue
    }
    if (typeof entry === 'number') {
      spans.push(integerSpan(own, d, entry))
      continue
    }
    if (entry instanceof Tensor) {
      if (gather !== undefined) {
        throw new SinterError('argument', 'at most one tensor can index', {
          op: 'at',
          operands: [own],
          hint: 'index in two steps, or compute flat indices',
        })
      }
      gather = { axis: shape.length, indices: indexOperand(entry, 'at', own.device) }
      spans.push({ start: 0, size, step: 1 })
    } else if (entry === null || entry === undefined) spans.push({ start: 0, size, step: 1 })
    else if (typeof entry === 'string') spans.push(spanOf('at', size, parseRange(entry)))
    else if (Array.isArray(entry) && entry.length <= 3) spans.push(spanOf('at', size, entry))
    else
      throw new SinterError('argument', `${describeValue(entry)} is not an index`, {
        op: 'at',
        operands: [own],
        hint: "use integers, null, [start, stop, step], '1:5', '...', newAxis or an integer tensor",
      })
    shape.push(spans[d]!.size)
  }
  const part = reshape(sliceSpans(own, spans), shape)
  return gather === undefined ? part : record(ops.take, [part, gather.indices], { axis: gather.axis })
}
