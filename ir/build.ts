// Making nodes: `emit` for any op, and the Builder that gradients and rewrite rules write with.

import { type DType, isBig, partDType } from './dtype.js'
import { SinterError } from './error.js'
import { roundTo } from './host.js'
import { Node } from './node.js'
import { type Attrs, noAttrs, type Op } from './op.js'
import { leafOps } from './ops/leaf.js'
import { structureOps } from './ops/structure.js'
import { type Shape, sameShape } from './shape.js'
import { type TensorType, typeOf } from './type.js'

/** Records one node: infers its type, which throws where the operands do not fit, `dtype` where one is complex that must not be. Attributes are not schema-checked here. */
export function emit(op: Op, inputs: readonly Node[], attrs: Attrs = noAttrs): Node {
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.type.isComplex && op.traits.complex !== true) refuseComplex(op, inputs)
  const type = op.infer(inputs, attrs)
  if (Array.isArray(type)) return new Node(op, inputs, attrs, type[0], type)
  return new Node(op, inputs, attrs, type as TensorType)
}

function refuseComplex(op: Op, inputs: readonly Node[]): never {
  const { dtype } = inputs.find(({ type }) => type.isComplex)!.type
  throw new SinterError('dtype', `works on real tensors, not on ${dtype}`, {
    op: op.name,
    operands: inputs,
    hint: 'take the parts first: real(z), imag(z) or abs(z)',
  })
}

/** An `input` node of the given type. */
export function inputNode(type: TensorType): Node {
  return new Node(leafOps.input, [], noAttrs, type)
}

/** Result `index` of a node with several results. */
export function resultNode(node: Node, index: number): Node {
  return emit(structureOps.result, [node], { index })
}

/** A constant with one value for all elements, rounded to the dtype (integers wrap). */
export function constantNode(value: number | bigint, dtype: DType, shape: Shape = []): Node {
  const typed = isBig(dtype) ? BigInt(value) : roundTo(dtype, Number(value))
  return new Node(leafOps.constant, [], { dtype, shape, values: [typed] }, typeOf(dtype, shape))
}

type Unary = (x: Node) => Node
type Binary = (x: Node, y: Node) => Node

/** Builds nodes by op name. Operands of elementwise ops broadcast; dtypes must agree. */
export interface Builder {
  /** A builder whose nodes are only made: for graphs beside the one that is recorded. */
  readonly plain: Builder
  /** Any op by its name. */
  emit(name: string, inputs: readonly Node[], attrs?: Attrs): Node
  /** One result of a node with several; the node itself where it has but one. */
  result(node: Node, index: number): Node
  /** A rank-0 constant of the dtype, or of the given node's dtype. */
  constant(value: number | bigint, like: DType | Node): Node
  /** A constant of the node's type (or of `dtype`) with one value everywhere. */
  fullLike(node: Node, value: number | bigint): Node
  readonly add: Binary
  readonly sub: Binary
  readonly mul: Binary
  readonly div: Binary
  readonly pow: Binary
  readonly maximum: Binary
  readonly minimum: Binary
  readonly equal: Binary
  readonly less: Binary
  readonly lessEqual: Binary
  readonly greater: Binary
  readonly greaterEqual: Binary
  readonly logicalAnd: Binary
  readonly logicalOr: Binary
  readonly matmul: Binary
  readonly neg: Unary
  readonly exp: Unary
  readonly log: Unary
  readonly sqrt: Unary
  readonly square: Unary
  readonly reciprocal: Unary
  readonly sin: Unary
  readonly cos: Unary
  readonly sign: Unary
  readonly abs: Unary
  readonly isNan: Unary
  readonly logicalNot: Unary
  select(condition: Node, a: Node, b: Node): Node
  cast(x: Node, dtype: DType): Node
  reshape(x: Node, shape: Shape): Node
  permute(x: Node, permutation: readonly number[]): Node
  /** Swaps the last two dimensions. */
  transpose(x: Node): Node
  broadcast(x: Node, shape: Shape): Node
  sum(x: Node, axes: readonly number[], keepDims?: boolean): Node
  slice(x: Node, starts: readonly number[], sizes: readonly number[], steps?: readonly number[]): Node
  concat(xs: readonly Node[], axis: number): Node
  /** Sums broadcast dimensions away so that the result has exactly this shape. */
  sumTo(x: Node, shape: Shape): Node
}

