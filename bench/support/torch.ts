// PyTorch as a contender: a child process that answers with times, where a Python with torch is found. Never required.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../../runtime/native/library.js'
import type { Contender } from '../harness.js'
import { threads } from './machine.js'

export interface Torch {
  readonly version: string
  /** One of the programs in torch_server.py. */
  contender(name: string, program: string): Contender
  close(): void
}

/** Its idle OpenMP threads spin for a few milliseconds after each call. */
const settleMilliseconds = 25

/** Starts PyTorch; a text says why there is none. SINTER_BENCH_PYTHON names another interpreter than python3. */
export async function startTorch(): Promise<Torch | string> {
  const python = process.env.SINTER_BENCH_PYTHON ?? 'python3'
  const script = join(packageRoot(), 'bench', 'support', 'torch_server.py')
  const environment = { ...process.env, OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }
  const child = spawn(python, [script, String(threads)], { env: environment })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ready = await firstLine(child, lines)
  if (ready === undefined) return `${python} has no torch; PyTorch was not measured`
  const { torch: version } = JSON.parse(ready) as { torch: string }
  const ask = async (program: string, calls: number): Promise<number> => {
    child.stdin.write(`${program} ${calls}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error('PyTorch ended early')
    return Number(value)
  }
  return {
    version,
    contender: (name, program) => ({ name, sample: (calls) => ask(program, calls), settle: settleMilliseconds }),
    close: () => child.kill(),
  }
}

async function firstLine(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>): Promise<string | undefined> {
  const failed = new Promise<undefined>((resolve) => child.on('error', () => resolve(undefined)))
  const first = await Promise.race([lines.next(), failed])
  return first === undefined || first.done === true ? undefined : first.value
}
