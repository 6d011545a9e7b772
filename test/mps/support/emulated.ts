// The MPSGraph library on the emulated framework, opened once per test file.

import { beforeAll } from 'vitest'
import { missingToolchain } from '../../mpsgraph/toolchain.js'
import { buildEmulation, NativeMps } from './native.js'

/** Why the library cannot be built here: a reason to skip; undefined when it can. */
export const missing = missingToolchain()
export let native: NativeMps
export let device: number

/** Has `native` and `device` there when the file's tests run, unless something is missing. */
export function useEmulated(): void {
  beforeAll(() => {
    if (missing !== undefined) return
    native = new NativeMps(buildEmulation())
    device = native.number('sinter_mps_device_open', 0)
  })
}
