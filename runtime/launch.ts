// Running a plan: inline when it is short or the caller cannot wait, else off-thread. Allocates outputs, binds nodes, writes the receipt.

import { SinterError } from '../ir/error.js'
import type { Bound, Node } from '../ir/node.js'
import type { Argument, Executable } from './backend.js'
import type { Device } from './device.js'
import { type PassReceipt, publishReceipt, receiptsWanted } from './receipt.js'
import { Storage } from './storage.js'

/** What finding or compiling the plan took, for the receipt. */
export interface Preparation {
  /** When it began; undefined: with the run. */
  readonly startedAt: number | undefined
  /** Nodes walked; 0 for a plan that is held (jit). */
  readonly nodes: number
  readonly cacheHit: boolean
  readonly passes: readonly PassReceipt[]
  readonly lookupMs: number
  readonly compileMs: number
}

/** Of a plan that was at hand, when nobody measures. */
export const heldPlan: Preparation = { startedAt: undefined, nodes: 0, cacheHit: true, passes: [], lookupMs: 0, compileMs: 0 }

export interface LaunchOptions {
  /** Bound nodes keep their operands (a gradient in progress still needs them). */
  readonly keepGraph: boolean
  /** The caller can wait for an off-thread run. */
  readonly mayWait: boolean
}

/** Plans estimated to take longer than this run off-thread when the caller can wait: a hop costs 20 to 80 microseconds. */
const offThreadNanoseconds = 500_000
/** Off-thread runs in flight at most: libuv has four threads for everybody. */
const inFlightLimit = 2

const inFlight = new Set<Promise<void>>()

/**
 * Runs the plan and binds `nodes` to its outputs. Returns undefined when the values exist on return, else a promise of them; the nodes are bound either way,
 * and whatever uses them runs after. When anything throws, no node is bound and no memory is kept.
 */
export function launch(
  executable: Executable,
  args: readonly Argument[],
  nodes: readonly Node[],
  device: Device,
  options: LaunchOptions,
  preparation: Preparation,
): Promise<void> | undefined {
  const measured = receiptsWanted()
  const started = measured ? performance.now() : 0
  const offThread =
    options.mayWait &&
    executable.start !== undefined &&
    executable.estimatedNanoseconds >= offThreadNanoseconds &&
    inFlight.size < inFlightLimit
  const outputs = allocateOutputs(nodes, device)
  let done: Promise<void> | undefined
  try {
    if (offThread) done = startOffThread(executable, args, outputs)
    else executable.run(args, outputs)
  } catch (error) {
    for (const storage of outputs) storage.dispose()
    throw error
  }
  for (let i = 0; i < nodes.length; i++) nodes[i]!.bind(outputs[i]!, !options.keepGraph)
  if (!measured) return done
  const facts: RunFacts = { executable, inputs: args.length, nodes, device, preparation, started, offThread }
  if (done !== undefined) return done.then(() => publish(facts))
  publish(facts)
  return undefined
}

interface RunFacts {
  readonly executable: Executable
  readonly inputs: number
  readonly nodes: readonly Node[]
  readonly device: Device
  readonly preparation: Preparation
  readonly started: number
  readonly offThread: boolean
}

function publish({ executable, inputs, nodes, device, preparation, started, offThread }: RunFacts): void {
  publishReceipt({
    ...preparation,
    startedAt: preparation.startedAt ?? started,
    device: device.name,
    inputs,
    outputs: nodes.length,
    kernels: executable.kernels,
    offThread,
    runMs: performance.now() - started,
    arenaBytes: executable.arenaBytes,
    outputBytes: nodes.reduce((sum, node) => sum + node.type.bytes, 0),
    peakBytes: device.backend.pool.peakBytes,
  })
}

/** Values of leaves as arguments of a run. Throws when a leaf was disposed or its own computation failed. */
export function argumentsOf(leaves: readonly Node[]): Argument[] {
  const args: Argument[] = []
  for (let i = 0; i < leaves.length; i++) args.push(argument(leaves[i]!.bound))
  return args
}

/** The value as an argument of a run. Throws when its computation failed. */
export function argument(bound: Bound | undefined): Argument {
  if (bound instanceof Storage) {
    if (bound.failure !== undefined) throw bound.failure
  } else if (typeof bound === 'object') {
    throw new SinterError('internal', 'a node is bound to something that is neither a storage nor a scalar')
  }
  return bound as Argument
}

/** The runs in flight that the nodes' values wait for; undefined when none. */
export function pendingOf(nodes: readonly Node[]): Promise<void> | undefined {
  const pending: Promise<void>[] = []
  for (const { bound } of nodes) if (bound instanceof Storage && bound.pending !== undefined) pending.push(bound.pending)
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
}

/** Storages of the nodes' types; all or none. */
function allocateOutputs(nodes: readonly Node[], device: Device): Storage[] {
  const made: Storage[] = []
  try {
    for (const node of nodes) made.push(new Storage(node.type, device.backend.pool))
  } catch (error) {
    for (const storage of made) storage.dispose()
    throw error
  }
  return made
}

/** Starts a run; marks the outputs as pending until it ends and keeps the memory of every storage it touches. */
function startOffThread(executable: Executable, args: readonly Argument[], outputs: readonly Storage[]): Promise<void> {
  const touched = [...outputs, ...args.filter((arg): arg is Storage => arg instanceof Storage)]
  for (const storage of touched) storage.retain()
  let run: { done: Promise<void>; wait: () => void }
  try {
    run = executable.start!(args, outputs)
  } catch (error) {
    for (const storage of touched) storage.release()
    throw error
  }
  const finish = (failure?: Error): void => {
    for (const storage of outputs) {
      storage.pending = undefined
      storage.wait = undefined
      storage.failure = failure
    }
    for (const storage of touched) storage.release()
    inFlight.delete(done)
  }
  const done: Promise<void> = run.done.then(
    () => finish(),
    (error: Error) => {
      finish(error)
      throw error
    },
  )
  // Whoever waits sees the failure; a run nobody waits for leaves it on its outputs.
  done.catch(() => {})
  inFlight.add(done)
  for (const storage of outputs) {
    storage.pending = done
    storage.wait = run.wait
  }
  return done
}
