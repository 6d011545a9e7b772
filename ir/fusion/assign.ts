// Assigning nodes to groups: one pass in dependency order, each node joins a group of one of its operands or starts its own.
//
// Groups have an order, and a group depends on lower ones only. A node joins a group when everything else it needs is lower; a group nobody depends on yet
// may be moved to the end first. So the result is free of cycles by construction and the pass is linear.

import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isElementwise } from '../op.js'
import { sameShape } from '../shape.js'
import { isContiguous } from '../view.js'
import type { Analysis } from './analysis.js'
import { type FusionLimits, Group, mergedKind, refuseElementwise, refuseReduction, rowCount } from './group.js'

/** Largest scalar expression that kernels compute again instead of loading its result. */
const inlinedNodes = 16

export class Assignment {
  readonly groups: Group[] = []
  readonly groupOf = new Map<Node, Group>()
  private readonly analysis: Analysis
  private readonly limits: FusionLimits
  private nextOrder = 0
  /** Values whose memory is that of an output which only regroups their dimensions. */
  private readonly aliased = new Set<Node>()
  /** Scalar expressions, which belong to no group, with the number of nodes that each use of them computes again. */
  private readonly scalarCosts = new Map<Node, number>()

  constructor(graph: Graph, analysis: Analysis, limits: FusionLimits) {
    this.analysis = analysis
    this.limits = limits
    for (const node of graph.nodes) this.place(node)
  }

  /** Nodes computed again wherever the scalar expression is used. */
  private scalarCost(node: Node): number {
    return node.inputs.reduce((sum, input) => sum + (this.scalarCosts.get(input) ?? 0), 1)
  }

  /** Whether the node is computed again inside each kernel that uses it. */
  isInlined(node: Node): boolean {
    return this.scalarCosts.has(node)
  }

  private place(node: Node): void {
    const { traits, name } = node.op
    if (traits.leaf) {
      if (name !== 'input' && this.analysis.needsBuffer(node)) this.start('map', node)
    } else if (name === 'result') {
      this.placeResult(node)
    } else if (traits.movement) {
      this.placeMovement(node)
    } else if (this.analysis.isScalarExpression(node) && !this.analysis.needsBuffer(node) && this.scalarCost(node) <= inlinedNodes) {
      this.scalarCosts.set(node, this.scalarCost(node))
    } else if (isElementwise(node) || traits.transparent) {
      this.placeElementwise(node)
    } else if (traits.reduction) {
      this.placeReduction(node)
    } else {
      this.start(traits.contraction ? 'matmul' : 'kernel', node)
    }
  }

  private placeResult(node: Node): void {
    const group = this.groupOf.get(node.inputs[0]!)!
    this.add(group, node)
  }

  private placeMovement(node: Node): void {
    this.analysis.resolveMovement(node)
    const operand = node.inputs[0]!
    const group = this.groupOf.get(operand)
    if (group?.kind === 'rows' && this.movesRows(group, node) && this.canMoveAfter(group, node)) {
      // Row values change form ([m] to [m,1]) or spread over their rows without leaving the kernel.
      this.analysis.cut(node)
      this.add(group, node)
      return
    }
    if (!this.analysis.isView(node) || this.analysis.mustCopy(node)) {
      if (this.isAliasedOutput(node)) return
      // A view is copied in its own order; what strides cannot express in its operand's.
      const { shape } = this.analysis.isView(node) ? node.type : operand.type
      this.analysis.cut(node)
      this.start('map', node, shape)
    }
  }

  private movesRows(group: Group, node: Node): boolean {
    const operand = node.inputs[0]!
    if (group.domainOf(operand.type.shape) !== 'row') return false
    const { kept } = group.rowShapes()
    const to = group.domainOf(node.type.shape)
    if (node.op.name === 'reshape') return to === 'row'
    return node.op.name === 'broadcast' && to === 'tile' && sameShape(operand.type.shape, kept)
  }

  /** An output that only regroups the dimensions of a computed value shares that value's memory. */
  private isAliasedOutput(node: Node): boolean {
    if (!this.analysis.isView(node)) return false
    const { base, view } = this.analysis.resolve(node)
    if (!this.groupOf.has(base) || this.analysis.outputs.has(base) || view.offset !== 0 || base.type.size !== node.type.size) return false
    if (this.aliased.has(base) || !this.analysis.outputs.has(node)) return false
    if (!isContiguous(view)) return false
    this.aliased.add(base)
    return true
  }

  private placeElementwise(node: Node): void {
    const group = this.bestGroup(node, (candidate) => refuseElementwise(candidate, node, this.limits))
    if (group === undefined) {
      this.start('map', node)
      return
    }
    this.add(group, node)
    for (const input of node.inputs) {
      const other = this.groupOf.get(input)
      if (other !== undefined && other !== group) this.tryMerge(other, group)
    }
  }

