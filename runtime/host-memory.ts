// Host memory: blocks for tensors that the CPU computes with.
//
// They are ArrayBuffers and not native allocations on purpose: V8 counts them and frees unreachable ones during any garbage collection, so that even a
// synchronous loop, in which finalizers never run, does not run out of memory. docs/decisions/0003-storage.md has the reasoning.

import { SinterError } from '../ir/error.js'
import type { Block, MemorySource } from './pool.js'

const alignment = 64
/** Larger blocks start on a page: a load waits for an earlier store whose address agrees in the low 12 bits, and equal starts meet that least. */
const pageBytes = 4096
const padding = 64

/** `addressOf` tells where a view's first byte lies. */
export function hostMemory(addressOf: (view: Uint8Array) => number): MemorySource {
  return { allocate: (bytes) => allocateHost(bytes, addressOf) }
}

function allocateHost(bytes: number, addressOf: (view: Uint8Array) => number): Block {
  const align = bytes >= pageBytes ? pageBytes : alignment
  let buffer: ArrayBuffer
  try {
    buffer = Buffer.allocUnsafeSlow(bytes + align + padding).buffer as ArrayBuffer
  } catch (cause) {
    throw new SinterError('memory', `the system refused ${bytes} bytes`, {
      hint: 'dispose tensors you no longer need, or work on smaller pieces',
      cause,
    })
  }
  const address = addressOf(new Uint8Array(buffer))
  const offset = (align - (address % align)) % align
  return { buffer, offset, address: address + offset, bytes }
}
