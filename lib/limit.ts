// Keeping the pending graph bounded: a result nobody realizes must not hold on to everything it was ever computed from.

import type { Node } from '../ir/node.js'
import { postorder } from '../ir/walk.js'
import { isRealized, realizeNodesSync, settings } from './realize.js'
import { graphsAreKept, isTracing } from './trace.js'

let limit: number | undefined
let warned = false

/** Whether the node hangs on pending nodes recorded so long ago that it is time to realize them. */
export function tooOld(node: Node): boolean {
  if (limit === undefined) limit = settings().SINTER_GRAPH_LIMIT
  return node.sequence - node.oldest > limit && !isTracing() && !graphsAreKept()
}

/**
 * Realizes the oldest pending nodes below `node`: those recorded more than half the limit ago that younger pending nodes still use.
 * What remains pending below `node` is then younger than the limit.
 */
export function relieve(node: Node, device: string): void {
  const pending = postorder([node], isRealized).filter((candidate) => !isRealized(candidate))
  const boundary = node.sequence - limit! / 2
  const roots = new Set<Node>()
  for (const user of pending) {
    if (user.sequence <= boundary) continue
    for (const input of user.inputs) {
      if (isRealized(input) || input.sequence > boundary) continue
      // A node with several results has no value of its own: its users are the roots.
      if (input.results === undefined) roots.add(input)
      else roots.add(user)
    }
  }
  if (roots.size > 0) {
    // A few old nodes that something young still uses, such as a random key kept lazy, are no reason to bother anybody.
    if (pending.length > limit! / 2) warnOnce(node, roots)
    realizeNodesSync([...roots], device)
  }
  for (const candidate of pending) {
    let oldest = candidate.sequence
    for (const input of candidate.inputs) if (!isRealized(input) && input.oldest < oldest) oldest = input.oldest
    candidate.oldest = oldest
  }
}

function warnOnce(node: Node, roots: ReadonlySet<Node>): void {
  if (warned) return
  warned = true
  const where = (new Error().stack ?? '').split('\n').slice(1)
  const user = where.find((line) => !/[\\/](lib|ir|runtime)[\\/][\w/-]+\.[jt]s/.test(line) && !line.includes('node:'))
  const oldest = [...roots].reduce((a, b) => (b.sequence < a.sequence ? b : a))
  process.emitWarning(
    `a graph of more than ${limit} recorded operations was still pending; its oldest part (up to ${oldest.op.name} ${oldest.type}) has been realized. ` +
      `Call realize() now and then, or raise SINTER_GRAPH_LIMIT. Reached at ${user?.trim().replace(/^at /, '') ?? node.op.name}`,
    { type: 'SinterWarning', code: 'SINTER_GRAPH_LIMIT' },
  )
}
