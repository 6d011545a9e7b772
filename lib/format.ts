// Values as JS: nested arrays, and what console.log prints.

import { type DataArray, dtypeInfo, isBig } from '../ir/dtype.js'
import { decode } from '../ir/host.js'
import type { Node } from '../ir/node.js'
import type { Shape } from '../ir/shape.js'
import { type TensorType, typeOf } from '../ir/type.js'
import type { ComplexNumber } from './promote.js'
import { Storage, stateOf } from './realize.js'

export type Scalar = number | bigint | boolean | ComplexNumber
/** Nested arrays of elements; a plain element for rank 0. */
export type Nested = Scalar | Nested[]

/** Elements as JS values: booleans for bool, bigints for 64-bit integers, { re, im } for complex ones, else numbers. */
export function elementsOf(type: TensorType, data: DataArray): Scalar[] {
  const values = decode(type, data).values
  if (type.isComplex) return Array.from({ length: type.size }, (_, i) => ({ re: Number(values[2 * i]), im: Number(values[2 * i + 1]) }))
  return type.dtype === 'bool' ? Array.from(values as Float64Array, (value) => value !== 0) : Array.from(values as Float64Array)
}

/** Elements nested by shape. */
export function nest(type: TensorType, data: DataArray): Nested {
  const elements = elementsOf(type, data)
  let position = 0
  const build = (axis: number): Nested =>
    axis === type.rank ? elements[position++]! : Array.from({ length: type.shape[axis]! }, () => build(axis + 1))
  return build(0)
}

/** Elements nested by shape for JSON; what JSON lacks (NaN, infinities, integers of 64 bits) as strings, which `sinter run --inputs` reads. */
export function jsonValues(type: TensorType, data: DataArray): unknown {
  const plain = (value: Nested): unknown => {
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value === 'object') return { re: plain(value.re), im: plain(value.im) }
    return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value
  }
  return plain(nest(type, data))
}

/** One or a few lines: `Tensor float32 [2,3] cpu lazy`, with a preview of the values when they exist. */
export function describe(node: Node, device: string): string {
  const type = node.type
  const state = stateOf(node)
  const head = `Tensor ${type.dtype} [${type.shape.join(',')}] ${device} ${state}`
  if (state === 'lazy') return `${head} (${node.op.name})`
  if (state !== 'realized') return head
  const bound = node.bound
  if (!(bound instanceof Storage)) return `${head} ${String(bound)}`
  return `${head}${type.rank === 0 ? ' ' : '\n'}${preview(type, bound.view())}`
}

const edge = 3
const longest = 8

/** Values in brackets; long axes show both ends. */
function preview(type: TensorType, data: DataArray): string {
  const format = (index: number): string => {
    const { stored } = dtypeInfo[type.dtype]
    const element = elementsOf(typeOf(type.dtype, []), data.subarray(index * stored, (index + 1) * stored) as DataArray)[0]!
    if (typeof element === 'object') return formatComplex(element)
    return typeof element === 'number' ? formatNumber(element) : isBig(type.dtype) ? `${element}n` : String(element)
  }
  return nestedText(type.shape, 0, 0, format)
}

function nestedText(shape: Shape, axis: number, start: number, format: (index: number) => string): string {
  if (axis === shape.length) return format(start)
  const size = shape[axis]!
  const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const all = Array.from({ length: Math.min(size, longest) }, (_, i) => i)
  const shown = size <= longest ? all : [...all.slice(0, edge), ...all.slice(0, edge).map((i) => size - edge + i)]
  const parts = shown.map((i) => nestedText(shape, axis + 1, start + i * stride, format))
  if (size > longest) parts.splice(edge, 0, '...')
  const separator = axis === shape.length - 1 ? ', ' : `,\n${' '.repeat(axis + 1)}`
  return `[${parts.join(separator)}]`
}

function formatComplex({ re, im }: ComplexNumber): string {
  const negative = im < 0 || Object.is(im, -0)
  return `${formatNumber(re)}${negative ? '-' : '+'}${formatNumber(Math.abs(im))}i`
}

function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value)
  return String(Number(value.toPrecision(5)))
}
