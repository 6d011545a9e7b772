// Capturing where nodes are recorded. A capture costs 5 to 15 microseconds, many times a node, so it happens in debug mode and while jit traces only.

import type { Node } from '../ir/node.js'
import { settings } from './realize.js'
import { isTracing } from './trace.js'

let enabled: boolean | undefined

/** Whether recording captures origins and checks attributes against their schemas. */
export function capturing(): boolean {
  if (enabled === undefined) enabled = settings().SINTER_DEBUG >= 1
  return enabled
}

/** Notes the current stack on the node when capturing; formatted only when somebody looks. */
export function captureOrigin(node: Node): void {
  if (!capturing() && !isTracing()) return
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 12
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, captureOrigin)
  Error.stackTraceLimit = limit
  node.origin = holder
}
