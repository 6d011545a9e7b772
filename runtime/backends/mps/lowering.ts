// What a lowering is: how an op of the IR becomes messages to an MPSGraph, or why it does not.

import type { Graph } from '../../../ir/graph.js'
import type { TensorType } from '../../../ir/type.js'
import type { Value } from './call.js'
import type { Emitter } from './emitter.js'
import type { Target } from './target.js'

/** The node being lowered, in GPU types: no rank 0, no empty tensors, no float64. */
export interface Lowered {
  // biome-ignore lint/suspicious/noExplicitAny: each lowering knows its op's attributes
  readonly attrs: any
  /** Types of the operands and results as the IR has them (rank 0 where it is). */
  readonly inputs: readonly TensorType[]
  readonly type: TensorType
  readonly results: readonly TensorType[]
  /** Lowers the body of a region where the emitter stands, on values of its inputs; its outputs are values of their own. */
  readonly lowerBody: (g: Emitter, body: Graph, inputs: readonly Value[]) => readonly Value[]
}

/** How an op is lowered. Operands and results have `gpuType`s of the IR's. */
export interface Lowering {
  /** Emits the calls; the result, or the results of an op with several. */
  readonly emit: (g: Emitter, operands: readonly Value[], node: Lowered) => Value | readonly Value[]
  /** Why a node of this op cannot be computed on the GPU (its dtype, rank or size), as the end of a sentence; undefined when it can. */
  readonly refuse?: (
    inputs: readonly TensorType[],
    // biome-ignore lint/suspicious/noExplicitAny: each lowering knows its op's attributes
    attrs: any,
    types: readonly TensorType[],
    target: Target | undefined,
  ) => string | undefined
}

/** An op that is never computed on the GPU, and why, as the end of a sentence. */
export interface Unsupported {
  readonly unsupported: string
}

/** An op that the GPU computes as its record's decomposition. */
export const decomposed = { decomposed: true } as const

export type Row = Lowering | Unsupported | typeof decomposed

/** The rows of a family's table: every op has one. */
export type Table<Ops> = { readonly [Name in keyof Ops]: Row }

export const isUnsupported = (row: Row): row is Unsupported => 'unsupported' in row
export const isDecomposed = (row: Row): row is typeof decomposed => 'decomposed' in row
