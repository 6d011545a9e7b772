// Writing programs for the native CPU library; docs/cpu-program.md is the format.

export const magic = 0x544e4953
export const formatVersion = 1

const doubleWords = new DataView(new ArrayBuffer(8))

/** A growing list of 32-bit words. */
export class Words {
  private words = new Int32Array(256)
  length = 0

  push(...values: readonly number[]): void {
    this.reserve(values.length)
    for (const value of values) this.words[this.length++] = value
  }

  /** 64-bit quantities, two words each, low first. */
  long(...values: readonly number[]): void {
    for (const value of values) this.push(value | 0, Math.floor(value / 2 ** 32) | 0)
  }

  /** float64, two words each, low first. */
  double(...values: readonly number[]): void {
    for (const value of values) {
      doubleWords.setFloat64(0, value, true)
      this.push(doubleWords.getInt32(0, true), doubleWords.getInt32(4, true))
    }
  }

  /** Any number of words; `push` takes what fits into a call. */
  append(words: Int32Array): void {
    this.reserve(words.length)
    this.words.set(words, this.length)
    this.length += words.length
  }

  set(position: number, value: number): void {
    this.words[position] = value
  }

  view(): Int32Array {
    return this.words.subarray(0, this.length)
  }

  private reserve(count: number): void {
    if (this.length + count <= this.words.length) return
    const grown = new Int32Array(Math.max(2 * this.words.length, this.length + count))
    grown.set(this.words)
    this.words = grown
  }
}

export type BufferKind = 'input' | 'output' | 'arena' | 'constant' | 'inline'

const bufferKinds: Readonly<Record<BufferKind, number>> = { input: 0, output: 1, arena: 2, constant: 3, inline: 4 }

interface BufferEntry {
  kind: BufferKind
  /** Argument index, arena offset in 64-byte units, or byte offset in the constant pool. */
  ref: number
  readonly bytes: number
}

/** Collects buffers, constants and steps, and packs them. */
export class ProgramWriter {
  readonly buffers: BufferEntry[] = []
  private readonly steps: Words[] = []
  private readonly pool = new Map<string, number>()
  private poolBytes = new Uint8Array(64)
  private poolLength = 0

  /** Adds a buffer; returns its number. Arena offsets are filled in later (`place`). */
  buffer(kind: BufferKind, ref: number, bytes: number): number {
    this.buffers.push({ kind, ref, bytes })
    return this.buffers.length - 1
  }

  /** Sets the place of an arena buffer, in bytes (a multiple of 64). */
  place(buffer: number, offset: number): void {
    this.buffers[buffer]!.ref = offset / 64
  }

  /** A constant's buffer; equal bytes share one. */
  constant(bytes: Uint8Array): number {
    const key = `${bytes.length}:${Buffer.from(bytes).toString('latin1')}`
    const known = this.pool.get(key)
    if (known !== undefined) return known
    const offset = this.poolLength
    const end = offset + Math.ceil(bytes.length / 8) * 8
    if (end > this.poolBytes.length) {
      const grown = new Uint8Array(Math.max(end, this.poolBytes.length * 2))
      grown.set(this.poolBytes)
      this.poolBytes = grown
    }
    this.poolBytes.set(bytes, offset)
    this.poolLength = end
    const buffer = this.buffer('constant', offset, bytes.length)
    this.pool.set(key, buffer)
    return buffer
  }

  step(words: Words): void {
    this.steps.push(words)
  }

  get stepCount(): number {
    return this.steps.length
  }

  /** The whole program. */
  pack(argumentCount: number, arenaBytes: number): Int32Array {
    const out = new Words()
    out.push(magic, formatVersion, 0, this.buffers.length, this.steps.length, argumentCount)
    out.long(arenaBytes)
    out.push(0, 0, 0, 0)
    for (const { kind, ref, bytes } of this.buffers) {
      out.push(bufferKinds[kind], ref)
      out.long(bytes)
    }
    for (const step of this.steps) out.append(step.view())
    if (this.poolLength > 0) {
      if (out.length % 2 === 1) out.push(0)
      out.set(8, out.length)
      out.set(9, this.poolLength / 4)
    }
    const pool = new Int32Array(this.poolBytes.slice(0, this.poolLength).buffer)
    out.append(pool)
    out.set(2, out.length)
    return out.view().slice()
  }
}

/** A saturating 31-bit number of nanoseconds. */
export const nanoseconds = (value: number): number => Math.min(Math.ceil(value), 0x7fffffff)
