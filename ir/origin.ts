// Where a node was recorded, out of the stack that debug mode captured.

import type { Node } from './node.js'
import { userPlace } from './stack.js'

/** `path/file.ts:12:7` of the user's line that recorded the node, or undefined when nothing was captured. */
export const originOf = (node: Node): string | undefined => userPlace(node.origin?.stack)
