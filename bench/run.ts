// npm run bench [-- name ...] [--json] [--readme]: runs benchmarks, each in a process of its own, prints their figures and saves them.
//
// --json prints the result as JSON instead of a table; --readme also puts the table into README.md and docs/benchmarks.md and draws docs/benchmarks.svg.

import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nativeFacts, packageRoot } from '../runtime/native/library.js'
import { benchmarkNames } from './support/catalog.js'
import { drawChart } from './support/chart.js'
import type { Bars, Figure, Report } from './support/figure.js'
import { describeMachine, loadIsHigh, type MachineFacts, machineFacts, threads } from './support/machine.js'
import { markdownTable, replaceBetweenMarkers, textTable } from './support/table.js'

/** bench/results/latest.json */
interface Results {
  readonly machine: MachineFacts
  readonly figures: readonly Figure[]
  readonly bars: readonly Bars[]
  readonly notes: readonly string[]
}

const usage = `usage: npm run bench [-- name ...] [--json] [--readme]\nbenchmarks: ${benchmarkNames.join(', ')}`

function fail(text: string): never {
  process.stderr.write(`${text}\n`)
  process.exit(2)
}

function readArguments(): { names: readonly string[]; json: boolean; readme: boolean } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, readme: { type: 'boolean', default: false } },
    })
    const unknown = positionals.filter((name) => !benchmarkNames.includes(name))
    if (unknown.length > 0) fail(`no benchmark is called ${unknown.join(', ')}\n${usage}`)
    return { names: positionals.length === 0 ? benchmarkNames : positionals, json: values.json, readme: values.readme }
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`)
  }
}

/** Runs one benchmark in a new process, so that none inherits another's heap, pools or caches. One that fails is a note and a missed target. */
function runApart(name: string): Promise<Report> {
  const environment = { ...process.env, SINTER_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads), SINTER_DEBUG: '0' }
  const child = fork(fileURLToPath(new URL('./support/worker.js', import.meta.url)), [name], {
    env: environment,
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  return new Promise((resolve) => {
    let report: Report | undefined
    child.on('message', (message) => {
      report = message as Report
    })
    child.on('exit', (code, signal) => {
      const how = signal ?? `exit status ${code}`
      resolve(
        report ?? { figures: [failed(name)], bars: [], notes: [`${name}: ended without a result (${how}); its output has the error`] },
      )
    })
  })
}

const failed = (benchmark: string): Figure => ({
  benchmark,
  what: 'the benchmark failed',
  value: 1,
  unit: '',
  target: { most: 0 },
  verdict: 'miss',
  detail: 'see the notes',
})

/** Results of this run over those of earlier runs of other benchmarks on the same kind of machine. */
function merge(path: string, fresh: Results, names: readonly string[]): Results {
  if (!existsSync(path)) return fresh
  const before = JSON.parse(readFileSync(path, 'utf8')) as Results
  if (before.machine.cpu !== fresh.machine.cpu) return fresh
  const rank = (entry: { readonly benchmark: string }): number => benchmarkNames.indexOf(entry.benchmark)
  const both = <T extends { readonly benchmark: string }>(old: readonly T[], now: readonly T[]): T[] =>
    [...old.filter((entry) => !names.includes(entry.benchmark)), ...now].sort((a, b) => rank(a) - rank(b))
  const notes = before.notes.filter((note) => !names.includes(note.split(':')[0]!))
  return {
    machine: fresh.machine,
    figures: both(before.figures, fresh.figures),
    bars: both(before.bars, fresh.bars),
    notes: [...notes, ...fresh.notes],
  }
}

async function main(): Promise<number> {
  const { names, json, readme } = readArguments()
  const machine = machineFacts(nativeFacts())
  process.stderr.write(`${describeMachine(machine)}\nload average ${machine.loadBefore.toFixed(2)}\n`)
  if (loadIsHigh(machine.loadBefore))
    process.stderr.write('warning: the machine is busy; absolute times will be too long and ratios noisy\n')
  const fresh = { machine, figures: [] as Figure[], bars: [] as Bars[], notes: [] as string[] }
  for (const name of names) {
    process.stderr.write(`${name} ...\n`)
    const report = await runApart(name)
    fresh.figures.push(...report.figures)
    fresh.bars.push(...report.bars)
    fresh.notes.push(...report.notes)
  }
  machine.loadAfter = loadavg()[0]!
  const root = packageRoot()
  const path = join(root, 'bench', 'results', 'latest.json')
  const results = merge(path, fresh, names)
  mkdirSync(join(root, 'bench', 'results'), { recursive: true })
  writeFileSync(`${path}.tmp`, `${JSON.stringify(results, undefined, 2)}\n`)
  renameSync(`${path}.tmp`, path)
  if (json) process.stdout.write(`${JSON.stringify(fresh, undefined, 2)}\n`)
  else {
    process.stdout.write(`\n${textTable(fresh.figures, process.stdout.isTTY === true)}\n`)
    for (const note of fresh.notes) process.stdout.write(`note: ${note}\n`)
  }
  if (readme) {
    const table = markdownTable(results.figures, results.machine)
    for (const file of ['README.md', 'docs/benchmarks.md']) replaceBetweenMarkers(join(root, file), table)
    writeFileSync(join(root, 'docs', 'benchmarks.svg'), drawChart(results.bars, results.machine))
  }
  return fresh.figures.some((figure) => figure.verdict === 'miss') ? 1 : 0
}

process.exitCode = await main()
