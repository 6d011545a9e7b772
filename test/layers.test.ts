// The structure that docs/architecture.md promises: which folder may import what, no op names in shared code, no monster files.

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { opByName } from '../ir/ops/index.js'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source {
  /** Path from the root, with slashes. */
  readonly path: string
  readonly text: string
}

const sourcesIn = (folder: string, extension = '.ts'): Source[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))

const layers = ['lib', 'ir', 'runtime'] as const
const sources = layers.flatMap((folder) => sourcesIn(folder))

/** What a file imports, types included: files of ours as paths from the root, packages by name. */
function importsOf({ path, text }: Source): string[] {
  const found = [...text.matchAll(/^(?:import|export)\b[^'"]*?from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm)]
  return found
    .map((match) => (match[1] ?? match[2] ?? match[3])!)
    .map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts') : name))
}

const isBridge = (path: string): boolean => path === 'lib/realize.ts' || path.startsWith('lib/cli/')

/** Whether a file of ours may import the file or package. */
function mayImport(from: string, name: string): boolean {
  const layer = from.split('/')[0]
  if (layer === 'ir') return name.startsWith('ir/') || name === 'zod'
  if (name.startsWith('ir/') || name.startsWith('node:') || name === 'zod') return true
  if (layer === 'runtime') return name.startsWith('runtime/') || (name === 'koffi' && from.startsWith('runtime/native/'))
  return name.startsWith('lib/') || (name.startsWith('runtime/') && isBridge(from))
}

describe('import arrows: lib -> ir <- runtime', () => {
  test('the files are found', () => {
    for (const layer of layers) expect(sources.filter(({ path }) => path.startsWith(`${layer}/`)).length).toBeGreaterThan(20)
    expect(importsOf(sources.find(({ path }) => path === 'lib/realize.ts')!)).toContain('runtime/index.ts')
  })

  test('every import is allowed: ir imports nothing but zod, only the bridge and the command line import the runtime, only runtime/native koffi', () => {
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .filter((name) => !mayImport(source.path, name))
        .map((name) => `${source.path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  test('what imports the runtime takes it from its index, so that its files stay its own', () => {
    const wrong = sources
      .filter(({ path }) => path.startsWith('lib/'))
      .flatMap((source) => importsOf(source).filter((name) => name.startsWith('runtime/')))
    expect(new Set(wrong)).toEqual(new Set(['runtime/index.ts']))
  })

  test('nothing that runs uses more packages than package.json lists', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const packages = new Set(sources.flatMap(importsOf).filter((name) => !name.includes('/') && !name.startsWith('node:')))
    expect(packages).toEqual(new Set(Object.keys(dependencies)))
  })

  test('named exports only', () => {
    expect(sources.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([])
  })
})

describe('op names', () => {
  /** Wiring of the IR itself, not computations: any code that walks graphs meets them. */
  const wiring: readonly string[] = ['input', 'result']

  /** Other names that shared code asks for, and why a trait would not say it. */
  const reasons: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'ir/fusion/analysis.ts': { iota: 'its elements are computed in the kernel that reads them; no other leaf is' },
    'ir/fusion/assign.ts': {
      reshape: 'drops or restores the dimensions of a row value',
      broadcast: 'spreads a row value over its row',
    },
    'ir/passes/movement.ts': {
      reshape: 'how a move passes an op differs by the kind of move',
      permute: 'how a move passes an op differs by the kind of move',
      slice: 'how a move passes an op differs by the kind of move',
      iota: 'a leaf that is not the same element everywhere, so moves matter to it',
    },
  }

  // Where ops have their names by right: the records, the algebra of the rules, and the tables of backends.
  const byRight = ['ir/ops/', 'ir/rules/', 'runtime/backends/']

  const compared = sources
    .filter(({ path }) => !byRight.some((folder) => path.startsWith(folder)))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bname\s*[!=]==\s*'(\w+)'/g)]
        .map((match) => match[1]!)
        .filter((name) => opByName(name) !== undefined)
        .map((name) => ({ path, name })),
    )

  test('shared code asks records for traits; the exceptions are named here with their reasons', () => {
    const wrong = compared.filter(({ path, name }) => !wiring.includes(name) && reasons[path]?.[name] === undefined)
    expect(wrong).toEqual([])
  })

  test('every exception is still needed', () => {
    const stale = Object.entries(reasons).flatMap(([path, names]) =>
      Object.keys(names)
        .filter((name) => !compared.some((found) => found.path === path && found.name === name))
        .map((name) => `${path}: ${name}`),
    )
    expect(stale).toEqual([])
  })
})

describe('sizes', () => {
  const limit = 400
  /** Longer files, and why they are not several. */
  const longer: Readonly<Record<string, string>> = {}

  // Tests are not counted: lists of cases may be long.
  test(`no source file has more than ${limit} lines without a reason`, () => {
    const all = [
      ...sources,
      ...sourcesIn('bench'),
      ...sourcesIn('docs'),
      ...['.cpp', '.h'].flatMap((extension) => sourcesIn('shim', extension)),
    ]
    const long = all.filter(({ text }) => text.trimEnd().split('\n').length > limit).map(({ path }) => path)
    expect(long.filter((path) => longer[path] === undefined)).toEqual([])
    expect(Object.keys(longer).filter((path) => !long.includes(path))).toEqual([])
  })
})
