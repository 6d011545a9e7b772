// The arguments of a native run, packed for the library.

import { type DType, dtypeInfo } from '../ir/dtype.js'
import type { Argument } from './backend.js'
import { literalBytes } from './literal.js'
import { Storage } from './storage.js'

/** Two 64-bit words per argument: where its memory is (an address, or a device's handle) and its length, or a scalar's own bytes and their number. */
export class Cells {
  readonly count: number
  readonly words: Uint32Array
  private readonly doubles: Float64Array
  private readonly floats: Float32Array
  private readonly bytes: Uint8Array
  private readonly placeOf: (storage: Storage) => number

  constructor(count: number, placeOf: (storage: Storage) => number) {
    this.count = count
    this.placeOf = placeOf
    const buffer = new ArrayBuffer(Math.max(count, 1) * 16)
    this.words = new Uint32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.floats = new Float32Array(buffer)
    this.bytes = new Uint8Array(buffer)
  }

  fill(inputs: readonly Argument[], outputs: readonly Storage[], dtypes: readonly DType[]): void {
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!
      if (input instanceof Storage) this.pointer(i, input)
      else this.scalar(i, input, dtypes[i]!)
    }
    for (let i = 0; i < outputs.length; i++) this.pointer(inputs.length + i, outputs[i]!)
  }

  private pointer(index: number, storage: Storage): void {
    const place = this.placeOf(storage)
    const { bytes } = storage
    this.words[index * 4] = place >>> 0
    this.words[index * 4 + 1] = Math.floor(place / 2 ** 32)
    this.words[index * 4 + 2] = bytes >>> 0
    this.words[index * 4 + 3] = Math.floor(bytes / 2 ** 32)
  }

  private scalar(index: number, value: number | bigint, dtype: DType): void {
    if (dtype === 'float32') this.floats[index * 4] = value as number
    else if (dtype === 'float64') this.doubles[index * 2] = value as number
    else this.bytes.set(literalBytes(dtype, [value]), index * 16)
    this.words[index * 4 + 2] = dtypeInfo[dtype].bytes
    this.words[index * 4 + 3] = 0
  }
}
