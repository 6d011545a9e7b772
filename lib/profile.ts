// profile: what each realize inside a function did and how long it took, as data, as text and as a trace that chrome://tracing and Perfetto open.

import { SinterError } from '../ir/error.js'
import { formatBytes } from '../ir/units.js'
import { onReceipt, type Receipt } from './realize.js'
import { type ChromeTrace, traceOf } from './trace-events.js'

/** One realize. */
export interface RealizeReceipt extends Receipt {
  /** Milliseconds between the end of the realize before (or the start of the profile) and the start of this one: recording, and whatever else the program did. */
  readonly recordMs: number
}

export interface ProfileTotals {
  readonly realizes: number
  readonly cacheHits: number
  /** Nodes recorded and kernels run, over all realizes. */
  readonly nodes: number
  readonly kernels: number
  readonly recordMs: number
  readonly lookupMs: number
  readonly compileMs: number
  readonly runMs: number
  /** From start to end of the profiled function. */
  readonly totalMs: number
  /** The largest static plan, all outputs together, and the most bytes of tensors alive at the end of a realize. */
  readonly arenaBytes: number
  readonly outputBytes: number
  readonly peakBytes: number
}

export interface Profile<T> {
  readonly result: T
  /** In the order in which the realizes ended. */
  readonly receipts: readonly RealizeReceipt[]
  readonly totals: ProfileTotals
  /** The profile in the Trace Event Format: write `JSON.stringify(profile.chromeTrace())` to a file and open it in chrome://tracing or ui.perfetto.dev. */
  chromeTrace(): ChromeTrace
  /** A line per realize and one with the totals. */
  toString(): string
}

/**
 * Runs `fn` and reports every realize that ended meanwhile, whoever started it. Of an asynchronous function the profile ends when its promise settles; a
 * synchronous one should use realizeSync or a read that waits, since what still runs off-thread when it returns is not counted. Throws what `fn` throws,
 * and `argument` when it is no function.
 */
export function profile<T>(fn: () => Promise<T>): Promise<Profile<T>>
export function profile<T>(fn: () => T): Profile<T>
export function profile<T>(fn: () => T | Promise<T>): Profile<T> | Promise<Profile<T>> {
  if (typeof fn !== 'function') {
    throw new SinterError('argument', `expected a function, got ${fn === null ? 'null' : typeof fn}`, {
      op: 'profile',
      hint: 'pass what to run: profile(() => step())',
    })
  }
  const receipts: RealizeReceipt[] = []
  const start = performance.now()
  let previousEnd = start
  const stop = onReceipt((receipt) => {
    receipts.push({ ...receipt, recordMs: Math.max(0, receipt.startedAt - previousEnd) })
    previousEnd = Math.max(previousEnd, endOf(receipt))
  })
  const finish = (result: T): Profile<T> => {
    stop()
    const totals = totalsOf(receipts, performance.now() - start)
    return {
      result,
      receipts,
      totals,
      chromeTrace: () => traceOf(receipts, start, totals.totalMs),
      toString: () => describeProfile(receipts, totals),
    }
  }
  let result: T | Promise<T>
  try {
    result = fn()
  } catch (error) {
    stop()
    throw error
  }
  if (!(result instanceof Promise)) return finish(result)
  return result.then(finish, (error: unknown) => {
    stop()
    throw error
  })
}

const endOf = (receipt: Receipt): number => receipt.startedAt + receipt.lookupMs + receipt.compileMs + receipt.runMs

function totalsOf(receipts: readonly RealizeReceipt[], totalMs: number): ProfileTotals {
  const sum = (pick: (receipt: RealizeReceipt) => number): number => receipts.reduce((total, receipt) => total + pick(receipt), 0)
  const most = (pick: (receipt: RealizeReceipt) => number): number => receipts.reduce((value, receipt) => Math.max(value, pick(receipt)), 0)
  return {
    realizes: receipts.length,
    cacheHits: sum((receipt) => Number(receipt.cacheHit)),
    nodes: sum((receipt) => receipt.nodes),
    kernels: sum((receipt) => receipt.kernels),
    recordMs: sum((receipt) => receipt.recordMs),
    lookupMs: sum((receipt) => receipt.lookupMs),
    compileMs: sum((receipt) => receipt.compileMs),
    runMs: sum((receipt) => receipt.runMs),
    totalMs,
    arenaBytes: most((receipt) => receipt.arenaBytes),
    outputBytes: sum((receipt) => receipt.outputBytes),
    peakBytes: most((receipt) => receipt.peakBytes),
  }
}

const mostLines = 50

function describeProfile(receipts: readonly RealizeReceipt[], totals: ProfileTotals): string {
  const lines = receipts.slice(0, mostLines).map((receipt, i) => `#${i} ${describeReceipt(receipt)}`)
  if (receipts.length > mostLines) lines.push(`... ${receipts.length - mostLines} more`)
  lines.push(
    `${totals.realizes} realizes (${totals.cacheHits} from the cache), ${totals.kernels} kernels in ${ms(totals.totalMs)}: ` +
      `recording and other work ${ms(totals.recordMs)}, lookup ${ms(totals.lookupMs)}, compile ${ms(totals.compileMs)}, run ${ms(totals.runMs)}`,
  )
  return lines.join('\n')
}

function describeReceipt(receipt: RealizeReceipt): string {
  const source = receipt.cacheHit ? 'cached' : `compiled in ${ms(receipt.compileMs)}`
  const bytes = `${formatBytes(receipt.outputBytes)} out, arena ${formatBytes(receipt.arenaBytes)}, peak ${formatBytes(receipt.peakBytes)}`
  const where = receipt.offThread ? `${receipt.device}, off-thread` : receipt.device
  return `${where}: ${receipt.nodes} nodes -> ${receipt.kernels} kernels, ${source}, record ${ms(receipt.recordMs)}, run ${ms(receipt.runMs)}, ${bytes}`
}

const ms = (value: number): string => `${value.toFixed(value < 10 ? 3 : 1)} ms`
