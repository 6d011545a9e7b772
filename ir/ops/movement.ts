// Ops that only move elements: every result element is an operand element at another place.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { realDTypes } from '../dtype.js'
import { SinterError } from '../error.js'
import type { Node } from '../node.js'
import { defineFamily, type HasType } from '../op.js'
import { broadcastsTo, contiguousStrides, inversePermutation, type Shape, sizeOf } from '../shape.js'
import { typeOf } from '../type.js'
import { integersSchema, shapeSchema } from './schema.js'
import { gatherStrided } from './values.js'

export interface SliceAttrs {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly steps: readonly number[]
}

export const movementOps = defineFamily('movement', {
  reshape: {
    doc: 'The same elements in row-major order under another shape. (C1) The shape has as many elements as x.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs: z.strictObject({ shape: shapeSchema }),
    traits: { movement: true },
    infer: (inputs, { shape }: { shape: Shape }) => {
      const from = inputs[0]!.type
      if (sizeOf(shape) !== from.size) {
        throw new SinterError('shape', `[${shape.join(', ')}] has ${sizeOf(shape)} elements, the operand has ${from.size} (C1)`, {
          op: 'reshape',
          operands: inputs,
        })
      }
      return typeOf(from.dtype, shape)
    },
    gradient: ({ b, inputs, grad }) => [b.reshape(grad, inputs[0]!.type.shape)],
    evaluate: ([x], _, [type]) => [{ type: type!, values: x!.values }],
    samples: [
      { inputs: ['$[2,6]'], attrs: { shape: [3, 4] } },
      { inputs: ['$[2,3,2]'], attrs: { shape: [12] } },
      { inputs: ['$[]'], attrs: { shape: [1, 1] } },
      { inputs: ['$[1]'], attrs: { shape: [] } },
      { inputs: ['$[0,3]'], attrs: { shape: [2, 0] } },
    ],
  },
  permute: {
    doc: 'Dimensions in another order: result dimension i is dimension permutation[i] of x. (C1) permutation holds every dimension once.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs: z.strictObject({ permutation: integersSchema }),
    traits: { movement: true },
    infer: (inputs, { permutation }: { permutation: readonly number[] }) => {
      const from = inputs[0]!.type
      const shape = new Array<number>(permutation.length)
      let seen = 0
      for (let i = 0; i < permutation.length; i++) {
        const size = from.shape[permutation[i]!]
        if (size !== undefined) seen |= 1 << permutation[i]!
        shape[i] = size ?? 0
      }
      if (permutation.length !== from.rank || seen !== 2 ** from.rank - 1) {
        throw new SinterError('attribute', `[${permutation.join(', ')}] is not an order of the ${from.rank} dimensions (C1)`, {
          op: 'permute',
          operands: inputs,
        })
      }
      return typeOf(from.dtype, shape)
    },
    gradient: ({ b, grad, attrs }) => [b.permute(grad, inversePermutation(attrs.permutation))],
    evaluate: ([x], { permutation }: { permutation: readonly number[] }, [type]) => {
      const strides = contiguousStrides(x!.type.shape)
      return [
        gatherStrided(
          x!,
          type!,
          permutation.map((d) => strides[d]!),
        ),
      ]
    },
    samples: [
      { inputs: ['$[2,3]'], attrs: { permutation: [1, 0] } },
      { inputs: ['$[2,3,4]'], attrs: { permutation: [2, 0, 1] } },
      { inputs: ['$[2,1,3,2]'], attrs: { permutation: [0, 3, 1, 2] } },
      { inputs: ['$[4]'], attrs: { permutation: [0] } },
      { inputs: ['$[0,2]'], attrs: { permutation: [1, 0] } },
      { inputs: ['$[]'], attrs: { permutation: [] } },
    ],
  },
  broadcast: {
    doc: 'x repeated to a larger shape by NumPy rules. (C1) Aligned at the last dimension, each size of x is 1 or that of shape.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs: z.strictObject({ shape: shapeSchema }),
    traits: { movement: true },
    infer: (inputs, { shape }: { shape: Shape }) => {
      if (!broadcastsTo(inputs[0]!.type.shape, shape)) {
        throw new SinterError('shape', `${inputs[0]!.type} does not broadcast to [${shape.join(', ')}] (C1)`, {
          op: 'broadcast',
          operands: inputs,
          hint: 'sizes are aligned at the last dimension; each must be 1 or equal',
        })
      }
      return typeOf(inputs[0]!.type.dtype, shape)
    },
    gradient: ({ b, inputs, grad }) => [b.sumTo(grad, inputs[0]!.type.shape)],
    evaluate: ([x], _, [type]) => {
      const lead = type!.rank - x!.type.rank
      const own = contiguousStrides(x!.type.shape)
      const strides = type!.shape.map((_, d) => (d < lead || x!.type.shape[d - lead] === 1 ? 0 : own[d - lead]!))
      return [gatherStrided(x!, type!, strides)]
    },
    samples: [
      { inputs: ['$[3]'], attrs: { shape: [2, 3] } },
      { inputs: ['$[2,1,3]'], attrs: { shape: [2, 4, 3] } },
      { inputs: ['$[]'], attrs: { shape: [2, 2] } },
      { inputs: ['$[1,1]'], attrs: { shape: [3, 1] } },
      { inputs: ['$[1,3]'], attrs: { shape: [0, 3] } },
      { inputs: ['$[2,3]'], attrs: { shape: [2, 3] } },
    ],
  },
  slice: {
    doc:
      'A strided box of x: along each dimension, result element i is x at starts + i * steps. ' +
      '(C1) starts, sizes and steps have one integer per dimension. (C2) Steps are not 0, sizes not negative. (C3) Every index that is read lies in range.',
    operands: ['x'],
    dtypes: realDTypes,
    attrs: z.strictObject({ starts: integersSchema, sizes: shapeSchema, steps: integersSchema }),
    traits: { movement: true },
    infer: (inputs, attrs: SliceAttrs) => {
      checkSlice('slice', inputs, attrs)
      return typeOf(inputs[0]!.type.dtype, attrs.sizes)
    },
    gradient: ({ b, inputs, grad, attrs }) => [unslice(b, grad, inputs[0]!, attrs)],
    evaluate: ([x], { starts, steps }: SliceAttrs, [type]) => {
      const own = contiguousStrides(x!.type.shape)
      const strides = own.map((stride, d) => stride * steps[d]!)
      const offset = own.reduce((sum, stride, d) => sum + stride * starts[d]!, 0)
      return [gatherStrided(x!, type!, strides, offset)]
    },
    samples: [
      { inputs: ['$[6]'], attrs: { starts: [1], sizes: [4], steps: [1] } },
      { inputs: ['$[7]'], attrs: { starts: [6], sizes: [7], steps: [-1] } },
      { inputs: ['$[7]'], attrs: { starts: [5], sizes: [3], steps: [-2] } },
      { inputs: ['$[8,3]'], attrs: { starts: [1, 0], sizes: [3, 2], steps: [3, 2] } },
      { inputs: ['$[4,5,6]'], attrs: { starts: [3, 0, 1], sizes: [2, 3, 2], steps: [-2, 2, 4] } },
      { inputs: ['$[3,4]'], attrs: { starts: [3, 1], sizes: [0, 2], steps: [1, 1] } },
      { inputs: ['$[2,3]'], attrs: { starts: [1, 2], sizes: [1, 1], steps: [5, -7] } },
      { inputs: ['$[]'], attrs: { starts: [], sizes: [], steps: [] } },
    ],
  },
})

