// Finds the nodes of another stage inside the groups of a fused graph, so that a drawing of that stage can show the groups' colours.

import type { GroupInfo } from '../explain.js'
import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import { isGroup } from '../op.js'
import { printAttrs } from '../print.js'

/** Group ids by node: regions, nodes inside them, and nodes of other stages that compute the same. */
export type Membership = ReadonlyMap<Node, number>

/** Numbers values: two nodes get the same number if they compute the same from inputs at the same positions. */
class ValueNumbers {
  readonly #numbers = new Map<string, number>()

  #intern(key: string): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#numbers.size)
    return this.#numbers.size - 1
  }

  /** Visits nodes in order with the number of their value; a region's own node comes after its body, without one. */
  walk(graph: Graph, visit: (node: Node, value: number | undefined, top: Node) => void): void {
    const inputs = graph.inputs.map((_, i) => [this.#intern(`input ${i}`)])
    this.#walk(graph, inputs, undefined, visit)
  }

  #walk(
    graph: Graph,
    inputs: readonly (readonly number[])[],
    top: Node | undefined,
    visit: (node: Node, value: number | undefined, top: Node) => void,
  ): readonly number[] {
    const values = new Map(graph.inputs.map((node, i) => [node, inputs[i]!]))
    for (const node of graph.nodes) {
      if (values.has(node)) continue
      const operands = node.inputs.map((input) => values.get(input)!)
      if (isGroup(node)) {
        values.set(node, this.#walk(node.attrs.body as Graph, operands, top ?? node, visit))
        visit(node, undefined, top ?? node)
      } else if (node.op.name === 'result' && isGroup(node.inputs[0]!)) {
        values.set(node, [operands[0]![node.attrs.index as number]!])
      } else {
        const value = this.#intern(`${node.op.name} ${node.type} ${operands.map((operand) => operand[0]).join(' ')} ${printAttrs(node)}`)
        values.set(node, [value])
        visit(node, value, top ?? node)
      }
    }
    return graph.outputs.map((node) => values.get(node)![0]!)
  }
}

/**
 * The groups of `fused`, found again in each stage. Exact for the stage that fusion started from and for `fused` itself; earlier stages
 * match as far as later passes left them alone. A value computed in several groups counts for the first.
 */
export function matchGroups(fused: Graph, groups: readonly GroupInfo[], stages: readonly Graph[]): Membership {
  const numbers = new ValueNumbers()
  const found = new Map<Node, number>()
  for (const group of groups) {
    const node = fused.nodes[group.node]
    if (node !== undefined) found.set(node, group.id)
  }
  const ofValue = new Map<number, number>()
  const ofOwn = new Map<Node, number>()
  numbers.walk(fused, (node, value, top) => {
    const group = found.get(top)
    if (group === undefined || node.op.traits.leaf) return
    ofOwn.set(node, group)
    if (value !== undefined && !ofValue.has(value)) ofValue.set(value, group)
  })
  for (const stage of stages) {
    numbers.walk(stage, (node, value) => {
      const group = value === undefined ? undefined : ofValue.get(value)
      if (group !== undefined) found.set(node, group)
    })
  }
  for (const [node, group] of ofOwn) found.set(node, group)
  return found
}
