// Resizing images: PyTorch's interpolate, and resize with the choices that MPSGraph offers.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import {
  longestResized,
  type NearestRounding,
  nearestRoundings,
  type ResizeAttrs,
  type ResizeMode,
  resizeMaps,
} from '../ir/ops/resampling.js'
import { checkBoolean, checkFinite, checkOptions, describeValue } from './check.js'
import { fromData } from './create.js'
import { take } from './gather.js'
import { asTensor, floating, record, type TensorLike } from './record.js'
import { channelsFirst, checkSpatial, type Layout, type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

const interpolations = ['nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic', 'area'] as const
export type InterpolateMode = (typeof interpolations)[number]

export interface InterpolateOptions {
  /** The spatial dimensions of the result. Either this or scaleFactor. */
  readonly size?: PerDimension | undefined
  /** What the spatial dimensions are multiplied by; the result is rounded down. */
  readonly scaleFactor?: PerDimension | undefined
  /** Default 'nearest'. 'linear' is for one spatial dimension, 'bilinear' and 'bicubic' for two, 'trilinear' for three, the others for any. */
  readonly mode?: InterpolateMode | undefined
  /** Whether the outermost elements keep their place, instead of the outer borders; for linear and cubic modes. Default false. */
  readonly alignCorners?: boolean | undefined
}

/** Where element i of the result stands: at start + step * i. */
interface Positions {
  readonly step: number
  readonly start: number
}

const aligned = (from: number, to: number): Positions => ({ step: to > 1 ? (from - 1) / (to - 1) : 0, start: 0 })
const halfPixel = (step: number): Positions => ({ step, start: (step - 1) / 2 })

/**
 * A dimension that keeps its size keeps its elements, whatever its scaleFactor was before the size was rounded, and 'nearest' gives every element twice where the size
 * doubles: as in PyTorch, which has that rule for 'nearest' in gradients and in 2-D.
 */
function kept(mode: InterpolateMode, from: number, to: number): Positions | undefined {
  if (mode === 'nearest' && (to === from || to === 2 * from)) return { step: from / to, start: 0 }
  return to === from && ['linear', 'bilinear', 'trilinear'].includes(mode) ? halfPixel(1) : undefined
}

/** Integers have no record of their own: the nearest elements are taken along one axis after the other. */
function nearestOf(x: Tensor, attrs: ResizeAttrs): Tensor {
  const first = x.ndim - attrs.size.length
  return resizeMaps(attrs, x.shape.slice(first)).reduce(
    (y, map, d) => take(y, fromData(Int32Array.from(map.indices), 'int32', [map.out], x.device), first + d),
    x,
  )
}

function resizeBy(op: string, x: TensorLike, attrs: ResizeAttrs): Tensor {
  const own = asTensor(x, op)
  if (attrs.size.some((size) => size > longestResized)) {
    throw new SinterError('argument', `[${attrs.size}] is longer than ${longestResized}, the most that a dimension is resized to`, {
      op,
      operands: [own],
    })
  }
  if (attrs.mode === 'nearest' && !isFloat(own.dtype)) return nearestOf(own, attrs)
  return record(ops.resize, [floating(own, op)], { ...attrs })
}

const dimensionsOf: Partial<Record<InterpolateMode, number>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 }

function interpolationOf(op: string, x: Tensor, options: InterpolateOptions): ResizeAttrs {
  const { size, scaleFactor, mode = 'nearest', alignCorners } = options
  const n = x.ndim - 2
  const wrong = (problem: string): never => {
    throw new SinterError('argument', problem, { op, operands: [x] })
  }
  if (!interpolations.includes(mode)) wrong(`there is no mode ${describeValue(mode)}; modes: ${interpolations.join(', ')}`)
  if (n < 1 || n > 3) wrong('needs batches, channels and 1 to 3 spatial dimensions')
  if (n !== (dimensionsOf[mode] ?? n)) wrong(`mode '${mode}' is for ${dimensionsOf[mode]} spatial dimensions, x has ${n}`)
  if ((size === undefined) === (scaleFactor === undefined)) wrong('needs either size or scaleFactor')
  const corners = ['linear', 'bilinear', 'trilinear', 'bicubic'].includes(mode)
  if (alignCorners !== undefined) {
    checkBoolean(op, 'alignCorners', alignCorners)
    if (!corners) wrong(`alignCorners is for linear and cubic modes, not for '${mode}'`)
  }
  const from = x.shape.slice(2)
  const factors = scaleFactor === undefined ? undefined : scalesOf(op, scaleFactor, n)
  const to = factors === undefined ? perDimension(op, 'size', size!, n, 1) : from.map((length, d) => Math.floor(length * factors[d]!))
  if (to.some((length) => length < 1)) wrong(`the result would have no elements: [${to}]`)
  const positions = to.map((length, d): Positions => {
    const step = factors === undefined ? from[d]! / length : 1 / factors[d]!
    if (alignCorners === true) return aligned(from[d]!, length)
    const exact = kept(mode, from[d]!, length)
    if (exact !== undefined) return exact
    return mode === 'nearest' || mode === 'area' ? { step, start: 0 } : halfPixel(step)
  })
  const kind: ResizeMode = mode === 'area' ? 'area' : mode === 'bicubic' ? 'cubic' : corners ? 'linear' : 'nearest'
  return {
    size: to,
    steps: positions.map(({ step }) => step),
    starts: positions.map(({ start }) => start),
    mode: kind,
    rounding: mode === 'nearest' ? 'floor' : 'preferCeil',
  }
}

