// The emulated framework's own tests: its declarations are those of the catalog, and its self-test passes.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emulationFolder, readCatalog } from './catalog.js'
import { generatedFiles } from './generate-headers.js'
import { missingToolchain } from './toolchain.js'

describe('catalog', () => {
  it('has as many parameter types and names as a selector takes', () => {
    const members = readCatalog().members
    expect(members.length).toBeGreaterThan(600)
    for (const member of members) {
      const count = member.selector.split(':').length - 1
      expect([member.selector, member.parameterTypes.length, member.parameterNames.length]).toEqual([member.selector, count, count])
    }
  })

  for (const [path, text] of Object.entries(generatedFiles())) {
    it(`${path} is in step with it`, () => {
      expect(readFileSync(join(emulationFolder(), path), 'utf8')).toBe(text)
    })
  }
})

const missing = missingToolchain()

describe.skipIf(missing !== undefined)('self-test', () => {
  const { stdout, stderr, status } =
    missing === undefined
      ? spawnSync(process.execPath, [join(emulationFolder(), 'build.mjs'), '--quiet', '--selftest'], { encoding: 'utf8' })
      : { stdout: '', stderr: '', status: 0 }
  const lines = stdout.split('\n').filter((line) => /^(ok|FAIL) /.test(line))

  it('builds and ends', () => {
    expect(stderr).toBe('')
    expect(stdout).toContain(`${lines.length} passed, 0 failed`)
    expect(status).toBe(0)
  })

  for (const line of lines) {
    const [, name] = line.split(/[ :]/)
    it(name!, () => expect(line).toBe(`ok ${name}`))
  }
})
