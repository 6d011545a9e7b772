// Memory that CPU and GPU share: Metal buffers, seen from JavaScript without a copy.

import { SinterError } from '../../../ir/error.js'
import { library, nativeView, requireNative } from '../../native/library.js'
import type { MemorySource } from '../../pool.js'

/** Readable and writable bytes that the CPU's kernels want behind a block; buffers have them. */
const padding = 64

/** Buffers of the device. */
export function metalMemory(device: number): MemorySource {
  const { call } = library('mps')
  return {
    allocate: (bytes) => {
      const handle = Number(call['sinter_mps_buffer_alloc']!(device, bytes + padding))
      if (handle === 0) {
        throw new SinterError('memory', `Metal refused a buffer of ${bytes} bytes: ${String(call['sinter_last_error']!())}`, {
          hint: 'dispose tensors you no longer need, or work on smaller pieces',
        })
      }
      const address = call['sinter_mps_buffer_address']!(handle) as number | bigint
      return { buffer: nativeView(address, bytes), offset: 0, address: Number(address), bytes, handle }
    },
    release: ({ handle }) => requireNative(call['sinter_mps_buffer_free']!(handle) === 0, 'freeing a buffer', 'mps'),
  }
}
