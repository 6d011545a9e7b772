// What is being traced right now: gradients need recorded graphs to stay whole, jit traces have arguments without values.

import type { Node } from '../ir/node.js'

let gradientDepth = 0
/** Nodes realized while graphs are kept; they drop theirs when the outermost gradient is done. */
let kept: Node[] = []

/** Runs `fn` while realized nodes keep their operands, so that a gradient can still be taken through them. */
export function keepingGraphs<T>(fn: () => T): T {
  gradientDepth++
  try {
    return fn()
  } finally {
    gradientDepth--
    if (gradientDepth === 0) {
      for (const node of kept) node.bind(node.bound!, true)
      kept = []
    }
  }
}

/** Whether realizing must not drop graphs. */
export const graphsAreKept = (): boolean => gradientDepth > 0

/** Remembers nodes that were realized without dropping their graphs. */
export function dropLater(nodes: readonly Node[]): void {
  for (const node of nodes) if (node.inputs.length > 0) kept.push(node)
}

let jitDepth = 0

/** Whether a function is being traced by jit. */
export const isTracing = (): boolean => jitDepth > 0

/** Runs `fn` as a jit trace. */
export function tracing<T>(fn: () => T): T {
  jitDepth++
  try {
    return fn()
  } finally {
    jitDepth--
  }
}
