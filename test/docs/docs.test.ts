// The documentation is true: generated parts are in step, files and variables it names exist.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { benchmarkNames } from '../../bench/support/catalog.js'
import { replaceParts, table } from '../../docs/generate/parts.js'
import { compare } from '../../docs/generate.js'
import { dtypeInfo, dtypes } from '../../ir/dtype.js'
import { errorCodes } from '../../ir/error.js'
import { ops } from '../../ir/ops/index.js'
import { type Tensor, tensor } from '../../lib/index.js'
import { ensureBuilt, root } from '../child.js'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md') && !name.includes('output'))
  .map((name) => `docs/${name.replaceAll('\\', '/')}`)

describe('generated pages', () => {
  beforeAll(ensureBuilt)

  test('are in step with the code; if not: npm run build && npm run docs', async () => {
    for (const { path, now, wanted } of await compare()) expect(now, path).toBe(wanted)
  })

  test('say what every benchmark asks', () => {
    const page = read('docs/benchmarks.md')
    expect(benchmarkNames.filter((name) => !page.includes(`\n| \`${name}\` |`))).toEqual([])
  })

  test('list every op, error code and dtype', () => {
    const opsPage = read('docs/ops.md')
    for (const name of Object.keys(ops)) expect(opsPage).toContain(`| \`${name}(`)
    const errors = read('docs/errors.md')
    for (const code of errorCodes) expect(errors).toContain(`\n## ${code}\n`)
    for (const dtype of dtypes) expect(read('docs/ir.md')).toContain(`\`${dtypeInfo[dtype].short}\` | ${dtype} |`)
  })
})

describe('complex.md', () => {
  test('shows the graph of a product', () => {
    const [z, w] = [1, 2].map((re) => tensor([{ re, im: 1 }, { re, im: 2 }])) as [Tensor, Tensor] // biome-ignore format: side by side
    expect(read('docs/complex.md')).toContain(`\`\`\`\n${z.mul(w).graph().toString().trimEnd()}\n\`\`\``)
  })
})

describe('hand-written pages', () => {
  test.each(pages)('%s names files that exist', (path) => {
    const text = read(path)
    const named = [...text.matchAll(/(?<![\w/.])((?:lib|ir|runtime|shim|test|bench|docs)\/[\w./-]*\w)(?!\*)/g)].map((match) => match[1]!)
    const files = named.filter((name) => /\.(ts|md|cpp|h|mjs)$/.test(name))
    expect(files.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })

  test.each(pages)('%s has links that lead somewhere', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!).filter((link) => !/^\w+:/.test(link))
    expect(links.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([])
  })

  test('the checklist for ops stays short', () => {
    expect(read('docs/adding-an-op.md').split('\n').length).toBeLessThanOrEqual(30)
  })

  test('debugging.md knows every environment variable that the library and its tests read', () => {
    const folders = ['lib', 'ir', 'runtime', 'shim', 'test', 'docs']
    const names = new Set<string>()
    for (const folder of folders) {
      for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name)
        if (!entry.isFile() || !/\.(ts|mjs|py)$/.test(entry.name) || path.includes('node_modules') || path.includes('build')) continue
        for (const match of readFileSync(path, 'utf8').matchAll(/\benv(?:iron)?(?:\.get\(|\[)?\.?['"]?(SINTER_[A-Z_]+)/g))
          names.add(match[1]!)
      }
    }
    const page = read('docs/debugging.md')
    expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})

describe('the generator', () => {
  test('replaces parts between their marks and nothing else', () => {
    const page = 'a\n<!-- generated: one -->\nold\n<!-- end -->\nb\n'
    expect(replaceParts(page, { one: 'new' })).toBe('a\n<!-- generated: one -->\n\nnew\n\n<!-- end -->\nb\n')
    expect(() => replaceParts(page, {})).toThrow(/nothing to generate for the part 'one'/)
    expect(() => replaceParts(page, { one: 'x', two: 'y' })).toThrow(/no place for: two/)
  })

  test('keeps cells of tables in one piece', () => {
    expect(table(['a', 'b'], [['x | y', 'two\nlines']])).toBe('| a | b |\n|---|---|\n| x \\| y | two lines |')
  })
})