/** A Builder over a table of ops. `make` lets the optimizer attach origins to the nodes its rules build. */
export function builderOver(ops: Readonly<Record<string, Op>>, make: typeof emit = emit): Builder {
  const any = (name: string, inputs: readonly Node[], attrs?: Attrs): Node => {
    const op = ops[name]
    if (op === undefined) throw new SinterError('internal', `no op is called '${name}'`)
    return make(op, inputs, attrs)
  }
  const unary =
    (name: string): Unary =>
    (x) =>
      any(name, [x])
  const binary =
    (name: string): Binary =>
    (x, y) =>
      any(name, [x, y])
  const reshape = (x: Node, shape: Shape): Node => (sameShape(x.type.shape, shape) ? x : any('reshape', [x], { shape }))
  const sum = (x: Node, axes: readonly number[], keepDims = false): Node => (axes.length === 0 ? x : any('sum', [x], { axes, keepDims }))
  return {
    get plain() {
      return builderOver(ops)
    },
    emit: any,
    result: (node, index) => (node.results === undefined ? node : any('result', [node], { index })),
    constant: (value, like) => constantNode(value, typeof like === 'string' ? like : like.type.dtype),
    fullLike: ({ type: { dtype, shape } }, value) => {
      const part = partDType(dtype)
      const own = constantNode(value, part, shape)
      return part === dtype ? own : any('complex', [own, constantNode(0, part, shape)])
    },
    add: binary('add'),
    sub: binary('sub'),
    mul: binary('mul'),
    div: binary('div'),
    pow: binary('pow'),
    maximum: binary('maximum'),
    minimum: binary('minimum'),
    equal: binary('equal'),
    less: binary('less'),
    lessEqual: binary('lessEqual'),
    greater: binary('greater'),
    greaterEqual: binary('greaterEqual'),
    logicalAnd: binary('logicalAnd'),
    logicalOr: binary('logicalOr'),
    matmul: binary('matmul'),
    neg: unary('neg'),
    exp: unary('exp'),
    log: unary('log'),
    sqrt: unary('sqrt'),
    square: unary('square'),
    reciprocal: unary('reciprocal'),
    sin: unary('sin'),
    cos: unary('cos'),
    sign: unary('sign'),
    abs: unary('abs'),
    isNan: unary('isNan'),
    logicalNot: unary('logicalNot'),
    select: (condition, a, b) => any('select', [condition, a, b]),
    cast: (x, dtype) => (x.type.dtype === dtype ? x : any('cast', [x], { dtype })),
    reshape,
    permute: (x, permutation) => any('permute', [x], { permutation }),
    transpose: (x) => {
      const axes = x.type.shape.map((_, i) => i)
      const last = axes.length - 1
      ;[axes[last - 1], axes[last]] = [last, last - 1]
      return any('permute', [x], { permutation: axes })
    },
    broadcast: (x, shape) => (sameShape(x.type.shape, shape) ? x : any('broadcast', [x], { shape })),
    sum,
    slice: (x, starts, sizes, steps = starts.map(() => 1)) => any('slice', [x], { starts, sizes, steps }),
    concat: (xs, axis) => any('concat', xs, { axis }),
    sumTo: (x, shape) => {
      const from = x.type.shape
      if (sameShape(from, shape)) return x
      const lead = from.length - shape.length
      const axes = from.flatMap((size, i) => (i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []))
      return reshape(sum(x, axes), shape)
    },
  }
}
