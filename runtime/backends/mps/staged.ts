// The executable of the device mps: usually one stage, the whole graph on the GPU; with ops that the GPU does not compute, a few in turn.

import type { GroupInfo } from '../../../ir/explain.js'
import type { Graph } from '../../../ir/graph.js'
import type { Argument, Executable, RunInFlight } from '../../backend.js'
import type { Pool } from '../../pool.js'
import { Storage } from '../../storage.js'
import type { MpsExecutable } from './executable.js'
import type { Stage } from './partition.js'

export interface CompiledStage {
  readonly stage: Stage
  readonly executable: MpsExecutable | Executable
}

export class StagedExecutable implements Executable {
  readonly graph: Graph
  readonly groups: readonly GroupInfo[]
  readonly kernels: number
  readonly arenaBytes: number
  readonly estimatedNanoseconds: number
  private readonly stages: readonly CompiledStage[]
  private readonly pool: Pool

  constructor(graph: Graph, stages: readonly CompiledStage[], groups: readonly GroupInfo[], pool: Pool) {
    this.graph = graph
    this.groups = groups
    this.stages = stages
    this.pool = pool
    this.kernels = groups.length
    this.arenaBytes = stages.reduce((sum, { executable }) => sum + ('arenaBytes' in executable ? executable.arenaBytes : 0), 0)
    this.estimatedNanoseconds = stages.reduce((sum, { executable }) => sum + executable.estimatedNanoseconds, 0)
  }

  run(inputs: readonly Argument[], outputs: readonly Storage[]): void {
    new StagedRun(this.stages, inputs, outputs, this.pool).finish()
  }

  start(inputs: readonly Argument[], outputs: readonly Storage[]): RunInFlight {
    const run = new StagedRun(this.stages, inputs, outputs, this.pool)
    return { done: run.proceed(), wait: () => run.finish() }
  }

  dispose(): void {
    for (const { executable } of this.stages) executable.dispose()
  }
}

/** One run: stages in order, values between them in storages of their own. */
class StagedRun {
  private readonly stages: readonly CompiledStage[]
  private readonly inputs: readonly Argument[]
  private readonly outputs: readonly Storage[]
  private readonly pool: Pool
  /** Outputs of the stages that have been started. */
  private readonly values: Storage[][] = []
  private at = 0
  private current: RunInFlight | undefined
  private failure: unknown

  constructor(stages: readonly CompiledStage[], inputs: readonly Argument[], outputs: readonly Storage[], pool: Pool) {
    this.stages = stages
    this.inputs = inputs
    this.outputs = outputs
    this.pool = pool
  }

  /** Runs what is left before returning. */
  finish(): void {
    this.guard(() => {
      while (this.at < this.stages.length) {
        if (this.current !== undefined) this.current.wait()
        else this.runStage()
        this.next()
      }
    })
  }

  /** Runs what is left, giving way to others while the GPU or an off-thread plan works. `finish` may overtake it at any time. */
  async proceed(): Promise<void> {
    while (this.at < this.stages.length && this.failure === undefined) {
      const mine = this.at
      this.guard(() => this.startStage())
      if (this.current === undefined) {
        this.next()
        continue
      }
      const failure = await this.current.done.then(
        () => undefined,
        (error: unknown) => error,
      )
      if (this.at !== mine) continue
      if (failure !== undefined) this.guard(() => raise(failure))
      this.next()
    }
    if (this.failure !== undefined) throw this.failure
  }

  private startStage(): void {
    const { executable } = this.stages[this.at]!
    const [args, results] = this.bind()
    if (executable.start === undefined) executable.run(args, results)
    else this.current = executable.start(args, results)
  }

  private runStage(): void {
    const [args, results] = this.bind()
    this.stages[this.at]!.executable.run(args, results)
  }

  /** The stage's arguments, and storages for its results. */
  private bind(): [Argument[], Storage[]] {
    const { stage } = this.stages[this.at]!
    const args = stage.sources.map((source) =>
      'argument' in source ? this.inputs[source.argument]! : this.values[source.stage]![source.output]!,
    )
    // The GPU runs its work in order, the CPU knows nothing of that.
    if (stage.place === 'cpu') for (const arg of args) if (arg instanceof Storage) arg.wait?.()
    const results = stage.targets.map((target, i) =>
      target === undefined ? new Storage(stage.graph.outputs[i]!.type, this.pool) : this.outputs[target]!,
    )
    this.values[this.at] = results
    return [args, results]
  }

  private next(): void {
    this.current = undefined
    this.at++
    if (this.at >= this.stages.length) this.releaseValues()
  }

  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.failure ??= error
      this.releaseValues()
      throw error
    }
  }

  private releaseValues(): void {
    this.values.forEach((storages, k) => {
      const { targets } = this.stages[k]!.stage
      storages.forEach((storage, i) => {
        if (targets[i] === undefined) storage.dispose()
      })
    })
    this.values.length = 0
  }
}

function raise(error: unknown): never {
  throw error
}
