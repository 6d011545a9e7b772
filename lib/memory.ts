// Memory and caches, as users see them.

import { SinterError } from '../ir/error.js'
import {
  type CacheStatistics,
  cacheStatistics,
  clearDevices,
  defaultDevice,
  type MemoryStatistics,
  memoryStatistics,
  setDeviceMemoryLimit,
} from './realize.js'

/** Bytes active, peak and pooled, counts of buffers and executables, over all devices in use. */
export function memory(): MemoryStatistics {
  return memoryStatistics()
}

/**
 * Most bytes that tensors and pooled memory of a device may take; Infinity for no limit. A realize that would pass it throws `memory` and leaves every
 * tensor as it was. Throws `argument` for anything but a positive number.
 */
export function setMemoryLimit(bytes: number, device = defaultDevice()): void {
  if (typeof bytes !== 'number')
    throw new SinterError('argument', `a memory limit is a number of bytes, got ${typeof bytes}`, { op: 'setMemoryLimit' })
  setDeviceMemoryLimit(bytes, device)
}

/** Drops all compiled plans (functions made by jit keep theirs) and pooled memory. */
export function clearCache(): void {
  clearDevices()
}

/** Hits, misses, evictions and entries of a device's cache of compiled plans. */
export function cacheInfo(device = defaultDevice()): CacheStatistics {
  return cacheStatistics(device)
}
