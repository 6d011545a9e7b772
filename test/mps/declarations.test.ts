// The Objective-C sources as Apple's compiler sees them: for arm64 macOS, with all warnings, against declarations alone (test/mpsgraph/declarations).

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../runtime/native/library.js'
import { emulationFolder } from '../mpsgraph/catalog.js'
import { missingToolchain } from '../mpsgraph/toolchain.js'

const missing = missingToolchain()
const sources = join(packageRoot(), 'shim', 'mps')

describe.skipIf(missing !== undefined)('for macOS', async () => {
  const { findToolchain } = (await import(join(emulationFolder(), 'build.mjs'))) as { findToolchain: () => { clang: string } }
  const flags = [
    '-target',
    'arm64-apple-macos15',
    '-fsyntax-only',
    '-nostdlibinc',
    '-ffreestanding',
    '-fno-objc-arc',
    '-fblocks',
    '-fobjc-exceptions',
  ]
  flags.push('-isystem', join(emulationFolder(), 'declarations'), '-isystem', join(emulationFolder(), 'include'))
  flags.push('-Wall', '-Wextra', '-Wconversion', '-Werror')
  const compile = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(findToolchain().clang, [...flags, ...args], { encoding: 'utf8' })
    return { status, stderr }
  }

  for (const name of readdirSync(sources).filter((file) => file.endsWith('.m'))) {
    it(`${name} compiles without a warning`, () => {
      expect(compile(join(sources, name))).toEqual({ status: 0, stderr: '' })
    })
  }

  it('the check sees a message that does not exist', () => {
    const { status, stderr } = compile(join(emulationFolder(), 'declarations', 'wrong.m'))
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/'-thisWithThat:' not found/)
  })
})
