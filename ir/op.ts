// What an op record holds. One record per op: everything the rest of the system knows about the op, except its lowerings.

import type { ZodType } from 'zod'
import type { Builder } from './build.js'
import type { DType } from './dtype.js'
import type { Graph } from './graph.js'
import type { HostTensor } from './host.js'
import type { Node } from './node.js'
import { sameShape } from './shape.js'
import type { TensorType } from './type.js'

export type AttrValue = number | bigint | boolean | string | readonly (number | bigint)[] | Graph
/** Attributes in schema order; frozen, without undefined members, arrays never mutated. */
export type Attrs = Readonly<Record<string, AttrValue>>

/** Operands as inference sees them; nodes qualify, so that recording allocates nothing for the call. */
export interface HasType {
  readonly type: TensorType
}

export type ReductionKind = 'sum' | 'prod' | 'max' | 'min' | 'fmax' | 'fmin' | 'and' | 'or' | 'xor'

/** Structural facts that shared code asks for instead of asking for names. */
export interface Traits {
  /** Each result element depends on the operands' elements at the same (NumPy-broadcast) place. */
  readonly elementwise?: true
  /** op(a, b) equals op(b, a) bit for bit. */
  readonly commutative?: true
  /** Each result element is an operand element at another place: reshape, permute, broadcast, slice. */
  readonly movement?: true
  /** Reads the operand's bits as another dtype: elementwise while sizes agree, which `isElementwise` tells. */
  readonly reinterprets?: true
  /** Reduces operand 0 over attrs.axes (sorted) with this operation; attrs.keepDims says whether axes stay as 1. */
  readonly reduction?: ReductionKind
  /** Its operands may be complex; all other ops compute with real tensors. */
  readonly complex?: true
  /** No operands: input, constant, iota. */
  readonly leaf?: true
  /** The value is operand 0 unchanged (identity, stopGradient, customGradient); the optimizer drops the node. */
  readonly transparent?: true
  /** A matrix product: backends give it its own kernel with an epilogue. */
  readonly contraction?: true
  /** Holds a body graph in attrs.body. */
  readonly region?: true
  /** A region whose body is not a group of this graph's ops: it runs any number of times, on operands that its record says. */
  readonly loop?: true
}

/** Whether each result element depends on the operands' elements at the same place only. */
export function isElementwise(node: Node): boolean {
  const { traits } = node.op
  return traits.elementwise === true || (traits.reinterprets === true && sameShape(node.type.shape, node.inputs[0]!.type.shape))
}

/** How many loops may lie in each other. Also the native program's limit. */
export const deepestLoops = 8

/** Why the op may not stand in the bodies of `outer`, from the outermost on: only loops hold loops, and not without end. Undefined when it may. */
export function nestingProblem(op: Op, outer: readonly Op[]): string | undefined {
  if (!op.traits.region || outer.length === 0) return undefined
  if (!op.traits.loop || !outer.every(({ traits }) => traits.loop)) return `${op.name} inside the body of a region`
  return outer.length >= deepestLoops ? `loops lie more than ${deepestLoops} deep in each other` : undefined
}

/** Whether the node is a region that fusion made: its operands and results are one by one those of its body, unlike those of a loop. */
export const isGroup = ({ op: { traits } }: Node): boolean => traits.region === true && traits.loop !== true

export interface GradientContext {
  readonly b: Builder
  /** The node itself: its result is a legal operand (exp's gradient uses it). For several results see `results`. */
  readonly node: Node
  readonly inputs: readonly Node[]
  // biome-ignore lint/suspicious/noExplicitAny: each record knows its own attributes
  readonly attrs: any
  /** The cotangent of result 0, of the node's own type. */
  readonly grad: Node
  /** The cotangent of each result; undefined where nothing depends on it. */
  readonly grads: readonly (Node | undefined)[]
  /** Whether operand i leads to something that is differentiated; cotangents of others may be left undefined. */
  readonly needs: readonly boolean[]
}

