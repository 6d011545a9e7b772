// Running a plan: inline when it is short or the caller cannot wait, else off-thread. Allocates outputs, binds nodes, writes the receipt.

import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import type { Argument, Executable } from './backend.js'
import type { Device } from './device.js'
import { type PassReceipt, publishReceipt, receiptsWanted } from './receipt.js'
import { Storage } from './storage.js'

/** What finding or compiling the plan took, for the receipt. */
export interface Preparation {
  readonly startedAt: number
  /** Nodes walked; 0 for a plan that is held (jit). */
  readonly nodes: number
  readonly cacheHit: boolean
  readonly passes: readonly PassReceipt[]
  readonly lookupMs: number
  readonly compileMs: number
}

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
  const started = performance.now()
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
  if (!receiptsWanted()) return done
  const publish = (): void => {
    publishReceipt({
      ...preparation,
      device: device.name,
      inputs: args.length,
      outputs: nodes.length,
      kernels: executable.kernels,
      offThread,
      runMs: performance.now() - started,
      arenaBytes: executable.arenaBytes,
      outputBytes: nodes.reduce((sum, node) => sum + node.type.bytes, 0),
      peakBytes: device.backend.pool.peakBytes,
    })
  }
  if (done === undefined) publish()
  else return done.then(publish)
  return undefined
}

/** Arguments of a run. Throws when a leaf was disposed or its own computation failed. */
export function argumentsOf(leaves: readonly { readonly bound?: unknown }[]): Argument[] {
  const args = new Array<Argument>(leaves.length)
  for (let i = 0; i < leaves.length; i++) {
    const bound = leaves[i]!.bound as Argument
    if (bound instanceof Storage) {
      if (bound.failure !== undefined) throw bound.failure
    } else if (typeof bound === 'object') {
      throw new SinterError('internal', 'a node is bound to something that is neither a storage nor a scalar')
    }
    args[i] = bound
  }
  return args
}

/** The runs in flight that the nodes' values wait for; undefined when none. */
export function pendingOf(nodes: readonly Node[]): Promise<void> | undefined {
  const pending = nodes.flatMap((node) => (node.bound instanceof Storage && node.bound.pending !== undefined ? [node.bound.pending] : []))
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
