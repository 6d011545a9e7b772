// What the lowering makes of a graph: Objective-C messages as data, before they are packed into a program (program.ts), dumped or checked.

import type { TensorType } from '../../../ir/type.js'

/** An MPSGraphTensor (or another object) that a call returns. */
export class Value {
  /** Its number in the program: values are numbered in the order in which they are made. */
  readonly id: number
  /** Shape and dtype of the tensor; MPSGraph's own `shape` may be unset until it compiles. */
  readonly type: TensorType

  constructor(id: number, type: TensorType) {
    this.id = id
    this.type = type
  }
}

/** A case of an Objective-C enum, by name; enums.ts has its value. */
export interface EnumCase {
  readonly enumeration: string
  readonly case: string
}

/** Bytes of a constant: an NSData. */
export interface Bytes {
  readonly bytes: Uint8Array
}

/** An object made with alloc / init whose properties are set through their setters. */
export interface Descriptor {
  readonly descriptor: string
  readonly properties: Readonly<Record<string, CallArgument>>
}

/** The kinds of Objective-C blocks that methods take (docs/shim.md). */
export type BlockKind = 'if' | 'whileAfter' | 'for' | 'whileBefore'

/** A block argument: calls that are performed when MPSGraph asks for the body. */
export interface Block {
  readonly block: BlockKind
  readonly parameters: readonly Value[]
  readonly calls: readonly Call[]
  readonly results: readonly Value[]
}

export type CallArgument = Value | null | number | bigint | string | EnumCase | Bytes | Descriptor | Block | readonly CallArgument[]

/** One message. */
export interface Call {
  /** `additionWithPrimaryTensor:secondaryTensor:name:` */
  readonly selector: string
  /** The graph, a value, or a class. */
  readonly receiver: 'graph' | Value | { readonly class: string }
  readonly arguments: readonly CallArgument[]
  /** What it returns: nothing, an object, or the elements of an array. */
  readonly results: readonly Value[]
  /** Whether the results are the elements of a returned array. */
  readonly list: boolean
}

/** A placeholder that is fed at every run. */
export interface Feed {
  readonly value: Value
  /** A scalar whose bytes come with the call of a run instead of in a buffer. */
  readonly inline: boolean
}

/** A whole program: calls that build one MPSGraph, its feeds and its targets by position. */
export interface Program {
  readonly calls: readonly Call[]
  readonly feeds: readonly Feed[]
  readonly targets: readonly Value[]
}
