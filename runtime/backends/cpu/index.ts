// The CPU device: optimize, fuse, lower to one native program, run it with one call.

import { explainGraph } from '../../../ir/explain.js'
import type { Graph } from '../../../ir/graph.js'
import { runPasses } from '../../../ir/pass.js'
import { fuseGraph } from '../../../ir/passes/fuse.js'
import type { Backend, CompileObserver, Executable } from '../../backend.js'
import { hostMemory } from '../../host-memory.js'
import { library, nativeFacts, requireNative } from '../../native/library.js'
import { Pool } from '../../pool.js'
import { settings } from '../../settings.js'
import { CpuExecutable } from './executable.js'
import { lowerGraph } from './lower.js'
import { cpuPipeline } from './pipeline.js'

/** Opens the CPU device: loads (if need be builds) the native library. Throws `native` when that is impossible. */
export function openCpu(): Backend {
  const { call } = library()
  const { SINTER_THREADS, SINTER_ISA } = settings()
  if (SINTER_THREADS !== undefined) requireNative(call['sinter_set_threads']!(SINTER_THREADS) === 0, 'SINTER_THREADS')
  if (SINTER_ISA !== undefined) requireNative(call['sinter_set_isa']!(SINTER_ISA) === 0, 'SINTER_ISA')
  const pool = new Pool(hostMemory((view) => Number(call['sinter_address']!(view))))
  const facts = nativeFacts()
  const threads = Math.max(1, Number(facts.threads))
  return { name: 'cpu', pool, facts, compile: (graph, scalar, observer) => compileCpu(graph, scalar, pool, threads, observer) }
}

function compileCpu(
  graph: Graph,
  scalar: readonly boolean[],
  pool: Pool,
  threads: number,
  observer: CompileObserver | undefined,
): Executable {
  const optimized = runPasses(graph, cpuPipeline, ({ pass, after, milliseconds, fired }) =>
    observer?.(pass.name, after, milliseconds, fired),
  )
  const started = performance.now()
  const fused = fuseGraph(optimized)
  observer?.('fuse', fused.graph, performance.now() - started, new Map())
  const program = lowerGraph(fused.graph, scalar)
  return new CpuExecutable(fused.graph, explainGraph(fused.graph, fused.reasons), program, pool, threads)
}
