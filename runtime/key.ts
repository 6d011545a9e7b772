// The executable key: a pending graph as a canonical array of integers, and the leaves it would be run on.

import { encodeAttrs } from '../ir/attrs.js'
import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { postorder } from '../ir/walk.js'

export interface Canonical {
  /** Structure, types and attributes; no data. Equal keys mean equal programs. Valid until the next call of `canonicalize`. */
  readonly key: Int32Array
  readonly hash: number
  /** Pending nodes in dependency order, leaves among them. */
  readonly nodes: readonly Node[]
  /** Distinct bound nodes (storages and scalars) in order of first use: the arguments of a run. */
  readonly leaves: readonly Node[]
  /** Which leaves are given by value (JS numbers) and not by storage. */
  readonly scalar: readonly boolean[]
}

/** An argument of a function being traced: its position, and whether it is a JS number. */
export interface Placeholder {
  readonly position: number
  readonly scalar: boolean
}

let words = new Int32Array(4096)
let length = 0

function push(word: number): void {
  if (length === words.length) {
    const grown = new Int32Array(words.length * 2)
    grown.set(words)
    words = grown
  }
  words[length++] = word
}

const isBound = (node: Node): boolean => node.bound !== undefined

/** Walks what `outputs` still need. `placeholders` (jit arguments) count as leaves although nothing is bound to them. */
export function canonicalize(outputs: readonly Node[], placeholders?: ReadonlyMap<Node, Placeholder>): Canonical {
  const nodes = postorder(outputs, placeholders === undefined ? isBound : (node) => isBound(node) || placeholders.has(node))
  const leaves: Node[] = []
  const scalar: boolean[] = []
  length = 0
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    const bound = node.bound
    const placeholder = bound === undefined ? placeholders?.get(node) : undefined
    if (bound !== undefined || placeholder !== undefined) {
      const byValue = placeholder?.scalar ?? typeof bound !== 'object'
      leaves.push(node)
      scalar.push(byValue)
      push(byValue ? -2 : -1)
      push(node.type.id)
      continue
    }
    if (node.op.name === 'input') {
      throw new SinterError('trace', 'an argument of a traced function has no value while the function is traced', {
        op: 'realize',
        hint: 'return the tensor from the function and read it outside, or compute with tensors only',
      })
    }
    const inputs = node.inputs
    push(node.op.code)
    push(node.type.id)
    push(inputs.length)
    for (let j = 0; j < inputs.length; j++) push(inputs[j]!.index)
    encodeAttrs(node.attrs, push)
  }
  push(outputs.length)
  for (let i = 0; i < outputs.length; i++) push(outputs[i]!.index)
  let hash = length
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ words[i]!, 0x9e3779b1) ^ (hash >>> 15)
  return { key: words.subarray(0, length), hash: hash | 0, nodes, leaves, scalar }
}

export function sameKey(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
