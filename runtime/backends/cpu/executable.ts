// A compiled native plan: binds arguments and runs with one native call.

import type { DType } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import type { GroupInfo } from '../../../ir/explain.js'
import type { Graph } from '../../../ir/graph.js'
import type { Argument, Executable, RunInFlight } from '../../backend.js'
import { Cells } from '../../cells.js'
import { library, type NativeFunction, requireNative } from '../../native/library.js'
import type { Block, Pool } from '../../pool.js'
import type { Storage } from '../../storage.js'
import type { LoweredProgram } from './kernels/index.js'

let counter = 0

const addressOf = (storage: Storage): number => storage.address

/** Programs count the elements of a dimension in 31 bits: throws `memory` where that is why one was refused. */
function refuseLarge(graph: Graph): void {
  const large = graph.nodes.find(({ type }) => type.shape.some((size) => size >= 2 ** 31))
  if (large === undefined) return
  throw new SinterError('memory', `${large.type} has a dimension of 2^31 elements or more, which the CPU does not compute`, {
    op: large.op.name,
    hint: 'work on smaller pieces',
  })
}

export class CpuExecutable implements Executable {
  readonly graph: Graph
  readonly groups: readonly GroupInfo[]
  readonly estimatedNanoseconds: number
  readonly arenaBytes: number
  readonly kernels: number
  /** Identifies the plan in debug output. */
  readonly id = ++counter
  private readonly pool: Pool
  private readonly inputDTypes: readonly DType[]
  private readonly cells: Cells
  private readonly nativeRun: NativeFunction
  private plan: number

  constructor(graph: Graph, groups: readonly GroupInfo[], program: LoweredProgram, pool: Pool, threads: number) {
    const { call } = library()
    this.graph = graph
    this.groups = groups
    this.pool = pool
    this.estimatedNanoseconds = program.estimatedNanoseconds / threads
    this.arenaBytes = program.arenaBytes
    this.kernels = program.steps
    this.inputDTypes = graph.inputs.map((node) => node.type.dtype)
    this.cells = new Cells(program.argumentCount, addressOf)
    this.nativeRun = call['sinter_run_at']!
    this.plan = Number(call['sinter_plan_create']!(program.words, program.words.length))
    if (this.plan === 0) refuseLarge(graph)
    requireNative(this.plan !== 0, 'the native library refused a program')
  }

  run(inputs: readonly Argument[], outputs: readonly Storage[]): void {
    const arena = this.takeArena()
    try {
      this.cells.fill(inputs, outputs, this.inputDTypes)
      const status = this.nativeRun(this.handle(), this.cells.words, this.cells.count, arena?.address ?? 0, arena?.bytes ?? 0, 0)
      requireNative(status === 0, 'a run failed')
    } finally {
      if (arena !== undefined) this.pool.giveScratch(arena)
    }
  }

  start(inputs: readonly Argument[], outputs: readonly Storage[]): RunInFlight {
    const { call } = library()
    const plan = this.handle()
    const cells = new Cells(this.cells.count, addressOf)
    cells.fill(inputs, outputs, this.inputDTypes)
    const arena = this.takeArena()
    const ticket = Number(call['sinter_submit']!())
    requireNative(ticket !== 0, 'no place in the order of runs')
    // The pool thread's error text is not ours to read; the ticket keeps it.
    const wait = (): void => requireNative(call['sinter_wait']!(ticket) === 0, 'an off-thread run failed')
    const done = new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        if (arena !== undefined) this.pool.giveScratch(arena)
        try {
          resolve(wait())
        } catch (error) {
          reject(error)
        }
      }
      try {
        this.nativeRun.async(plan, cells.words, cells.count, arena?.address ?? 0, arena?.bytes ?? 0, ticket, finish)
      } catch (error) {
        call['sinter_skip']!(ticket)
        reject(error)
      }
    })
    call['sinter_submitted']!()
    return { done, wait }
  }

  dispose(): void {
    if (this.plan === 0) return
    library().call['sinter_plan_release']!(this.plan)
    this.plan = 0
  }

  private handle(): number {
    if (this.plan === 0) throw new SinterError('disposed', 'a plan was run after it was disposed')
    return this.plan
  }

  private takeArena(): Block | undefined {
    return this.arenaBytes === 0 ? undefined : this.pool.takeScratch(this.arenaBytes)
  }
}
