// Padding: constant, or continued from the tensor's own elements.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkInteger, checkOptions, describeValue } from './check.js'
import { neg } from './elementwise.js'
import { concat, sliceAxis } from './join.js'
import { asTensor, record, scalarValue, type TensorLike } from './record.js'
import { broadcastTo } from './shape.js'
import type { Tensor } from './tensor.js'

export const padModes = ['constant', 'reflect', 'symmetric', 'edge', 'wrap', 'antiperiodic'] as const
export type PadMode = (typeof padModes)[number]

/** One amount for everything, [low, high] for every dimension, or [low, high] of each dimension. */
export type PadWidth = number | readonly [number, number] | readonly (readonly [number, number])[]

export interface PadOptions {
  /**
   * What fills the border: 'constant' (default), 'edge' (the last element), 'reflect' (mirrored at it), 'symmetric' (mirrored behind it), 'wrap' (from the other
   * end, periodic), 'antiperiodic' (the same with the sign changed in each period). MPSGraphPaddingMode.
   */
  readonly mode?: PadMode | undefined
  /** The constant; default 0. It is part of the compiled plan. */
  readonly value?: number | bigint | boolean | undefined
}

/** x with a border around it. Borders may be wider than x: mirrored ones go back and forth, periodic ones around again. */
export function pad(x: TensorLike, width: PadWidth, options: PadOptions = {}): Tensor {
  const op = 'pad'
  const own = asTensor(x, op)
  checkOptions(op, options, ['mode', 'value'])
  const mode = options.mode ?? 'constant'
  if (!padModes.includes(mode))
    throw new SinterError('argument', `there is no mode ${describeValue(mode)}`, { op, hint: `modes: ${padModes.join(', ')}` })
  if (mode !== 'constant' && options.value !== undefined) throw new SinterError('argument', `mode '${mode}' takes no value`, { op })
  if (mode === 'antiperiodic' && own.dtype === 'bool') throw new SinterError('dtype', 'bool has no sign to change', { op, operands: [own] })
  if (!['undefined', 'number', 'bigint', 'boolean'].includes(typeof options.value))
    throw new SinterError('argument', `value is a number, got ${describeValue(options.value)}`, { op })
  const amounts = padAmounts(own, width)
  if (amounts.every(([low, high]) => low === 0 && high === 0)) return own
  if (mode === 'constant') {
    const value = scalarValue(options.value ?? 0, own.dtype, op)
    return record(ops.pad, [own], { low: amounts.map(([low]) => low), high: amounts.map(([, high]) => high), value })
  }
  return amounts.reduce((result, [low, high], axis) => continued(result, axis, low, high, mode), own)
}

function padAmounts(x: Tensor, width: PadWidth): (readonly [number, number])[] {
  const op = 'pad'
  const isPair = Array.isArray(width) && width.length === 2 && width.every((n) => typeof n === 'number')
  const pairs = typeof width === 'number' ? [[width, width]] : isPair ? [width] : width
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw new SinterError('argument', 'widths are a number, [low, high], or an array of [low, high]', { op, operands: [x] })
  }
  for (const amount of pairs.flat()) checkInteger(op, 'a width', amount, 0)
  if (typeof width === 'number' || isPair) return x.shape.map(() => pairs[0] as [number, number])
  if (pairs.length !== x.ndim)
    throw new SinterError('argument', `${pairs.length} pairs of widths for ${x.ndim} dimensions`, { op, operands: [x] })
  return pairs as [number, number][]
}

function continued(x: Tensor, axis: number, low: number, high: number, mode: PadMode): Tensor {
  if (low === 0 && high === 0) return x
  const n = x.shape[axis]!
  if (n === 0)
    throw new SinterError('shape', `dimension ${axis} holds no elements to continue from`, {
      op: 'pad',
      operands: [x],
      hint: "use mode 'constant'",
    })
  return concat([...borders(x, axis, -low, 0, mode), x, ...borders(x, axis, n, n + high, mode)], axis)
}

/** The parts that stand at positions start (inclusive) to end outside of x. */
function borders(x: Tensor, axis: number, start: number, end: number, mode: PadMode): Tensor[] {
  const n = x.shape[axis]!
  if (start === end) return []
  if (mode === 'wrap' || mode === 'antiperiodic') return repeated(x, axis, start, end, mode === 'antiperiodic')
  if (mode === 'edge' || n === 1) {
    const edge = sliceAxis(x, axis, start < 0 ? 0 : n - 1, 1)
    return [
      broadcastTo(
        edge,
        x.shape.map((size, d) => (d === axis ? end - start : size)),
      ),
    ]
  }
  // Positions repeat with this period: forward through x, then back (leaving out the ends for 'reflect').
  const period = mode === 'reflect' ? 2 * n - 2 : 2 * n
  const parts: Tensor[] = []
  for (let position = start; position < end; ) {
    const phase = ((position % period) + period) % period
    const forward = phase < n
    const index = forward ? phase : (mode === 'reflect' ? period : period - 1) - phase
    // A backward run ends where the period does, so that its last index is 1 ('reflect') or 0.
    const size = Math.min(end - position, forward ? n - phase : period - phase)
    parts.push(sliceAxis(x, axis, index, size, forward ? 1 : -1))
    position += size
  }
  return parts
}

/** The parts of a periodic continuation that stand at positions start to end; with the sign changed in every other period. */
function repeated(x: Tensor, axis: number, start: number, end: number, alternating: boolean): Tensor[] {
  const n = x.shape[axis]!
  const parts: Tensor[] = []
  for (let position = start; position < end; ) {
    const period = Math.floor(position / n)
    const index = position - period * n
    const size = Math.min(end - position, n - index)
    const part = sliceAxis(x, axis, index, size)
    parts.push(alternating && period % 2 !== 0 ? neg(part) : part)
    position += size
  }
  return parts
}
