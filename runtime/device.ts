// Devices by name: opened on first use, each with its backend and its cache.

import { SinterError } from '../ir/error.js'
import type { Backend } from './backend.js'
import { openCpu } from './backends/cpu/index.js'
import { metalDeviceCount, openMps } from './backends/mps/index.js'
import { openReference } from './backends/reference/index.js'
import { ExecutableCache } from './cache.js'
import { debugOpened } from './debug.js'
import { mayHaveMps } from './native/library.js'
import { settings } from './settings.js'

export interface Device {
  readonly name: string
  readonly backend: Backend
  readonly cache: ExecutableCache
}

const opened = new Map<string, Device>()

/** What opens the device of this name; undefined for a name that is none here. GPUs after the first are mps:1, mps:2, ... */
function openerOf(name: string): (() => Backend) | undefined {
  if (name === 'cpu') return openCpu
  if (name === 'reference') return openReference
  const index = name === 'mps' ? 0 : Number(/^mps:([1-9]\d?)$/.exec(name)?.[1] ?? Number.NaN)
  return Number.isNaN(index) || !mayHaveMps() ? undefined : () => openMps(name, index)
}

/** Names that `device` accepts. */
export const deviceNames = (): readonly string[] => ['cpu', 'reference', ...(mayHaveMps() ? ['mps'] : [])]

/** The device of this name, opened when needed. Throws `device` for a name that is none. */
export function openDevice(name: string): Device {
  const known = opened.get(name)
  if (known !== undefined) return known
  const opener = checkDeviceName(name)
  const started = performance.now()
  const device = { name, backend: opener(), cache: new ExecutableCache(settings().SINTER_CACHE) }
  opened.set(name, device)
  debugOpened(name, device.backend.facts, performance.now() - started)
  return device
}

/** Throws `device` unless a device has this name; does not open it, but returns what does. */
export function checkDeviceName(name: string): () => Backend {
  const opener = openerOf(name)
  if (opener !== undefined) return opener
  const why = name.startsWith('mps') ? ': MPSGraph needs a Mac (or SINTER_MPS_SHIM)' : ''
  throw new SinterError('device', `there is no device '${name}'${why}`, { hint: `devices here: ${deviceNames().join(', ')}` })
}

/** Devices in use. */
export const openedDevices = (): readonly Device[] => [...opened.values()]

let chosenDefault: string | undefined

/** The device of tensors that name none: SINTER_DEVICE, else the GPU of a Mac that has one, else the CPU. */
export function defaultDevice(): string {
  chosenDefault ??= settings().SINTER_DEVICE ?? (process.platform === 'darwin' && hasAppleGpu() ? 'mps' : 'cpu')
  return chosenDefault
}

/** A Mac without a usable GPU or library computes on the CPU, and says once why. */
function hasAppleGpu(): boolean {
  try {
    if (metalDeviceCount() > 0) return true
    process.emitWarning('this Mac has no Metal device; tensors are computed on the CPU', { type: 'SinterWarning', code: 'SINTER_DEVICE' })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(`the GPU is not used, tensors are computed on the CPU: ${why}`, { type: 'SinterWarning', code: 'SINTER_DEVICE' })
  }
  return false
}
