// Reading and adding at positions that are data. One rule on every backend: negative indices count from the end; what is still out of range reads
// as 0 and is dropped when added.

import { z } from 'zod'
import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor, type HostValues } from '../host.js'
import { defineFamily, type HasType, type Sample } from '../op.js'
import { aroundAxis } from '../shape.js'
import { typeOf } from '../type.js'
import { checkAxis, checkIndices, checkNumeric, checkSameDType, numericDTypes } from './check.js'
import { alongAxis, checkAround, indexRange, outOfRange, resolve } from './positions.js'
import { axisSchema } from './schema.js'
import { arithmeticOf } from './values.js'

interface AxisAttrs {
  readonly axis: number
}

const attrs = z.strictObject({ axis: axisSchema })

/** `add(at, value)` for adding updates into a copy of base, in double for floats; `finish` rounds once. */
function accumulator(base: HostTensor): { add: (at: number, value: number | bigint) => void; finish: () => HostTensor } {
  const { add, round } = arithmeticOf(base.type.dtype)
  const values: HostValues = base.values.slice()
  return {
    add: (at, value) => {
      values[at] = add(values[at]!, value)
    },
    finish: () => {
      for (let i = 0; i < values.length; i++) values[i] = round(values[i]!)
      return { type: base.type, values }
    },
  }
}

const valueRange = [-2, 2] as const
const readSample = (x: string, indices: string, axis: number): Sample => ({
  inputs: [x, indices],
  attrs: { axis },
  range: [valueRange, indexRange],
})
const addSample = (base: string, indices: string, updates: string, axis: number): Sample => ({
  inputs: [base, indices, updates],
  attrs: { axis },
  range: [valueRange, indexRange, valueRange],
})

