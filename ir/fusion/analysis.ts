// What fusion needs to know of every node before it groups any: users, views, and which values must exist in memory.

import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isElementwise } from '../op.js'
import { indexView, isContiguous, moveView, type View, wholeView } from '../view.js'

/** A movement chain resolved: the node at its foot, and how it is seen. */
export interface Resolved {
  readonly base: Node
  readonly view: View
}

export class Analysis {
  readonly users = new Map<Node, Node[]>()
  readonly outputs: ReadonlySet<Node>
  /** Movement nodes as views of the node at the foot of their chain; absent for those that strides cannot express and those not yet resolved. */
  private readonly views = new Map<Node, Resolved>()

  constructor(graph: Graph) {
    this.outputs = new Set(graph.outputs)
    for (const node of graph.nodes) {
      for (const input of node.inputs) {
        const list = this.users.get(input)
        if (list === undefined) this.users.set(input, [node])
        else list.push(node)
      }
    }
  }

  usersOf(node: Node): readonly Node[] {
    return this.users.get(node) ?? []
  }

  /** Where the node's elements are: itself, or the base and view of a movement chain. */
  resolve(node: Node): Resolved {
    return this.views.get(node) ?? { base: node, view: this.baseView(node) }
  }

  /** Makes the node a base of its own: later chains end there. */
  cut(node: Node): void {
    this.views.delete(node)
  }

  /** Whether the node is a movement op that is (still) a view of something else. */
  isView(node: Node): boolean {
    return this.views.has(node)
  }

  /** Elementwise on single elements only: cheap enough to be computed again by every kernel that needs it. */
  isScalarExpression(node: Node): boolean {
    return (
      isElementwise(node) &&
      node.results === undefined &&
      node.type.size === 1 &&
      node.inputs.every((input) => input.type.size === 1 && input.op.name !== 'result')
    )
  }

  /** Kernels read whole buffers; only fused groups and matrix products read through strides. */
  needsBuffer(node: Node): boolean {
    if (this.outputs.has(node)) return true
    return this.usersOf(node).some((user) => {
      const traits = user.op.traits
      return !(isElementwise(user) || traits.movement || traits.reduction || traits.transparent)
    })
  }

  private isComputedInPlace(base: Node): boolean {
    if (base.op.traits.leaf) return base.op.name !== 'input'
    return this.isScalarExpression(base) && !this.needsBuffer(base)
  }

  /** Whether a movement node must be copied: it is an output or feeds a kernel that needs contiguous elements. */
  mustCopy(node: Node): boolean {
    const { base, view } = this.resolve(node)
    // Nothing holds the elements of what kernels compute on the fly.
    if (this.isComputedInPlace(base)) return this.needsBuffer(node)
    if (this.outputs.has(node)) return true
    const forKernel = this.usersOf(node).some((user) => {
      const traits = user.op.traits
      return !(isElementwise(user) || traits.movement || traits.reduction || traits.transparent || traits.contraction)
    })
    return forKernel && !isContiguous(view)
  }

  /** Index values that kernels compute on the fly have no memory order: only their axis has a stride. */
  private baseView(node: Node): View {
    const { shape } = node.type
    return node.op.name === 'iota' && !this.needsBuffer(node) ? indexView(shape, node.attrs['axis'] as number) : wholeView(shape)
  }

  /** Finds out whether a movement node is a view. Call it in dependency order, when every node before is either cut or not. */
  resolveMovement(node: Node): void {
    const operand = node.inputs[0]!
    const below = this.resolve(operand)
    const view = moveView(below.view, node.op.name, node.type.shape, node.attrs)
    if (view !== undefined) this.views.set(node, { base: below.base, view })
  }
}
