// A profile as Trace Event Format, the JSON that chrome://tracing and Perfetto read
// (Google, "Trace Event Format": complete events "X", counters "C", metadata "M"; times in microseconds).

import type { RealizeReceipt } from './profile.js'

export interface TraceEvent {
  readonly name: string
  readonly ph: 'X' | 'C' | 'M'
  readonly pid: number
  readonly tid: number
  readonly cat?: string
  /** Microseconds since the start of the profile. */
  readonly ts?: number
  readonly dur?: number
  readonly args?: Readonly<Record<string, unknown>>
}

export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[]
  readonly displayTimeUnit: 'ms'
}

const pid = 1
const mainThread = 1

/** The trace of receipts of a profile that began at `start` (performance.now) and took `totalMs`. */
export function traceOf(receipts: readonly RealizeReceipt[], start: number, totalMs: number): ChromeTrace {
  const threads = new Threads()
  const traceEvents: TraceEvent[] = [
    { name: 'process_name', ph: 'M', pid, tid: mainThread, args: { name: 'sinter' } },
    complete('profile', 'profile', mainThread, 0, totalMs * 1000, {}),
  ]
  for (const [i, receipt] of receipts.entries()) addRealize(traceEvents, threads, receipt, i, (receipt.startedAt - start) * 1000)
  return { traceEvents: [...traceEvents, ...threads.names()], displayTimeUnit: 'ms' }
}

const complete = (name: string, cat: string, tid: number, ts: number, dur: number, args: TraceEvent['args']): TraceEvent => ({
  name,
  ph: 'X',
  pid,
  tid,
  cat,
  ts: Math.max(0, ts),
  dur: Math.max(0, dur),
  ...(args && { args }),
})

function addRealize(events: TraceEvent[], threads: Threads, receipt: RealizeReceipt, index: number, at: number): void {
  const lookup = receipt.lookupMs * 1000
  const compile = receipt.compileMs * 1000
  const run = receipt.runMs * 1000
  const onMain = lookup + compile + (receipt.offThread ? 0 : run)
  const { nodes, inputs, outputs, cacheHit, kernels, arenaBytes, outputBytes, peakBytes, device } = receipt
  const facts = { device, nodes, inputs, outputs, cacheHit, kernels, arenaBytes, outputBytes, peakBytes, recordMs: receipt.recordMs }
  events.push(complete(`realize #${index}`, 'realize', mainThread, at, onMain, facts))
  if (lookup > 0) events.push(complete('lookup', 'realize', mainThread, at, lookup, { cacheHit }))
  if (compile > 0) addCompile(events, receipt, at + lookup, compile)
  const runAt = at + lookup + compile
  const thread = receipt.offThread ? threads.offThread(runAt, runAt + run) : mainThread
  events.push(complete(`run #${index} (${kernels} kernels)`, 'run', thread, runAt, run, { kernels, arenaBytes, outputBytes }))
  events.push({ name: 'peak bytes', ph: 'C', pid, tid: mainThread, ts: Math.max(0, runAt + run), args: { bytes: peakBytes } })
}

/** Passes one after the other from the start of the compilation, and lowering in what is left of it. */
function addCompile(events: TraceEvent[], receipt: RealizeReceipt, at: number, duration: number): void {
  events.push(complete('compile', 'compile', mainThread, at, duration, { nodes: receipt.nodes }))
  let from = at
  for (const { pass, nodesBefore, nodesAfter, milliseconds, rules } of receipt.passes) {
    events.push(complete(pass, 'pass', mainThread, from, milliseconds * 1000, { nodesBefore, nodesAfter, ...rules }))
    from += milliseconds * 1000
  }
  if (at + duration > from) events.push(complete('lower', 'compile', mainThread, from, at + duration - from, {}))
}

/** Tracks for off-thread runs: runs that overlap in time get different ones, so that viewers draw them side by side. */
class Threads {
  private readonly busyUntil: number[] = []

  offThread(from: number, to: number): number {
    const free = this.busyUntil.findIndex((until) => until <= from)
    const track = free < 0 ? this.busyUntil.length : free
    this.busyUntil[track] = to
    return mainThread + 1 + track
  }

  names(): TraceEvent[] {
    const name = (tid: number, text: string): TraceEvent => ({ name: 'thread_name', ph: 'M', pid, tid, args: { name: text } })
    return [name(mainThread, 'main thread'), ...this.busyUntil.map((_, i) => name(mainThread + 1 + i, `off-thread run ${i + 1}`))]
  }
}
