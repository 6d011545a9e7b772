// The executable cache and its key.

import { describe, expect, it } from 'vitest'
import { constantNode, emit, inputNode } from '../../ir/build.js'
import type { Node } from '../../ir/node.js'
import { builder as b, ops } from '../../ir/ops/index.js'
import { typeOf } from '../../ir/type.js'
import type { Executable } from '../../runtime/backend.js'
import { openReference } from '../../runtime/backends/reference/index.js'
import { ExecutableCache } from '../../runtime/cache.js'
import { extractGraph } from '../../runtime/extract.js'
import { canonicalize, sameKey } from '../../runtime/key.js'

const leaf = (shape: number[], value: object | number = {}): Node => {
  const node = inputNode(typeOf('float32', shape))
  node.bound = value
  return node
}

const keyOf = (...outputs: Node[]) => {
  const { key, hash } = canonicalize(outputs)
  return { key: key.slice(), hash }
}

const expectSame = (a: Node, c: Node): void => {
  expect(keyOf(a)).toEqual(keyOf(c))
}
const expectDifferent = (a: Node, c: Node): void => {
  expect(sameKey(keyOf(a).key, keyOf(c).key)).toBe(false)
}

describe('the key', () => {
  it('ignores data and scalar values', () => {
    expectSame(b.add(leaf([2]), leaf([], 1)), b.add(leaf([2]), leaf([], 2)))
  })

  it('tells structure, types, attributes, sharing and kinds of arguments apart', () => {
    const x = leaf([2])
    expectDifferent(b.add(x, x), b.add(x, leaf([2])))
    expectDifferent(b.add(x, leaf([2])), b.sub(x, leaf([2])))
    expectDifferent(b.neg(leaf([2])), b.neg(leaf([3])))
    expectDifferent(b.neg(leaf([])), b.neg(leaf([], 1)))
    expectDifferent(b.sum(leaf([2, 3]), [0]), b.sum(leaf([2, 3]), [1]))
    expectDifferent(b.add(x, constantNode(0, 'float32')), b.add(x, constantNode(-0, 'float32')))
    expectDifferent(b.sub(leaf([2]), x), b.sub(x, x))
  })

  it('tells which nodes are outputs, and in which order', () => {
    const x = leaf([2])
    const y = b.neg(x)
    const z = b.exp(y)
    expect(sameKey(keyOf(z).key, keyOf(y, z).key)).toBe(false)
    expect(sameKey(keyOf(z, y).key, keyOf(y, z).key)).toBe(false)
  })

  it('stops at bound nodes: a realized intermediate is an argument', () => {
    const y = b.neg(leaf([2]))
    const z = b.exp(y)
    y.bound = {}
    expectSame(z, b.exp(leaf([2])))
  })

  it('grows with the graph without losing anything', () => {
    let deep = leaf([2])
    for (let i = 0; i < 5000; i++) deep = b.neg(deep)
    const { key, nodes } = canonicalize([deep])
    expect(nodes.length).toBe(5001)
    expect(key.length).toBeGreaterThan(15_000)
  })
})

describe('the cache', () => {
  const backend = openReference()
  const compiled: { executable: Executable; disposed: boolean }[] = []

  /** Compiles -x for x of this size and adds it. */
  function add(cache: ExecutableCache, size: number, hash?: number): (typeof compiled)[number] {
    const output = emit(ops.neg, [leaf([size])])
    const canonical = canonicalize([output])
    const key = canonical.key.slice()
    const source = extractGraph(canonical, [output])
    const entry = { executable: backend.compile(source, [false]), disposed: false }
    const dispose = entry.executable.dispose.bind(entry.executable)
    entry.executable.dispose = () => {
      entry.disposed = true
      dispose()
    }
    cache.add(hash ?? canonical.hash, key, source, entry.executable)
    return entry
  }
  const find = (cache: ExecutableCache, size: number, hash?: number) => {
    const canonical = canonicalize([emit(ops.neg, [leaf([size])])])
    return cache.find(hash ?? canonical.hash, canonical.key)
  }

  it('evicts the least recently used plan and disposes it', () => {
    const cache = new ExecutableCache(2)
    const first = add(cache, 1)
    const second = add(cache, 2)
    expect(find(cache, 1)).toBe(first.executable)
    const third = add(cache, 3)
    expect([first.disposed, second.disposed, third.disposed]).toEqual([false, true, false])
    expect(find(cache, 2)).toBeUndefined()
    expect(cache.statistics()).toEqual({ entries: 2, hits: 1, misses: 1, evictions: 1 })
  })

  it('compares whole keys: a collision of hashes finds the right plan', () => {
    const cache = new ExecutableCache(8)
    const first = add(cache, 1, 7)
    const second = add(cache, 2, 7)
    expect(find(cache, 1, 7)).toBe(first.executable)
    expect(find(cache, 2, 7)).toBe(second.executable)
    expect(find(cache, 3, 7)).toBeUndefined()
  })

  it('lets held plans outlive their eviction, until the last holder lets go', () => {
    const cache = new ExecutableCache(1)
    const held = add(cache, 1)
    const release = cache.hold(held.executable)
    add(cache, 2)
    expect(held.disposed).toBe(false)
    release()
    release()
    expect(held.disposed).toBe(true)
  })

  it('clears', () => {
    const cache = new ExecutableCache(4)
    const entries = [add(cache, 1), add(cache, 2)]
    cache.clear()
    expect(entries.map((entry) => entry.disposed)).toEqual([true, true])
    expect(cache.statistics().entries).toBe(0)
  })
})
