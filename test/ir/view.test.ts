// Views against the movement ops' own reference implementations: every element of a view is where the op says it is.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { emptyValues, type HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Attrs } from '../../ir/op.js'
import { type OpName, ops } from '../../ir/ops/index.js'
import { type Shape, sizeOf } from '../../ir/shape.js'
import { typeOf } from '../../ir/type.js'
import { isContiguous, moveView, type View, wholeView } from '../../ir/view.js'

/** Base positions in the order of the view's elements. */
function positions(view: View): number[] {
  const out: number[] = []
  const walk = (axis: number, at: number): void => {
    if (axis === view.shape.length) out.push(at)
    else for (let i = 0; i < view.shape[axis]!; i++) walk(axis + 1, at + i * view.strides[axis]!)
  }
  walk(0, view.offset)
  return out
}

/** A random movement op that fits the shape. */
const movement = (shape: Shape): fc.Arbitrary<{ op: OpName; attrs: Attrs }> =>
  fc.oneof(
    fc
      .shuffledSubarray([...shape.keys()], { minLength: shape.length })
      .map((permutation) => ({ op: 'permute' as const, attrs: { permutation } })),
    fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: 3 })))).map((ranges) => {
      const parts = ranges.map(([a, b, step]) => ({ start: a, step: b >= a ? step : -step, size: Math.floor(Math.abs(b - a) / step) + 1 }))
      return {
        op: 'slice' as const,
        attrs: { starts: parts.map((p) => p.start), sizes: parts.map((p) => p.size), steps: parts.map((p) => p.step) },
      }
    }),
    fc.integer({ min: 2, max: 3 }).map((size) => ({ op: 'broadcast' as const, attrs: { shape: [size, ...shape] } })),
    fc.constantFrom(...reshapes(shape)).map((to) => ({ op: 'reshape' as const, attrs: { shape: to } })),
  )

function reshapes(shape: Shape): number[][] {
  const size = sizeOf(shape)
  const pairs = [1, 2, 3, 4, 6].flatMap((a) =>
    size % a === 0
      ? [
          [a, size / a],
          [1, a, 1, size / a],
        ]
      : [],
  )
  return [[size], [...shape, 1], ...pairs]
}

describe('moveView', () => {
  it('agrees with the movement ops on chains of up to four', () => {
    let expressible = 0
    fc.assert(
      fc.property(fc.constantFrom([2, 3, 4], [6], [1, 4, 1, 3], [12, 2]), fc.gen(), (shape, pick) => {
        const base = inputNode(typeOf('float32', shape))
        const values = emptyValues('float32', sizeOf(shape)) as Float64Array
        values.forEach((_, i) => {
          values[i] = i
        })
        let node: Node = base
        let host: HostTensor = { type: base.type, values }
        let view: View | undefined = wholeView(shape)
        for (let step = 0; step < 4; step++) {
          const { op, attrs } = pick(movement, node.type.shape)
          if (op === 'broadcast' && node.type.rank > 4) continue
          node = emit(ops[op], [node], attrs)
          host = ops[op].evaluate([host], attrs, [node.type])[0]!
          view = moveView(view, op, node.type.shape, attrs)
          if (view === undefined) return
          expressible++
          expect(positions(view)).toEqual([...host.values])
        }
      }),
      { numRuns: 400 },
    )
    expect(expressible).toBeGreaterThan(400)
  })

  it('refuses a reshape across gaps, and only that', () => {
    const transposed: View = { offset: 0, shape: [3, 2], strides: [1, 3] }
    expect(moveView(transposed, 'reshape', [6], {})).toBeUndefined()
    expect(moveView(transposed, 'reshape', [3, 1, 2], {})).toEqual({ offset: 0, shape: [3, 1, 2], strides: [1, 0, 3] })
    const row: View = { offset: 3, shape: [2, 3], strides: [6, 1] }
    expect(moveView(row, 'reshape', [6], {})).toBeUndefined()
    expect(moveView(row, 'reshape', [2, 3, 1], {})?.strides).toEqual([6, 1, 0])
  })

  it('knows contiguous views', () => {
    expect(isContiguous(wholeView([2, 3]))).toBe(true)
    expect(isContiguous({ offset: 5, shape: [1, 3], strides: [99, 1] })).toBe(true)
    expect(isContiguous({ offset: 0, shape: [2, 3], strides: [1, 2] })).toBe(false)
  })
})
