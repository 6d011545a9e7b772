// Whether the emulated framework can be built here, and checking Objective-C sources with its compiler.

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

interface BuildScript {
  findToolchain(): { readonly clang: string }
  compileFlags(toolchain: ReturnType<BuildScript['findToolchain']>): string[]
}

/** What the compiler has to say about an Objective-C file that uses the emulated framework, conversions included; empty when it is content. Makes no code. */
export async function complaints(file: string): Promise<string> {
  const { findToolchain, compileFlags } = (await import(join(emulationFolder(), 'build.mjs'))) as BuildScript
  const toolchain = findToolchain()
  const flags = [...compileFlags(toolchain), '-Wconversion', '-fsyntax-only']
  const { status, stderr } = spawnSync(toolchain.clang, [...flags, file], { encoding: 'utf8' })
  return status === 0 && stderr === '' ? '' : `exit status ${status}\n${stderr}`
}
