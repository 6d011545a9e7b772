// Objective-C compiled for its types alone: one message per emitted selector, and the library's own sources as for a Mac.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { minimumMacOS } from '../../runtime/backends/mps/selectors.js'
import { packageRoot } from '../../runtime/native/library.js'
import { complaints, missingToolchain } from '../mpsgraph/toolchain.js'
import { typedSends } from './typed-sends.js'

const missing = missingToolchain()
const folder = mkdtempSync(join(tmpdir(), 'sinter-sends-'))
afterAll(() => rmSync(folder, { recursive: true }))

function compile(text: string): string {
  const path = join(folder, 'sends.m')
  writeFileSync(path, text)
  return complaints(path, 'here')
}

describe.skipIf(missing !== undefined)('messages', () => {
  const sends = typedSends()

  it('have the declared types, one for each selector', () => {
    expect(sends.match(/^void send\d+\(.*\{$/gm)).toHaveLength(Object.keys(minimumMacOS).length)
    expect(compile(sends)).toBe('')
  })

  it.each([
    ['a string where a tensor goes', /acosWithTensor:tensor/, 'acosWithTensor:@"tensor"'],
    ['a tensor where a name goes', /(acosWithTensor:tensor name):@"\w+"/, '$1:tensor'],
    ['a list where a tensor goes', /acosWithTensor:tensor/, 'acosWithTensor:@[ tensor ]'],
    ['a tensor where a list goes', /concatTensors:@\[[^\]]*\]/, 'concatTensors:tensor'],
    ['a fraction where an axis goes', /(softMaxWithTensor:tensor axis):\d+/, '$1:1.5'],
    ['a misspelt selector', /\[graph acosWithTensor/, '[graph acosOfTensor'],
    ['a result taken as another class', /MPSGraphTensor \* ?result = (\[graph acosWithTensor)/, 'NSString *result = $1'],
  ])('with %s do not compile', (_, good, bad) => {
    const wrong = sends.replace(good, bad)
    expect(wrong).not.toBe(sends)
    expect(compile(wrong)).toMatch(/error:/)
  })
})

describe.skipIf(missing !== undefined)('the library compiled for macOS', () => {
  const sources = join(packageRoot(), 'shim', 'mps')

  it.each(readdirSync(sources).filter((name) => name.endsWith('.m')))('%s', (name) => {
    expect(complaints(join(sources, name), 'macOS')).toBe('')
  })
})
