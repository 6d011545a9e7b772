// The report for Macs, on whatever device mps is here: its structure, and what it makes of crashes, hangs and wrong results.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ops } from '../../ir/ops/index.js'
import { compiledPath, ensureBuilt, runChild } from '../child.js'
import type { Result } from '../mps/conformance.js'
import { missingMps } from '../mps/device.js'

interface Task {
  readonly answer?: unknown
  readonly crash?: { readonly how: string; readonly stderr: string }
}

interface Report {
  readonly format: number
  readonly date: string
  readonly machine: Readonly<Record<string, unknown>>
  readonly device: Task
  readonly conformance: Readonly<Record<string, Task>>
  readonly probes: Readonly<Record<string, Task>>
}

const folder = mkdtempSync(join(tmpdir(), 'sinter-report-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(ensureBuilt)

const shim = process.env['SINTER_MPS_SHIM']

async function report(args: readonly string[], broken?: string) {
  const output = join(folder, 'report.json')
  const env = {
    ...(shim === undefined ? {} : { SINTER_MPS_SHIM: shim }),
    ...(broken === undefined ? {} : { MPSGRAPH_EMULATION_BREAK: broken }),
  }
  const { code, stderr } = await runChild([compiledPath('test/mac/report.js'), '--output', output, ...args], { env })
  return { code, stderr, read: () => JSON.parse(readFileSync(output, 'utf8')) as Report }
}

const outcomes = ({ answer }: Task): string[] => [...new Set((answer as Result[]).map(({ outcome }) => outcome.kind))].sort()

describe.skipIf(missingMps !== undefined)('npm run mac:report', () => {
  it('writes what each op gave, with the machine and the device', async () => {
    const { code, stderr, read } = await report(['--ops', 'tanh,sum', '--quick'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('2 ops, 0 with wrong results or crashes')
    const { format, date, machine, device, conformance, probes } = read()
    expect(format).toBe(1)
    expect(Date.parse(date)).toBeGreaterThan(Date.UTC(2024))
    expect(machine).toMatchObject({ platform: process.platform, node: process.version })
    expect(device.answer).toMatchObject({ name: expect.any(String), family: expect.stringMatching(/apple/i) })
    expect(Object.keys(conformance)).toEqual(['tanh', 'sum'])
    for (const [name, task] of Object.entries(conformance)) {
      const { dtypes, samples } = ops[name as 'tanh']
      expect((task.answer as Result[]).length).toBe(dtypes.length * samples.length)
    }
    expect(outcomes(conformance['tanh']!)).toEqual(['refused', 'right'])
    expect(probes).toEqual({})
  })

  it('says what is wrong with its own arguments', async () => {
    expect(await report(['--ops', 'tanh,cosine'])).toMatchObject({ code: 2, stderr: "there is no op 'cosine'\n" })
    expect(await report(['--patience', 'long'])).toMatchObject({ code: 2, stderr: "--patience takes a number of seconds, not 'long'\n" })
  })
})

describe.skipIf(missingMps !== undefined || process.platform !== 'linux')('a device that', () => {
  it('ends the process on an op: the others are still asked', async () => {
    const { code, stderr, read } = await report(['--ops', 'tanh,sum', '--quick'], 'abort:tanh')
    expect(code).toBe(1)
    expect(stderr).toContain('tanh: CRASHED (SIGABRT)')
    expect(stderr).toContain('2 ops, 1 with wrong results or crashes: tanh')
    const { conformance } = read()
    expect(conformance['tanh']).toEqual({ crash: { how: 'SIGABRT', stderr: expect.any(String) } })
    expect(outcomes(conformance['sum']!)).not.toContain('wrong')
  })

  it('hangs on an op: it is given up', async () => {
    const { code, read } = await report(['--ops', 'tanh,neg', '--quick', '--patience', '5'], 'hang:tanh')
    expect(code).toBe(1)
    expect(read().conformance['tanh']!.crash!.how).toBe('nothing after 5 s')
    expect(outcomes(read().conformance['neg']!)).not.toContain('wrong')
  })

  it('computes something wrong: it is shown with the graph', async () => {
    const { code, read } = await report(['--ops', 'tanh', '--quick'], 'tanh')
    expect(code).toBe(1)
    const wrong = (read().conformance['tanh']!.answer as Result[]).flatMap(({ outcome }) =>
      outcome.kind === 'wrong' ? [outcome.problem] : [],
    )
    expect(wrong.length).toBeGreaterThan(3)
    expect(wrong[0]).toMatch(/element 0: got .*, expected .*\n.*graph[\s\S]*tanh/)
  })
})
