// Groups: sets of nodes that become one kernel, and the rules by which a node may join one.

import type { Node } from '../node.js'
import { type Shape, sameShape, sizeOf } from '../shape.js'

export type GroupKind = 'map' | 'rows' | 'reduce' | 'matmul' | 'kernel'

export interface FusionLimits {
  /** Longest row that a rows kernel keeps in cache, in elements. */
  readonly rowElements: number
  /** Most nodes of one group: registers and cache are finite. */
  readonly groupNodes: number
}

export class Group {
  kind: GroupKind
  /** The iteration space: every tile value has this shape. */
  readonly shape: Shape
  readonly members = new Set<Node>()
  /** Kernels run in this order; a group depends only on groups of lower order. */
  order: number
  /** Groups that need this one's results, and whose results this one needs. */
  readonly dependents = new Set<Group>()
  readonly dependencies = new Set<Group>()
  /** Rows: number of trailing dimensions that form the row. */
  rowRank = 0
  /** Reduce: the reduced axes. */
  axes: readonly number[] = []
  /** Why something that uses it is not part of it. */
  reason = ''

  constructor(kind: GroupKind, shape: Shape, order: number) {
    this.kind = kind
    this.shape = shape
    this.order = order
  }

  /** Shape of a row value with the row's dimensions kept as 1, and without them. */
  rowShapes(): { kept: Shape; squeezed: Shape } {
    const squeezed = this.shape.slice(0, this.shape.length - this.rowRank)
    return { squeezed, kept: [...squeezed, ...new Array<number>(this.rowRank).fill(1)] }
  }

  /** Whether a shape is that of a tile value or (rows only) of a row value here. */
  domainOf(shape: Shape): 'tile' | 'row' | undefined {
    if (sameShape(shape, this.shape)) return 'tile'
    if (this.kind !== 'rows') return undefined
    const { kept, squeezed } = this.rowShapes()
    return sameShape(shape, kept) || sameShape(shape, squeezed) ? 'row' : undefined
  }
}

/** Number of trailing axes when `axes` are exactly the last ones, else undefined. */
export function trailing(axes: readonly number[], rank: number): number | undefined {
  return axes.length > 0 && axes.every((axis, i) => axis === rank - axes.length + i) ? axes.length : undefined
}

/** Why an elementwise node cannot compute inside the group; undefined when it can. */
export function refuseElementwise(group: Group, node: Node, limits: FusionLimits): string | undefined {
  if (group.kind === 'kernel') return `${[...group.members][0]!.op.name} is a kernel of its own`
  if (group.kind === 'reduce') return 'a reduction over these axes ends its kernel'
  if (group.members.size >= limits.groupNodes) return `the group has reached ${limits.groupNodes} operations`
  const domain = group.domainOf(node.type.shape)
  if (domain === undefined) return `${node.op.name} has shape [${node.type.shape}], the group iterates over [${group.shape}]`
  if (domain === 'row') {
    // Row values meet each other in one form only; a row value cannot be computed from tile values except by reducing.
    const odd = node.inputs.find(
      (input) => group.members.has(input) && !sameShape(input.type.shape, node.type.shape) && input.type.size !== 1,
    )
    if (odd !== undefined) return `${node.op.name} mixes rows and elements`
  } else if (group.kind === 'rows') {
    const { kept } = group.rowShapes()
    const odd = node.inputs.find(
      (input) => group.members.has(input) && group.domainOf(input.type.shape) === 'row' && !sameShape(input.type.shape, kept),
    )
    if (odd !== undefined) return `${node.op.name} uses a row value along another dimension`
  }
  return undefined
}

/** The kind of one kernel that computes both groups, which iterate over one space; undefined when there is none. */
export function mergedKind(a: Group, b: Group): GroupKind | undefined {
  if (!sameShape(a.shape, b.shape)) return undefined
  if (a.kind === 'map') return b.kind === 'map' || b.kind === 'rows' || b.kind === 'matmul' ? b.kind : undefined
  if (b.kind === 'map') return a.kind === 'rows' || a.kind === 'matmul' ? a.kind : undefined
  return a.kind === 'rows' && b.kind === 'rows' && a.rowRank === b.rowRank ? 'rows' : undefined
}

/** Why a reduction cannot end (reduce) or continue (rows) the group of its operand; undefined when it can. */
export function refuseReduction(group: Group, node: Node, limits: FusionLimits, exclusive: boolean): string | undefined {
  const axes = node.attrs['axes'] as readonly number[]
  const operand = node.inputs[0]!.type
  if (group.kind === 'kernel' || group.kind === 'matmul') return 'a reduction does not fit into this kernel'
  if (!sameShape(operand.shape, group.shape))
    return `the reduced value has shape [${operand.shape}], the group iterates over [${group.shape}]`
  const rows = rowCount(operand.shape, axes, limits)
  if (group.kind === 'rows') return rows === group.rowRank ? undefined : 'it reduces over other axes than the rows of the group'
  if (group.kind === 'reduce') return sameShape(group.axes, axes) ? undefined : 'it reduces over other axes'
  if (rows !== undefined) return undefined
  return exclusive ? undefined : 'the reduced elements are needed elsewhere, so they are stored'
}

/** The number of trailing row dimensions when the reduction fits the rows kernel, else undefined. */
export function rowCount(shape: Shape, axes: readonly number[], limits: FusionLimits): number | undefined {
  const count = trailing(axes, shape.length)
  // A reduction over everything ends its kernel anyway, and the reduce kernel walks any strides.
  if (count === undefined || (count === shape.length && count > 1)) return undefined
  const length = sizeOf(shape.slice(shape.length - count))
  return length > 0 && length <= limits.rowElements ? count : undefined
}
