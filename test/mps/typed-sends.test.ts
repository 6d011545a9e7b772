// One Objective-C message per emitted selector, compiled for its types alone.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { minimumMacOS } from '../../runtime/backends/mps/selectors.js'
import { complaints, missingToolchain } from '../mpsgraph/toolchain.js'
import { typedSends } from './typed-sends.js'

const missing = missingToolchain()
const folder = mkdtempSync(join(tmpdir(), 'sinter-sends-'))
afterAll(() => rmSync(folder, { recursive: true }))

function compile(text: string): Promise<string> {
  const path = join(folder, 'sends.m')
  writeFileSync(path, text)
  return complaints(path)
}

describe.skipIf(missing !== undefined)('messages', () => {
  const sends = typedSends()

  it('have the declared types, one for each selector', async () => {
    expect(sends.match(/^void send\d+\(.*\{$/gm)).toHaveLength(Object.keys(minimumMacOS).length)
    expect(await compile(sends)).toBe('')
  })

  it.each([
    ['a string where a tensor goes', /acosWithTensor:tensor/, 'acosWithTensor:@"tensor"'],
    ['a tensor where a name goes', /(acosWithTensor:tensor name):@"\w+"/, '$1:tensor'],
    ['a list where a tensor goes', /acosWithTensor:tensor/, 'acosWithTensor:@[ tensor ]'],
    ['a tensor where a list goes', /concatTensors:@\[[^\]]*\]/, 'concatTensors:tensor'],
    ['a fraction where an axis goes', /(softMaxWithTensor:tensor axis):\d+/, '$1:1.5'],
    ['a misspelt selector', /\[graph acosWithTensor/, '[graph acosOfTensor'],
    ['a result taken as another class', /MPSGraphTensor \* ?result = (\[graph acosWithTensor)/, 'NSString *result = $1'],
  ])('with %s do not compile', async (_, good, bad) => {
    const wrong = sends.replace(good, bad)
    expect(wrong).not.toBe(sends)
    expect(await compile(wrong)).toMatch(/error:/)
  })
})
