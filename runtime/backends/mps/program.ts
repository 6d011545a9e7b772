// Packs calls into the binary program that the MPSGraph library performs. docs/shim.md has the format.

import { SinterError } from '../../../ir/error.js'
import type { TensorType } from '../../../ir/type.js'
import type { Block, BlockKind, Call, CallArgument, Program } from './call.js'
import { Value } from './call.js'
import { dataTypeOf } from './dtypes.js'
import { enumValue } from './enums.js'

const magic = 0x53504d53
const version = 1
const headerWords = 14
const blockKinds: Readonly<Record<BlockKind, number>> = { if: 0, whileAfter: 1, for: 2, whileBefore: 3 }

/** The bytes of a program. */
export function packProgram(program: Program): Uint8Array {
  return new Packer().pack(program)
}

class Packer {
  private readonly words: number[] = []
  private readonly strings = new Map<string, number>()
  private readonly data: Uint8Array[] = []
  private dataBytes = 0
  private values = 0

  pack({ calls, feeds, targets }: Program): Uint8Array {
    this.block(calls)
    const code = this.words.splice(0)
    const feedWords = feeds.flatMap(({ value, inline }) => [value.id, inline ? 1 : 0, ...typeWords(value.type)])
    const targetWords = targets.flatMap((value) => [value.id, ...typeWords(value.type)])
    const texts = [...this.strings.keys()].map((text) => new TextEncoder().encode(text))
    const stringTable = headerWords * 4
    const feedTable = stringTable + texts.length * 8
    const targetTable = feedTable + feedWords.length * 4
    const codeStart = targetTable + targetWords.length * 4
    const dataStart = codeStart + code.length * 4
    let textAt = dataStart + this.dataBytes
    const tableWords = texts.flatMap((text) => {
      const at = textAt
      textAt += text.length
      return [at, text.length]
    })
    const total = Math.ceil(textAt / 4) * 4
    const header = [magic, version, total, this.values, texts.length, stringTable, dataStart, this.dataBytes]
    header.push(feeds.length, feedTable, targets.length, targetTable, codeStart, code.length)
    const bytes = new Uint8Array(total)
    new Uint32Array(bytes.buffer).set([...header, ...tableWords, ...feedWords, ...targetWords])
    new Uint32Array(bytes.buffer).set(code, codeStart / 4)
    let at = dataStart
    for (const piece of this.data) {
      bytes.set(piece, at)
      at += Math.ceil(piece.length / 4) * 4
    }
    texts.forEach((text, i) => {
      bytes.set(text, tableWords[2 * i])
    })
    return bytes
  }

  private block(calls: readonly Call[]): void {
    this.words.push(calls.length)
    for (const call of calls) this.call(call)
  }

  private call({ selector, receiver, arguments: args, results, list }: Call): void {
    this.words.push(this.string(selector))
    if (receiver === 'graph') this.words.push(0, 0)
    else if (receiver instanceof Value) this.words.push(2, receiver.id)
    else this.words.push(1, this.string(receiver.class))
    this.words.push(list ? 2 : results.length, results.length, args.length)
    for (const argument of args) this.argument(argument)
    for (const result of results) this.number(result)
  }

  /** Values get their numbers in the order in which the library makes them. */
  private number(value: Value): void {
    if (value.id !== this.values) throw new SinterError('internal', `value ${value.id} is made as number ${this.values}`)
    this.values++
  }

  private argument(argument: CallArgument): void {
    if (argument === null) this.words.push(0)
    else if (argument instanceof Value) this.words.push(1, argument.id)
    else if (typeof argument === 'string') this.words.push(5, this.string(argument))
    else if (typeof argument === 'number' || typeof argument === 'bigint') this.scalar(argument)
    else if (isList(argument)) {
      this.words.push(2, argument.length)
      for (const item of argument) this.argument(item)
    } else if ('enumeration' in argument) this.scalar(enumValue(argument))
    else if ('bytes' in argument) {
      this.words.push(6, this.dataBytes, argument.bytes.length)
      this.data.push(argument.bytes)
      this.dataBytes += Math.ceil(argument.bytes.length / 4) * 4
    } else if ('descriptor' in argument) {
      const properties = Object.entries(argument.properties)
      this.words.push(7, this.string(argument.descriptor), properties.length)
      for (const [name, value] of properties) {
        this.words.push(this.string(name))
        this.argument(value)
      }
    } else this.blockArgument(argument)
  }

  private blockArgument({ block, parameters, calls, results }: Block): void {
    this.words.push(8, blockKinds[block], parameters.length)
    for (const parameter of parameters) this.number(parameter)
    this.block(calls)
    this.words.push(results.length, ...results.map(({ id }) => id))
  }

  /** Integers go as integers, so that the library can check their range; everything else as a double. */
  private scalar(value: number | bigint): void {
    if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
      const big = BigInt(value)
      this.words.push(big >= 2n ** 63n ? 9 : 3, Number(big & 0xffffffffn), Number((big >> 32n) & 0xffffffffn))
      return
    }
    this.words.push(4, ...new Uint32Array(Float64Array.of(value).buffer))
  }

  private string(text: string): number {
    let index = this.strings.get(text)
    if (index === undefined) {
      index = this.strings.size
      this.strings.set(text, index)
    }
    return index
  }
}

const isList = (argument: CallArgument): argument is readonly CallArgument[] => Array.isArray(argument)

function typeWords({ dtype, shape, rank }: TensorType): number[] {
  const type = dataTypeOf(dtype)
  if (type === undefined) throw new SinterError('internal', `${dtype} reached a program for MPSGraph`)
  return [enumValue(type), rank, ...shape]
}
