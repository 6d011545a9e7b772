// Moves that do nothing, and chains of one kind of move.

import type { Node } from '../node.js'
import type { Rule } from '../rewrite.js'
import { sameShape } from '../shape.js'
import { forEachOp, isOp } from './match.js'

/** Attributes of a slice. */
export interface Box {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly steps: readonly number[]
}

const boxOf = (node: Node): Box => node.attrs as unknown as Box

/** Whether the permutation leaves the dimensions that are not 1 in their order. */
function keepsOrder(x: Node, permutation: readonly number[]): boolean {
  const moved = permutation.filter((d) => x.type.shape[d] !== 1)
  return moved.every((d, i) => i === 0 || moved[i - 1]! < d)
}

/** A box of a box, as one; places that are never read get start 0 and step 1. */
export function composeBoxes(outer: Box, inner: Box): Box {
  const { sizes } = outer
  return {
    starts: sizes.map((size, d) => (size === 0 ? 0 : inner.starts[d]! + outer.starts[d]! * inner.steps[d]!)),
    sizes,
    steps: sizes.map((size, d) => (size <= 1 ? 1 : outer.steps[d]! * inner.steps[d]!)),
  }
}

/** Whether a slice takes all of `x`. */
export const isWhole = (x: Node, { starts, sizes, steps }: Box): boolean =>
  sameShape(x.type.shape, sizes) && sizes.every((size, d) => size <= 1 || (starts[d] === 0 && steps[d] === 1))

export const movementRules: readonly Rule[] = [
  ...forEachOp(['reshape', 'broadcast'], '$(x) -> x (same shape)', (node) =>
    sameShape(node.type.shape, node.inputs[0]!.type.shape) ? node.inputs[0] : undefined,
  ),
  {
    name: 'permute(x) -> x (identity)',
    op: 'permute',
    rewrite: (node) => ((node.attrs.permutation as readonly number[]).every((d, i) => d === i) ? node.inputs[0] : undefined),
  },
  {
    name: 'slice(x) -> x (all of it)',
    op: 'slice',
    rewrite: (node) => (isWhole(node.inputs[0]!, boxOf(node)) ? node.inputs[0] : undefined),
  },
  {
    name: 'reshape(reshape(x)) -> reshape(x)',
    op: 'reshape',
    rewrite: (node, b) => (isOp(node.inputs[0]!, 'reshape') ? b.reshape(node.inputs[0]!.inputs[0]!, node.type.shape) : undefined),
  },
  {
    name: 'broadcast(broadcast(x)) -> broadcast(x)',
    op: 'broadcast',
    rewrite: (node, b) => (isOp(node.inputs[0]!, 'broadcast') ? b.broadcast(node.inputs[0]!.inputs[0]!, node.type.shape) : undefined),
  },
  {
    name: 'permute(permute(x)) -> permute(x)',
    op: 'permute',
    rewrite: (node, b) => {
      const inner = node.inputs[0]!
      if (!isOp(inner, 'permute')) return undefined
      const first = inner.attrs.permutation as readonly number[]
      const second = node.attrs.permutation as readonly number[]
      return b.permute(
        inner.inputs[0]!,
        second.map((d) => first[d]!),
      )
    },
  },
  {
    name: 'slice(slice(x)) -> slice(x)',
    op: 'slice',
    rewrite: (node, b) => {
      const inner = node.inputs[0]!
      if (!isOp(inner, 'slice')) return undefined
      const { starts, sizes, steps } = composeBoxes(boxOf(node), boxOf(inner))
      return b.slice(inner.inputs[0]!, starts, sizes, steps)
    },
  },
  {
    name: 'permute(x) -> reshape(x) (only dimensions of size 1 move)',
    op: 'permute',
    rewrite: (node, b) =>
      keepsOrder(node.inputs[0]!, node.attrs.permutation as readonly number[]) ? b.reshape(node.inputs[0]!, node.type.shape) : undefined,
  },
  {
    name: 'broadcast(x) -> reshape(x) (as many elements)',
    op: 'broadcast',
    rewrite: (node, b) => (node.type.size === node.inputs[0]!.type.size ? b.reshape(node.inputs[0]!, node.type.shape) : undefined),
  },
]
