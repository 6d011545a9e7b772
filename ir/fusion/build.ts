// From groups to the fused graph: every group becomes one `fused` node (or stays a kernel node), in an order that respects dependencies.

import { emit, inputNode, resultNode } from '../build.js'
import { Graph } from '../graph.js'
import { Node } from '../node.js'
import { structureOps } from '../ops/structure.js'
import { postorder } from '../walk.js'
import type { Analysis } from './analysis.js'
import type { Assignment } from './assign.js'
import type { Group } from './group.js'

/** The fused graph, and for each of its kernels why it is not larger. */
export function buildFused(graph: Graph, analysis: Analysis, assignment: Assignment): { graph: Graph; reasons: Map<Node, string> } {
  const builder = new FusedBuilder(graph, analysis, assignment)
  for (const group of [...assignment.groups].sort((a, b) => a.order - b.order)) builder.addGroup(group)
  return {
    graph: new Graph(
      graph.inputs,
      graph.outputs.map((node) => builder.outside(node)),
    ),
    reasons: builder.reasons,
  }
}

class FusedBuilder {
  readonly reasons = new Map<Node, string>()
  /** Original nodes whose value exists outside of groups, as nodes of the fused graph. */
  private readonly built = new Map<Node, Node>()
  private readonly analysis: Analysis
  private readonly assignment: Assignment

  constructor(graph: Graph, analysis: Analysis, assignment: Assignment) {
    this.analysis = analysis
    this.assignment = assignment
    for (const input of graph.inputs) this.built.set(input, input)
  }

  /** The node in the fused graph: a group's result, or a movement chain or constant above one. */
  outside(node: Node): Node {
    for (const step of postorder([node], (candidate) => this.built.has(candidate))) {
      if (!this.built.has(step))
        this.built.set(
          step,
          copyOf(step, (input) => this.built.get(input)!),
        )
    }
    return this.built.get(node)!
  }

  addGroup(group: Group): void {
    const fused = group.kind === 'kernel' ? this.addKernel(group) : this.addRegion(group)
    if (group.reason !== '') this.reasons.set(fused, group.reason)
  }

  private addKernel(group: Group): Node {
    const [node, ...results] = [...group.members] as [Node, ...Node[]]
    const copy = copyOf(node, (input) => this.outside(input))
    this.built.set(node, copy)
    for (const result of results) this.built.set(result, resultNode(copy, result.attrs['index'] as number))
    return copy
  }

  private addRegion(group: Group): Node {
    const outputs = [...group.members].filter((member) => member.results === undefined && this.isNeededOutside(member, group))
    const operands: Node[] = []
    const body = new Map<Node, Node>()
    // Inside: members, the movement chains and scalar expressions they use, constants. Everything else comes in as an operand.
    const comesIn = (node: Node): boolean =>
      !group.members.has(node) &&
      !this.analysis.isView(node) &&
      !this.assignment.isInlined(node) &&
      (this.assignment.groupOf.has(node) || node.op.name === 'input')
    for (const node of postorder(outputs, comesIn)) {
      if (comesIn(node)) {
        operands.push(node)
        body.set(node, inputNode(node.type))
      } else {
        body.set(
          node,
          copyOf(node, (input) => body.get(input)!),
        )
      }
    }
    const region = new Graph(
      operands.map((node) => body.get(node)!),
      outputs.map((node) => body.get(node)!),
    )
    const kind = group.kind as 'map' | 'rows' | 'reduce' | 'matmul'
    const fused = emit(
      structureOps.fused,
      operands.map((node) => this.outside(node)),
      { kind, body: region },
    )
    fused.origin = outputs[0]!.origin
    outputs.forEach((node, i) => {
      this.built.set(node, outputs.length === 1 ? fused : resultNode(fused, i))
    })
    return fused
  }

  private isNeededOutside(member: Node, group: Group): boolean {
    return this.analysis.outputs.has(member) || this.analysis.usersOf(member).some((user) => !group.members.has(user))
  }
}

function copyOf(node: Node, map: (input: Node) => Node): Node {
  const copy = new Node(node.op, node.inputs.map(map), node.attrs, node.type, node.results)
  copy.origin = node.origin
  return copy
}
