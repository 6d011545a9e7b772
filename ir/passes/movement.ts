// Moves towards the leaves. A reshape, permute or slice between two elementwise ops keeps them out of one kernel; once it has passed the
// ops below, it is part of how a kernel loads its operands. Reshapes, permutes and slices pass, broadcasts do not: they would repeat work.

import type { Graph } from '../graph.js'
import type { Node } from '../node.js'
import type { Attrs } from '../op.js'
import { builder } from '../ops/index.js'
import type { Pass } from '../pass.js'
import { type Box, composeBoxes, isWhole } from '../rules/movement.js'
import { type Shape, sameShape } from '../shape.js'
import { countUses } from '../walk.js'
import { transform, withInputs } from './transform.js'

export const movement: Pass = {
  name: 'movement',
  doc: 'Moves reshapes, permutes and slices below the elementwise ops that only they use, where that lets those ops join a kernel above.',
  run(graph, context) {
    if (!graph.nodes.some((node) => kindOf(node) !== undefined)) return graph
    const plan = planMoves(graph)
    if (plan.wanted.size === 0) return graph
    return transform(graph, (node, inputs) => {
      const move = plan.wanted.get(node)
      const own = plan.moves.get(node)
      if (own !== undefined) {
        const source = node.inputs[0]!
        if (move === undefined && !plan.wanted.has(source)) return withInputs(node, inputs)
        const moved = plan.wanted.has(source) ? inputs[0]! : apply(own, inputs[0]!, node)
        return move === undefined || plan.absorbed.has(node) ? moved : apply(move, moved, node)
      }
      if (move === undefined) return withInputs(node, inputs)
      context.count(`${move.kind} below ${node.op.name}`)
      const operands = node.inputs.map((input, i) => {
        const part = alignedTo(input, move, node)
        return part === undefined || plan.wanted.has(input) ? inputs[i]! : apply(part, inputs[i]!, node)
      })
      return withOrigin(builder.emit(node.op.name, operands, node.attrs), node)
    })
  },
}

type Kind = 'reshape' | 'permute' | 'slice'

interface Move {
  readonly kind: Kind
  readonly attrs: Attrs
}

interface Plan {
  /** Moves that the only user of a node takes over to it: the node's replacement is its moved value. */
  readonly wanted: ReadonlyMap<Node, Move>
  /** What each movement node does to its operand, moves it absorbed included. */
  readonly moves: ReadonlyMap<Node, Move>
  /** Movement nodes that did their user's move along with their own. */
  readonly absorbed: ReadonlySet<Node>
}

const kindOf = (node: Node): Kind | undefined =>
  node.op.name === 'reshape' || node.op.name === 'permute' || node.op.name === 'slice' ? node.op.name : undefined

const isElementwise = (node: Node): boolean => node.op.traits.elementwise === true && node.results === undefined

/** Decides users first, so that each node is met once and chains of moves meet as one. */
function planMoves(graph: Graph): Plan {
  const passable = findPassable(graph)
  const useful = findUseful(graph)
  const wanted = new Map<Node, Move>()
  const moves = new Map<Node, Move>()
  const absorbed = new Set<Node>()
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!
    const kind = kindOf(node)
    const move = wanted.get(node)
    if (kind !== undefined) {
      const joined = move !== undefined && move.kind === kind
      const own = joined ? join(move, node) : { kind, attrs: node.attrs }
      if (joined) absorbed.add(node)
      moves.set(node, own)
      const source = node.inputs[0]!
      if ((move !== undefined || useful.has(node)) && passable(source, own)) wanted.set(source, own)
    } else if (move !== undefined) {
      for (const input of node.inputs) {
        const part = alignedTo(input, move, node)
        // A permutation of more dimensions than the operand has can only be done to its value.
        const fits = part?.kind !== 'permute' || input.type.rank === node.type.rank
        if (part !== undefined && fits && passable(input, part)) wanted.set(input, part)
      }
    }
  }
  return { wanted, moves, absorbed }
}

/**
 * Which nodes a move may pass: elementwise, used once, and so on down to nodes that exist in memory anyway, so that no value is computed
 * twice and no fewer ops fuse than before. A reshape needs operands in row-major order and of the full shape.
 */
