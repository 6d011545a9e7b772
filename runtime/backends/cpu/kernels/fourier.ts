// Fourier transforms: one native step for each axis. The roots of unity are tables of the program.

import { type DType, dtypeInfo, partDType } from '../../../../ir/dtype.js'
import {
  type FourierAttrs,
  type fourierOps,
  type HermitianAttrs,
  type RealFourierAttrs,
  scaleOf,
  unitRoots,
} from '../../../../ir/ops/fourier.js'
import { aroundAxis, contiguousStrides, type Shape } from '../../../../ir/shape.js'
import { codeOf, type KernelContext, type KernelLowering } from './kernel.js'

/** Lines of fewer values are transformed several at once. */
const shortestMatrix = 256

/** Prime factors that have passes of their own; longer ones cost more than a convolution. */
const largestRadix = 31

/** The radices of a length, small ones last: undefined when a prime factor is too large. */
export function radicesOf(length: number): number[] | undefined {
  const radices: number[] = []
  let rest = length
  for (const radix of [8, 4, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, largestRadix]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix)
  }
  return rest === 1 ? radices : undefined
}

type Plane = Float64Array
interface Planes {
  readonly re: Plane
  readonly im: Plane
}

/** e^(-2 pi i k / n) for k below `count`. */
function roots(n: number, count = n): Planes {
  const { cos, sin } = unitRoots(n)
  return { re: cos.slice(0, count), im: sin.slice(0, count).map((value) => -value) }
}

/** e^(-pi i j^2 / n) for j below n. */
function chirp(n: number): Planes {
  const { cos, sin } = unitRoots(2 * n)
  const re = new Float64Array(n)
  const im = new Float64Array(n)
  // j^2 modulo 2 n, from (j + 1)^2 - j^2.
  for (let j = 0, square = 0; j < n; square = (square + 2 * j + 1) % (2 * n), j++) {
    re[j] = cos[square]!
    im[j] = -sin[square]!
  }
  return { re, im }
}

/** The transform of 2^k values in place, by halves. */
function transformInPlace(x: Planes): void {
  const n = x.re.length
  if (n === 1) return
  const halves = [0, 1].map((odd): Planes => ({ re: x.re.filter((_, i) => i % 2 === odd), im: x.im.filter((_, i) => i % 2 === odd) }))
  const [even, odd] = halves as [Planes, Planes]
  for (const part of halves) transformInPlace(part)
  const w = roots(n, n / 2)
  for (let k = 0; k < n / 2; k++) {
    const re = odd.re[k]! * w.re[k]! - odd.im[k]! * w.im[k]!
    const im = odd.re[k]! * w.im[k]! + odd.im[k]! * w.re[k]!
    x.re[k] = even.re[k]! + re
    x.im[k] = even.im[k]! + im
    x.re[k + n / 2] = even.re[k]! - re
    x.im[k + n / 2] = even.im[k]! - im
  }
}

/** The transform of the conjugate chirp, wrapped around `size` and divided by it: what the convolution multiplies with. */
function filterOf({ re, im }: Planes, size: number): Planes {
  const filter = { re: new Float64Array(size), im: new Float64Array(size) }
  re.forEach((value, j) => {
    for (const at of [j, (size - j) % size]) {
      filter.re[at] = value / size
      filter.im[at] = -im[j]! / size
    }
  })
  transformInPlace(filter)
  return filter
}

/**
 * The rows of the matrix that a long line is treated as: neighbours fill vectors, and a line stays in a near cache. Of the divisors that do so with the least
 * left over, also in columns, the one nearest to a square; undefined when there is none.
 */
function rowsOf(size: number, dtype: DType): number | undefined {
  if (size < shortestMatrix) return undefined
  const lanes = 64 / dtypeInfo[dtype].bytes
  const waste = (n: number): number => (Math.ceil(n / lanes) * lanes) / n
  let best: { readonly rows: number; readonly waste: number } | undefined
  for (let rows = Math.floor(Math.sqrt(size)); rows >= lanes; rows--) {
    if (size % rows !== 0) continue
    const own = waste(rows) + waste(size / rows)
    if (best === undefined || own < best.waste) best = { rows, waste: own }
  }
  return best?.rows
}

