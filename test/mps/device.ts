// The device mps for tests: the real one on a Mac, elsewhere the shim on the emulated framework. Import this before anything reads the settings.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { emulationFolder } from '../mpsgraph/catalog.js'
import { missingToolchain } from '../mpsgraph/toolchain.js'

/** Why there is no device mps here, undefined when there is one. Builds the emulation when it is missing or old, and names it in SINTER_MPS_SHIM. */
export const missingMps: string | undefined = prepare()

function prepare(): string | undefined {
  if (process.platform === 'darwin' || process.env['SINTER_MPS_SHIM'] !== undefined) return undefined
  const missing = missingToolchain()
  if (missing !== undefined) return missing
  const { status, stderr } = spawnSync(process.execPath, [join(emulationFolder(), 'build.mjs'), '--quiet'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the emulated framework could not be built:\n${stderr}`)
  process.env['SINTER_MPS_SHIM'] = join(emulationFolder(), 'build', 'libsinter_mps.so')
  return undefined
}
