// The README's example prints what the README says, its links lead somewhere, and its commands exist.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt, root, runScript } from '../child.js'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

beforeAll(ensureBuilt)

describe('README', () => {
  it('shows an example of ten lines with its real output', async () => {
    const example = /<!-- example:begin -->\n```js\n(.*?)```\n\n```text\n(.*?)```\n<!-- example:end -->/s.exec(readme)!
    const [, code, shown] = example as unknown as [string, string, string]
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10)
    expect(await runScript(code)).toEqual({ code: 0, stdout: shown, stderr: '' })
  })

  it('links to files that exist', () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1]!).filter((target) => !target.startsWith('http'))
    expect(targets.length).toBeGreaterThan(8)
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([])
  })

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    const named = [...readme.matchAll(/npm (?:run )?(\w[\w:]*)/g)].map((match) => match[1]!).filter((name) => name !== 'ci')
    expect(named).toContain('start')
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  it('has a place for the measured table', () => {
    expect(readme).toMatch(/<!-- bench:begin -->\n[\s\S]*<!-- bench:end -->/)
  })
})
