// Passes are pure functions from graph to graph; everything that watches them is an observer.

import { SinterError } from './error.js'
import type { Graph } from './graph.js'
import { printGraph } from './print.js'

export interface Pass {
  readonly name: string
  /** One sentence: what it does. */
  readonly doc: string
  /** Returns the transformed graph, or `graph` itself when there was nothing to do. Keeps inputs and the types of outputs. */
  run(graph: Graph, context: PassContext): Graph
}

/** What a running pass reports to. */
export class PassContext {
  /** How often each rule fired, by name. */
  readonly fired = new Map<string, number>()

  count(rule: string): void {
    this.fired.set(rule, (this.fired.get(rule) ?? 0) + 1)
  }
}

/** One pass that has run. */
export interface PassEvent {
  readonly pass: Pass
  readonly before: Graph
  /** The same object as `before` when the pass changed nothing. */
  readonly after: Graph
  readonly milliseconds: number
  readonly fired: ReadonlyMap<string, number>
}

export type PassObserver = (event: PassEvent) => void

/** A pass that threw; holds what is needed to run it again. */
export class PassError extends SinterError {
  readonly pass: string
  /** The graph the pass was given, as text: `sinter opt graph.ir --passes <pass>` repeats the failure. */
  readonly graph: string

  constructor(pass: string, graph: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('internal', `the pass '${pass}' failed: ${why}`, { hint: `graph before the pass:\n${graph}`, cause })
    this.pass = pass
    this.graph = graph
  }
}

/** Runs passes in order. A pass that throws ends the run with a PassError. Errors of the observer go through unchanged. */
export function runPasses(graph: Graph, passes: readonly Pass[], observer?: PassObserver): Graph {
  let current = graph
  for (const pass of passes) {
    const context = new PassContext()
    const start = performance.now()
    const after = runPass(pass, current, context)
    observer?.({ pass, before: current, after, milliseconds: performance.now() - start, fired: context.fired })
    current = after
  }
  return current
}

function runPass(pass: Pass, graph: Graph, context: PassContext): Graph {
  try {
    return pass.run(graph, context)
  } catch (error) {
    throw new PassError(pass.name, textOf(graph), error)
  }
}

/** The graph as text; a graph too broken to print must not hide the failure of the pass. */
function textOf(graph: Graph): string {
  try {
    return printGraph(graph)
  } catch (error) {
    return `(it could not be printed: ${error instanceof Error ? error.message : String(error)})`
  }
}
