// Host memory for tensors and arenas: size classes, reuse of freed blocks, accounting, a limit.
//
// Blocks are ArrayBuffers and not native allocations on purpose: V8 counts them and frees unreachable ones during any garbage collection, so that even a
// synchronous loop, in which finalizers never run, does not run out of memory. docs/decisions/0003-storage.md has the reasoning.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SinterError } from '../ir/error.js'

export interface Block {
  readonly buffer: ArrayBuffer
  /** Offset of the aligned first byte in `buffer`. */
  readonly offset: number
  /** Address of that byte, for native code. */
  readonly address: number
  /** Usable bytes: the size class. */
  readonly bytes: number
}

const alignment = 64
/** Larger blocks start on a page: a load waits for an earlier store whose address agrees in the low 12 bits, and equal starts meet that least. */
const pageBytes = 4096
const padding = 64
/** Blocks, or their bytes, taken without a turn of the event loop after which finalizers are given one. */
const turnBlocks = 2048
const turnBytes = 128 * 2 ** 20

/** The smallest size class that holds `bytes`: powers of two in four steps, so that at most a fifth is wasted. */
export function sizeClass(bytes: number): number {
  if (bytes <= 64) return 64
  const step = 2 ** (Math.floor(Math.log2(bytes - 1)) - 2)
  return Math.max(64, Math.ceil(bytes / step) * step)
}

export class Pool {
  private readonly free = new Map<number, Block[]>()
  private readonly addressOf: (view: Uint8Array) => number
  private readonly registry = new FinalizationRegistry<number>((bytes) => this.forget(bytes))
  private collect: (() => void) | undefined
  /** Bytes (by size class) of storages not known to be gone: finalizers lag behind in code that never lets the event loop turn. */
  private countedBytes = 0
  private takenSinceTurn = 0
  private bytesSinceTurn = 0
  peakBytes = 0
  pooledBytes = 0
  /** Number of live storages. */
  buffers = 0
  /** Blocks requested from the system so far. */
  systemAllocations = 0
  limit = Number.POSITIVE_INFINITY
  /** Pooled bytes kept at most. */
  poolLimit = 512 * 2 ** 20

  constructor(addressOf: (view: Uint8Array) => number) {
    this.addressOf = addressOf
  }

  /** Bytes of live storages: what was counted, but never more than V8 holds. */
  get activeBytes(): number {
    if (!this.turnIsDue()) return this.countedBytes
    return Math.min(this.countedBytes, Math.max(0, process.memoryUsage().arrayBuffers - this.pooledBytes))
  }

  /** Resolves after the event loop has turned, when so many blocks were taken since its last turn that finalizers deserve a chance; else undefined. */
  turnWhenDue(): Promise<void> | undefined {
    if (!this.turnIsDue()) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        this.takenSinceTurn = 0
        this.bytesSinceTurn = 0
        resolve()
      })
    })
  }

  private turnIsDue(): boolean {
    return this.takenSinceTurn >= turnBlocks || this.bytesSinceTurn >= turnBytes
  }

  /** A block of at least `bytes`, contents undefined. Throws `memory` when the limit would be passed, changing nothing. */
  take(bytes: number): Block {
    const size = sizeClass(bytes)
    this.makeRoom(size)
    let block = this.free.get(size)?.pop()
    if (block === undefined) block = this.allocate(size)
    else this.pooledBytes -= size
    this.countedBytes += size
    this.buffers++
    this.takenSinceTurn++
    this.bytesSinceTurn += size
    // Asking V8 costs too much to do for every small block.
    if (this.countedBytes > this.peakBytes && (!this.turnIsDue() || size > 65_536 || this.takenSinceTurn % turnBlocks === 0)) {
      this.peakBytes = Math.max(this.peakBytes, this.activeBytes)
    }
    return block
  }

  /** Takes the block back for reuse. */
  give(block: Block): void {
    this.forget(block.bytes)
    this.shelve(block)
  }

  private shelve(block: Block): void {
    if (this.pooledBytes + block.bytes > this.poolLimit) return
    const list = this.free.get(block.bytes)
    if (list === undefined) this.free.set(block.bytes, [block])
    else list.push(block)
    this.pooledBytes += block.bytes
  }

  /** A block for temporaries of one run; not counted as a tensor. Give it back with `giveScratch`. */
  takeScratch(bytes: number): Block {
    const size = sizeClass(bytes)
    const block = this.free.get(size)?.pop()
    if (block !== undefined) {
      this.pooledBytes -= size
      return block
    }
    this.makeRoom(size)
    return this.allocate(size)
  }

  giveScratch(block: Block): void {
    this.shelve(block)
  }

  /** Lets the garbage collector's finding that `owner` is gone correct the accounting; `token` undoes it (see `unwatch`). */
  watch(owner: object, block: Block): void {
    this.registry.register(owner, block.bytes, owner)
  }

  unwatch(owner: object): void {
    this.registry.unregister(owner)
  }

  /** Drops all pooled blocks. */
  trim(): void {
    this.free.clear()
    this.pooledBytes = 0
  }

  private forget(bytes: number): void {
    this.countedBytes -= bytes
    this.buffers--
  }

  private allocate(size: number): Block {
    const align = size >= pageBytes ? pageBytes : alignment
    let buffer: ArrayBuffer
    try {
      buffer = Buffer.allocUnsafeSlow(size + align + padding).buffer as ArrayBuffer
    } catch (cause) {
      throw new SinterError('memory', `the system refused ${size} bytes`, {
        hint: 'dispose tensors you no longer need, or work on smaller pieces',
        cause,
      })
    }
    this.systemAllocations++
    const address = this.addressOf(new Uint8Array(buffer))
    const offset = (align - (address % align)) % align
    return { buffer, offset, address: address + offset, bytes: size }
  }

  private makeRoom(size: number): void {
    if (this.countedBytes + this.pooledBytes + size <= this.limit) return
    this.trim()
    if (this.countedBytes + size <= this.limit) return
    // Finalizers may lag behind: what V8 really holds after a collection is the truth.
    this.collect ??= exposeCollector()
    this.collect()
    const held = Math.min(this.countedBytes, process.memoryUsage().arrayBuffers)
    if (held + size <= this.limit) return
    throw new SinterError('memory', `${size} bytes more would pass the memory limit of ${this.limit} bytes (${held} bytes are in use)`, {
      hint: 'dispose tensors you no longer need, use scope(), or raise the limit with setMemoryLimit()',
    })
  }
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
