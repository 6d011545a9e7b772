// Tensor: a handle on one node. Lazy until realized; all it does here is report, read and end its own life. Operations are in methods.ts.

import { inspect } from 'node:util'
import type { DataArray, DType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { GroupInfo } from '../ir/explain.js'
import type { Node } from '../ir/node.js'
import type { Shape } from '../ir/shape.js'
import type { TensorType } from '../ir/type.js'
import { type RealizeOptions, realizeChecked } from './crosscheck.js'
import { describe, elementsOf, type Nested, nest, type Scalar } from './format.js'
import { CapturedGraph } from './graph.js'
import { disposeNode, isRealized, planOf, readNode, readNodeSync, realizeNodes, realizeNodesSync } from './realize.js'

export class Tensor {
  /** The node this tensor stands for. Internal: its form may change. */
  readonly node: Node
  /** The device the tensor lives on, such as 'cpu'. */
  readonly device: string

  /** Internal; use `tensor(...)`. */
  constructor(node: Node, device: string) {
    this.node = node
    this.device = device
  }

  get type(): TensorType {
    return this.node.type
  }
  get shape(): Shape {
    return this.node.type.shape
  }
  get dtype(): DType {
    return this.node.type.dtype
  }
  /** Number of dimensions. */
  get ndim(): number {
    return this.node.type.rank
  }
  /** Number of elements. */
  get size(): number {
    return this.node.type.size
  }
  /** Whether the value exists, or is being computed off-thread (as opposed to being recorded only). */
  get realized(): boolean {
    return isRealized(this.node)
  }

  /**
   * Computes the value and keeps it; long computations run off-thread. Resolves to this tensor. With `{ verify: 'cpu' }` the same graph also runs on that
   * device, and a difference beyond rounding throws `mismatch`, which names the first op that differs.
   */
  async realize(options?: RealizeOptions): Promise<this> {
    if (options === undefined) await realizeNodes([this.node], this.device)
    else await realizeChecked([this.node], this.device, options)
    return this
  }

  /** Computes the value before returning. */
  realizeSync(): this {
    realizeNodesSync([this.node], this.device)
    return this
  }

  /** The elements, row-major, in a new typed array (float16 and bfloat16: bit patterns in a Uint16Array; bool: 0 / 1 in a Uint8Array; complex: real and imaginary parts in turn). */
  data(): Promise<DataArray> {
    return readNode(this.node, this.device)
  }

  /** As `data`, before returning. */
  dataSync(): DataArray {
    return readNodeSync(this.node, this.device)
  }

  /** The elements as nested arrays, a plain value for rank 0: numbers, booleans for bool, bigints for 64-bit integers, { re, im } for complex. */
  async js(): Promise<Nested> {
    return nest(this.type, await this.data())
  }

  /** As `js`, before returning. */
  jsSync(): Nested {
    return nest(this.type, this.dataSync())
  }

  /** The only element of a one-element tensor. Throws `shape` for other sizes. */
  async item(): Promise<Scalar> {
    this.requireOneElement()
    return elementsOf(this.type, await this.data())[0]!
  }

  /** As `item`, before returning. */
  itemSync(): Scalar {
    this.requireOneElement()
    return elementsOf(this.type, this.dataSync())[0]!
  }

  /** The recorded graph behind this tensor, with printable forms. Nothing is computed. */
  graph(): CapturedGraph {
    return new CapturedGraph([this.node], this.device)
  }

  /** How this tensor would be (or, pending, will be) run: its kernels, and why each group of ops is not larger. Compiles, runs nothing. */
  explain(): readonly GroupInfo[] {
    return planOf([this.node], this.device)?.groups ?? []
  }

  /** Frees the value now instead of when the garbage collector finds out. Later use throws `disposed`. A lazy tensor holds no memory: nothing happens. */
  dispose(): void {
    disposeNode(this.node)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** Type, device and state, with the values if they exist; never computes anything. */
  toString(): string {
    return describe(this.node, this.device)
  }

  [inspect.custom](): string {
    return describe(this.node, this.device)
  }

  /** Refuses: converting a tensor to a primitive would have to compute it behind your back. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString()
    throw new SinterError('argument', 'a tensor is not a number', {
      operands: [this],
      hint: 'use methods (a.add(b)) for arithmetic and await x.item() to read a value',
    })
  }

  private requireOneElement(): void {
    if (this.size !== 1) {
      throw new SinterError('shape', `the tensor has ${this.size} elements, not one`, {
        op: 'item',
        operands: [this],
        hint: 'use js() or data()',
      })
    }
  }
}
