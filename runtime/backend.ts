// What a backend is: it compiles a graph to an executable, and an executable runs with one call.

import type { GroupInfo } from '../ir/explain.js'
import type { Graph } from '../ir/graph.js'
import type { Pool } from './pool.js'
import type { Storage } from './storage.js'

/** An argument of a run: a realized tensor's storage, or a scalar by value. */
export type Argument = Storage | number | bigint

export interface Backend {
  /** The device name: 'cpu', 'reference', ... */
  readonly name: string
  readonly pool: Pool
  /** Facts for people: native library, kernel set, threads. */
  readonly facts: Readonly<Record<string, string | number>>
  /** Compiles an unoptimized graph. Inputs and outputs are by position; scalar[i] says that input i is given by value. */
  compile(graph: Graph, scalar: readonly boolean[], observer?: CompileObserver): Executable
}

/** Sees the graph after every pass, for dumps and receipts. */
export type CompileObserver = (pass: string, graph: Graph, milliseconds: number, rules: ReadonlyMap<string, number>) => void

/** A run that has been started. */
export interface RunInFlight {
  /** Settles at its end. */
  readonly done: Promise<void>
  /** Waits for its end before returning; throws what made it fail. */
  readonly wait: () => void
}

export interface Executable {
  /** Estimated time of a run, for choosing between running inline and off-thread. */
  readonly estimatedNanoseconds: number
  /** Bytes of temporaries, planned once. */
  readonly arenaBytes: number
  /** Kernels per run. */
  readonly kernels: number
  /** What ended in which kernel. */
  readonly groups: readonly GroupInfo[]
  /** The optimized, fused graph. */
  readonly graph: Graph
  /** Runs before returning. Outputs are storages of the output types. */
  run(inputs: readonly Argument[], outputs: readonly Storage[]): void
  /** Starts a run off-thread and returns at once. Absent when the backend has no such way. */
  start?(inputs: readonly Argument[], outputs: readonly Storage[]): RunInFlight
  /** Releases native resources. Safe while a run is in flight. */
  dispose(): void
}
