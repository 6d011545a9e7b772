// The arena plan: nothing that lives at the same time may overlap, and the plan should be close to the unavoidable peak.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Interval, planArena } from '../../ir/plan.js'

const overlapInTime = (a: Interval, b: Interval): boolean => a.first <= b.last && b.first <= a.last

const interval = fc.record({
  bytes: fc.integer({ min: 0, max: 5000 }),
  first: fc.integer({ min: 0, max: 30 }),
  span: fc.integer({ min: 0, max: 8 }),
})
const intervals = fc.array(
  interval.map(({ bytes, first, span }): Interval => ({ bytes, first, last: first + span })),
  { maxLength: 40 },
)

describe('planArena', () => {
  it('never lets intervals alive at the same time overlap, and aligns all', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const { offsets, bytes, lowerBound } = planArena(list)
        expect(bytes).toBeGreaterThanOrEqual(lowerBound)
        list.forEach((a, i) => {
          expect(offsets[i]! % 64).toBe(0)
          expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes)
          for (let j = 0; j < i; j++) {
            if (!overlapInTime(a, list[j]!)) continue
            const apart = offsets[i]! + Math.max(a.bytes, 1) <= offsets[j]! || offsets[j]! + Math.max(list[j]!.bytes, 1) <= offsets[i]!
            expect(apart).toBe(true)
          }
        })
      }),
    )
  })

  it('reuses memory along a chain: two buffers serve any length', () => {
    const chain = Array.from({ length: 100 }, (_, i): Interval => ({ bytes: 4096, first: i, last: i + 1 }))
    expect(planArena(chain).bytes).toBe(2 * 4096)
  })

  it('needs nothing for nothing', () => {
    expect(planArena([])).toEqual({ offsets: [], bytes: 0, lowerBound: 0 })
  })
})
