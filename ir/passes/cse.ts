// Common subexpressions: nodes with the same op, attributes and operands become one.

import { attrsEqual, hashAttrs } from '../attrs.js'
import type { Node } from '../node.js'
import { noAttrs } from '../op.js'
import type { Pass } from '../pass.js'
import { transform, withInputs } from './transform.js'

export const cse: Pass = {
  name: 'cse',
  doc: 'Merges nodes that compute the same value: equal ops, equal attributes, the same operands (in either order where the op commutes).',
  run(graph, context) {
    // Operands are merged before their users, so that equal operands are the same node and its sequence number identifies it.
    const known = new Map<number, Node[]>()
    return transform(graph, (original, inputs) => {
      const node = withInputs(original, inputs)
      const key = hashNode(node)
      const bucket = known.get(key)
      if (bucket === undefined) {
        known.set(key, [node])
        return node
      }
      const twin = bucket.find((other) => sameNode(node, other))
      if (twin === undefined) {
        bucket.push(node)
        return node
      }
      context.count(`merge ${node.op.name}`)
      return twin
    })
  },
}

const commutes = (node: Node): boolean => node.op.traits.commutative === true && node.inputs.length === 2

function hashNode(node: Node): number {
  const { inputs } = node
  let hash = node.attrs === noAttrs ? node.op.code : Math.imul(hashAttrs(node.attrs), 31) ^ node.op.code
  if (commutes(node)) {
    const a = inputs[0]!.sequence
    const b = inputs[1]!.sequence
    return scramble(scramble(hash, Math.min(a, b)), Math.max(a, b))
  }
  for (let i = 0; i < inputs.length; i++) hash = scramble(hash, inputs[i]!.sequence)
  return hash
}

function scramble(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

function sameNode(a: Node, b: Node): boolean {
  return a.op === b.op && sameInputs(a, b) && attrsEqual(a.attrs, b.attrs)
}

function sameInputs(a: Node, b: Node): boolean {
  if (a.inputs.length !== b.inputs.length) return false
  if (a.inputs.every((input, i) => input === b.inputs[i])) return true
  return commutes(a) && a.inputs[0] === b.inputs[1] && a.inputs[1] === b.inputs[0]
}
