// Without a compiler for the emulated framework tests of the device mps are skipped, and say so; in CI that is an error.

import { beforeAll, describe, expect, it } from 'vitest'
import { compiled, ensureBuilt, runScript } from '../child.js'

beforeAll(ensureBuilt)

describe.runIf(process.platform === 'linux')('a machine without clang', () => {
  const load = (env: Readonly<Record<string, string>>) =>
    runScript(`console.log((await import(${JSON.stringify(compiled('test/mps/device.js'))})).missingMps)`, {
      PATH: '/nowhere',
      OBJC: '',
      ...env,
    })

  it('has no device mps, with the reason', async () => {
    const { code, stdout, stderr } = await load({ CI: '' })
    expect(code).toBe(0)
    expect(stdout).toContain('the emulated framework needs clang')
    expect(stderr).toContain('skipped: the emulated framework needs clang')
    expect(stderr).toContain('apt-get install')
  })

  it('fails in CI', async () => {
    const { code, stderr } = await load({ CI: 'true' })
    expect(code).toBe(1)
    expect(stderr).toContain('the emulated framework needs clang')
  })
})
