// Graph: an immutable program, inputs by position to outputs by position. What passes transform, backends compile and dumps show.

import { SinterError } from './error.js'
import type { Node } from './node.js'
import { postorder } from './walk.js'

export class Graph {
  /** `input` nodes, in argument order; all of them, used or not. */
  readonly inputs: readonly Node[]
  readonly outputs: readonly Node[]
  /** Every node, operands before users; inputs first. */
  readonly nodes: readonly Node[]

  /** Orders the nodes reachable from `outputs`. Every reachable `input` node must be among `inputs`. */
  constructor(inputs: readonly Node[], outputs: readonly Node[]) {
    this.inputs = inputs
    this.outputs = outputs
    const listed = new Set(inputs)
    const rest = postorder(outputs).filter((node) => !listed.has(node))
    const stray = rest.find((node) => node.op.name === 'input')
    if (stray !== undefined) throw new SinterError('internal', `graph uses an input of type ${stray.type} that is not among its inputs`)
    this.nodes = [...inputs, ...rest]
  }

  /** Bodies stand among the attributes that messages quote; `graphToJson` is the whole graph. */
  toJSON(): string {
    return `graph of ${this.nodes.length} nodes`
  }
}
