// Node: one operation in a graph, made by recording (lazy tensors) or by passes. Small, and immutable but for what realizing binds.

import type { Attrs, Op } from './op.js'
import type { TensorType } from './type.js'

/** What a realized node is bound to: a backend's storage, or the JS number behind a rank-0 scalar leaf. */
export type Bound = object | number | bigint

let sequence = 0
/** The sequence number of the newest node: nodes recorded later have larger ones. */
export const currentSequence = (): number => sequence

const none: readonly Node[] = Object.freeze([])

export class Node {
  readonly op: Op
  /** Operands. Emptied when a realized node drops its graph. */
  inputs: readonly Node[]
  readonly attrs: Attrs
  /** The result type; of a node with several results, the first's. */
  readonly type: TensorType
  /** Types of all results when there are several; `result` nodes pick one. */
  readonly results: readonly TensorType[] | undefined
  /** Set once the value exists (or, for scalar leaves, from the start). */
  bound: Bound | undefined
  /** Recording order. */
  readonly sequence: number
  /** Sequence number of the oldest pending node reachable from here: bounds how much graph hangs on this node. */
  oldest: number
  /** Where the node was recorded, captured only in debug mode. */
  origin: { readonly stack?: string } | undefined
  /** Scratch of the walk in progress (walk.ts); meaningless between walks. */
  mark: number
  index: number

  constructor(op: Op, inputs: readonly Node[], attrs: Attrs, type: TensorType, results?: readonly TensorType[]) {
    this.op = op
    this.inputs = inputs
    this.attrs = attrs
    this.type = type
    this.results = results
    this.bound = undefined
    this.sequence = ++sequence
    let oldest = this.sequence
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!
      if (input.bound === undefined && input.oldest < oldest) oldest = input.oldest
    }
    this.oldest = oldest
    this.origin = undefined
    this.mark = 0
    this.index = 0
  }

  /** Binds the value. With `drop` the node forgets how it was computed, which frees its graph. */
  bind(value: Bound, drop: boolean): void {
    this.bound = value
    if (drop) this.inputs = none
  }
}
