// A compiled MPSGraphExecutable: binds arguments and runs with one native call.

import type { DType } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import type { Graph } from '../../../ir/graph.js'
import { graphCost } from '../../../ir/stats.js'
import type { Argument, RunInFlight } from '../../backend.js'
import { Cells } from '../../cells.js'
import { library, requireNative } from '../../native/library.js'
import type { Storage } from '../../storage.js'
import { lowerToCalls } from './lower.js'
import { packProgram } from './program.js'
import type { Target } from './target.js'

const handleOf = (storage: Storage): number => storage.handle

/** Encoding and waiting for the smallest graph: what others measured on Apple GPUs. */
const launchNanoseconds = 150_000
/** Cautious figures for an Apple GPU, for choosing between running inline and off-thread only: they are estimates, not measurements of ours. */
const flopsPerNanosecond = 1000
const bytesPerNanosecond = 50

/** A graph on the GPU as a whole. */
export class MpsExecutable {
  readonly estimatedNanoseconds: number
  /** Calls that built the graph, and what was recognised in it. */
  readonly calls: number
  readonly patterns: readonly string[]
  private readonly dtypes: readonly DType[]
  private readonly cells: Cells
  private executable: number

  /** Compiles the graph. All its nodes have lowerings, and inputs and outputs are types that the GPU has. */
  constructor(graph: Graph, scalar: readonly boolean[], device: number, level: number, target: Target) {
    const { program, claims } = lowerToCalls(graph, scalar, target)
    const bytes = packProgram(program)
    this.calls = program.calls.length
    this.patterns = claims.map((claim) => claim.pattern)
    this.dtypes = graph.inputs.map((node) => node.type.dtype)
    this.cells = new Cells(graph.inputs.length + graph.outputs.length, handleOf)
    const { flops, bytesRead, bytesWritten } = graphCost(graph)
    this.estimatedNanoseconds = launchNanoseconds + Math.max(flops / flopsPerNanosecond, (bytesRead + bytesWritten) / bytesPerNanosecond)
    this.executable = Number(library('mps').call['sinter_mps_compile']!(device, bytes, bytes.length, level))
    requireNative(this.executable !== 0, 'MPSGraph refused a graph', 'mps')
  }

  run(inputs: readonly Argument[], outputs: readonly Storage[]): void {
    this.cells.fill(inputs, outputs, this.dtypes)
    const status = library('mps').call['sinter_mps_run']!(this.handle(), this.cells.words, this.cells.count)
    requireNative(status === 0, 'a run on the GPU failed', 'mps')
  }

  start(inputs: readonly Argument[], outputs: readonly Storage[]): RunInFlight {
    const { call } = library('mps')
    this.cells.fill(inputs, outputs, this.dtypes)
    const ticket = Number(call['sinter_mps_submit']!(this.handle(), this.cells.words, this.cells.count))
    requireNative(ticket !== 0, 'a run on the GPU could not be started', 'mps')
    const wait = (): void => requireNative(call['sinter_mps_wait']!(ticket) === 0, 'a run on the GPU failed', 'mps')
    // The waiting thread's error text is not ours to read; the ticket keeps it.
    const done = new Promise<void>((resolve, reject) => {
      call['sinter_mps_wait']!.async(ticket, () => {
        try {
          resolve(wait())
        } catch (error) {
          reject(error)
        }
      })
    })
    return { done, wait }
  }

  dispose(): void {
    if (this.executable === 0) return
    library('mps').call['sinter_mps_release']!(this.executable)
    this.executable = 0
  }

  private handle(): number {
    if (this.executable === 0) throw new SinterError('disposed', 'a plan was run after it was disposed')
    return this.executable
  }
}
