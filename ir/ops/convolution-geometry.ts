// What the convolution records share: sizes, checks, and the walk over all products.

import { SinterError } from '../error.js'
import { emptyValues, type HostTensor } from '../host.js'
import type { HasType } from '../op.js'
import { contiguousStrides, type Shape, sizeOf } from '../shape.js'
import type { TensorType } from '../type.js'
import { checkSameDType } from './check.js'
import { walkStrided } from './values.js'

/** How a kernel moves over the data: one entry per spatial dimension. */
export interface WindowAttrs {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Zeros before and after the data. */
  readonly low: readonly number[]
  readonly high: readonly number[]
}

export interface ConvolutionAttrs extends WindowAttrs {
  readonly groups: number
}

/** Numbers of the constraints that the docs of the records share. */
export const windowDoc =
  '(C1) There are one to three spatial dimensions. (C2) strides and dilations are positive, low and high are not negative, one of each per spatial ' +
  'dimension. (C3) The dilated kernel fits into the padded data.'

/** Steps of a kernel over data of the given spatial sizes. */
export function windowCounts(sizes: Shape, kernel: Shape, { strides, dilations, low, high }: WindowAttrs): number[] {
  return sizes.map((size, d) => Math.floor((size + low[d]! + high[d]! - dilations[d]! * (kernel[d]! - 1) - 1) / strides[d]!) + 1)
}

/** Checks the attributes and that the kernel fits, (C1) to (C3); returns how often it fits. */
export function checkWindow(op: string, inputs: readonly HasType[], sizes: Shape, kernel: Shape, attrs: WindowAttrs): number[] {
  const rank = sizes.length
  if (rank < 1 || rank > 3 || kernel.length !== rank) {
    throw new SinterError(
      'shape',
      `${rank} spatial dimensions of data and ${kernel.length} of the kernel; there are one to three of both (C1)`,
      {
        op,
        operands: inputs,
      },
    )
  }
  const { strides, dilations, low, high } = attrs
  for (const [name, values, least] of [
    ['strides', strides, 1],
    ['dilations', dilations, 1],
    ['low', low, 0],
    ['high', high, 0],
  ] as const) {
    if (values.length !== rank || !values.every((value) => Number.isSafeInteger(value) && value >= least)) {
      throw new SinterError('attribute', `${name} [${values.join(', ')}] are not ${rank} integers of at least ${least} (C2)`, {
        op,
        operands: inputs,
      })
    }
  }
  const counts = windowCounts(sizes, kernel, attrs)
  const wrong = counts.findIndex((count, d) => count < 1 || kernel[d]! < 1 || sizes[d]! < 1)
  if (wrong >= 0) {
    const extent = dilations[wrong]! * (kernel[wrong]! - 1) + 1
    const padded = sizes[wrong]! + low[wrong]! + high[wrong]!
    throw new SinterError(
      'shape',
      `spatial dimension ${wrong}: a kernel of ${kernel[wrong]} that spans ${extent} does not fit into ${sizes[wrong]} elements, ${padded} with padding (C3)`,
      { op, operands: inputs },
    )
  }
  return counts
}

/** Refuses operands that do not have one dtype and rank, and group counts that do not divide. */
export function checkGroups(op: string, inputs: readonly HasType[], groups: number, outputs: number): void {
  checkSameDType(op, inputs, 1)
  const [a, b] = inputs as [HasType, HasType]
  if (a.type.rank !== b.type.rank || a.type.rank < 3) {
    throw new SinterError('shape', `operands have ${a.type.rank} and ${b.type.rank} dimensions; both have two and the spatial ones (C4)`, {
      op,
      operands: inputs,
    })
  }
  if (!Number.isSafeInteger(groups) || groups < 1 || outputs < 1 || outputs % groups !== 0) {
    throw new SinterError('shape', `${groups} groups do not divide ${outputs} channels of the result (C5)`, { op, operands: inputs })
  }
}

/** Shapes of data, weights and result of a convolution. */
export interface ConvolutionShapes {
  readonly data: Shape
  readonly weights: Shape
  readonly result: Shape
}

/** Visits every product that a convolution sums: positions of its factors and of the result. Padding contributes nothing. */
export function forEachProduct(
  { data, weights, result }: ConvolutionShapes,
  { strides, dilations, low, groups }: ConvolutionAttrs,
  visit: (data: number, weight: number, result: number) => void,
): void {
  const [dataStrides, kernel, counts] = [contiguousStrides(data), weights.slice(2), result.slice(2)]
  const [channels, filters] = [weights[1]!, weights[0]! / groups]
  const [taps, planes, points] = [sizeOf(kernel), sizeOf(data.slice(2)), sizeOf(counts)]
  /** Offsets in a plane of the data, -1 in the padding. */
  const places: number[] = []
  const ones = contiguousStrides([...counts, ...kernel])
  walkStrided([...counts, ...kernel], ones, 0, (i) => {
    let at = 0
    for (let d = 0; d < counts.length; d++) {
      const point = Math.floor(i / ones[d]!) % counts[d]!
      const tap = Math.floor(i / ones[counts.length + d]!) % kernel[d]!
      const place = point * strides[d]! + tap * dilations[d]! - low[d]!
      if (place < 0 || place >= data[d + 2]!) at = Number.NaN
      at += place * dataStrides[d + 2]!
    }
    places.push(Number.isNaN(at) ? -1 : at)
  })
  for (let n = 0; n < result[0]!; n++) {
    for (let o = 0; o < weights[0]!; o++) {
      const first = Math.floor(o / filters) * channels
      for (let point = 0; point < points; point++) {
        for (let c = 0; c < channels; c++) {
          for (let tap = 0; tap < taps; tap++) {
            const place = places[point * taps + tap]!
            if (place < 0) continue
            visit((n * data[1]! + first + c) * planes + place, (o * channels + c) * taps + tap, (n * weights[0]! + o) * points + point)
          }
        }
      }
    }
  }
}

/** A tensor of zeros to add to, in double; `finish` rounds once. */
export function sums(type: TensorType, round: (value: number) => number): { values: Float64Array; finish: () => HostTensor } {
  const values = emptyValues(type.dtype, type.size) as Float64Array
  return { values, finish: () => ({ type, values: values.map(round) }) }
}