/** Cotangents of the operands. An elementwise record may return the result's shape: the driver sums broadcast dimensions away. */
export type Gradient = (context: GradientContext) => readonly (Node | undefined)[]

export interface DecomposeContext {
  readonly b: Builder
  readonly inputs: readonly Node[]
  // biome-ignore lint/suspicious/noExplicitAny: each record knows its own attributes
  readonly attrs: any
  readonly node: Node
}

/** The op written with others: a node of the same type, or one per result. */
export type Decomposition = (context: DecomposeContext) => Node | readonly Node[]

/** A test case. `$` stands for each of the record's dtypes in turn: `$[2,3]`; others are spelled out: `i32[4]`. */
export interface Sample {
  readonly inputs: readonly string[]
  readonly attrs?: Attrs
  /** Range of generated values, per operand or for all; integers and bool round. Default [-2, 2]. */
  readonly range?: readonly [number, number] | readonly (readonly [number, number])[]
  /** Generated values of the given operands are distinct (ties would make gradients or order ambiguous). */
  readonly distinct?: true
  /** Operands whose generated square matrices get their size times the range's larger end added on the diagonal: positive definite, well conditioned. */
  readonly dominant?: readonly number[]
  /** Operands are finite and small: for others the result is not specified to the bit, as intermediate results overflow or meet NaN in some orders only. */
  readonly tame?: true
  /** Leave this case out of finite-difference checks (a kink or a step inside the range); says why. */
  readonly noGradientCheck?: string
}

export interface OpSpec {
  /** First sentence is the summary. Constraints are numbered (C1), (C2) ... and `infer` enforces them under these numbers. */
  readonly doc: string
  /** Operand names; a last name starting with `...` takes any number. */
  readonly operands: readonly string[]
  /** dtypes that operand 0 (or, for leaves, the result; for select, the values chosen between) may have; `$` in samples. */
  readonly dtypes: readonly DType[]
  /** Schema of the attributes, strict, checked at boundaries (text, JSON, debug mode), not while recording. */
  readonly attrs: ZodType
  readonly traits: Traits
  /** The result type, or several. Throws SinterError `shape` / `dtype` / `attribute`. On the recording hot path: allocate little. */
  // biome-ignore lint/suspicious/noExplicitAny: each record knows its own attributes
  readonly infer: (inputs: readonly HasType[], attrs: any) => TensorType | readonly TensorType[]
  /** How cotangents flow back; `zero` when the op is piecewise constant or not on floats. */
  readonly gradient: Gradient | 'zero'
  /** The reference implementation: plain loops whose only virtue is clarity. The oracle, the constant folder, the reference device. */
  // biome-ignore lint/suspicious/noExplicitAny: each record knows its own attributes
  readonly evaluate: (inputs: readonly HostTensor[], attrs: any, types: readonly TensorType[]) => readonly HostTensor[]
  /** The op written with others, for backends that have no kernel for it. */
  readonly decompose?: Decomposition
  readonly samples: readonly Sample[]
  /** Floating-point (or integer) operations per element of the result, for estimates; default 1 for elementwise, else 0. */
  // biome-ignore lint/suspicious/noExplicitAny: each record knows its own attributes
  readonly flops?: number | ((inputs: readonly HasType[], attrs: any) => number)
}

export interface Op extends OpSpec {
  readonly name: string
  readonly family: string
  /** A number for cache keys, valid in this process only. */
  readonly code: number
}

let nextCode = 1

/** Makes ops of a family's specs. */
export function defineFamily<const T extends Readonly<Record<string, OpSpec>>>(family: string, specs: T): { readonly [K in keyof T]: Op } {
  const ops: Record<string, Op> = {}
  for (const [name, spec] of Object.entries(specs)) ops[name] = { ...spec, name, family, code: nextCode++ }
  return ops as { readonly [K in keyof T]: Op }
}

/** No attributes. Shared so that nodes without attributes share one object. */
export const noAttrs: Attrs = Object.freeze({})
