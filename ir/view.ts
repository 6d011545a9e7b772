// Views: what movement ops amount to without moving anything, as offset and strides over a contiguous base.

import type { Attrs } from './op.js'
import type { complexOps } from './ops/complex.js'
import type { movementOps } from './ops/movement.js'
import { contiguousStrides, type Shape, sizeOf } from './shape.js'

/** Element [i0, i1, ...] is element offset + sum(i * stride) of the base. */
export interface View {
  readonly offset: number
  readonly shape: Shape
  readonly strides: readonly number[]
}

/** The view that shows a contiguous tensor whole. */
export const wholeView = (shape: Shape): View => ({ offset: 0, shape, strides: contiguousStrides(shape) })

/** How the elements of index values are reached when nothing holds them: element [i0, i1, ...] is the index along the axis itself. */
export const indexView = (shape: Shape, axis: number): View => ({ offset: 0, shape, strides: shape.map((_, d) => (d === axis ? 1 : 0)) })

type ViewOf = (view: View, shape: Shape, attrs: Attrs) => View | undefined

/** Parts of complex values, which lie in turn: the numbers are counted from here on, not the pairs. */
const partView = (view: View, part: 0 | 1): View => ({
  offset: 2 * view.offset + part,
  shape: view.shape,
  strides: view.strides.map((stride) => 2 * stride),
})

const views: Readonly<Record<keyof typeof movementOps | Exclude<keyof typeof complexOps, 'complex'>, ViewOf>> = {
  real: (view) => partView(view, 0),
  imag: (view) => partView(view, 1),
  reshape: (view, shape) => reshapeView(view, shape),
  permute: (view, shape, { permutation }) => ({
    offset: view.offset,
    shape,
    strides: (permutation as number[]).map((d) => view.strides[d]!),
  }),
  broadcast: (view, shape) => broadcastView(view, shape),
  slice: (view, shape, attrs) => {
    const starts = attrs['starts'] as number[]
    const steps = attrs['steps'] as number[]
    return {
      offset: view.offset + starts.reduce((sum, start, d) => sum + start * view.strides[d]!, 0),
      shape,
      strides: view.strides.map((stride, d) => stride * steps[d]!),
    }
  },
}

/** The view after a movement op with the given result shape; undefined when strides cannot express it (a reshape across gaps). */
export function moveView(view: View, op: string, shape: Shape, attrs: Attrs): View | undefined {
  if (sizeOf(shape) === 0) return wholeView(shape)
  return views[op as keyof typeof views](view, shape, attrs)
}

/** The view stretched to a larger shape by NumPy rules. */
export function broadcastView(view: View, shape: Shape): View {
  const lead = shape.length - view.shape.length
  const strides = shape.map((size, d) => (d < lead || (view.shape[d - lead] === 1 && size !== 1) ? 0 : view.strides[d - lead]!))
  return { offset: view.offset, shape, strides }
}

/** Whether the view's elements lie densely in row-major order. */
export function isContiguous(view: View): boolean {
  let expected = 1
  for (let d = view.shape.length - 1; d >= 0; d--) {
    const size = view.shape[d]!
    if (size !== 1 && view.strides[d] !== expected) return false
    expected *= size
  }
  return true
}

/** A reshape without copying: runs of dimensions that lie densely may be regrouped. */
function reshapeView(view: View, shape: Shape): View | undefined {
  const from = view.shape.flatMap((size, d) => (size === 1 ? [] : [{ size, stride: view.strides[d]! }]))
  const strides = new Array<number>(shape.length).fill(0)
  let i = 0
  let d = 0
  while (d < shape.length) {
    if (shape[d] === 1) {
      d++
      continue
    }
    // Take the shortest runs of source and target dimensions with the same number of elements.
    let have = from[i]!.size
    let want = shape[d]!
    const firstSource = i
    const firstTarget = d
    while (have !== want) {
      if (have < want) have *= from[++i]!.size
      else {
        do d++
        while (shape[d] === 1)
        want *= shape[d]!
      }
    }
    for (let k = firstSource; k < i; k++) if (from[k]!.stride !== from[k + 1]!.stride * from[k + 1]!.size) return undefined
    let stride = from[i]!.stride
    for (let k = d; k >= firstTarget; k--) {
      strides[k] = stride
      stride *= shape[k]!
    }
    i++
    d++
  }
  return { offset: view.offset, shape, strides }
}
