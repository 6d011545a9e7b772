// Discrete Fourier transforms with the conventions of NumPy and torch.fft. Transforms of float64 and complex128 are complex128 (float64), all others complex64
// (float32).

import { complexDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { FourierScaling } from '../ir/ops/fourier.js'
import { ops } from '../ir/ops/index.js'
import { axisArgument, axisList, checkInteger, checkOptions, describeValue } from './check.js'
import { conj } from './complex.js'
import { sliceAxis } from './join.js'
import { widened } from './operand.js'
import { pad } from './pad.js'
import { cast, floating, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

/** What sums are divided by. 'backward' (default): inverse transforms by the number of elements; 'forward': the others by it; 'ortho': both by its square root. */
export type FourierNorm = 'backward' | 'ortho' | 'forward'

export interface FourierOptions {
  /** The length along the axis: the operand is cut or padded with zeros at its end. Default: what it has. */
  readonly n?: number | undefined
  /** Default -1. */
  readonly axis?: number | undefined
  readonly norm?: FourierNorm | undefined
}

export interface FourierNdOptions {
  /** Lengths along the axes, as `n` of one. Without axes, of the last ones. */
  readonly s?: readonly number[] | undefined
  /** Default: all of them, the last two for the functions that end in 2. */
  readonly axes?: readonly number[] | undefined
  readonly norm?: FourierNorm | undefined
}

const norms: readonly FourierNorm[] = ['backward', 'ortho', 'forward']

function scalingOf(op: string, norm: FourierNorm | undefined, inverse: boolean): FourierScaling {
  const own = norm ?? 'backward'
  if (!norms.includes(own)) {
    throw new SinterError('argument', `there is no norm ${describeValue(own)}`, { op, hint: `norms: ${norms.join(', ')}` })
  }
  if (own === 'ortho') return 'unitary'
  return (own === 'backward') === inverse ? 'size' : 'none'
}

function complexOperand(op: string, x: TensorLike): Tensor {
  const own = widened(floating(x, op))
  return cast(own, complexDType(own.dtype))
}

function realOperand(op: string, x: TensorLike): Tensor {
  const own = floating(x, op)
  if (own.type.isComplex) {
    throw new SinterError('dtype', `transforms real values, not ${own.dtype}`, { op, operands: [own], hint: 'fft takes complex values' })
  }
  return widened(own)
}

/** x cut or padded at its end to n elements along the axis. */
function resized(op: string, x: Tensor, axis: number, n: number | undefined): Tensor {
  const size = x.shape[axis]!
  if (n !== undefined) checkInteger(op, 'the length of a transform', n, 1)
  if ((n ?? size) === 0) throw new SinterError('shape', `there is nothing to transform along axis ${axis}`, { op, operands: [x] })
  if (n === undefined || n === size) return x
  if (n < size) return sliceAxis(x, axis, 0, n)
  return pad(
    x,
    x.shape.map((_, d) => [0, d === axis ? n - size : 0]),
  )
}

interface Plan {
  readonly axes: readonly number[]
  /** For each of the axes; undefined: as it is. */
  readonly sizes: readonly (number | undefined)[]
  readonly norm: FourierNorm | undefined
}

function planOf(op: string, x: Tensor, options: FourierOptions): Plan {
  checkOptions(op, options, ['n', 'axis', 'norm'])
  return { axes: [axisArgument(op, x, options.axis ?? -1)], sizes: [options.n], norm: options.norm }
}

function planOfSeveral(op: string, x: Tensor, options: FourierNdOptions, standard: readonly number[] | undefined): Plan {
  checkOptions(op, options, ['s', 'axes', 'norm'])
  const { s, norm } = options
  if (s !== undefined && !Array.isArray(s)) throw new SinterError('argument', `s is an array of lengths, got ${describeValue(s)}`, { op })
  const last = (count: number): number[] => Array.from({ length: count }, (_, i) => i - count)
  const axes = axisList(op, x, options.axes ?? standard ?? last(s?.length ?? x.ndim))
  if (s !== undefined && s.length !== axes.length) {
    throw new SinterError('argument', `s has ${s.length} lengths for ${axes.length} axes`, { op, operands: [x] })
  }
  return { axes, sizes: s ?? axes.map(() => undefined), norm }
}

function complexTransform(op: string, operand: Tensor, plan: Plan, inverse: boolean): Tensor {
  const input = plan.axes.reduce((x, axis, i) => resized(op, x, axis, plan.sizes[i]), operand)
  const axes = [...plan.axes].sort((a, b) => a - b)
  return record(ops.fft, [input], { axes, inverse, scaling: scalingOf(op, plan.norm, inverse) })
}

/** Real values to half of a Hermitian result along the last of the axes, complex transforms along the others. */
function realTransform(op: string, x: TensorLike, planFor: (x: Tensor) => Plan): Tensor {
  const own = realOperand(op, x)
  const plan = planFor(own)
  requireAxes(op, own, plan)
  const scaling = scalingOf(op, plan.norm, false)
  const input = plan.axes.reduce((part, axis, i) => resized(op, part, axis, plan.sizes[i]), own)
  const axes = plan.axes.slice(0, -1).sort((a, b) => a - b)
  const half = record(ops.rfft, [input], { axis: plan.axes.at(-1)!, scaling })
  return axes.length === 0 ? half : record(ops.fft, [half], { axes, inverse: false, scaling })
}

/** The inverse of `realTransform`. */
function hermitianTransform(op: string, z: Tensor, planFor: (x: Tensor) => Plan): Tensor {
  const plan = planFor(z)
  requireAxes(op, z, plan)
  const scaling = scalingOf(op, plan.norm, true)
  const axis = plan.axes.at(-1)!
  const length = plan.sizes.at(-1) ?? 2 * (z.shape[axis]! - 1)
  checkInteger(op, 'the length of the result', length, 1)
  const sizes = [...plan.sizes.slice(0, -1), Math.floor(length / 2) + 1]
  const axes = plan.axes.slice(0, -1).sort((a, b) => a - b)
  const cut = plan.axes.reduce((y, d, i) => resized(op, y, d, sizes[i]), z)
  const input = axes.length === 0 ? cut : record(ops.fft, [cut], { axes, inverse: true, scaling })
  return record(ops.irfft, [input], { axis, length, scaling })
}

function requireAxes(op: string, x: Tensor, plan: Plan): void {
  if (plan.axes.length === 0) throw new SinterError('argument', 'there are no axes to transform', { op, operands: [x] })
}

const opposite = { backward: 'forward', forward: 'backward', ortho: 'ortho' } as const
const swappedNorm = <T extends FourierOptions>(options: T): T => ({
  ...options,
  norm: opposite[options.norm ?? 'backward'] ?? options.norm,
})

/** The discrete Fourier transform along one axis, any length. MPSGraph: fastFourierTransformWithTensor. */
export function fft(x: TensorLike, options: FourierOptions = {}): Tensor {
  const operand = complexOperand('fft', x)
  return complexTransform('fft', operand, planOf('fft', operand, options), false)
}

/** The inverse of `fft`. */
export function ifft(x: TensorLike, options: FourierOptions = {}): Tensor {
  const operand = complexOperand('ifft', x)
  return complexTransform('ifft', operand, planOf('ifft', operand, options), true)
}

/** The transform of real values: the first n / 2 + 1 (rounded down) elements; the others are their conjugates. MPSGraph: realToHermiteanFFTWithTensor. */
export function rfft(x: TensorLike, options: FourierOptions = {}): Tensor {
  return realTransform('rfft', x, (own) => planOf('rfft', own, options))
}

/**
 * The inverse of `rfft`: real values, `n` of them along the axis, by default 2 (m - 1) for m elements; pass an odd n where there were so many. Imaginary
 * parts of element 0, and of element n / 2 for an even n, count as 0. MPSGraph: HermiteanToRealFFTWithTensor.
 */
export function irfft(x: TensorLike, options: FourierOptions = {}): Tensor {
  return hermitianTransform('irfft', complexOperand('irfft', x), (own) => planOf('irfft', own, options))
}

/** The transform, which is real, of Hermitian values, of which the first n / 2 + 1 (rounded down) are given; n as for `irfft`. */
export function hfft(x: TensorLike, options: FourierOptions = {}): Tensor {
  return hermitianTransform('hfft', conj(complexOperand('hfft', x)), (own) => planOf('hfft', own, swappedNorm(options)))
}

/** The inverse of `hfft`. */
export function ihfft(x: TensorLike, options: FourierOptions = {}): Tensor {
  return conj(realTransform('ihfft', x, (own) => planOf('ihfft', own, swappedNorm(options))))
}

const lastTwo = [-2, -1]

/** `fft` along several axes, by default all. */
export function fftn(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  const operand = complexOperand('fftn', x)
  return complexTransform('fftn', operand, planOfSeveral('fftn', operand, options, undefined), false)
}

/** The inverse of `fftn`. */
export function ifftn(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  const operand = complexOperand('ifftn', x)
  return complexTransform('ifftn', operand, planOfSeveral('ifftn', operand, options, undefined), true)
}

/** `fft` along two axes, by default the last. */
export function fft2(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  const operand = complexOperand('fft2', x)
  return complexTransform('fft2', operand, planOfSeveral('fft2', operand, options, lastTwo), false)
}

/** The inverse of `fft2`. */
export function ifft2(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  const operand = complexOperand('ifft2', x)
  return complexTransform('ifft2', operand, planOfSeveral('ifft2', operand, options, lastTwo), true)
}

/** `rfft` along the last of the axes (by default all), `fft` along the others. */
export function rfftn(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  return realTransform('rfftn', x, (own) => planOfSeveral('rfftn', own, options, undefined))
}

/** The inverse of `rfftn`; the last of `s` is the length of the result along the last of the axes, as `n` of `irfft`. */
export function irfftn(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  return hermitianTransform('irfftn', complexOperand('irfftn', x), (own) => planOfSeveral('irfftn', own, options, undefined))
}

/** `rfftn` along two axes, by default the last. */
export function rfft2(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  return realTransform('rfft2', x, (own) => planOfSeveral('rfft2', own, options, lastTwo))
}

/** The inverse of `rfft2`. */
export function irfft2(x: TensorLike, options: FourierNdOptions = {}): Tensor {
  return hermitianTransform('irfft2', complexOperand('irfft2', x), (own) => planOfSeveral('irfft2', own, options, lastTwo))
}