/** Refuses a box that does not lie in operand 0. */
export function checkSlice(op: string, inputs: readonly HasType[], { starts, sizes, steps }: SliceAttrs): void {
  const { shape, rank } = inputs[0]!.type
  if (starts.length !== rank || sizes.length !== rank || steps.length !== rank) {
    throw new SinterError('attribute', `starts, sizes and steps need ${rank} numbers each, one per dimension (C1)`, {
      op,
      operands: inputs,
    })
  }
  for (let d = 0; d < rank; d++) {
    const start = starts[d]!
    const size = sizes[d]!
    const step = steps[d]!
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(size) && Number.isSafeInteger(step) && size >= 0 && step !== 0)) {
      throw new SinterError(
        'attribute',
        `dimension ${d}: start ${start}, size ${size}, step ${step}; they are integers, size >= 0, step not 0 (C2)`,
        {
          op,
          operands: inputs,
        },
      )
    }
    const last = start + (size - 1) * step
    if (size > 0 && !(start >= 0 && start < shape[d]! && last >= 0 && last < shape[d]!)) {
      throw new SinterError('shape', `dimension ${d} has ${shape[d]} elements, the slice reads ${start} to ${last} (C3)`, {
        op,
        operands: inputs,
      })
    }
  }
}

/** The transpose of slice: x's shape with `grad` in the box and zeros around and between. */
function unslice(b: Builder, grad: Node, x: Node, { starts, sizes, steps }: SliceAttrs): Node {
  if (grad.type.size === 0) return b.fullLike(x, 0)
  let box = grad
  if (steps.some((step) => step < 0)) {
    box = b.slice(
      box,
      sizes.map((size, d) => (steps[d]! < 0 ? size - 1 : 0)),
      sizes,
      steps.map(Math.sign),
    )
  }
  for (let d = 0; d < sizes.length; d++) box = spaceOut(b, box, d, Math.abs(steps[d]!))
  const low = starts.map((start, d) => Math.min(start, start + (sizes[d]! - 1) * steps[d]!))
  const high = x.type.shape.map((size, d) => size - low[d]! - box.type.shape[d]!)
  return low.some((amount) => amount > 0) || high.some((amount) => amount > 0) ? b.emit('pad', [box], { low, high, value: 0 }) : box
}

/** Puts step - 1 zeros between neighbours along an axis, by padding a dimension of its own. Rank 4 at most, whatever the rank of x. */
function spaceOut(b: Builder, x: Node, axis: number, step: number): Node {
  const { shape } = x.type
  const n = shape[axis]!
  if (step === 1 || n <= 1) return x
  const outer = sizeOf(shape.slice(0, axis))
  const inner = sizeOf(shape.slice(axis + 1))
  const cells = b.emit('pad', [b.reshape(x, [outer, n, 1, inner])], { low: [0, 0, 0, 0], high: [0, 0, step - 1, 0], value: 0 })
  const length = (n - 1) * step + 1
  const line = b.slice(b.reshape(cells, [outer, n * step, inner]), [0, 0, 0], [outer, length, inner])
  return b.reshape(
    line,
    shape.map((size, d) => (d === axis ? length : size)),
  )
}
