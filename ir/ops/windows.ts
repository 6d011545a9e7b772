// Windows that slide over the last dimensions: the geometry that pooling's records and lowerings share.

import { z } from 'zod'
import { SinterError } from '../error.js'
import type { HasType } from '../op.js'
import { type Shape, sizeOf } from '../shape.js'

/** Attributes of windows; every list has one member per spatial dimension. */
export interface WindowAttrs {
  /** Elements of a window. */
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  /** Distance between the elements of a window. */
  readonly dilations: readonly number[]
  /** Padding before and after x. */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** Whether a last window that reaches beyond the padding counts, as long as it starts in x or before it. */
  readonly ceil: boolean
}

const list = (least: number) => z.array(z.int().min(least).max(0x7fffffff)).min(1).max(4)

export const windowSchema = {
  kernel: list(1),
  strides: list(1),
  dilations: list(1),
  low: list(0),
  high: list(0),
  ceil: z.boolean(),
}

/** The windows along one dimension. */
export interface WindowAxis {
  /** Elements of x. */
  readonly size: number
  /** Windows. */
  readonly out: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly low: number
  readonly high: number
}

/** From the first to the last element of a window. */
export const spanOf = ({ kernel, dilation }: Pick<WindowAxis, 'kernel' | 'dilation'>): number => dilation * (kernel - 1) + 1

function windowCount(axis: Omit<WindowAxis, 'out'>, ceil: boolean): number {
  const { size, stride, low, high } = axis
  const room = size + low + high - spanOf(axis)
  if (!ceil) return room < 0 ? 0 : Math.floor(room / stride) + 1
  const count = Math.ceil(room / stride) + 1
  return (count - 1) * stride >= size + low ? count - 1 : count
}

/** The windows along each of the last dimensions of `shape`. */
export function windowAxes(attrs: WindowAttrs, shape: Shape): WindowAxis[] {
  const first = shape.length - attrs.kernel.length
  return attrs.kernel.map((kernel, d) => {
    const axis = {
      size: shape[first + d]!,
      kernel,
      stride: attrs.strides[d]!,
      dilation: attrs.dilations[d]!,
      low: attrs.low[d]!,
      high: attrs.high[d]!,
    }
    return { ...axis, out: windowCount(axis, attrs.ceil) }
  })
}

/** What every record over windows demands, as its doc states it. */
export const windowConstraints =
  '(C1) kernel, strides, dilations, low and high have one integer for each of the last 1 to 4 dimensions of x. (C2) Padding is smaller than the span of a window. ' +
  '(C3) Each of these dimensions has elements, and room for a window.'

/** The axes, and the shape with a window in place of each element. Throws by windowConstraints. */
export function checkWindows(
  op: string,
  inputs: readonly HasType[],
  attrs: WindowAttrs,
  shape: Shape,
): { axes: WindowAxis[]; shape: number[] } {
  const { kernel, strides, dilations, low, high } = attrs
  const n = kernel.length
  const wrong = (problem: string, constraint: string): never => {
    throw new SinterError(constraint === 'C3' ? 'shape' : 'attribute', `${problem} (${constraint})`, { op, operands: inputs })
  }
  if (n < 1 || n > 4 || n > shape.length || [strides, dilations, low, high].some((list) => list.length !== n)) {
    wrong(`kernel [${kernel}], strides [${strides}], dilations [${dilations}], low [${low}] and high [${high}] do not fit`, 'C1')
  }
  for (const [least, list] of [
    [1, kernel],
    [1, strides],
    [1, dilations],
    [0, low],
    [0, high],
  ] as const) {
    if (!list.every((value) => Number.isInteger(value) && value >= least && value <= 0x7fffffff))
      wrong(`[${list}] are not integers from ${least} on`, 'C1')
  }
  const axes = windowAxes(attrs, shape)
  axes.forEach((axis, d) => {
    const span = spanOf(axis)
    if (axis.low >= span || axis.high >= span) wrong(`padding of ${axis.low} and ${axis.high} for windows of ${span}`, 'C2')
    if (axis.size < 1) wrong(`dimension ${shape.length - n + d} has no elements`, 'C3')
    if (axis.out < 1) wrong(`a window of ${span} does not fit into ${axis.size} elements padded by ${axis.low} and ${axis.high}`, 'C3')
  })
  return { axes, shape: [...shape.slice(0, shape.length - n), ...axes.map(({ out }) => out)] }
}

/** Elements of the window at `out` that lie in [from, to). */
export function elementsWithin(axis: WindowAxis, out: number, from: number, to: number): number[] {
  const elements: number[] = []
  for (let k = 0; k < axis.kernel; k++) {
    const at = out * axis.stride - axis.low + k * axis.dilation
    if (at >= from && at < to) elements.push(at)
  }
  return elements
}

/** For every window in row-major order, where the elements of x in it lie among the spatial dimensions, flattened. */
export function windowPositions(axes: readonly WindowAxis[]): number[][] {
  let windows: number[][] = [[0]]
  for (const axis of axes) {
    windows = windows.flatMap((outer) =>
      Array.from({ length: axis.out }, (_, out) => {
        const own = elementsWithin(axis, out, 0, axis.size)
        return outer.flatMap((at) => own.map((element) => at * axis.size + element))
      }),
    )
  }
  return windows
}

export type WindowCount = 'inside' | 'padded' | 'kernel'

/** What the sum of each window is divided by. */
export function windowCounts(axes: readonly WindowAxis[], count: WindowCount): number[] {
  let counts = [1]
  for (const axis of axes) {
    const [from, to] = count === 'inside' ? [0, axis.size] : count === 'padded' ? [-axis.low, axis.size + axis.high] : [-Infinity, Infinity]
    const own = Array.from({ length: axis.out }, (_, out) => elementsWithin(axis, out, from, to).length)
    counts = counts.flatMap((outer) => own.map((n) => outer * n))
  }
  return counts
}

/** Elements of the spatial dimensions of x. */
export const sourceSize = (axes: readonly WindowAxis[]): number => sizeOf(axes.map(({ size }) => size))
/** Windows. */
export const windowTotal = (axes: readonly WindowAxis[]): number => sizeOf(axes.map(({ out }) => out))
