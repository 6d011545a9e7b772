// Writing at positions that are data, in other ways than by adding (indexing.ts). Updates count in the order of their indices, on every backend.

import { z } from 'zod'
import type { Builder } from '../build.js'
import { isFloat } from '../dtype.js'
import { SinterError } from '../error.js'
import type { HostTensor } from '../host.js'
import type { Node } from '../node.js'
import { defineFamily, type Gradient, type HasType, type OpSpec, type Sample } from '../op.js'
import { aroundAxis } from '../shape.js'
import { checkAxis, checkIndices, checkNumeric, checkSameDType, numericDTypes } from './check.js'
import { wrapInteger } from './kit.js'
import { alongAxis, checkAround, indexRange, outOfRange, resolve } from './positions.js'
import { axisSchema } from './schema.js'
import { arithmeticOf, type Combine, maxValue, minValue } from './values.js'

export const scatterModes = ['mul', 'div', 'min', 'max', 'set'] as const
export type ScatterMode = (typeof scatterModes)[number]

interface ScatterAttrs {
  readonly axis: number
  readonly mode: ScatterMode
}

/** The ops of one form: how indices name places. */
interface Form {
  readonly scatter: string
  readonly add: string
  readonly read: string
}

function combineOf(mode: ScatterMode, { type }: HostTensor): Combine {
  const { dtype } = type
  if (mode === 'min') return minValue
  if (mode === 'max') return maxValue
  if (mode === 'set') return (_, update) => update
  if (mode === 'mul') return arithmeticOf(dtype).mul
  if (isFloat(dtype)) return (a, b) => (a as number) / (b as number)
  return (a, b) => wrapInteger(dtype, Number(b) === 0 ? 0n : BigInt(a) / BigInt(b))
}

/** Cotangents in terms of the form's own ops. */
function gradientOf({ scatter, add, read }: Form): Gradient {
  return ({ b, node, inputs, attrs, grad, needs }) => {
    const [base, indices, updates] = inputs as [Node, Node, Node]
    const { axis, mode } = attrs as ScatterAttrs
    const at = (x: Node): Node => b.emit(read, [x, indices], { axis })
    const into = (x: Node, from: Node, by: ScatterMode): Node => b.emit(scatter, [x, indices, from], { axis, mode: by })
    const products = (): Node => into(b.fullLike(base, 1), updates, 'mul')
    const form = { b, at, into, count: (x: Node, from: Node): Node => b.emit(add, [x, indices, from], { axis }) }
    switch (mode) {
      case 'mul':
        return [
          needs[0] ? b.mul(grad, products()) : undefined,
          undefined,
          needs[2] ? b.mul(at(grad), productsOfOthers(form, base, updates)) : undefined,
        ]
      case 'div':
        return [
          needs[0] ? b.div(grad, products()) : undefined,
          undefined,
          needs[2] ? gradientOfDivisors(form, b.mul(grad, node), updates) : undefined,
        ]
      case 'set':
        return [
          needs[0] ? into(grad, b.fullLike(updates, 0), 'set') : undefined,
          undefined,
          needs[2] ? gradientOfSet(form, grad, updates, axis) : undefined,
        ]
      default: {
        // Equal extremes share evenly.
        const one = (same: Node): Node => b.cast(same, grad.type.dtype)
        const own = one(b.equal(base, node))
        const theirs = one(b.equal(updates, at(node)))
        const share = b.div(grad, b.maximum(form.count(own, theirs), b.constant(1, grad)))
        return [needs[0] ? b.mul(own, share) : undefined, undefined, needs[2] ? b.mul(theirs, at(share)) : undefined]
      }
    }
  }
}

interface Places {
  readonly b: Builder
  /** The elements that indices name. */
  at(x: Node): Node
  into(x: Node, updates: Node, mode: ScatterMode): Node
  count(x: Node, updates: Node): Node
}

/** For every update the product of what else is multiplied at its place. Where there are zeros, nothing is divided by them. */
function productsOfOthers({ b, at, into, count }: Places, base: Node, updates: Node): Node {
  const [zero, one] = [b.constant(0, updates), b.constant(1, updates)]
  const isZero = (x: Node): Node => b.equal(x, zero)
  const withoutZeros = (x: Node): Node => b.select(isZero(x), one, x)
  const zeros = at(count(b.cast(isZero(base), base.type.dtype), b.cast(isZero(updates), base.type.dtype)))
  const product = at(into(withoutZeros(base), withoutZeros(updates), 'mul'))
  const ofZero = b.select(b.equal(zeros, one), product, zero)
  const ofOther = b.select(b.equal(zeros, zero), b.div(product, withoutZeros(updates)), zero)
  return b.select(isZero(updates), ofZero, ofOther)
}

/** -weighted / update; 0 for updates that are dropped. */
function gradientOfDivisors({ b, at }: Places, weighted: Node, updates: Node): Node {
  const zero = b.constant(0, updates)
  const dropped = b.equal(at(b.fullLike(weighted, 1)), zero)
  return b.select(dropped, zero, b.neg(b.div(at(weighted), updates)))
}

/** The cotangent where an update is the last one of its place, else 0. */
function gradientOfSet({ b, at, into }: Places, grad: Node, updates: Node, axis: number): Node {
  const order = b.emit('iota', [], { dtype: 'int32', shape: updates.type.shape, axis })
  const none = b.broadcast(b.constant(-1, 'int32'), grad.type.shape)
  return b.select(b.equal(at(into(none, order, 'max')), order), at(grad), b.constant(0, grad))
}

