// Attributes as words: the exact encoding behind attribute equality, hashing in CSE and the executable cache key.

import { Graph } from './graph.js'
import type { Node } from './node.js'
import { type Attrs, type AttrValue, noAttrs } from './op.js'
import { sameShape } from './shape.js'

/** Takes the next 32-bit word of an encoding. */
export type Push = (int32: number) => void

// Each value starts with a tag, so that values of different types or lengths never encode alike.
const tagNumber = 1
const tagInt64 = 2
const tagUint64 = 3
const tagBigint = 4
const tagFalse = 5
const tagTrue = 6
const tagInterned = 7
const tagString = 8
const tagNumbers = 9
const tagMixed = 10
const tagGraph = 11

const float64 = new Float64Array(1)
const int64 = new BigInt64Array(float64.buffer)
const words = new Int32Array(float64.buffer)

// Attribute names and enumerations come from the op records, so this stays small; strings beyond the limit are spelled out.
const internLimit = 4096
const interned = new Map<string, number>()

function internedId(text: string): number | undefined {
  const known = interned.get(text)
  if (known !== undefined || interned.size >= internLimit) return known
  interned.set(text, interned.size)
  return interned.size - 1
}

/**
 * Pushes the words of all attributes. Two encodings are equal exactly when the attributes are: numbers compare as by Object.is,
 * so 0 and -0 differ and all NaNs are one. Words are valid in this process only.
 */
export function encodeAttrs(attrs: Attrs, push: Push): void {
  if (attrs === noAttrs) return
  for (const key in attrs) {
    encodeString(key, push)
    encodeValue(attrs[key]!, push)
  }
}

function encodeValue(value: AttrValue, push: Push): void {
  switch (typeof value) {
    case 'number':
      push(tagNumber)
      encodeNumber(value, push)
      return
    case 'bigint':
      encodeBigint(value, push)
      return
    case 'boolean':
      push(value ? tagTrue : tagFalse)
      return
    case 'string':
      encodeString(value, push)
      return
    default:
      if (value instanceof Graph) encodeGraph(value, push)
      else encodeArray(value, push)
  }
}

function encodeNumber(value: number, push: Push): void {
  // NaN has many bit patterns and an assignment may keep any of them.
  const nan = Number.isNaN(value)
  float64[0] = value
  push(nan ? 0 : words[0]!)
  push(nan ? 0x7ff80000 : words[1]!)
}

function encodeBigint(value: bigint, push: Push): void {
  const signed = BigInt.asIntN(64, value)
  if (signed === value || BigInt.asUintN(64, value) === value) {
    int64[0] = signed
    push(signed === value ? tagInt64 : tagUint64)
    push(words[0]!)
    push(words[1]!)
  } else {
    push(tagBigint)
    encodeCharacters(value.toString(36), push)
  }
}

function encodeString(text: string, push: Push): void {
  const id = internedId(text)
  if (id === undefined) {
    push(tagString)
    encodeCharacters(text, push)
  } else {
    push(tagInterned)
    push(id)
  }
}

function encodeCharacters(text: string, push: Push): void {
  push(text.length)
  for (let i = 0; i < text.length; i++) push(text.charCodeAt(i))
}

function encodeArray(values: readonly (number | bigint)[], push: Push): void {
  let plain = true
  for (let i = 0; i < values.length; i++) plain &&= typeof values[i] === 'number'
  push(plain ? tagNumbers : tagMixed)
  push(values.length)
  for (let i = 0; i < values.length; i++) {
    if (plain) encodeNumber(values[i] as number, push)
    else encodeValue(values[i]!, push)
  }
}

/** Structure of a body: per node its op, types, attributes and operands by position; then the outputs by position. */
function encodeGraph(graph: Graph, push: Push): void {
  const positions = new Map<Node, number>()
  push(tagGraph)
  push(graph.nodes.length)
  push(graph.inputs.length)
  for (const node of graph.nodes) {
    push(node.op.code)
    push(node.type.id)
    push(node.inputs.length)
    for (const input of node.inputs) push(positions.get(input)!)
    encodeAttrs(node.attrs, push)
    positions.set(node, positions.size)
  }
  push(graph.outputs.length)
  for (const output of graph.outputs) push(positions.get(output)!)
}

let hash = 0
const mix: Push = (word) => {
  hash = Math.imul(hash ^ word, 0x9e3779b1)
  hash ^= hash >>> 15
}

/** A 32-bit hash: equal attributes have equal hashes. */
export function hashAttrs(attrs: Attrs): number {
  hash = 0x2545f491
  encodeAttrs(attrs, mix)
  return hash
}

/** Whether two sets of attributes are the same, numbers as by Object.is. */
export function attrsEqual(a: Attrs, b: Attrs): boolean {
  if (a === b) return true
  let count = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !valuesEqual(a[key]!, b[key]!)) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}

function valuesEqual(a: AttrValue, b: AttrValue): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Graph) return b instanceof Graph && graphsEqual(a, b)
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}

/** Whether two graphs are the same program: equal ops, types, attributes and wiring, node by node. */
export function graphsEqual(a: Graph, b: Graph): boolean {
  if (a === b) return true
  if (a.nodes.length !== b.nodes.length || a.inputs.length !== b.inputs.length || a.outputs.length !== b.outputs.length) return false
  const twin = new Map<Node, Node>()
  for (let i = 0; i < a.nodes.length; i++) {
    const x = a.nodes[i]!
    const y = b.nodes[i]!
    if (x.op !== y.op || x.type.dtype !== y.type.dtype || !sameShape(x.type.shape, y.type.shape)) return false
    if (x.inputs.length !== y.inputs.length || !x.inputs.every((input, k) => twin.get(input) === y.inputs[k])) return false
    if (!attrsEqual(x.attrs, y.attrs)) return false
    twin.set(x, y)
  }
  return a.outputs.every((output, i) => twin.get(output) === b.outputs[i])
}
