// Random graphs over all ops: operands come from what is there already, made to fit by casts and movements.

import { gradients } from '../../ir/autodiff.js'
import { constantNode, emit, inputNode, resultNode } from '../../ir/build.js'
import { complexDType, type DType, isBig, isBool, isComplex, isFloat, realDTypes } from '../../ir/dtype.js'
import { SinterError } from '../../ir/error.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import type { Attrs, Op, Sample } from '../../ir/op.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { broadcastsTo, type Shape, sameShape, sizeOf } from '../../ir/shape.js'
import { type TensorType, typeOf } from '../../ir/type.js'
import { randomFrom, sampleRange, sampleType } from '../support/values.js'

const records = Object.values<Op>(ops)
/**
 * What random graphs are full of and makes results hang on the last bit: singular matrices and repeated eigenvalues for factorizations, constants for Fourier
 * transforms, whose elements are then zero but for rounding.
 */
const undetermined: readonly string[] = ['fourier', 'solve', 'spectral', 'triangular']
const sampled = records.filter(
  (op) => op.samples.length > 0 && !op.traits.leaf && !undetermined.includes(op.family) && op.family !== 'complex',
)
const elementwise = sampled.filter((op) => op.traits.elementwise && op.samples[0]!.attrs === undefined && op.name !== 'threefry2x32')
const reductions = sampled.filter((op) => op.traits.reduction)
const scans = sampled.filter((op) => op.family === 'scan')
const arg = sampled.filter((op) => op.family === 'arg')

/** Shapes that graphs start from: small ones, and some around the sizes of tiles, rows and blocks. */
const shapes: readonly Shape[] = [
  ...[[], [1], [4], [7], [2, 3], [3, 1], [3, 4, 2], [2, 1, 5], [3, 37], [5, 4, 7], [2, 3, 1, 4], [16, 17], [1, 1], [5, 5]],
  ...[[0, 3], [1025], [2, 600], [33, 35], [3, 513], [40, 30], [1100, 2], [2, 17, 31], [1, 1030], [33, 33], [5, 600], [2, 15, 146]],
]
const largest = 6000

/** Finite values of at most 8. */
function tamed(x: Node): Node {
  const cut = b.minimum(b.maximum(x, b.constant(-8, x)), b.constant(8, x))
  return b.select(b.emit('isFinite', [x]), cut, b.constant(0, x))
}

/** A random graph. The same seed gives the same graph. */
export function randomGraph(seed: number): Graph {
  return new Generator(randomFrom(seed)).graph()
}

class Generator {
  private readonly random: () => number
  private readonly inputs: Node[] = []
  private readonly nodes: Node[] = []
  /** Complex values, which no other op takes. */
  private readonly whole: Node[] = []
  private readonly shapes: Shape[]
  private readonly dtypes: DType[]

  constructor(random: () => number) {
    this.random = random
    const pool = this.chance(0.75) ? shapes.slice(0, 14) : shapes
    this.shapes = [this.pick(pool), this.pick(pool)]
    // Few dtypes per graph, so that values meet.
    this.dtypes = [this.pick(realDTypes), this.pick(['float32', 'float32', 'float32', 'float64', 'float16', 'bfloat16', 'int32'] as const)]
  }

  graph(): Graph {
    // Now and then more than a group can hold.
    const steps = this.chance(0.03) ? 100 + this.below(60) : 2 + this.below(this.chance(0.3) ? 25 : 10)
    this.nodes.push(this.leaf(typeOf(this.pick(this.dtypes), this.pick(this.shapes))))
    for (let i = 0; i < steps; i++) this.step()
    const loss = this.chance(0.3) ? this.gradientOutputs() : []
    const used = new Set(this.nodes.flatMap((node) => node.inputs))
    const outputs = this.nodes.filter((node) => !used.has(node) || this.chance(0.15))
    if (this.chance(0.1)) outputs.push(this.pick(this.nodes))
    return new Graph(this.inputs, [...outputs, ...this.whole.filter(() => this.chance(0.5)), ...loss])
  }

