// What does the device mps cost around MPSGraph, and what does it hand over? Figures that need no Mac: they are taken on the emulated framework, whose own time
// is left out.

import koffi from 'koffi'
import type { Graph } from '../ir/graph.js'
import { tensor } from '../lib/index.js'
import { legalize } from '../runtime/backends/mps/legalize/index.js'
import { lowerToCalls } from '../runtime/backends/mps/lower.js'
import type { Target } from '../runtime/backends/mps/target.js'
import { library, type NativeFunction } from '../runtime/native/library.js'
import { Checker } from '../test/mps/catalog-check.js'
import { missingMps } from '../test/mps/device.js'
import { allCalls, emittedPatterns, emittedSamples } from '../test/mps/emitted.js'
import { collectGarbage, median } from './harness.js'
import type { Benchmark, Recorder } from './support/figure.js'
import { transformerBlock } from './support/transformer.js'

/** The system that the emulated framework stands for. */
const target: Target = { macOS: '15.2', family: 'Apple7' }

const rounds = 400
const warmUp = 200

export const benchmark: Benchmark = {
  name: 'mps',
  question: 'What does a run on the device mps cost around MPSGraph, and is what it sends right?',
  run(recorder) {
    reportCalls(recorder)
    reportBlock(recorder, 'tanh', { most: 60 })
    reportBlock(recorder, 'none')
    if (missingMps !== undefined) {
      recorder.note(`no device mps here, so runs were not measured: ${missingMps}`)
      return
    }
    reportNativeCalls(recorder)
    reportRun(recorder)
  },
}

/** Every op, dtype, sample and pattern as calls, checked against the headers. */
function reportCalls(recorder: Recorder): void {
  const checker = new Checker()
  const samples = emittedSamples()
  const calls = [...samples, ...emittedPatterns()].flatMap(({ programs }) => programs.flatMap(allCalls))
  const selectors = new Set(calls.map(({ selector }) => selector))
  const unknown = [...selectors].filter((selector) => checker.method(selector) === undefined)
  recorder.figure(
    'selectors emitted that MPSGraph lacks',
    unknown.length,
    '',
    { most: 0 },
    `of ${selectors.size} selectors in ${calls.length} calls`,
  )
  const wrong = calls.filter((call) => checker.problems(call).length > 0)
  recorder.figure('calls whose arguments are not those declared', wrong.length, '', { most: 0 })
  const count = (test: (one: (typeof samples)[number]) => boolean): number => samples.filter(test).length
  const lowered = count(({ programs }) => programs.length > 0)
  const explained = count(({ programs, reasons }) => programs.length === 0 && reasons.length > 0)
  const idle = count(({ programs, reasons, idle }) => programs.length === 0 && reasons.length === 0 && idle)
  recorder.figure(
    'samples of ops x dtypes lowered, or refused with a reason',
    (100 * (lowered + explained + idle)) / samples.length,
    '%',
    { least: 100 },
    `of ${samples.length}: ${lowered} have a program, ${explained} a reason, ${idle} leave nothing to compute (no elements, or the operand itself)`,
  )
}

/** Calls handed over for a transformer block; neither feeds nor constants count on either side. */
function reportBlock(recorder: Recorder, approximate: 'none' | 'tanh', wanted?: { most: number }): void {
  const { graph } = transformerBlock(approximate).graph()
  const recorded = recordedOps(graph)
  const { program } = lowerToCalls(legalize(graph), [], target)
  const calls = program.calls.filter(({ selector }) => !/^(placeholder|constant)/.test(selector)).length
  recorder.figure(
    `MPSGraph calls for a transformer block, gelu by ${approximate === 'tanh' ? 'tanh' : 'erf'}`,
    (100 * calls) / recorded,
    '%',
    wanted,
    `of its recorded ops: ${calls} calls for ${recorded} ops, inputs and constants left out of both`,
  )
}

const recordedOps = ({ nodes }: Graph): number => nodes.filter(({ op }) => op.traits.leaf !== true && op.name !== 'result').length

/** Native calls of a cached realize whose result is disposed, through both libraries. */
function reportNativeCalls(recorder: Recorder): void {
  const x = tensor(new Float32Array(1024).fill(1), { device: 'mps' })
  const step = (by: number): void => x.mul(by).add(1).sqrt().realizeSync().dispose()
  for (let i = 0; i < 10; i++) step(i)
  const counted = new Map<string, number>()
  const restore = (['cpu', 'mps'] as const).map((kind) => countCalls(library(kind).call, counted))
  const realizes = 100
  for (let i = 0; i < realizes; i++) step(i)
  for (const undo of restore) undo()
  const total = [...counted.values()].reduce((sum, count) => sum + count, 0)
  const detail = [...counted].map(([name, count]) => `${name} ${count}`).join(', ')
  recorder.figure(
    'native calls per realize of a cached plan',
    total / realizes,
    '',
    { most: 1, least: 1 },
    `in ${realizes} realizes: ${detail}`,
  )
}

/** Counts calls by name until the returned function is called. */
function countCalls(functions: Readonly<Record<string, NativeFunction>>, counts: Map<string, number>): () => void {
  const own = functions as Record<string, NativeFunction>
  const originals = Object.entries(own)
  for (const [name, original] of originals) {
    const counting = (...args: unknown[]): unknown => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return (original as (...given: unknown[]) => unknown)(...args)
    }
    own[name] = Object.assign(counting, { async: original.async }) as unknown as NativeFunction
  }
  return () => {
    for (const [name, original] of originals) own[name] = original
  }
}

/** A cached realize of the smallest graph, less the time inside the emulated framework, which stands for Apple's and for the GPU. */
function reportRun(recorder: Recorder): void {
  const path = process.env['SINTER_MPS_SHIM']
  if (path === undefined) {
    recorder.note('the cost around a run is measured on the emulated framework only, which says how long it takes itself')
    return
  }
  const inside = koffi.load(path).func('int64_t mpsgraph_emulation_nanoseconds()') as unknown as () => number | bigint
  const { call } = library('mps')
  const run = call['sinter_mps_run']!
  const x = tensor(Float32Array.of(1), { device: 'mps' })
  const times = { native: [] as number[], realize: [] as number[], framework: [] as number[] }
  let native = 0
  const own = call as Record<string, NativeFunction>
  const timed = (...args: unknown[]): unknown => {
    const start = performance.now()
    const status = (run as (...given: unknown[]) => unknown)(...args)
    native = performance.now() - start
    return status
  }
  own['sinter_mps_run'] = Object.assign(timed, { async: run.async }) as unknown as NativeFunction
  collectGarbage()
  for (let i = -warmUp; i < rounds; i++) {
    const before = Number(inside())
    const start = performance.now()
    const y = x.neg().realizeSync()
    const whole = (performance.now() - start) * 1000
    y.dispose()
    const framework = (Number(inside()) - before) / 1000
    if (i < 0) continue
    times.native.push(native * 1000 - framework)
    times.realize.push(whole - framework)
    times.framework.push(framework)
  }
  own['sinter_mps_run'] = run
  if (!(median(times.framework) > 0)) throw new Error('the emulated framework does not say how long runs take')
  const how = `median of ${rounds} runs of one op on one element; left out: ${median(times.framework).toFixed(1)} us from the encoding of a run until its completion handler is called, by the emulated framework's own clock`
  recorder.figure('a cached run through koffi, without the framework', median(times.native), 'us', { most: 15 }, how)
  recorder.figure(
    'the whole cached realize, without the framework',
    median(times.realize),
    'us',
    undefined,
    'recording, look-up and memory included',
  )
}
