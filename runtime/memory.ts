// Memory over all devices in use: statistics and the limit.

import { SinterError } from '../ir/error.js'
import { openDevice, openedDevices } from './device.js'

export interface MemoryStatistics {
  /** Bytes of live tensors (by size class), and the most they have been. */
  readonly activeBytes: number
  readonly peakBytes: number
  /** Bytes of freed blocks kept for reuse. */
  readonly pooledBytes: number
  /** Live tensors with storage, and compiled plans in the cache. */
  readonly buffers: number
  readonly executables: number
  /** Blocks requested from the system so far: constant in steady state when results are disposed. */
  readonly systemAllocations: number
  readonly limit: number
}

export function memoryStatistics(): MemoryStatistics {
  const pools = [...new Set(openedDevices().map((device) => device.backend.pool))]
  const total = (field: 'activeBytes' | 'peakBytes' | 'pooledBytes' | 'buffers' | 'systemAllocations') =>
    pools.reduce((sum, pool) => sum + pool[field], 0)
  return {
    activeBytes: total('activeBytes'),
    peakBytes: total('peakBytes'),
    pooledBytes: total('pooledBytes'),
    buffers: total('buffers'),
    executables: openedDevices().reduce((sum, device) => sum + device.cache.statistics().entries, 0),
    systemAllocations: total('systemAllocations'),
    limit: Math.min(Number.POSITIVE_INFINITY, ...pools.map((pool) => pool.limit)),
  }
}

/** Most bytes of live and pooled blocks on `device`; Infinity for no limit. Throws `argument` for other values. */
export function setMemoryLimit(bytes: number, device: string): void {
  if (!(bytes > 0))
    throw new SinterError('argument', `a memory limit is a positive number of bytes, got ${bytes}`, { op: 'setMemoryLimit' })
  openDevice(device).backend.pool.limit = bytes
}