  private below(n: number): number {
    return Math.floor(this.random() * n)
  }

  private chance(p: number): boolean {
    return this.random() < p
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  private add(op: Op, inputs: readonly Node[], attrs?: Attrs): void {
    const node = emit(op, inputs, attrs)
    const made = node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
    this.nodes.push(...made)
  }

  private leaf(type: TensorType): Node {
    const place = this.random()
    if (place < 0.7) {
      const known = this.inputs.filter((node) => node.type.equals(type))
      if (known.length > 0 && this.chance(0.5)) return this.pick(known)
      const node = inputNode(type)
      this.inputs.push(node)
      return node
    }
    if (place < 0.85) return constantNode(this.pick(isFloat(type.dtype) ? [0, 1, -1, 2, 0.5] : [0, 1, -1, 2, 7]), type.dtype, type.shape)
    if (place < 0.93 && !isBool(type.dtype) && type.rank > 0)
      return b.emit('iota', [], { dtype: type.dtype, shape: type.shape, axis: this.below(type.rank) })
    if (type.size > 64) return this.leaf(type)
    const values = Array.from({ length: type.size }, () => {
      const whole = isBool(type.dtype) ? this.below(2) : this.below(5)
      return isBig(type.dtype) ? BigInt(whole) : whole
    })
    return b.emit('constant', [], { dtype: type.dtype, shape: type.shape, values })
  }

  /** A value that is there, more often a late one; sometimes a new leaf. */
  private any(): Node {
    if (this.chance(0.15)) return this.leaf(typeOf(this.pick(this.dtypes), this.pick(this.shapes)))
    const back = Math.floor(this.random() ** 2 * this.nodes.length)
    return this.nodes[this.nodes.length - 1 - back]!
  }

  private cast(x: Node, dtype: DType): Node {
    return b.cast(x, dtype)
  }

  /** The value in one of the dtypes. */
  private among(x: Node, allowed: readonly DType[]): Node {
    if (allowed.includes(x.type.dtype)) return x
    const near = this.dtypes.filter((dtype) => allowed.includes(dtype))
    return this.cast(x, this.pick(near.length > 0 ? near : allowed))
  }

  /** The value cut to a range by elementwise ops, as ops with a domain want it. */
  private within(x: Node, [low, high]: readonly [number, number]): Node {
    const { dtype } = x.type
    if (isBool(dtype) || (low === -2 && high === 2) || this.chance(0.2)) return x
    const least = isFloat(dtype) ? low : Math.ceil(low)
    return b.minimum(
      b.maximum(x, b.constant(dtype.startsWith('u') ? Math.max(0, least) : least, x)),
      b.constant(isFloat(dtype) ? high : Math.floor(high), x),
    )
  }

  /** The value in exactly this shape, by movements. */
  private shaped(x: Node, shape: Shape): Node {
    const { type } = x
    const size = sizeOf(shape)
    if (sameShape(type.shape, shape)) return x
    if (type.size === 0 && size > 0) return this.leaf(typeOf(type.dtype, shape))
    if (type.size === size) return b.reshape(x, shape)
    if (broadcastsTo(type.shape, shape)) return b.broadcast(x, shape)
    const copies = Math.ceil(size / type.size)
    let flat = b.reshape(x, [type.size])
    if (copies > 1) flat = b.reshape(b.broadcast(b.reshape(x, [1, type.size]), [copies, type.size]), [copies * type.size])
    const total = flat.type.size
    const step = size > 1 ? 1 + this.below(Math.floor((total - 1) / (size - 1))) : 1
    const start = this.below(total - (Math.max(size, 1) - 1) * step)
    const sliced = this.chance(0.3)
      ? b.slice(flat, [start + (Math.max(size, 1) - 1) * step], [size], [-step])
      : b.slice(flat, [start], [size], [step])
    return b.reshape(sliced, shape)
  }

  /** A shape that broadcasts to the given one. */
  private broadcastable(shape: Shape): Shape {
    if (this.chance(0.5)) return shape
    const from = this.below(shape.length + 1)
    return shape.slice(from).map((size) => (this.chance(0.3) ? 1 : size))
  }

  /** Another operand of x's dtype (or the given one) for an elementwise op. */
  private partner(x: Node, dtype: DType = x.type.dtype): Node {
    const y = this.any()
    const fitting = this.nodes.filter((node) => node.type.dtype === dtype && broadcastsTo(node.type.shape, x.type.shape))
    if (fitting.length > 0 && this.chance(0.6)) return this.pick(fitting)
    return this.shaped(this.cast(y, dtype), this.broadcastable(x.type.shape))
  }

  private step(): void {
    const x = this.any()
    const steps: readonly [number, (x: Node) => void][] = [
      [8, (x) => this.elementwise(x)],
      [3, (x) => this.movement(x)],
      [3, (x) => this.reduction(x)],
      [
        1,
        (x) =>
          this.cast(x, this.pick(realDTypes)) !== x && this.nodes.push(this.cast(x, this.pick([...this.dtypes, this.pick(realDTypes)]))),
      ],
      [1.2, (x) => this.normalization(x)],
      [1.5, (x) => this.matmul(x)],
      [1.5, (x) => this.alongAxis(x)],
      [1.5, (x) => this.assembly(x)],
      [0.7, (x) => this.stencil(x)],
      [0.7, (x) => this.complex(x)],
      [3, () => this.sample()],
    ]
    let place = this.random() * steps.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, run] of steps) {
      place -= weight
      if (place < 0) {
        run(x)
        return
      }
    }
  }

  private elementwise(x: Node): void {
    const op = this.pick(elementwise)
    if (op.name === 'select') {
      const value = this.partner(x)
      this.add(op, [this.partner(x, 'bool'), ...(this.chance(0.5) ? [x, value] : [value, x])])
      return
    }
    const sample = op.samples[0]!
    const first = this.within(this.among(x, op.dtypes), sampleRange(sample, 0))
    if (op.operands.length === 1) {
      this.add(op, [first])
      return
    }
    const second = this.within(this.partner(first), sampleRange(sample, 1))
    this.add(op, this.chance(0.5) || sample.range !== undefined ? [first, second] : [second, first])
  }

  private axesOf(x: Node): number[] {
    const { rank } = x.type
    const all = [...new Array(rank).keys()]
    if (this.chance(0.5)) return all.slice(rank - 1 - this.below(Math.max(rank, 1)))
    return all.filter(() => this.chance(0.5))
  }

  private reduction(x: Node): void {
    const op = this.pick(reductions)
    const value = this.among(x, op.dtypes)
    const axes = this.axesOf(value).filter((axis) => axis >= 0)
    const empty = axes.some((axis) => value.type.shape[axis] === 0)
    if (axes.length === 0 || (empty && ['max', 'min', 'fmax', 'fmin'].includes(op.traits.reduction!))) return
    this.add(op, [value], { axes, keepDims: this.chance(0.6) })
  }

  /** Complex values of two real ones, or of an input, and their parts. */
  private complex(from: Node): void {
    const x = this.among(from, ops.complex.dtypes)
    const z = this.chance(0.5) ? emit(ops.complex, [x, this.partner(x)]) : inputNode(typeOf(complexDType(x.type.dtype), x.type.shape))
    if (z.op.traits.leaf) this.inputs.push(z)
    else this.whole.push(z)
    if (this.chance(0.8)) this.add(ops.real, [z])
    if (this.chance(0.8)) this.add(ops.imag, [z])
  }

  /** Softmax or a norm over trailing axes. */
  private normalization(from: Node): void {
    const x = this.among(from, ['float32', 'float64', 'float16', 'bfloat16'])
    const { rank, size } = x.type
    if (rank === 0 || size === 0) return
    const axes = [...new Array(rank).keys()].slice(rank - 1 - this.below(rank))
    const over = (op: string, y: Node): Node => b.emit(op, [y], { axes, keepDims: true })
    if (this.chance(0.5)) {
      const e = b.exp(b.sub(x, over('max', x)))
      this.nodes.push(b.div(e, over('sum', e)))
    } else {
      const count = b.constant(sizeOf(axes.map((axis) => x.type.shape[axis]!)), x)
      const centred = b.sub(x, b.div(over('sum', x), count))
      const variance = b.div(over('sum', b.square(centred)), count)
      this.nodes.push(b.mul(b.mul(centred, b.emit('rsqrt', [b.add(variance, b.constant(0.5, x))])), this.partner(x)))
    }
  }

  private movement(x: Node): void {
    const { shape, rank, size } = x.type
    const which = this.below(4)
    if (which === 0) {
      const factor = [2, 3, 4, 5, 7].filter((n) => size % n === 0)
      const by = factor.length > 0 ? this.pick(factor) : 1
      this.nodes.push(
        b.reshape(x, size === 0 ? [0, 2] : this.pick<Shape>([[size], [size / by, by], [by, 1, size / by], [...shape, 1], [1, ...shape]])),
      )
    } else if (which === 1) {
      const permutation = [...new Array(rank).keys()].map((d) => ({ d, key: this.random() }))
      this.nodes.push(
        b.permute(
          x,
          permutation.sort((a, c) => a.key - c.key).map(({ d }) => d),
        ),
      )
    } else if (which === 2) {
      const stretched = shape.map((n) => (n === 1 && this.chance(0.7) ? 1 + this.below(5) : n))
      const to = this.chance(0.4) ? [1 + this.below(3), ...stretched] : stretched
      if (sizeOf(to) <= largest && !sameShape(to, shape) && to.length <= 6) this.nodes.push(b.broadcast(x, to))
    } else if (rank > 0) this.slice(x)
  }

  private slice(x: Node): void {
    const parts = x.type.shape.map((n) => {
      if (n === 0) return { start: 0, size: 0, step: 1 }
      const size = this.chance(0.4) ? n : 1 + this.below(n)
      const step = size > 1 ? 1 + this.below(Math.floor((n - 1) / (size - 1))) : 1 + this.below(3)
      const span = (size - 1) * step
      const start = this.below(n - span)
      return this.chance(0.3) ? { start: start + span, size, step: -step } : { start, size, step }
    })
    this.nodes.push(
      b.slice(
        x,
        parts.map(({ start }) => start),
        parts.map(({ size }) => size),
        parts.map(({ step }) => step),
      ),
    )
  }

  private matmul(from: Node): void {
    const x = this.among(from, ops.matmul.dtypes)
    const { shape, rank } = x.type
    const [m, k] = rank >= 2 ? (shape.slice(-2) as [number, number]) : [1 + this.below(4), 1 + this.below(9)]
    const n = this.pick([1, 2, 5, 17])
    const a = rank >= 2 ? x : this.shaped(x, [m, k])
    if (m * k * n * Math.max(1, a.type.size / Math.max(1, m * k)) > 100_000 || sizeOf([...shape.slice(0, -2), m, n]) > largest) return
    const y = this.cast(this.any(), a.type.dtype)
    const second = this.chance(0.5) ? this.shaped(y, [k, n]) : b.transpose(this.shaped(y, [n, k]))
    const product = this.chance(0.2) && m <= 40 ? b.matmul(a, b.transpose(a)) : b.matmul(a, second)
    this.nodes.push(product)
    if (this.chance(0.6)) this.elementwise(product)
  }

  private alongAxis(x: Node): void {
    const { rank, shape } = x.type
    if (rank === 0) return
    const axis = this.below(rank)
    const which = this.below(4)
    if (which === 0) {
      const op = this.pick(scans)
      this.add(op, [this.among(x, op.dtypes)], { axis, exclusive: this.chance(0.3), reverse: this.chance(0.3) })
    } else if (which === 1) {
      const op = this.pick(arg)
      if (shape[axis]! > 0) this.add(op, [this.among(x, op.dtypes)], { axis, keepDims: this.chance(0.5) })
    } else if (which === 2) {
      if (shape[rank - 1]! > 0) this.add(ops.argsort, [this.among(x, ops.argsort.dtypes)], { descending: this.chance(0.5) })
    } else {
      const indices = this.cast(this.shaped(this.any(), [1 + this.below(4)]), this.chance(0.5) ? 'int32' : 'int64')
      if ((x.type.size / Math.max(1, shape[axis]!)) * 4 <= largest) this.add(ops.take, [x, indices], { axis })
    }
  }

  private assembly(x: Node): void {
    const { rank, shape, dtype } = x.type
    if (rank === 0 || x.type.size * 3 > largest) return
    if (this.chance(0.5)) {
      const axis = this.below(rank)
      const others = Array.from({ length: 1 + this.below(2) }, () => {
        const wanted = shape.map((n, d) => (d === axis ? 1 + this.below(4) : n))
        return this.shaped(this.cast(this.any(), dtype), wanted)
      })
      this.nodes.push(b.concat(this.chance(0.5) ? [x, ...others] : [...others, x], axis))
    } else {
      const amounts = (): number[] => shape.map(() => this.below(3))
      const value = isBool(dtype) ? 1 : 3
      this.add(ops.pad, [x], { low: amounts(), high: amounts(), value: isBig(dtype) ? BigInt(value) : value })
    }
  }

  /** Shifted slices of one value times a weight each, combined. */
  private stencil(from: Node): void {
    const x = this.among(from, ops.minimum.dtypes)
    const { shape, rank } = x.type
    if (rank === 0 || x.type.size === 0) return
    const window = shape.map((n) => 1 + this.below(Math.min(n, 3)))
    const strides = shape.map(() => (this.chance(0.8) ? 1 : 2))
    const sizes = shape.map((n, d) => Math.floor((n - window[d]!) / strides[d]!) + 1)
    const places = window.reduce<number[][]>((known, n) => known.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])), [[]])
    const weights = this.shaped(this.cast(this.any(), x.type.dtype), [Math.min(places.length, 12)])
    const products = places.slice(0, 12).map((at, i) => b.mul(b.slice(x, at, sizes, strides), b.reshape(b.slice(weights, [i], [1]), [])))
    this.nodes.push(products.reduce(this.pick([b.add, b.mul, b.minimum, b.maximum])))
  }

  /** A record's own sample, its operands made of what is there. */
  private sample(): void {
    const op = this.pick(sampled)
    const sample: Sample = this.pick(op.samples)
    const real = op.dtypes.filter((one) => !isComplex(one))
    const dtype = this.pick(real.filter((one) => this.dtypes.includes(one)).concat(this.pick(real)))
    const operands = sample.inputs.map((text, i) => {
      const type = sampleType(text, dtype)
      const leaf = this.chance(0.2)
      const x = leaf ? this.leaf(type) : this.within(this.shaped(this.cast(this.any(), type.dtype), type.shape), sampleRange(sample, i))
      return sample.tame && isFloat(type.dtype) ? tamed(x) : x
    })
    this.add(op, operands, sample.attrs)
  }

  /** Gradients of the sum of a float value with respect to float inputs. */
  private gradientOutputs(): Node[] {
    const wrt = this.inputs.filter(({ type }) => isFloat(type.dtype))
    const candidates = this.nodes.filter(({ type }) => (type.dtype === 'float32' || type.dtype === 'float64') && type.size > 0)
    // The gradient of a customGradient is a function of the user's; there is none here.
    const custom = this.nodes.some((node) => node.op.name === 'customGradient')
    if (custom || wrt.length === 0 || candidates.length === 0) return []
    const y = this.pick(candidates)
    const loss = b.sum(y, [...new Array(y.type.rank).keys()])
    return gradientsWhereDefined(loss, wrt).flatMap((gradient) => gradient ?? [])
  }
}

/** No gradients where an op refuses to be differentiated, as factors of matrices that are not square do. */
function gradientsWhereDefined(loss: Node, wrt: readonly Node[]): readonly (Node | undefined)[] {
  try {
    return gradients([loss], [b.constant(1, loss)], wrt, b)
  } catch (error) {
    if (error instanceof SinterError && error.code === 'gradient') return []
    throw error
  }
}
