// Pooling. Paddings are explicit and long enough for every window, so that MPSGraph's ceil mode is never used. Everything is computed in float32.

import { isFloat } from '../../../../ir/dtype.js'
import type { AverageAttrs, AverageGradientAttrs, poolingOps } from '../../../../ir/ops/pooling.js'
import { elementsWithin, spanOf, type WindowAttrs, type WindowAxis, windowAxes, windowCounts } from '../../../../ir/ops/windows.js'
import { type Shape, sizeOf } from '../../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../../ir/type.js'
import type { CallArgument, Descriptor, Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'
import { resolve } from './gather.js'
import { refuseSet, setAt } from './scatter.js'

/** A method on four dimensions: `2D` pools over the last two of them, `4D` over any. */
interface Pooling {
  readonly method: '2D' | '4D'
  readonly descriptor: Descriptor
  /** The four dimensions of x, and those of the windows. */
  readonly source: Shape
  readonly windows: Shape
}

const unit: WindowAxis = { size: 1, out: 1, kernel: 1, stride: 1, dilation: 1, low: 0, high: 0 }

/** Padding behind x up to the end of the last window. */
const behind = ({ size, out, stride, low, ...axis }: WindowAxis): number => Math.max(0, (out - 1) * stride + spanOf(axis) - low - size)

const enumCase = (enumeration: string, name: string): CallArgument => ({ enumeration, case: name })

function poolingOf(axes: readonly WindowAxis[], leading: Shape, own: Readonly<Record<string, CallArgument>>, indices: boolean): Pooling {
  const flattened = axes.length < 4 ? Math.max(2, axes.length) : 4
  const mode = `MPSGraphPoolingReturnIndices${indices ? `GlobalFlatten${flattened}D` : 'None'}`
  const shared = {
    paddingStyle: enumCase('MPSGraphPaddingStyle', 'MPSGraphPaddingStyleExplicit'),
    ceilMode: 0,
    includeZeroPadToAverage: 0,
    returnIndicesMode: enumCase('MPSGraphPoolingReturnIndicesMode', mode),
    returnIndicesDataType: enumCase('MPSDataType', 'MPSDataTypeInt32'),
    ...own,
  }
  const four = axes.length < 4 ? [...Array.from({ length: 2 - axes.length }, () => unit), ...axes] : axes
  if (axes.length > 2) {
    const all = axes.length === 3 ? [unit, ...axes] : four
    const each = (read: (axis: WindowAxis) => number): number[] => all.map(read)
    const rows = sizeOf(leading)
    return {
      method: '4D',
      descriptor: {
        descriptor: 'MPSGraphPooling4DOpDescriptor',
        properties: {
          kernelSizes: each(({ kernel }) => kernel),
          strides: each(({ stride }) => stride),
          dilationRates: each(({ dilation }) => dilation),
          paddingValues: all.flatMap((axis) => [axis.low, behind(axis)]),
          ...shared,
        },
      },
      source: axes.length === 3 ? [rows, ...axes.map(({ size }) => size)] : each(({ size }) => size),
      windows: axes.length === 3 ? [rows, ...axes.map(({ out }) => out)] : each(({ out }) => out),
    }
  }
  const [y, x] = four as [WindowAxis, WindowAxis]
  // Channels where there are some.
  const lead = [sizeOf(leading.slice(0, -1)), leading.at(-1) ?? 1]
  return {
    method: '2D',
    descriptor: {
      descriptor: 'MPSGraphPooling2DOpDescriptor',
      properties: {
        kernelWidth: x.kernel,
        kernelHeight: y.kernel,
        strideInX: x.stride,
        strideInY: y.stride,
        dilationRateInX: x.dilation,
        dilationRateInY: y.dilation,
        paddingLeft: x.low,
        paddingRight: behind(x),
        paddingTop: y.low,
        paddingBottom: behind(y),
        dataLayout: enumCase('MPSGraphTensorNamedDataLayout', 'MPSGraphTensorNamedDataLayoutNCHW'),
        ...shared,
      },
    },
    source: [...lead, y.size, x.size],
    windows: [...lead, y.out, x.out],
  }
}

const leadingOf = (shape: Shape, attrs: WindowAttrs): Shape => shape.slice(0, shape.length - attrs.kernel.length)

/**
 * Maxima. What MPSGraph makes of NaN is not known: it gets -infinity instead, and a second pooling finds out which windows have one. The methods that return indices
 * take the first of equals, as others who use them rely on.
 */
function maxima(g: Emitter, x: Value, attrs: WindowAttrs, type: TensorType, withIndices: boolean): { values: Value; indices?: Value } {
  const pooling = poolingOf(windowAxes(attrs, x.type.shape), leadingOf(x.type.shape, attrs), {}, withIndices)
  const result = typeOf('float32', pooling.windows)
  const pool = (source: Value): Value[] => {
    const selector = `maxPooling${pooling.method}${withIndices ? 'ReturnIndices' : ''}WithSourceTensor:descriptor:name:`
    if (!withIndices) return [g.call(selector, [source, pooling.descriptor], result)]
    return g.callList(selector, [source, pooling.descriptor], [result, typeOf('int32', pooling.windows)])
  }
  const source = g.reshape(g.cast(x, 'float32'), pooling.source)
  const isNan = g.unary('isNaN', source, 'bool')
  const [values, indices] = pool(g.select(isNan, g.scalar(-Infinity, 'float32'), source))
  const [marks, nanIndices] = pool(g.cast(isNan, 'float32'))
  const hasNan = g.compare('greaterThan', marks!, g.scalar(0.5, 'float32'))
  const final = g.reshape(g.cast(g.select(hasNan, g.scalar(NaN, 'float32'), values!), type.dtype), type.shape)
  if (!withIndices) return { values: final }
  return { values: final, indices: g.reshape(g.select(hasNan, nanIndices!, indices!), type.shape) }
}

/** What an average over all elements of each window, padding included, is multiplied by; undefined when by 1. */
function correction(g: Emitter, axes: readonly WindowAxis[], attrs: AverageAttrs, windows: Shape): Value | undefined {
  if (attrs.count !== 'padded') return undefined
  const all = sizeOf(attrs.kernel)
  const counts = windowCounts(axes, 'padded')
  if (counts.every((count) => count === all)) return undefined
  const shape = windows.map((size, d) => (d < windows.length - axes.length ? 1 : size))
  return g.constant({ type: typeOf('float32', shape), values: Float64Array.from(counts, (count) => all / count) })
}

function averages(g: Emitter, x: Value, attrs: AverageAttrs, type: TensorType): Value {
  const axes = windowAxes(attrs, x.type.shape)
  const own = { includeZeroPadToAverage: attrs.count === 'inside' ? 0 : 1 }
  const pooling = poolingOf(axes, leadingOf(x.type.shape, attrs), own, false)
  const source = g.reshape(g.cast(x, 'float32'), pooling.source)
  const selector = `avgPooling${pooling.method}WithSourceTensor:descriptor:name:`
  const pooled = g.call(selector, [source, pooling.descriptor], typeOf('float32', pooling.windows))
  const factor = correction(g, axes, attrs, pooling.windows)
  return g.reshape(g.cast(factor === undefined ? pooled : g.mul(pooled, factor), type.dtype), type.shape)
}

function averageGradient(g: Emitter, grad: Value, attrs: AverageGradientAttrs, type: TensorType): Value {
  const axes = windowAxes(attrs, attrs.size)
  const own = { includeZeroPadToAverage: attrs.count === 'inside' ? 0 : 1 }
  const pooling = poolingOf(axes, leadingOf(type.shape, attrs), own, false)
  const source = g.reshape(g.cast(grad, 'float32'), pooling.windows)
  const factor = correction(g, axes, attrs, pooling.windows)
  const scaled = factor === undefined ? source : g.mul(source, factor)
  // Its values do not matter, its shape does.
  const like = g.splat(0, typeOf('float32', pooling.source))
  const selector = `avgPooling${pooling.method}GradientWithGradientTensor:sourceTensor:descriptor:name:`
  return g.reshape(g.cast(g.call(selector, [scaled, like, pooling.descriptor], like.type), type.dtype), type.shape)
}

function refuse({ shape }: { shape: Shape }, attrs: WindowAttrs): string | undefined {
  if (attrs.kernel.length === 4 && sizeOf(leadingOf(shape, attrs)) > 1)
    return 'over four dimensions of several tensors: the GPU pools over four dimensions in all'
  const isEmpty = (axis: WindowAxis): boolean =>
    Array.from({ length: axis.out }, (_, out) => elementsWithin(axis, out, 0, axis.size)).some(({ length }) => length === 0)
  return windowAxes(attrs, shape).some(isEmpty) ? 'has windows that lie in the padding only, for which the GPU has no rule' : undefined
}

const floatsOnly = ({ dtype }: TensorType): string | undefined => (isFloat(dtype) ? undefined : `of ${dtype}: the GPU pools floats only`)

export const poolingLowerings: Table<typeof poolingOps> = {
  maxPool: {
    emit: (g, [x], { attrs, type }) => maxima(g, x!, attrs, type, false).values,
    refuse: ([x], attrs) => floatsOnly(x!) ?? refuse(x!, attrs),
  },
  maxPoolWithIndices: {
    emit: (g, [x], { attrs, type }) => {
      const { values, indices } = maxima(g, x!, attrs, type, true)
      return [values, indices!]
    },
    refuse: ([x], attrs) => floatsOnly(x!) ?? refuse(x!, attrs),
  },
  avgPool: {
    emit: (g, [x], { attrs, type }) => averages(g, x!, attrs, type),
    refuse: ([x], attrs) => refuse(x!, attrs),
  },
  avgPoolGradient: {
    emit: (g, [grad], { attrs, type }) => averageGradient(g, grad!, attrs, type),
    refuse: (_, attrs, [type]) => refuse(type!, attrs),
  },
  maxUnpool: {
    emit: (g, [x, indices], { attrs: { size }, type }) => {
      const n = sizeOf(size)
      const rows = type.size / n
      const places = [rows, x!.type.size / rows]
      const view = [...places, 1]
      const base = g.splat(0, typeOf('float32', [rows, n, 1]))
      const updates = g.reshape(g.cast(x!, 'float32'), view)
      const spread = setAt(g, base, updates, { ...resolve(g, g.reshape(indices!, places), n), shape: view, along: true })
      return g.reshape(g.cast(spread, type.dtype), type.shape)
    },
    refuse: ([x], { size }, [type]) => floatsOnly(x!) ?? refuseSet(type!, x!, x!.size / (type!.size / sizeOf(size))),
  },
}
