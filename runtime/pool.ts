// Memory for tensors and arenas: size classes, reuse of freed blocks, accounting, a limit. Where blocks come from is the source's business.

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
  /** What the device calls the block, where it has a name of its own. */
  readonly handle?: number
}

/** Where blocks come from. */
export interface MemorySource {
  /** A block of exactly `bytes` usable bytes, its first one aligned to 64 and at least 64 more behind the last. Throws `memory` when there is none. */
  allocate(bytes: number): Block
  /** Gives a block back to the system. Absent where the garbage collector does that for blocks that nothing refers to. */
  release?(block: Block): void
}
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
  private readonly source: MemorySource
  // Of collected memory only the size is known: holding on to a block would keep the collector from freeing it.
  private readonly registry = new FinalizationRegistry<number | Block>((gone) =>
    typeof gone === 'number' ? this.forget(gone) : this.give(gone),
  )
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

  constructor(source: MemorySource) {
    this.source = source
  }

  /** Bytes of live storages: what was counted, but never more than V8 holds of collected memory. */
  get activeBytes(): number {
    if (!this.turnIsDue() || !this.isCollected) return this.countedBytes
    return Math.min(this.countedBytes, Math.max(0, process.memoryUsage().arrayBuffers - this.pooledBytes))
  }

  /** Whether the garbage collector frees blocks. */
  private get isCollected(): boolean {
    return this.source.release === undefined
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
    if (this.pooledBytes + block.bytes > this.poolLimit) {
      this.source.release?.(block)
      return
    }
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
    this.registry.register(owner, this.isCollected ? block.bytes : block, owner)
  }

  unwatch(owner: object): void {
    this.registry.unregister(owner)
  }

  /** Drops all pooled blocks. */
  trim(): void {
    for (const list of this.free.values()) for (const block of list) this.source.release?.(block)
    this.free.clear()
    this.pooledBytes = 0
  }

  private forget(bytes: number): void {
    this.countedBytes -= bytes
    this.buffers--
  }

  private allocate(size: number): Block {
    const block = this.source.allocate(size)
    this.systemAllocations++
    return block
  }

  private makeRoom(size: number): void {
    if (this.countedBytes + this.pooledBytes + size <= this.limit) return
    this.trim()
    if (this.countedBytes + size <= this.limit) return
    // Finalizers may lag behind: what V8 really holds after a collection is the truth.
    this.collect ??= exposeCollector()
    this.collect()
    const held = this.isCollected ? Math.min(this.countedBytes, process.memoryUsage().arrayBuffers) : this.countedBytes
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
