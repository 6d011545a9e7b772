// Devices by name: opened on first use, each with its backend and its cache.

import { SinterError } from '../ir/error.js'
import type { Backend } from './backend.js'
import { openCpu } from './backends/cpu/index.js'
import { openReference } from './backends/reference/index.js'
import { ExecutableCache } from './cache.js'
import { debugOpened } from './debug.js'
import { settings } from './settings.js'

export interface Device {
  readonly name: string
  readonly backend: Backend
  readonly cache: ExecutableCache
}

const openers: Readonly<Record<string, () => Backend>> = { cpu: openCpu, reference: openReference }
const opened = new Map<string, Device>()

/** Names that `device` accepts. */
export const deviceNames = (): readonly string[] => Object.keys(openers)

/** The device of this name, opened when needed. Throws `device` for a name that is none. */
export function openDevice(name: string): Device {
  const known = opened.get(name)
  if (known !== undefined) return known
  checkDeviceName(name)
  const started = performance.now()
  const device = { name, backend: openers[name]!(), cache: new ExecutableCache(settings().SINTER_CACHE) }
  opened.set(name, device)
  debugOpened(name, device.backend.facts, performance.now() - started)
  return device
}

/** Throws `device` unless a device has this name; does not open it. */
export function checkDeviceName(name: string): void {
  if (!Object.hasOwn(openers, name)) {
    throw new SinterError('device', `there is no device '${name}'`, { hint: `devices here: ${Object.keys(openers).join(', ')}` })
  }
}

/** Devices in use. */
export const openedDevices = (): readonly Device[] => [...opened.values()]

/** The device of tensors that name none. */
export function defaultDevice(): string {
  return settings().SINTER_DEVICE ?? 'cpu'
}