function findPassable(graph: Graph): (node: Node, move: Move) => boolean {
  const uses = countUses(graph.nodes)
  for (const output of graph.outputs) uses.set(output, (uses.get(output) ?? 0) + 1)
  const byStrides = new Set<Node>()
  const byReshape = new Set<Node>()
  for (const node of graph.nodes) {
    if (uses.get(node) !== 1 || node.type.size < 2) continue
    if (kindOf(node) === 'reshape') byReshape.add(node)
    if (kindOf(node) !== undefined) byStrides.add(node)
    if (!isElementwise(node)) continue
    const full = (input: Node) => sameShape(input.type.shape, node.type.shape)
    const passesOn = (input: Node) => byStrides.has(input) && input.type.rank === node.type.rank
    if (node.inputs.every((input) => input.type.size < 2 || !isElementwise(input) || passesOn(input))) byStrides.add(node)
    if (node.inputs.every((input) => input.type.size === 1 || (full(input) && (byReshape.has(input) || isRowMajor(input)))))
      byReshape.add(node)
  }
  // A movement node takes over only moves of its own kind.
  return (node, { kind }) => (kindOf(node) ?? kind) === kind && (kind === 'reshape' ? byReshape : byStrides).has(node)
}

/** Whether the value lies in memory in row-major order before any kernel loads it. */
const isRowMajor = (node: Node): boolean => !isElementwise(node) && node.op.traits.movement !== true && node.op.name !== 'iota'

/** Moves with a user whose kernel the ops below could join, and those that save work or a copy by themselves. */
function findUseful(graph: Graph): Set<Node> {
  const useful = new Set<Node>()
  for (const node of graph.nodes) {
    if (kindOf(node) === 'slice') useful.add(node)
    if (isElementwise(node) || node.op.traits.reduction !== undefined) for (const input of node.inputs) useful.add(input)
  }
  for (const output of graph.outputs) if (kindOf(output) === 'permute') useful.add(output)
  return useful
}

/** The move of `user`, done after the movement node's own of the same kind, as one. */
function join(user: Move, node: Node): Move {
  if (user.kind === 'reshape') return user
  if (user.kind === 'slice') return { kind: 'slice', attrs: { ...composeBoxes(boxOf(user.attrs), boxOf(node.attrs)) } }
  const first = node.attrs.permutation as readonly number[]
  return { kind: 'permute', attrs: { permutation: (user.attrs.permutation as readonly number[]).map((d) => first[d]!) } }
}

const boxOf = (attrs: Attrs): Box => attrs as unknown as Box

/** What moving the result of `node` means for an operand that may broadcast; undefined when it can stay as it is. */
function alignedTo(operand: Node, move: Move, node: Node): Move | undefined {
  const { shape, rank, size } = operand.type
  if (rank === 0) return undefined
  if (move.kind === 'reshape') return size === 1 ? { kind: 'reshape', attrs: { shape: [] } } : move
  if (move.kind === 'permute') return move
  const lead = node.type.rank - rank
  const { starts, sizes, steps } = boxOf(move.attrs)
  const pick = (of: readonly number[], repeated: number): number[] =>
    shape.map((n, d) => (n === 1 && node.type.shape[lead + d] !== 1 ? repeated : of[lead + d]!))
  const box: Box = { starts: pick(starts, 0), sizes: pick(sizes, 1), steps: pick(steps, 1) }
  return isWhole(operand, box) ? undefined : { kind: 'slice', attrs: { ...box } }
}

/** The moved value. A permutation may name more dimensions than the value has: those in front are of size 1. */
function apply(move: Move, value: Node, origin: Node): Node {
  const permutation = move.attrs.permutation as readonly number[] | undefined
  const missing = permutation === undefined ? 0 : permutation.length - value.type.rank
  const shape: Shape = [...new Array<number>(missing).fill(1), ...value.type.shape]
  const operand = missing === 0 ? value : withOrigin(builder.reshape(value, shape), origin)
  return withOrigin(builder.emit(move.kind, [operand], move.attrs), origin)
}

function withOrigin(node: Node, origin: Node): Node {
  node.origin ??= origin.origin
  return node
}
