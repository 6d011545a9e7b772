// Dividing a graph between the GPU and the CPU: what the GPU does not compute runs on the CPU, on the same memory, before or after the rest.

import { emit, inputNode } from '../../../ir/build.js'
import { Graph } from '../../../ir/graph.js'
import { Node } from '../../../ir/node.js'
import { isFeedable, refusal } from './support.js'
import type { Target } from './target.js'

export type Place = 'mps' | 'cpu'

/** Where a stage's input comes from: an argument of the whole graph, or an output of an earlier stage. */
export type Source = { readonly argument: number } | { readonly stage: number; readonly output: number }

/** A part of the graph that runs in one piece. */
export interface Stage {
  readonly place: Place
  readonly graph: Graph
  /** By position of the stage's inputs. */
  readonly sources: readonly Source[]
  /** Per output of the stage: the position of the graph's output that it is, if it is one. */
  readonly targets: readonly (number | undefined)[]
}

export interface Partition {
  readonly stages: readonly Stage[]
  /** Why nodes run on the CPU: a sentence per op and reason. Empty when all run on the GPU. */
  readonly reasons: readonly string[]
}

/** More changes of device than this cost more than the GPU saves: the whole graph runs on the CPU. */
const mostStages = 9

/** Divides a legalized graph for the system. Outputs of size 0 are nobody's: there is nothing to compute. */
export function partition(graph: Graph, target?: Target): Partition {
  const places = new Map<Node, Place>()
  const reasons = new Set<string>()
  for (const node of graph.nodes) {
    if (isFree(node)) continue
    const reason = node.op.name === 'result' ? undefined : refusal(node, target)
    if (reason !== undefined) reasons.add(reason)
    places.set(node, node.op.name === 'result' ? places.get(node.inputs[0]!)! : reason === undefined ? 'mps' : 'cpu')
  }
  for (const { type, op } of graph.outputs) {
    if (op.traits.leaf && type.size > 0 && !isFeedable(type))
      reasons.add(`an output of type ${type} takes no computing, and the GPU cannot write it`)
  }
  keepCheapOnCpu(graph, places)
  const stages = divide(graph, places)
  if (stages.length <= mostStages) return { stages, reasons: [...reasons] }
  for (const node of places.keys()) places.set(node, 'cpu')
  return {
    stages: divide(graph, places),
    reasons: [...reasons, `the graph would change between GPU and CPU ${stages.length - 1} times, so all of it runs on the CPU`],
  }
}

/** Leaves cost nothing anywhere: each stage has its own copy. */
const isFree = (node: Node): boolean => node.op.traits.leaf === true

/** Light work between two ops that run on the CPU is not worth a trip to the GPU. */
function keepCheapOnCpu(graph: Graph, places: Map<Node, Place>): void {
  const users = new Map<Node, Node[]>()
  for (const node of graph.nodes) for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node])
  const outputs = new Set(graph.outputs)
  for (const node of graph.nodes) {
    const { elementwise, movement } = node.op.traits
    if (places.get(node) !== 'mps' || !(elementwise || movement) || node.results !== undefined || outputs.has(node)) continue
    const operands = node.inputs.filter((input) => !isFree(input) || input.op.name === 'input')
    const around = [...operands, ...(users.get(node) ?? [])]
    if (operands.length > 0 && around.every((other) => places.get(other) === 'cpu')) places.set(node, 'cpu')
  }
}

/** Groups nodes into stages: even ones on the GPU, odd ones on the CPU, each as early as its operands allow; empty ones are dropped. */
function divide(graph: Graph, places: ReadonlyMap<Node, Place>): Stage[] {
  const levels = new Map<Node, number>()
  for (const node of graph.nodes) {
    const place = places.get(node)
    if (place === undefined) continue
    let level = place === 'mps' ? 0 : 1
    for (const input of node.inputs) {
      const before = levels.get(input)
      if (before !== undefined) level = Math.max(level, before % 2 === level % 2 ? before : before + 1)
    }
    levels.set(node, level)
  }
  // An output that is a leaf, or the same node as another output, still has to be written.
  const writers = graph.outputs.map((node) => levels.get(node) ?? (isFeedable(node.type) ? 0 : 1))
  const used = [...new Set([...levels.values(), ...writers.filter((_, i) => graph.outputs[i]!.type.size > 0)])].sort((a, b) => a - b)
  const builder = new StageBuilder(graph, levels, writers)
  return used.map((level) => builder.build(level))
}

class StageBuilder {
  private readonly graph: Graph
  private readonly levels: ReadonlyMap<Node, number>
  private readonly writers: readonly number[]
  private readonly made: { level: number; outputs: readonly Node[] }[] = []

  constructor(graph: Graph, levels: ReadonlyMap<Node, number>, writers: readonly number[]) {
    this.graph = graph
    this.levels = levels
    this.writers = writers
  }

  build(level: number): Stage {
    const inside = this.graph.nodes.filter((node) => this.levels.get(node) === level)
    const later = new Set(this.graph.nodes.filter((node) => (this.levels.get(node) ?? -1) > level).flatMap((node) => node.inputs))
    const copies = new Map<Node, Node>()
    const inputs: Node[] = []
    const sources: Source[] = []
    const enter = (node: Node, source: Source): Node => {
      const input = inputNode(node.type)
      inputs.push(input)
      sources.push(source)
      copies.set(node, input)
      return input
    }
    const copyOf = (node: Node): Node => {
      const known = copies.get(node)
      if (known !== undefined) return known
      if (isFree(node) && node.op.name !== 'input') {
        const copy = emitAgain(node, [])
        copies.set(node, copy)
        return copy
      }
      if (node.op.name === 'input') return enter(node, { argument: this.graph.inputs.indexOf(node) })
      const stage = this.made.findIndex(({ outputs }) => outputs.includes(node))
      return enter(node, { stage, output: this.made[stage]!.outputs.indexOf(node) })
    }
    for (const node of inside) copies.set(node, emitAgain(node, node.inputs.map(copyOf)))
    // A value that ends in several outputs is written once for each of them.
    const ends = this.graph.outputs.flatMap((node, i) => (this.writers[i] === level && node.type.size > 0 ? [{ node, target: i }] : []))
    const kept = inside.filter((node) => later.has(node) && node.results === undefined && !ends.some((end) => end.node === node))
    const outputs = [...ends, ...kept.map((node) => ({ node, target: undefined }))]
    this.made.push({ level, outputs: outputs.map(({ node }) => node) })
    return {
      place: level % 2 === 0 ? 'mps' : 'cpu',
      graph: new Graph(
        inputs,
        outputs.map(({ node }) => copyOf(node)),
      ),
      sources,
      targets: outputs.map(({ target }) => target),
    }
  }
}

function emitAgain(node: Node, inputs: readonly Node[]): Node {
  const copy =
    inputs.length === 0 && node.inputs.length === 0
      ? new Node(node.op, inputs, node.attrs, node.type, node.results)
      : emit(node.op, inputs, node.attrs)
  copy.origin = node.origin
  return copy
}
