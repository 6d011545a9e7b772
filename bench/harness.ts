// Measuring: contenders run in turns, so that all of them see the same machine, and medians are compared round by round.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Bench } from 'tinybench'

/** Something timed against others. */
export interface Contender {
  readonly name: string
  /** Runs `calls` times and returns the microseconds per call. */
  sample(calls: number): number | Promise<number>
  /** Milliseconds to let pass after each sample: other libraries' idle threads spin for a while. */
  readonly settle?: number
}

export interface SideBySideOptions {
  /** Rounds measured; each has one sample of every contender. Default 21. */
  readonly rounds?: number
  /** Calls are repeated until a sample takes this long. Default 4 ms. */
  readonly sampleMilliseconds?: number
  /** Collects garbage before every sample. Default true. */
  readonly collect?: boolean
}

export interface Comparison {
  /** Median microseconds per call. */
  median(name: string): number
  /** Median over the rounds of one contender's time divided by another's. */
  ratio(of: string, to: string): number
}

/**
 * The clock, in milliseconds. With SINTER_BENCH_CLOCK=cpu it is the processor time of all threads of this process: the thing to look at with SINTER_THREADS=1
 * when others keep the machine busy. It means nothing for contenders in other processes.
 */
export const now: () => number =
  process.env.SINTER_BENCH_CLOCK === 'cpu'
    ? () => {
        const { user, system } = process.cpuUsage()
        return (user + system) / 1000
      }
    : () => performance.now()

/** Results go here, so that no engine may leave the work out. */
let consumed: unknown
const consume = (value: unknown): void => {
  consumed = value
}
/** The last result consumed. */
export const lastResult = (): unknown => consumed

setFlagsFromString('--expose-gc')
/** After a full collection V8 goes on sweeping on another core for about a millisecond: with two cores, half of what is to be measured. */
const sweepMilliseconds = 5

/** A full garbage collection. */
export const collectGarbage = runInNewContext('gc') as () => void

export const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The median, by sorting a copy. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A contender that calls `run`, in this process. `run` disposes what it makes, so that memory is pooled. */
export function contender(name: string, run: () => unknown, settle?: number): Contender {
  const sample = (calls: number): number => {
    // Untimed, as contenders in other processes do it: a collection and the other contenders were here since the last call.
    consume(run())
    const start = now()
    for (let i = 0; i < calls; i++) consume(run())
    return ((now() - start) * 1000) / calls
  }
  return settle === undefined ? { name, sample } : { name, sample, settle }
}

/** Times contenders in turns: first each is warmed up and its calls per sample chosen, then every round samples all, starting at another one. */
export async function sideBySide(contenders: readonly Contender[], options: SideBySideOptions = {}): Promise<Comparison> {
  const { rounds = 21, sampleMilliseconds = 4, collect = true } = options
  const take = async (one: Contender, calls: number): Promise<number> => {
    if (collect) {
      collectGarbage()
      await sleep(sweepMilliseconds)
    }
    const time = await one.sample(calls)
    if (one.settle !== undefined) await sleep(one.settle)
    return time
  }
  const calls = new Map<string, number>()
  for (const one of contenders) {
    await take(one, 2)
    const first = await take(one, 3)
    const second = await take(one, callsFor(first, sampleMilliseconds))
    calls.set(one.name, callsFor(second, sampleMilliseconds))
  }
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      const one = contenders[(i + round) % contenders.length]!
      samples.get(one.name)!.push(await take(one, calls.get(one.name)!))
    }
  }
  const of = (name: string): readonly number[] => {
    const own = samples.get(name)
    if (own === undefined) throw new Error(`no contender is called ${name}`)
    return own
  }
  return {
    median: (name) => median(of(name)),
    ratio: (name, to) => median(of(name).map((time, round) => time / of(to)[round]!)),
  }
}

const callsFor = (microseconds: number, milliseconds: number): number =>
  Math.max(1, Math.min(100_000, Math.ceil((milliseconds * 1000) / Math.max(microseconds, 0.01))))

/** Median and 95th percentile of the microseconds of one call; `run` is measured by itself, after a warm-up. */
export function alone(run: () => unknown, milliseconds = 1000): { median: number; high: number } {
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 2, retainSamples: true })
  bench.add('alone', () => consume(run()))
  bench.runSync()
  const result = bench.tasks[0]!.result
  if (result.state !== 'completed') throw new Error('error' in result ? String(result.error) : `a measurement ended as ${result.state}`)
  const samples = result.latency.samples!
  return { median: result.latency.p50 * 1000, high: samples[Math.floor(samples.length * 0.95)]! * 1000 }
}
