// `npm run mac:report`: what the GPU of this Mac computes, op by op and defect by defect, each in a process of its own, since MPSGraph ends the process on what it
// does not like. Writes one file to send back. Elsewhere it runs on the emulated framework, which is how it is tested.
//
//   --ops a,b   only these ops          --output file   default mac-report.json          --quick   no training, no speed
//   --patience seconds   after which a task counts as hanging, default 300

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { defects } from '../../runtime/backends/mps/defects.js'
import type { Result } from '../mps/conformance.js'
import { missingMps } from '../mps/device.js'

interface Ended {
  /** The task's answer; absent when the process ended without one. */
  readonly answer?: unknown
  /** A signal or exit status other than 0, and the end of what was printed on standard error. */
  readonly crash?: { readonly how: string; readonly stderr: string }
}

const { values: options } = parseArgs({
  options: {
    ops: { type: 'string' },
    output: { type: 'string', default: 'mac-report.json' },
    quick: { type: 'boolean', default: false },
    patience: { type: 'string', default: '300' },
  },
})

/** Milliseconds, longer than any task takes; a hang is a result too. */
const patience = Number(options.patience) * 1000

function perform(task: string, name = ''): Promise<Ended> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./task.js', import.meta.url)), task, name], {
    timeout: patience,
    // A process that hangs inside a library may not listen to anything gentler.
    killSignal: 'SIGKILL',
  })
  const started = performance.now()
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ answer: JSON.parse(stdout) })
      else {
        const hung = signal === 'SIGKILL' && performance.now() - started >= patience
        const how = hung ? `nothing after ${options.patience} s` : (signal ?? `exit status ${code}`)
        resolve({ crash: { how, stderr: stderr.slice(-4000) } })
      }
    })
  })
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Counts by outcome for one op. */
function summary({ answer, crash }: Ended): string {
  if (crash !== undefined) return `CRASHED (${crash.how})`
  const counts = new Map<string, number>()
  for (const { outcome } of answer as Result[]) counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

async function main(): Promise<number> {
  if (missingMps !== undefined) {
    say(`no device mps here: ${missingMps}`)
    return 2
  }
  if (!(patience > 0)) {
    say(`--patience takes a number of seconds, not '${options.patience}'`)
    return 2
  }
  const names = options.ops?.split(',') ?? Object.values<Op>(ops).flatMap((op) => (op.samples.length > 0 ? [op.name] : []))
  const unknown = names.find((name) => !Object.hasOwn(ops, name))
  if (unknown !== undefined) {
    say(`there is no op '${unknown}'`)
    return 2
  }
  const facts = await perform('facts')
  say(`device: ${JSON.stringify(facts.answer ?? facts.crash)}`)
  const conformance: Record<string, Ended> = {}
  for (const name of names) {
    conformance[name] = await perform('op', name)
    say(`${name}: ${summary(conformance[name]!)}`)
  }
  const probes: Record<string, Ended & { readonly summary: string }> = {}
  for (const { id, summary: text } of options.ops === undefined ? defects : []) {
    probes[id] = { summary: text, ...(await perform('probe', id)) }
    say(`probe ${id}: ${JSON.stringify(probes[id]!.answer ?? probes[id]!.crash)?.slice(0, 200)}`)
  }
  const training = options.quick ? undefined : await perform('train')
  const speed = options.quick ? undefined : await perform('speed')
  const machine = { platform: process.platform, release: release(), cpu: cpus()[0]?.model, memory: totalmem(), node: process.version }
  const report = { format: 1, date: new Date().toISOString(), machine, device: facts, conformance, probes, training, speed }
  writeFileSync(options.output, `${JSON.stringify(report, undefined, 1)}\n`)
  const wrong = Object.entries(conformance).filter(
    ([, { answer, crash }]) => crash !== undefined || (answer as Result[]).some(({ outcome }) => outcome.kind === 'wrong'),
  )
  say(
    `\n${names.length} ops, ${wrong.length} with wrong results or crashes${wrong.length === 0 ? '' : `: ${wrong.map(([name]) => name).join(', ')}`}`,
  )
  say(`the report is in ${options.output}`)
  return wrong.length === 0 ? 0 : 1
}

process.exitCode = await main()
