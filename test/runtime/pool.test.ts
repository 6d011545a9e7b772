// Memory: size classes, reuse, accounting, the limit.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typeOf } from '../../ir/type.js'
import { hostMemory } from '../../runtime/host-memory.js'
import { Pool, sizeClass } from '../../runtime/pool.js'
import { Storage } from '../../runtime/storage.js'

const makePool = (base = 4096): Pool => {
  let next = base
  return new Pool(hostMemory(() => (next += 8)))
}

describe('size classes', () => {
  it('hold what is asked for, waste at most a quarter, and are classes of themselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (bytes) => {
        const size = sizeClass(bytes)
        expect(size).toBeGreaterThanOrEqual(bytes)
        expect(size).toBeLessThanOrEqual(Math.max(64, bytes * 1.25))
        expect(sizeClass(size)).toBe(size)
      }),
    )
  })
})

describe('the pool', () => {
  it('aligns blocks to 64 bytes and leaves padding behind them', () => {
    const pool = makePool()
    for (const bytes of [1, 64, 65, 1000, 4096]) {
      const block = pool.take(bytes)
      expect(block.address % 64).toBe(0)
      expect(block.buffer.byteLength - block.offset).toBeGreaterThanOrEqual(block.bytes + 64)
    }
  })

  it('gives a freed block to the next who asks for its class', () => {
    const pool = makePool()
    const block = pool.take(1000)
    pool.give(block)
    expect(pool.pooledBytes).toBe(sizeClass(1000))
    expect(pool.take(1010)).toBe(block)
    expect(pool.systemAllocations).toBe(1)
    expect(pool.pooledBytes).toBe(0)
  })

  it('counts bytes, buffers and the peak', () => {
    const pool = makePool()
    const a = pool.take(128)
    const b = pool.take(256)
    expect([pool.activeBytes, pool.buffers, pool.peakBytes]).toEqual([384, 2, 384])
    pool.give(a)
    pool.give(b)
    expect([pool.activeBytes, pool.buffers, pool.peakBytes, pool.pooledBytes]).toEqual([0, 0, 384, 384])
    pool.trim()
    expect(pool.pooledBytes).toBe(0)
  })

  it('frees pooled memory before it refuses, and a refusal changes nothing', () => {
    const pool = makePool()
    pool.limit = 2_000_000
    pool.give(pool.take(1_500_000))
    const block = pool.take(1_000_000)
    expect(pool.pooledBytes).toBe(0)
    const before = [pool.activeBytes, pool.buffers]
    expect(() => pool.take(100_000_000)).toThrow(
      expect.objectContaining({ code: 'memory', message: expect.stringContaining('100663296 bytes more') }),
    )
    expect([pool.activeBytes, pool.buffers]).toEqual(before)
    pool.give(block)
  })

  it('keeps no more than its own limit', () => {
    const pool = makePool()
    pool.poolLimit = 1000
    pool.give(pool.take(5000))
    expect(pool.pooledBytes).toBe(0)
  })
})

describe('storage', () => {
  const type = typeOf('int16', [2, 3])

  it('is a typed array of its elements until disposed', () => {
    const storage = new Storage(type, makePool())
    storage.view().set([1, 2, 3, 4, 5, 6] as never)
    expect(storage.view()).toEqual(Int16Array.of(1, 2, 3, 4, 5, 6))
    storage.dispose()
    expect(() => storage.view()).toThrow(expect.objectContaining({ code: 'disposed', message: expect.stringContaining('i16[2,3]') }))
  })

  it('keeps its memory while a run in flight uses it, although it is disposed', () => {
    const pool = makePool()
    const storage = new Storage(type, pool)
    storage.retain()
    storage.dispose()
    expect(storage.disposed).toBe(true)
    expect(pool.pooledBytes).toBe(0)
    storage.release()
    expect(pool.pooledBytes).toBe(64)
  })
})
