// Writes programs word by word from docs/shim.md, well-formed or not: a second reading of the format beside the packer's.

/** Words of an argument, with strings still as text. */
type Word = number | string
export type Argument = readonly Word[]

export interface CallOptions {
  /** Receiver kind and receiver; the graph unless given. */
  readonly receiver?: readonly [number, Word]
  /** Result kind and count; one object unless given. */
  readonly result?: readonly [number, number]
}

export const float32 = 0x10000020
export const nil: Argument = [0]
export const value = (id: number): Argument => [1, id]
export const list = (...items: readonly Argument[]): Argument => [2, items.length, ...items.flat()]
export const real = (number: number): Argument => [4, ...new Uint32Array(Float64Array.of(number).buffer)]
export const text = (string: string): Argument => [5, string]
export const bytes = (offset: number, length: number): Argument => [6, offset, length]
export const unsigned = (number: bigint): Argument => [9, Number(number & 0xffffffffn), Number(number >> 32n)]
export function integer(number: number | bigint): Argument {
  const bits = BigInt.asUintN(64, BigInt(number))
  return [3, Number(bits & 0xffffffffn), Number(bits >> 32n)]
}
export const descriptor = (name: string, properties: Readonly<Record<string, Argument>>): Argument => [
  7,
  name,
  Object.keys(properties).length,
  ...Object.entries(properties).flatMap(([key, argument]) => [key, ...argument]),
]
export const block = (kind: number, parameters: number, calls: readonly Argument[], results: readonly number[]): Argument => [
  8,
  kind,
  parameters,
  calls.length,
  ...calls.flat(),
  results.length,
  ...results,
]
/** A call's words: selector, receiver kind, receiver, result kind, result count, argument count, arguments. */
export const call = (selector: string, args: readonly Argument[], { receiver = [0, 0], result = [1, 1] }: CallOptions = {}): Argument => [
  selector,
  ...receiver,
  ...result,
  args.length,
  ...args.flat(),
]

export interface Parts {
  readonly calls: readonly Argument[]
  readonly values: number
  /** Words of each feed: value, flags, data type, rank, sizes. */
  readonly feeds: readonly (readonly number[])[]
  /** Words of each target: value, data type, rank, sizes. */
  readonly targets: readonly (readonly number[])[]
  readonly data?: Uint8Array
}

/** The program's words; strings stand behind the tables. */
export function assemble({ calls, values, feeds, targets, data = new Uint8Array(8) }: Parts): Uint32Array {
  const strings: string[] = []
  const code = [calls.length, ...calls.flat()].map((word) => {
    if (typeof word === 'number') return word
    if (!strings.includes(word)) strings.push(word)
    return strings.indexOf(word)
  })
  const texts = strings.map((string) => new TextEncoder().encode(string))
  const sections = [texts.length * 2, Math.ceil(data.length / 4), feeds.flat().length, targets.flat().length, code.length]
  const at: number[] = []
  let end = 14
  for (const words of sections) {
    at.push(end * 4)
    end += words
  }
  const textStart = end * 4
  const total = Math.ceil((textStart + texts.reduce((sum, piece) => sum + piece.length, 0)) / 4) * 4
  const result = new Uint8Array(total)
  const words = new Uint32Array(result.buffer)
  words.set([0x53504d53, 1, total, values, texts.length, at[0]!, at[1]!, data.length])
  words.set([feeds.length, at[2]!, targets.length, at[3]!, at[4]!, code.length], 8)
  let textAt = textStart
  texts.forEach((piece, i) => {
    words.set([textAt, piece.length], at[0]! / 4 + 2 * i)
    result.set(piece, textAt)
    textAt += piece.length
  })
  result.set(data, at[1])
  words.set(feeds.flat(), at[2]! / 4)
  words.set(targets.flat(), at[3]! / 4)
  words.set(code, at[4]! / 4)
  return words
}

/** Words as the bytes that the library takes. */
export const asBytes = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

/** A placeholder of float32. */
export const placeholder = (...sizes: readonly number[]): Argument =>
  call('placeholderWithShape:dataType:name:', [list(...sizes.map(integer)), integer(float32), nil])
export const identity = (id: number): Argument => call('identityWithTensor:name:', [value(id), nil])
/** `addition`, `subtraction`, ... of two values. */
export const binary = (name: string, a: number, b: number): Argument =>
  call(`${name}WithPrimaryTensor:secondaryTensor:name:`, [value(a), value(b), nil])
export const feed = (id: number, sizes: readonly number[], inline = false): number[] => [
  id,
  inline ? 1 : 0,
  float32,
  sizes.length,
  ...sizes,
]
export const target = (id: number, sizes: readonly number[]): number[] => [id, float32, sizes.length, ...sizes]

/** How many values calls without blocks make. */
export const valuesMade = (calls: readonly Argument[]): number => calls.reduce((sum, words) => sum + Number(words[4]), 0)
