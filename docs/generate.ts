// Generated documentation: whole pages (docs/ops.md, docs/errors.md) and the marked parts of hand-written ones.
// `npm run docs` writes them, `npm run docs -- --check` fails when one is not in step with the code.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../runtime/index.js'
import { coveragePage } from './generate/coverage.js'
import { errorsPage } from './generate/errors.js'
import { workedExample } from './generate/example.js'
import { invariantList, jsonExample, passTable, ruleList } from './generate/ir.js'
import { mpsDefects, mpsExample, mpsPasses, mpsPatterns, mpsRefusals } from './generate/mpsgraph.js'
import { opsPage } from './generate/ops.js'
import { parityPage } from './generate/parity.js'
import { replaceParts } from './generate/parts.js'
import { commandHelp, settingsTable } from './generate/settings.js'

export interface Page {
  /** From the package's root. */
  readonly path: string
  /** What it should hold, given what it holds now. */
  make(now: string): string | Promise<string>
}

export const pages: readonly Page[] = [
  { path: 'docs/ops.md', make: opsPage },
  { path: 'docs/errors.md', make: errorsPage },
  { path: 'docs/mpsgraph-coverage.md', make: coveragePage },
  { path: 'docs/burn-parity.md', make: parityPage },
  { path: 'docs/architecture.md', make: async (now) => replaceParts(now, { example: await workedExample(), passes: passTable() }) },
  { path: 'docs/ir.md', make: (now) => replaceParts(now, { invariants: invariantList(), json: jsonExample(), rules: ruleList() }) },
  {
    path: 'docs/mpsgraph.md',
    make: (now) =>
      replaceParts(now, {
        example: mpsExample(),
        passes: mpsPasses(),
        patterns: mpsPatterns(),
        refusals: mpsRefusals(),
        defects: mpsDefects(),
      }),
  },
  { path: 'docs/debugging.md', make: (now) => replaceParts(now, { settings: settingsTable(), commands: commandHelp() }) },
]

/** Each page with what it holds and what it should. */
export async function compare(): Promise<{ path: string; now: string; wanted: string }[]> {
  const root = packageRoot()
  const compared = []
  for (const { path, make } of pages) {
    const now = await readFile(join(root, path), 'utf8').catch(() => '')
    compared.push({ path, now, wanted: await make(now) })
  }
  return compared
}

async function main(check: boolean): Promise<void> {
  const stale = (await compare()).filter(({ now, wanted }) => now !== wanted)
  for (const { path, wanted } of stale) {
    if (check) process.stderr.write(`${path} is not in step with the code\n`)
    else {
      await writeFile(join(packageRoot(), path), wanted)
      process.stdout.write(`wrote ${path}\n`)
    }
  }
  if (check && stale.length > 0) {
    process.stderr.write('run: npm run build && npm run docs\n')
    process.exitCode = 1
  } else if (check) process.stdout.write(`${pages.length} pages are in step\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'))
