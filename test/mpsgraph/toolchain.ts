// Whether the emulated framework can be built here, and checking Objective-C sources with its compiler.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../runtime/native/library.js'
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

/** The compiler and its flags for a system: the one that runs tests, or macOS on Apple silicon as far as `declarations/` describe it. */
function compilerFor(system: 'here' | 'macOS'): string[] {
  const { stdout } = spawnSync(process.execPath, [join(emulationFolder(), 'build.mjs'), '--flags'], { encoding: 'utf8' })
  const here = JSON.parse(stdout) as string[]
  if (system === 'here') return here
  const clang = here[0]!
  const builtin = spawnSync(clang, ['-print-resource-dir'], { encoding: 'utf8' }).stdout.trim()
  const headers = [join(builtin, 'include'), join(emulationFolder(), 'declarations'), join(emulationFolder(), 'include')]
  return [
    ...[clang, '-target', 'arm64-apple-macos15', '-fblocks', '-fno-objc-arc', '-fobjc-exceptions', '-Wall', '-Wextra', '-Werror'],
    ...['-nostdinc', ...headers.flatMap((path) => ['-isystem', path]), `-I${join(packageRoot(), 'shim')}`],
  ]
}

/** What the compiler has to say about an Objective-C file, conversions included; empty when it is content. Makes no code. */
export function complaints(file: string, system: 'here' | 'macOS'): string {
  const [clang, ...flags] = compilerFor(system)
  const { status, stderr } = spawnSync(clang!, [...flags, '-Wconversion', '-fsyntax-only', file], { encoding: 'utf8' })
  return status === 0 && stderr === '' ? '' : `exit status ${status}\n${stderr}`
}
