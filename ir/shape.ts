// Pure helpers on shapes (arrays of sizes) and axes.

export type Shape = readonly number[]

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (let i = 0; i < shape.length; i++) size *= shape[i]!
  return size
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Row-major strides in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride *= shape[i]!
  }
  return strides
}

/** The NumPy broadcast of two shapes, or undefined when they do not broadcast. Returns an operand itself when it is the result. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  if (b.length === 0 || sameShape(a, b)) return a
  if (a.length === 0) return b
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const x = i <= a.length ? a[a.length - i]! : 1
    const y = i <= b.length ? b[b.length - i]! : 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    out[rank - i] = x === 1 ? y : x
  }
  return sameShape(out, a) ? a : sameShape(out, b) ? b : out
}

/** Whether `from` broadcasts to exactly `to`. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false
  for (let i = 1; i <= from.length; i++) {
    const size = from[from.length - i]!
    if (size !== 1 && size !== to[to.length - i]!) return false
  }
  return true
}

/** The shape without the given (sorted, non-negative) axes, or with 1 in their place. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  const out: number[] = []
  for (let i = 0; i < shape.length; i++) {
    if (!axes.includes(i)) out.push(shape[i]!)
    else if (keepDims) out.push(1)
  }
  return out
}

/** Sizes before, along and after an axis. */
export function aroundAxis(shape: Shape, axis: number): { outer: number; axis: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), axis: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) }
}

export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length)
  for (let i = 0; i < permutation.length; i++) inverse[permutation[i]!] = i
  return inverse
}
