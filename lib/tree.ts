// Trees: nested arrays and plain objects with tensors (or anything else) at the leaves. Arguments and results of transforms.

import { SinterError } from '../ir/error.js'
import { Tensor } from './tensor.js'

/** Nested arrays and plain objects of leaves. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> }

/** The structure of a tree without its leaves: what `unflatten` needs to rebuild it. */
export type Structure = { readonly kind: 'leaf' } | { readonly kind: 'array'; readonly items: readonly Structure[] } | ObjectStructure

interface ObjectStructure {
  readonly kind: 'object'
  readonly keys: readonly string[]
  readonly items: readonly Structure[]
}

const leafStructure: Structure = { kind: 'leaf' }
const deepest = 256

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return false
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

// The walks below are functions of the module and not closures made per call: V8 forgets the optimized code of a closure when a full garbage collection
// finds none alive, and would compile it again after each, on a core that a run may be using.

/** Leaves in order (object keys as they were inserted), and the structure. Throws `argument` for cyclic or absurdly deep values. */
export function flatten(tree: unknown): { leaves: unknown[]; structure: Structure } {
  const leaves: unknown[] = []
  return { structure: take(tree, leaves, 0), leaves }
}

function take(value: unknown, leaves: unknown[], depth: number): Structure {
  if (depth > deepest) throw new SinterError('argument', `a tree of tensors is nested more than ${deepest} deep, or contains itself`)
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) {
    leaves.push(value)
    return leafStructure
  }
  const items: Structure[] = []
  if (isArray) {
    for (let i = 0; i < value.length; i++) items.push(take(value[i], leaves, depth + 1))
    return { kind: 'array', items }
  }
  const keys = Object.keys(value)
  for (let i = 0; i < keys.length; i++) items.push(take(value[keys[i]!], leaves, depth + 1))
  return { kind: 'object', keys, items }
}

/** The tree of this structure with other leaves. */
export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  return build(structure, { leaves, position: 0 })
}

function build(at: Structure, from: { readonly leaves: readonly unknown[]; position: number }): unknown {
  if (at.kind === 'leaf') return from.leaves[from.position++]
  if (at.kind === 'array') {
    const array: unknown[] = []
    for (let i = 0; i < at.items.length; i++) array.push(build(at.items[i]!, from))
    return array
  }
  const object: Record<string, unknown> = {}
  for (let i = 0; i < at.keys.length; i++) {
    const key = at.keys[i]!
    const value = build(at.items[i]!, from)
    if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
    else object[key] = value
  }
  return object
}

/** The leaves of a tree that has exactly this structure; undefined when it has another. Cheaper than `flatten` and comparing. */
export function leavesOf(structure: Structure, tree: unknown): unknown[] | undefined {
  const leaves: unknown[] = []
  return matches(structure, tree, leaves) ? leaves : undefined
}

function matches(at: Structure, value: unknown, leaves: unknown[]): boolean {
  if (at.kind === 'array') {
    if (!Array.isArray(value) || value.length !== at.items.length) return false
    for (let i = 0; i < at.items.length; i++) if (!matches(at.items[i]!, value[i], leaves)) return false
    return true
  }
  if (at.kind === 'object') {
    if (!isPlainObject(value)) return false
    const keys = Object.keys(value)
    if (keys.length !== at.keys.length) return false
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] !== at.keys[i] || !matches(at.items[i]!, value[keys[i]!], leaves)) return false
    }
    return true
  }
  if (Array.isArray(value) || isPlainObject(value)) return false
  leaves.push(value)
  return true
}

/** A text that is equal for equal structures only. */
export function structureKey(structure: Structure): string {
  if (structure.kind === 'leaf') return '*'
  const items = structure.items.map(structureKey)
  return structure.kind === 'array'
    ? `[${items.join()}]`
    : `{${structure.keys.map((key, i) => `${JSON.stringify(key)}:${items[i]}`).join()}}`
}

/** Applies `fn` to the leaves of one tree, or to corresponding leaves of several with the same structure. */
// biome-ignore lint/suspicious/noExplicitAny: leaves and result are the caller's own
export function mapTree<T>(fn: (...leaves: any[]) => T, tree: unknown, ...rest: readonly unknown[]): any {
  const { leaves, structure } = flatten(tree)
  const key = structureKey(structure)
  const others: unknown[][] = []
  for (let i = 0; i < rest.length; i++) {
    const other = flatten(rest[i])
    if (structureKey(other.structure) !== key) {
      throw new SinterError('argument', `tree ${i + 1} has another structure than tree 0`, { op: 'mapTree' })
    }
    others.push(other.leaves)
  }
  const mapped: unknown[] = []
  const operands: unknown[] = []
  for (let i = 0; i < leaves.length; i++) {
    operands[0] = leaves[i]
    for (let j = 0; j < others.length; j++) operands[j + 1] = others[j]![i]
    mapped.push(fn(...operands))
  }
  return unflatten(structure, mapped)
}

/** All tensors at the leaves. */
export function tensorsOf(tree: unknown): Tensor[] {
  const { leaves } = flatten(tree)
  const tensors: Tensor[] = []
  for (let i = 0; i < leaves.length; i++) if (leaves[i] instanceof Tensor) tensors.push(leaves[i] as Tensor)
  return tensors
}