function scalesOf(op: string, value: PerDimension, n: number, name = 'scaleFactor'): number[] {
  const list = typeof value === 'number' ? Array.from({ length: n }, () => value) : value
  const fits =
    Array.isArray(list) && list.length === n && list.every((factor) => typeof factor === 'number' && factor > 0 && Number.isFinite(factor))
  if (!fits) throw new SinterError('argument', `${name} is a number above 0 or ${n} of them, got ${describeValue(value)}`, { op })
  return [...list]
}

/**
 * x, [batch, channels, ...spatial], with its spatial dimensions resized, as PyTorch's function of this name does. Integers become float32, but for the nearest modes, which
 * keep any dtype. MPSGraph: resizeTensor, resizeNearest.
 */
export function interpolate(x: TensorLike, options: InterpolateOptions): Tensor {
  const op = 'interpolate'
  checkOptions(op, options, ['size', 'scaleFactor', 'mode', 'alignCorners'])
  return resizeBy(op, x, interpolationOf(op, asTensor(x, op), options))
}

export interface ResizeOptions {
  /** Default 'bilinear'. */
  readonly mode?: 'nearest' | 'bilinear' | 'bicubic' | undefined
  /** How 'nearest' makes an index of a position: 'preferCeil' (the default) and 'preferFloor', 'even' and 'odd' are for halves, 'ceil' and 'floor' for everything. */
  readonly nearestRounding?: NearestRounding | undefined
  /** Whether centers of elements correspond, instead of their first corners; default false. */
  readonly centerResult?: boolean | undefined
  /** Whether the outermost elements keep their place; default false. */
  readonly alignCorners?: boolean | undefined
  /** Element i of x goes to scale * i + offset in the result, for height and width, instead of what the sizes and flags say. */
  readonly scale?: PerDimension | undefined
  readonly offset?: PerDimension | undefined
  readonly layout?: Layout | undefined
}

/**
 * Images, [..., channels, height, width], resized to [height, width] with the choices of MPSGraph's resize methods (resizeTensor, resizeNearest, resizeBilinear, with centerResult
 * and alignCorners or scale and offset). Integers become float32, but for 'nearest', which keeps any dtype.
 */
export function resize(x: TensorLike, size: readonly number[] | number, options: ResizeOptions = {}): Tensor {
  const op = 'resize'
  checkOptions(op, options, ['mode', 'nearestRounding', 'centerResult', 'alignCorners', 'scale', 'offset', 'layout'])
  const own = asTensor(x, op)
  checkSpatial(op, own, 2)
  const { mode = 'bilinear', nearestRounding = 'preferCeil', centerResult = false, alignCorners = false, scale, offset, layout } = options
  if (!['nearest', 'bilinear', 'bicubic'].includes(mode)) {
    throw new SinterError('argument', `mode is 'nearest', 'bilinear' or 'bicubic', got ${describeValue(mode)}`, { op })
  }
  if (!nearestRoundings.includes(nearestRounding)) {
    throw new SinterError('argument', `nearestRounding is one of ${nearestRoundings.join(', ')}, got ${describeValue(nearestRounding)}`, {
      op,
    })
  }
  checkBoolean(op, 'centerResult', centerResult)
  checkBoolean(op, 'alignCorners', alignCorners)
  if (centerResult && alignCorners) throw new SinterError('argument', 'centerResult and alignCorners exclude each other', { op })
  if (scale === undefined && offset !== undefined) throw new SinterError('argument', 'offset needs scale', { op })
  if (scale !== undefined && (centerResult || alignCorners))
    throw new SinterError('argument', 'scale takes the place of centerResult and alignCorners', { op })
  const to = perDimension(op, 'size', size, 2, 1)
  const factors = scale === undefined ? undefined : scalesOf(op, scale, 2, 'scale')
  const offsets = (Array.isArray(offset) ? offset : [offset ?? 0, offset ?? 0]) as readonly number[]
  if (offsets.length !== 2) throw new SinterError('argument', `offset is a number or 2 of them, got ${describeValue(offset)}`, { op })
  for (const one of offsets) checkFinite(op, 'offset', one)
  const [result] = channelsFirst(op, own, 2, layout, (first) => {
    const positions = to.map((length, d): Positions => {
      const from = first.shape[first.ndim - 2 + d]!
      if (factors !== undefined) return { step: 1 / factors[d]!, start: (0 - offsets[d]!) / factors[d]! }
      if (alignCorners) return aligned(from, length)
      return centerResult ? halfPixel(from / length) : { step: from / length, start: 0 }
    })
    const attrs: ResizeAttrs = {
      size: to,
      steps: positions.map(({ step }) => step),
      starts: positions.map(({ start }) => start),
      mode: mode === 'nearest' ? 'nearest' : mode === 'bicubic' ? 'cubic' : 'linear',
      rounding: nearestRounding,
    }
    return [resizeBy(op, first, attrs)]
  })
  return result!
}
