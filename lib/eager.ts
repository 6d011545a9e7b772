// Eager mode: every op is realized alone, through the same backend. The honest baseline for what laziness and fusion are worth.

import type { Node } from '../ir/node.js'
import { realizeNodesSync } from './realize.js'
import { isTracing } from './trace.js'

let on = false

/** Whether newly recorded nodes are realized at once. */
export const isEager = (): boolean => on

/** Turns eager mode on or off. Returns what it was. */
export function setEager(enabled: boolean): boolean {
  const before = on
  on = enabled
  return before
}

/** Runs `fn` in eager mode; an asynchronous one until its promise settles. */
export function eager<T>(fn: () => T): T {
  const before = setEager(true)
  let result: T
  try {
    result = fn()
  } catch (error) {
    setEager(before)
    throw error
  }
  if (result instanceof Promise) return result.finally(() => setEager(before)) as T
  setEager(before)
  return result
}

/** Realizes a newly recorded node, unless it is being traced or has several results (its `result` nodes are realized instead). */
export function realizeEagerly(node: Node, device: string): void {
  if (node.results === undefined) realizeTogether([node], device)
}

/** Realizes all results of a newly recorded node with one run of its op, unless they are being traced. */
export function realizeTogether(results: readonly Node[], device: string): void {
  if (!isTracing()) realizeNodesSync(results, device)
}