  /** Makes one kernel of two groups that meet in a node, when they iterate over one space and nothing between them needs the earlier one's results. */
  private tryMerge(earlier: Group, later: Group): void {
    const kind = mergedKind(earlier, later)
    if (kind === undefined || earlier.members.size + later.members.size > this.limits.groupNodes) return
    if (earlier.order > later.order) return
    for (const dependent of earlier.dependents) if (dependent !== later && dependent.order < later.order) return
    for (const member of later.members) if (this.usesStored(member, earlier)) return
    later.kind = kind
    if (earlier.kind === 'rows') {
      later.rowRank = earlier.rowRank
      later.axes = earlier.axes
    }
    for (const member of earlier.members) {
      later.members.add(member)
      this.groupOf.set(member, later)
    }
    for (const need of earlier.dependencies) {
      need.dependents.delete(earlier)
      link(later, need)
    }
    for (const dependent of earlier.dependents) {
      dependent.dependencies.delete(earlier)
      if (dependent !== later) link(dependent, later)
    }
    this.groups.splice(this.groups.indexOf(earlier), 1)
  }

  /** Whether the node uses a result of the group other than element by element, so that it must be in memory: through a view, or as a matrix. */
  private usesStored(node: Node, group: Group): boolean {
    const whole = node.op.traits.contraction || node.op.traits.movement
    return node.inputs.some((input) => (whole || this.groupOf.get(input) !== group) && this.needsOf(input).includes(group))
  }

  private placeReduction(node: Node): void {
    const operand = node.inputs[0]!
    const axes = node.attrs['axes'] as readonly number[]
    const rows = rowCount(operand.type.shape, axes, this.limits)
    const group = this.bestGroup(node, (candidate) => refuseReduction(candidate, node, this.limits, this.isExclusive(candidate, node)))
    if (group === undefined) {
      const made = this.start(rows === undefined ? 'reduce' : 'rows', node, operand.type.shape)
      made.rowRank = rows ?? 0
      made.axes = axes
      return
    }
    if (group.kind === 'map') {
      group.kind = rows === undefined ? 'reduce' : 'rows'
      group.rowRank = rows ?? 0
      group.axes = axes
    }
    this.add(group, node)
  }

  /** Whether nothing outside needs the group's values but reductions of the same axes, which can join it. */
  private isExclusive(group: Group, reduction: Node): boolean {
    for (const member of group.members) {
      if (this.analysis.outputs.has(member)) return false
      for (const user of this.analysis.usersOf(member)) {
        if (group.members.has(user) || user === reduction) continue
        const same = user.op.traits.reduction && sameShape(user.attrs['axes'] as number[], reduction.attrs['axes'] as number[])
        if (!same || this.groupOf.has(user)) return false
      }
    }
    return true
  }

  /** The group of an operand that the node can join, latest first; notes on the others why not. */
  private bestGroup(node: Node, refuse: (group: Group) => string | undefined): Group | undefined {
    const candidates = [...new Set(node.inputs.flatMap((input) => this.groupOf.get(input) ?? []))].sort((a, b) => b.order - a.order)
    for (const group of candidates) {
      let reason = refuse(group)
      if (reason === undefined && !this.canMoveAfter(group, node)) reason = `${node.op.name} also needs a value that is computed later`
      if (reason === undefined) return group
      if (group.reason === '') group.reason = reason
    }
    return undefined
  }

  /** Whether everything the node needs apart from the group is done before the group runs; moves the group to the end when it may. */
  private canMoveAfter(group: Group, node: Node): boolean {
    let latest = -1
    for (const input of node.inputs) {
      if (this.groupOf.get(input) === group) continue
      for (const need of this.needsOf(input)) {
        if (need === group) return false
        latest = Math.max(latest, need.order)
      }
    }
    if (latest < group.order) return true
    if (group.dependents.size > 0) return false
    group.order = this.nextOrder++
    return true
  }

  private start(kind: Group['kind'], node: Node, shape = node.type.shape): Group {
    const group = new Group(kind, shape, this.nextOrder++)
    this.groups.push(group)
    this.add(group, node)
    return group
  }

  private add(group: Group, node: Node): void {
    group.members.add(node)
    this.groupOf.set(node, group)
    for (const input of node.inputs) for (const need of this.needsOf(input)) if (need !== group) link(group, need)
  }

  /** Groups whose results must exist before the value can be used from outside. */
  private needsOf(input: Node): readonly Group[] {
    const own = this.groupOf.get(input)
    if (own !== undefined) return [own]
    if (this.scalarCosts.has(input)) return input.inputs.flatMap((operand) => this.needsOf(operand))
    const { base } = this.analysis.resolve(input)
    return base === input ? [] : this.needsOf(base)
  }
}

function link(dependent: Group, need: Group): void {
  dependent.dependencies.add(need)
  need.dependents.add(dependent)
}
