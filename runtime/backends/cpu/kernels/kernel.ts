// What the lowering of an op that is a kernel of its own works with.

import { type DType, dtypeInfo } from '../../../../ir/dtype.js'
import type { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import type { Shape } from '../../../../ir/shape.js'
import { aroundAxis } from '../../../../ir/shape.js'
import type { Words } from '../program.js'

/** A lowered graph: arguments are its inputs, then its outputs. */
export interface LoweredProgram {
  readonly words: Int32Array
  readonly argumentCount: number
  readonly arenaBytes: number
  readonly steps: number
  readonly estimatedNanoseconds: number
}

export interface KernelContext {
  readonly node: Node
  /** The buffer with operand i's elements, contiguous from its start. */
  operand(index: number): number
  /** The buffer for result i. */
  target(index?: number): number
  /** Whether anything reads result i of an op with several. */
  wanted(index: number): boolean
  /** A buffer for bytes that only this op's steps use. */
  temporary(bytes: number): number
  constant(bytes: Uint8Array): number
  /** The program of a body, which has gone through all passes and fusion. */
  program(body: Graph): LoweredProgram
  /** A native step (shim/cpu/kernel_*.cpp): the words after its code, about how long it takes on one thread, and the temporaries it touches. */
  kernel(name: string, nanoseconds: number, words: (words: Words) => void, temporaries?: readonly number[]): void
  /** Copies the elements of a contiguous buffer of `shape` into `target` at an offset and strides. */
  copy(
    source: number,
    shape: Shape,
    sourceStrides: readonly number[],
    target: number,
    targetOffset: number,
    targetStrides: readonly number[],
  ): void
}

export type KernelLowering = (context: KernelContext) => void

/** The number of a dtype in programs. */
export const codeOf = (dtype: DType): number => dtypeInfo[dtype].code

/** Pushes the sizes before, along and after an axis. */
export function pushAxis(words: Words, shape: Shape, axis: number): void {
  const around = aroundAxis(shape, axis)
  words.long(around.outer, around.axis, around.inner)
}
