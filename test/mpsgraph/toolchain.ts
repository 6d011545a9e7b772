// Whether the emulated framework can be built here.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { emulationFolder } from './catalog.js'

/**
 * What is missing to build the emulated framework, undefined if nothing is. Tests that need it are skipped then, which is said on standard error; in CI
 * (CI=true) it is an error.
 */
export function missingToolchain(): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, [join(emulationFolder(), 'build.mjs'), '--check'], { encoding: 'utf8' })
  if (status === 0) return undefined
  const reason = stderr.trim()
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
  return reason
}