function checkScatter(op: string, inputs: readonly HasType[], axis: number): void {
  checkNumeric(op, inputs)
  checkAxis(op, inputs, axis)
  checkIndices(op, inputs, inputs[1]!.type)
  checkSameDType(op, inputs, 2)
}

const modesDoc =
  "in mode 'mul', 'div', 'min', 'max' or 'set' (the last of several wins); NaN wins over other extremes, integer quotients are cut and x / 0 is 0. " +
  `${outOfRange}out of range is dropped. (C1) axis is a dimension of base. `

function samplesOf(shapes: readonly (readonly [string, string, string, number])[]): readonly Sample[] {
  return scatterModes.flatMap((mode) =>
    shapes.map(([base, indices, updates, axis]): Sample => {
      const values = mode === 'div' ? ([0.5, 3] as const) : ([-2, 2] as const)
      return { inputs: [base, indices, updates], attrs: { axis, mode }, range: [values, indexRange, values], distinct: true }
    }),
  )
}

function scatterOp(spec: Pick<OpSpec, 'doc' | 'infer' | 'samples'>, form: Form, visit: Visit): OpSpec {
  return {
    ...spec,
    operands: ['base', 'indices', 'updates'],
    dtypes: numericDTypes,
    attrs: z.strictObject({ axis: axisSchema, mode: z.enum(scatterModes) }),
    traits: {},
    gradient: gradientOf(form),
    evaluate: ([base, indices, updates], { axis, mode }: ScatterAttrs, [type]) => {
      const combine = combineOf(mode, base!)
      const { round } = arithmeticOf(type!.dtype)
      const values = base!.values.slice()
      visit(base!, indices!, axis, (i, at) => {
        values[at] = combine(values[at]!, updates!.values[i]!)
      })
      for (let i = 0; i < values.length; i++) values[i] = round(values[i]!)
      return [{ type: type!, values }]
    },
    flops: ([base, , updates]) => (base!.type.size === 0 ? 0 : updates!.type.size / base!.type.size),
  }
}

/** Calls back with the number of every update that is not dropped, in order, and its place in base. */
type Visit = (base: HostTensor, indices: HostTensor, axis: number, write: (update: number, at: number) => void) => void

const visitSlices: Visit = (base, indices, axis, write) => {
  const { outer, axis: n, inner } = aroundAxis(base.type.shape, axis)
  const count = indices.type.size
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      const at = resolve(indices, k, n)
      if (at >= 0) for (let i = 0; i < inner; i++) write((o * count + k) * inner + i, (o * n + at) * inner + i)
    }
  }
}

export const scatterOps = defineFamily('scatter', {
  scatterSlices: scatterOp(
    {
      doc:
        `base with slices of updates combined into it at the given positions of an axis, ${modesDoc}(C2) Indices are int32 or int64 and 1-D. ` +
        '(C3) updates has the shape of base, but one slice per index along the axis. (C4) dtypes of base and updates agree. MPSGraph: scatterWithDataTensor.',
      infer: (inputs, { axis }: ScatterAttrs) => {
        checkScatter('scatterSlices', inputs, axis)
        const indices = inputs[1]!.type
        if (indices.rank !== 1) {
          throw new SinterError('shape', `indices have ${indices.rank} dimensions, they need 1 (C2)`, {
            op: 'scatterSlices',
            operands: inputs,
          })
        }
        checkAround('scatterSlices', inputs, 2, axis, indices.size)
        return inputs[0]!.type
      },
      samples: samplesOf([
        ['$[5]', 'i32[7]', '$[7]', 0],
        ['$[3,4]', 'i64[2]', '$[2,4]', 0],
        ['$[2,3,4]', 'i32[5]', '$[2,5,4]', 1],
        ['$[3,2]', 'i32[0]', '$[0,2]', 0],
      ]),
    },
    { scatter: 'scatterSlices', add: 'indexAdd', read: 'take' },
    visitSlices,
  ),
  scatterAlongAxis: scatterOp(
    {
      doc:
        'base with every element of updates combined into the element at its index along the axis and otherwise at the same place, ' +
        `${modesDoc}(C2) Indices are int32 or int64. (C3) indices has the shape of base but along the axis, updates has the shape of indices. ` +
        '(C4) dtypes of base and updates agree. MPSGraph: scatterAlongAxis.',
      infer: (inputs, { axis }: ScatterAttrs) => {
        checkScatter('scatterAlongAxis', inputs, axis)
        checkAround('scatterAlongAxis', inputs, 1, axis)
        checkAround('scatterAlongAxis', inputs, 2, axis, inputs[1]!.type.shape[axis]!)
        return inputs[0]!.type
      },
      samples: samplesOf([
        ['$[5]', 'i32[7]', '$[7]', 0],
        ['$[3,4]', 'i64[3,2]', '$[3,2]', 1],
        ['$[2,3,4]', 'i32[2,5,4]', '$[2,5,4]', 1],
        ['$[3,2]', 'i32[0,2]', '$[0,2]', 0],
      ]),
    },
    { scatter: 'scatterAlongAxis', add: 'scatterAddAlongAxis', read: 'takeAlongAxis' },
    (base, indices, axis, write) => alongAxis(base.type, indices, axis, write),
  ),
})
