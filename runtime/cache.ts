// The executable cache: bounded, least recently used goes first, and able to say why something was compiled again.

import type { Graph } from '../ir/graph.js'
import type { Executable } from './backend.js'
import { sameKey } from './key.js'
import { type RecompileReason, structuralDifference } from './recompile.js'

interface Entry {
  readonly key: Int32Array
  readonly hash: number
  /** The graph as recorded, for differences. */
  readonly source: Graph
  readonly executable: Executable
  /** Users (jit functions) that hold it beyond its time in the cache, and whether it has been evicted. */
  holds: number
  evicted: boolean
}

export interface CacheStatistics {
  readonly entries: number
  readonly hits: number
  readonly misses: number
  readonly evictions: number
}

export type RecompileListener = (reason: RecompileReason) => void

const listeners = new Set<RecompileListener>()

/** Calls `listener` whenever a graph is compiled while plans for similar graphs are cached. Returns the way to stop. */
export function onRecompile(listener: RecompileListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export class ExecutableCache {
  // Insertion order is the order of use: an entry is deleted and set again when used.
  private readonly entries = new Map<Entry, Entry>()
  private readonly byHash = new Map<number, Entry[]>()
  private hits = 0
  private misses = 0
  private evictions = 0
  private latest: Entry | undefined
  capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  find(hash: number, key: Int32Array): Executable | undefined {
    const entry = this.lookup(hash, key)
    if (entry === undefined) {
      this.misses++
      return undefined
    }
    this.hits++
    if (entry !== this.latest) {
      this.entries.delete(entry)
      this.entries.set(entry, entry)
      this.latest = entry
    }
    return entry.executable
  }

  /** Adds a compiled graph (the key is copied) and tells recompile listeners the difference to the nearest earlier one. */
  add(hash: number, key: Int32Array, source: Graph, executable: Executable): void {
    if (listeners.size > 0) this.report(source)
    const entry: Entry = { key: key.slice(), hash, source, executable, holds: 0, evicted: false }
    this.entries.set(entry, entry)
    this.latest = entry
    const bucket = this.byHash.get(hash)
    if (bucket === undefined) this.byHash.set(hash, [entry])
    else bucket.push(entry)
    this.shrink()
  }

  /** Keeps an executable usable until the returned function is called, even when the cache evicts it. */
  hold(executable: Executable): () => void {
    const entry = [...this.entries.keys()].find((candidate) => candidate.executable === executable)
    if (entry === undefined) return () => executable.dispose()
    entry.holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      entry.holds--
      if (entry.evicted && entry.holds === 0) entry.executable.dispose()
    }
  }

  statistics(): CacheStatistics {
    return { entries: this.entries.size, hits: this.hits, misses: this.misses, evictions: this.evictions }
  }

  clear(): void {
    for (const entry of [...this.entries.keys()]) this.evict(entry)
  }

  private lookup(hash: number, key: Int32Array): Entry | undefined {
    const bucket = this.byHash.get(hash)
    if (bucket === undefined) return undefined
    for (let i = 0; i < bucket.length; i++) if (sameKey(bucket[i]!.key, key)) return bucket[i]
    return undefined
  }

  private shrink(): void {
    while (this.entries.size > this.capacity) this.evict(this.entries.keys().next().value!)
  }

  private evict(entry: Entry): void {
    this.entries.delete(entry)
    if (this.latest === entry) this.latest = undefined
    const bucket = this.byHash.get(entry.hash)!.filter((other) => other !== entry)
    if (bucket.length === 0) this.byHash.delete(entry.hash)
    else this.byHash.set(entry.hash, bucket)
    this.evictions++
    entry.evicted = true
    if (entry.holds === 0) entry.executable.dispose()
  }

  private report(source: Graph): void {
    let best: RecompileReason | undefined
    const recent = [...this.entries.keys()].slice(-16).reverse()
    for (const entry of recent) {
      const reason = structuralDifference(entry.source, source)
      if (reason !== undefined && (best === undefined || reason.matchedNodes > best.matchedNodes)) best = reason
    }
    if (best !== undefined) for (const listener of listeners) listener(best)
  }
}
