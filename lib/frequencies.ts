// The frequencies that elements of a Fourier transform stand for, and their order; as NumPy's.

import { SinterError } from '../ir/error.js'
import { axisList, checkInteger, checkNumber, checkOptions, checkTensor } from './check.js'
import { arange, type CreateOptions } from './create.js'
import { concat, roll } from './join.js'
import type { Tensor } from './tensor.js'

export interface FrequencyOptions extends CreateOptions {
  /** The distance between samples; default 1. */
  readonly d?: number | undefined
}

function split(op: string, n: number, options: FrequencyOptions): { spacing: number; create: CreateOptions } {
  checkInteger(op, 'the length of the transform', n, 1)
  checkOptions(op, options, ['d', 'dtype', 'device'])
  const { d = 1, ...create } = options
  checkNumber(op, 'the distance between samples', d)
  if (d === 0) throw new SinterError('argument', 'the distance between samples is 0', { op })
  return { spacing: n * d, create }
}

/** The frequencies of `fft` of n elements, in cycles per unit of the distance d between samples: 0, 1, ..., -2, -1, each divided by n d. */
export function fftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  const { spacing, create } = split('fftfreq', n, options)
  const positive = Math.ceil(n / 2)
  return concat([arange(0, positive, create), arange(positive - n, 0, create)]).div(spacing)
}

/** The frequencies of `rfft` of n elements: 0, 1, ..., n / 2 (rounded down), each divided by n d. */
export function rfftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  const { spacing, create } = split('rfftfreq', n, options)
  return arange(0, Math.floor(n / 2) + 1, create).div(spacing)
}

function shifted(op: string, x: Tensor, axes: number | readonly number[] | undefined, by: (size: number) => number): Tensor {
  checkTensor(op, x)
  const list = axes === undefined ? x.shape.map((_, d) => d) : axisList(op, x, axes)
  return roll(
    x,
    list.map((axis) => by(x.shape[axis]!)),
    list,
  )
}

/** The elements of a transform with frequency 0 in the middle along the axes, by default all. */
export function fftshift(x: Tensor, axes?: number | readonly number[]): Tensor {
  return shifted('fftshift', x, axes, (size) => Math.floor(size / 2))
}

/** The inverse of `fftshift`. */
export function ifftshift(x: Tensor, axes?: number | readonly number[]): Tensor {
  return shifted('ifftshift', x, axes, (size) => -Math.floor(size / 2))
}