export const indexingOps = defineFamily('indexing', {
  take: {
    doc:
      'Slices of x at the given positions of an axis: the shape of indices takes the place of that axis. ' +
      `${outOfRange}out of range reads 0. (C1) axis is a dimension of x. (C2) Indices are int32 or int64, of any shape.`,
    operands: ['x', 'indices'],
    dtypes: realDTypes,
    attrs,
    traits: {},
    infer: (inputs, { axis }: AxisAttrs) => {
      checkAxis('take', inputs, axis)
      const x = inputs[0]!.type
      const indices = inputs[1]!.type
      checkIndices('take', inputs, indices)
      const shape: number[] = []
      for (let d = 0; d < axis; d++) shape.push(x.shape[d]!)
      for (let d = 0; d < indices.rank; d++) shape.push(indices.shape[d]!)
      for (let d = axis + 1; d < x.rank; d++) shape.push(x.shape[d]!)
      return typeOf(x.dtype, shape)
    },
    gradient: ({ b, inputs: [x, indices], grad, attrs }) => {
      const { shape } = x!.type
      const { size } = indices!.type
      const updates = b.reshape(
        grad,
        shape.map((length, d) => (d === attrs.axis ? size : length)),
      )
      return [b.emit('indexAdd', [b.fullLike(x!, 0), b.reshape(indices!, [size]), updates], attrs), undefined]
    },
    evaluate: ([x, indices], { axis }: AxisAttrs, [type]) => {
      const { outer, axis: n, inner } = aroundAxis(x!.type.shape, axis)
      const count = indices!.type.size
      const values = emptyValues(type!.dtype, type!.size)
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < count; k++) {
          const at = resolve(indices!, k, n)
          if (at >= 0) for (let i = 0; i < inner; i++) values[(o * count + k) * inner + i] = x!.values[(o * n + at) * inner + i]!
        }
      }
      return [{ type: type!, values }]
    },
    samples: [
      readSample('$[5]', 'i32[4]', 0),
      readSample('$[3,4]', 'i64[2,3]', 0),
      readSample('$[2,3,4]', 'i32[5]', 1),
      readSample('$[2,3]', 'i32[]', 1),
      readSample('$[2,3]', 'i32[0]', 0),
      readSample('$[0,2]', 'i32[3]', 0),
    ],
  },
  takeAlongAxis: {
    doc:
      'For every element of indices, the element of x at that position of the axis and otherwise at the same place. ' +
      `${outOfRange}out of range reads 0. (C1) axis is a dimension of x. (C2) Indices are int32 or int64. (C3) Shapes agree but along the axis.`,
    operands: ['x', 'indices'],
    dtypes: realDTypes,
    attrs,
    traits: {},
    infer: (inputs, { axis }: AxisAttrs) => {
      checkAxis('takeAlongAxis', inputs, axis)
      checkIndices('takeAlongAxis', inputs, inputs[1]!.type)
      checkAround('takeAlongAxis', inputs, 1, axis)
      return typeOf(inputs[0]!.type.dtype, inputs[1]!.type.shape)
    },
    gradient: ({ b, inputs: [x, indices], grad, attrs }) => [
      b.emit('scatterAddAlongAxis', [b.fullLike(x!, 0), indices!, grad], attrs),
      undefined,
    ],
    evaluate: ([x, indices], { axis }: AxisAttrs, [type]) => {
      const values = emptyValues(type!.dtype, type!.size)
      alongAxis(x!.type, indices!, axis, (i, at) => {
        values[i] = x!.values[at]!
      })
      return [{ type: type!, values }]
    },
    samples: [
      readSample('$[5]', 'i32[4]', 0),
      readSample('$[3,4]', 'i64[3,2]', 1),
      readSample('$[2,3,4]', 'i32[2,5,4]', 1),
      readSample('$[3,2]', 'i32[0,2]', 0),
    ],
  },
  indexAdd: {
    doc:
      'base with slices of updates added at the given positions of an axis; a position may occur more than once. ' +
      `${outOfRange}out of range is dropped. (C1) axis is a dimension of base. (C2) Indices are int32 or int64 and 1-D. ` +
      '(C3) updates has the shape of base, but one slice per index along the axis. (C4) dtypes of base and updates agree.',
    operands: ['base', 'indices', 'updates'],
    dtypes: numericDTypes,
    attrs,
    traits: {},
    infer: (inputs, { axis }: AxisAttrs) => {
      checkAdd('indexAdd', inputs, axis)
      const indices = inputs[1]!.type
      if (indices.rank !== 1) {
        throw new SinterError('shape', `indices have ${indices.rank} dimensions, they need 1 (C2)`, { op: 'indexAdd', operands: inputs })
      }
      checkAround('indexAdd', inputs, 2, axis, indices.size)
      return inputs[0]!.type
    },
    gradient: ({ b, inputs, grad, attrs, needs }) => [grad, undefined, needs[2] ? b.emit('take', [grad, inputs[1]!], attrs) : undefined],
    evaluate: ([base, indices, updates], { axis }: AxisAttrs) => {
      const { outer, axis: n, inner } = aroundAxis(base!.type.shape, axis)
      const count = indices!.type.size
      const { add, finish } = accumulator(base!)
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < count; k++) {
          const at = resolve(indices!, k, n)
          if (at >= 0) for (let i = 0; i < inner; i++) add((o * n + at) * inner + i, updates!.values[(o * count + k) * inner + i]!)
        }
      }
      return [finish()]
    },
    samples: [
      addSample('$[5]', 'i32[7]', '$[7]', 0),
      addSample('$[3,4]', 'i64[2]', '$[2,4]', 0),
      addSample('$[2,3,4]', 'i32[5]', '$[2,5,4]', 1),
      addSample('$[3,2]', 'i32[0]', '$[0,2]', 0),
    ],
    flops: ([base, , updates]) => (base!.type.size === 0 ? 0 : updates!.type.size / base!.type.size),
  },
  scatterAddAlongAxis: {
    doc:
      'base with every element of updates added at its index along the axis and otherwise at the same place; a place may occur more than once. ' +
      `${outOfRange}out of range is dropped. (C1) axis is a dimension of base. (C2) Indices are int32 or int64. ` +
      '(C3) indices has the shape of base but along the axis, updates has the shape of indices. (C4) dtypes of base and updates agree.',
    operands: ['base', 'indices', 'updates'],
    dtypes: numericDTypes,
    attrs,
    traits: {},
    infer: (inputs, { axis }: AxisAttrs) => {
      checkAdd('scatterAddAlongAxis', inputs, axis)
      checkAround('scatterAddAlongAxis', inputs, 1, axis)
      checkAround('scatterAddAlongAxis', inputs, 2, axis, inputs[1]!.type.shape[axis]!)
      return inputs[0]!.type
    },
    gradient: ({ b, inputs, grad, attrs, needs }) => [
      grad,
      undefined,
      needs[2] ? b.emit('takeAlongAxis', [grad, inputs[1]!], attrs) : undefined,
    ],
    evaluate: ([base, indices, updates], { axis }: AxisAttrs) => {
      const { add, finish } = accumulator(base!)
      alongAxis(base!.type, indices!, axis, (i, at) => add(at, updates!.values[i]!))
      return [finish()]
    },
    samples: [
      addSample('$[5]', 'i32[7]', '$[7]', 0),
      addSample('$[3,4]', 'i64[3,2]', '$[3,2]', 1),
      addSample('$[2,3,4]', 'i32[2,5,4]', '$[2,5,4]', 1),
      addSample('$[3,2]', 'i32[0,2]', '$[0,2]', 0),
    ],
    flops: ([base, , updates]) => (base!.type.size === 0 ? 0 : updates!.type.size / base!.type.size),
  },
})

function checkAdd(op: string, inputs: readonly HasType[], axis: number): void {
  checkNumeric(op, inputs)
  checkAxis(op, inputs, axis)
  checkIndices(op, inputs, inputs[1]!.type)
  checkSameDType(op, inputs, 2)
}
