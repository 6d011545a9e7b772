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

/** Leaves in order (object keys as they were inserted), and the structure. Throws `argument` for cyclic or absurdly deep values. */
export function flatten(tree: unknown): { leaves: unknown[]; structure: Structure } {
  const leaves: unknown[] = []
  const walk = (value: unknown, depth: number): Structure => {
    if (depth > deepest) throw new SinterError('argument', `a tree of tensors is nested more than ${deepest} deep, or contains itself`)
    if (Array.isArray(value)) return { kind: 'array', items: value.map((item) => walk(item, depth + 1)) }
    if (isPlainObject(value)) {
      const keys = Object.keys(value)
      return { kind: 'object', keys, items: keys.map((key) => walk(value[key], depth + 1)) }
    }
    leaves.push(value)
    return leafStructure
  }
  return { structure: walk(tree, 0), leaves }
}

/** The tree of this structure with other leaves. */
export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  let position = 0
  const build = (at: Structure): unknown => {
    if (at.kind === 'leaf') return leaves[position++]
    if (at.kind === 'array') return at.items.map(build)
    return Object.fromEntries(at.keys.map((key, i) => [key, build(at.items[i]!)]))
  }
  return build(structure)
}

/** The leaves of a tree that has exactly this structure; undefined when it has another. Cheaper than `flatten` and comparing. */
export function leavesOf(structure: Structure, tree: unknown): unknown[] | undefined {
  const leaves: unknown[] = []
  const walk = (at: Structure, value: unknown): boolean => {
    if (at.kind === 'array') {
      if (!Array.isArray(value) || value.length !== at.items.length) return false
      for (let i = 0; i < at.items.length; i++) if (!walk(at.items[i]!, value[i])) return false
      return true
    }
    if (at.kind === 'object') {
      if (!isPlainObject(value)) return false
      const keys = Object.keys(value)
      if (keys.length !== at.keys.length) return false
      for (let i = 0; i < keys.length; i++) if (keys[i] !== at.keys[i] || !walk(at.items[i]!, value[keys[i]!])) return false
      return true
    }
    if (Array.isArray(value) || isPlainObject(value)) return false
    leaves.push(value)
    return true
  }
  return walk(structure, tree) ? leaves : undefined
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
  const others = rest.map((other, i) => {
    const flat = flatten(other)
    if (structureKey(flat.structure) !== key) {
      throw new SinterError('argument', `tree ${i + 1} has another structure than tree 0`, { op: 'mapTree' })
    }
    return flat.leaves
  })
  return unflatten(
    structure,
    leaves.map((leaf, i) => fn(leaf, ...others.map((list) => list[i]))),
  )
}

/** All tensors at the leaves. */
export function tensorsOf(tree: unknown): Tensor[] {
  return flatten(tree).leaves.filter((leaf): leaf is Tensor => leaf instanceof Tensor)
}