/** e^(-2 pi i r c / (rows columns)) for row r and column c. */
function turnsOf(rows: number, columns: number): Planes {
  const n = rows * columns
  const { re, im } = roots(n)
  const at = (i: number): number => (Math.floor(i / columns) * (i % columns)) % n
  return { re: re.map((_, i) => re[at(i)]!), im: im.map((_, i) => im[at(i)]!) }
}

/** What the kernel wants to know about lines: the convolution's length or 0, the radices, how many of them make the rows, and its tables, in order. */
interface Plan {
  readonly convolution: number
  readonly radices: readonly number[]
  readonly split: number
  readonly tables: Uint8Array
}

function planOf(length: number, alone: boolean, real: boolean, dtype: DType): Plan {
  const halved = real && length % 2 === 0
  const inside = halved ? length / 2 : length
  const direct = radicesOf(inside)
  const size = direct === undefined ? 2 ** Math.ceil(Math.log2(2 * inside - 1)) : inside
  const rows = alone ? rowsOf(size, dtype) : undefined
  const planes = [roots(size)]
  if (rows !== undefined) planes.push(turnsOf(rows, size / rows))
  if (direct === undefined) {
    const own = chirp(inside)
    planes.push(own, filterOf(own, size))
  }
  if (halved) planes.push(roots(length, inside + 1))
  const list = planes.flatMap(({ re, im }) => [re, im])
  const values = new dtypeInfo[dtype].array(list.reduce((sum, plane) => sum + plane.length, 0)) as Float32Array
  let at = 0
  for (const plane of list) {
    values.set(plane, at)
    at += plane.length
  }
  const tables = new Uint8Array(values.buffer)
  const ofRows = rows === undefined ? [] : radicesOf(rows)!
  const radices = [...ofRows, ...radicesOf(rows === undefined ? size : size / rows)!]
  return { convolution: direct === undefined ? size : 0, radices, split: ofRows.length, tables }
}

const [complexMode, fromRealMode, toRealMode] = [0, 1, 2]

/** One step along an axis of a tensor that has `shape` where it is not halved. */
function alongAxis(
  context: KernelContext,
  mode: number,
  shape: Shape,
  axis: number,
  inverse: boolean,
  scale: number,
  buffers: readonly number[],
): void {
  const dtype = partDType(context.node.type.dtype)
  const around = aroundAxis(shape, axis)
  const { convolution, radices, split, tables } = planOf(around.axis, around.inner === 1, mode !== complexMode, dtype)
  const work = around.outer * around.inner * Math.max(convolution * 2, around.axis) * (1 + radices.length) * (dtype === 'float64' ? 1 : 0.5)
  const table = context.constant(tables)
  context.kernel('fourier', 1 + work, (words) => {
    words.push(mode, codeOf(dtype), Number(inverse))
    words.double(scale)
    words.long(around.outer, around.axis, around.inner, convolution)
    words.push(radices.length, ...radices, split, ...buffers, table)
  })
}

const fft: KernelLowering = (context) => {
  const { node, operand, target, copy } = context
  const { axes, inverse, scaling } = node.attrs as unknown as FourierAttrs
  const { shape } = node.type
  const scale = scaleOf(
    scaling,
    axes.map((axis) => shape[axis]!),
  )
  const strides = contiguousStrides(shape)
  if (axes.length === 0) copy(operand(0), shape, strides, target(), 0, strides)
  axes.forEach((axis, i) => {
    const first = i === 0
    alongAxis(context, complexMode, shape, axis, inverse, first ? scale : 1, [first ? operand(0) : target(), target()])
  })
}

export const fourierKernels: { readonly [Name in keyof typeof fourierOps]: KernelLowering } = {
  fft,
  rfft: (context) => {
    const { shape } = context.node.inputs[0]!.type
    const { axis, scaling } = context.node.attrs as unknown as RealFourierAttrs
    alongAxis(context, fromRealMode, shape, axis, false, scaleOf(scaling, [shape[axis]!]), [context.operand(0), context.target()])
  },
  irfft: (context) => {
    const { axis, length, scaling } = context.node.attrs as unknown as HermitianAttrs
    alongAxis(context, toRealMode, context.node.type.shape, axis, true, scaleOf(scaling, [length]), [context.operand(0), context.target()])
  },
}
