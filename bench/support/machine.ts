// The machine a result was measured on, and how busy it was.

import { cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface MachineFacts {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
  readonly system: string
  readonly node: string
  readonly threads: number
  /** What the native library says of itself. */
  readonly native: Readonly<Record<string, string | number>>
  /** One-minute load averages when the run began and ended. */
  readonly loadBefore: number
  loadAfter: number
  readonly date: string
}

/** Threads used by every benchmark: two, for which the targets are, unless SINTER_THREADS says otherwise. */
export const threads = Number(process.env.SINTER_THREADS || 2)

export function machineFacts(native: Readonly<Record<string, string | number>>): MachineFacts {
  const list = cpus()
  const load = loadavg()[0]!
  return {
    cpu: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${process.arch}, kernel ${release()}`,
    node: process.version,
    threads,
    // Where the library lies is nobody's business elsewhere.
    native: Object.fromEntries(Object.entries(native).filter(([fact]) => fact !== 'library')),
    loadBefore: load,
    loadAfter: load,
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Work of others that is worth a warning: more than a third of a core. */
export const loadIsHigh = (load: number): boolean => load > 0.35

/** The facts as one line. */
export function describeMachine(facts: MachineFacts): string {
  const { cpu, cores, memoryGB, system, node, native } = facts
  return `${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${node}, ${native.isa ?? 'unknown'} kernels (${native.compiler ?? 'unknown compiler'}), ${facts.threads} threads`
}

/** A warning for whoever reads the results later; empty when the machine was quiet. */
export function busyNote({ loadBefore, loadAfter }: MachineFacts): string {
  if (!loadIsHigh(loadBefore)) return ''
  return `The machine was busy (load average ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after): times are too long and ratios noisy.`
}
