// Storage: the memory behind a realized tensor.

import type { DataArray } from '../ir/dtype.js'
import { dtypeInfo } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { TensorType } from '../ir/type.js'
import type { Block, Pool } from './pool.js'

let listener: ((storage: Storage) => void) | undefined

/** Calls `callback` with every storage made from now on (scopes use it); undefined stops. Returns the previous callback. */
export function onStorage(callback: ((storage: Storage) => void) | undefined): ((storage: Storage) => void) | undefined {
  const previous = listener
  listener = callback
  return previous
}

export class Storage {
  readonly type: TensorType
  private block: Block | undefined
  private readonly pool: Pool
  /** Settles when the run that writes this storage has ended; undefined once it has. */
  pending: Promise<void> | undefined
  /** Waits for that run before returning. */
  wait: (() => void) | undefined
  /** Why the value never came to be. */
  failure: Error | undefined
  /** Runs in flight that read it: disposing waits for them. */
  private readers = 0
  private disposeWanted = false

  constructor(type: TensorType, pool: Pool) {
    this.type = type
    this.pool = pool
    this.block = pool.take(type.bytes)
    pool.watch(this, this.block)
    listener?.(this)
  }

  get disposed(): boolean {
    return this.block === undefined || this.disposeWanted
  }

  /** Throws `disposed` when the value has been freed. */
  requireLive(): void {
    this.memory()
  }

  get address(): number {
    return this.memory().address
  }

  get bytes(): number {
    return this.memory().bytes
  }

  /** The device's own name of the memory. */
  get handle(): number {
    return this.memory().handle ?? 0
  }

  /** A view of the elements; valid until disposed. The value must be complete. */
  view(): DataArray {
    const block = this.memory()
    const info = dtypeInfo[this.type.dtype]
    const construct = info.array as unknown as new (buffer: ArrayBuffer, offset: number, length: number) => DataArray
    return new construct(block.buffer, block.offset, this.type.size * info.stored)
  }

  /** Keeps the memory from being reused while a run in flight uses it. */
  retain(): void {
    this.memory()
    this.readers++
  }

  release(): void {
    this.readers--
    if (this.disposeWanted && this.readers === 0) this.free()
  }

  /** Gives the memory back. Idempotent. */
  dispose(): void {
    if (this.disposed) return
    if (this.readers > 0) this.disposeWanted = true
    else this.free()
  }

  private free(): void {
    if (this.block === undefined) return
    this.pool.unwatch(this)
    this.pool.give(this.block)
    this.block = undefined
  }

  private memory(): Block {
    if (this.block === undefined || this.disposeWanted) {
      throw new SinterError('disposed', `a tensor of type ${this.type} was used after it was disposed`, {
        hint: 'keep it by returning it from scope(), or dispose it later',
      })
    }
    return this.block
  }
}
