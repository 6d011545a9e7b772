import { expect, test } from 'vitest'
import { dce } from '../../../ir/passes/dce.js'
import { printGraph } from '../../../ir/print.js'
import { expectSameValues, graphOf, optimize } from './support.js'

const region = (operands: string, parameters: string, ...body: string[]) =>
  `%r = fused ${operands} {kind="map"} (${parameters}) {\n${body.join('\n')}\n}`

test('results that nothing reads leave a region, and operands that nothing needs', () => {
  const before = graphOf(
    '%a: f32[2], %b: f32[2], %c: f32[2]',
    region('%a, %b, %c', '%x: f32[2], %y: f32[2], %z: f32[2]', '%p = exp %x', '%q = sin %y', '%s = add %p, %z', 'return %p, %q, %s'),
    '%u = result %r {index=2}',
    '%v = result %r {index=0}',
    'return %u, %v',
  )
  const { after, fired } = optimize(before, [dce])
  expectSameValues(before, after)
  expect([...fired]).toEqual([['prune region', 1]])
  expect(printGraph(after)).toMatchInlineSnapshot(`
    "graph (%0: f32[2], %1: f32[2], %2: f32[2]) {
      %3: (f32[2], f32[2]) = fused %0, %2 {kind="map"} (%0: f32[2], %1: f32[2]) {
        %2: f32[2] = exp %0
        %3: f32[2] = add %2, %1
        return %2, %3
      }
      %4: f32[2] = result %3 {index=1}
      %5: f32[2] = result %3 {index=0}
      return %4, %5
    }
    "
  `)
})

test('a region that is left with one result is that result', () => {
  const before = graphOf(
    '%a: f32[2], %b: i32[3]',
    region('%a, %b', '%x: f32[2], %y: i32[3]', '%p = exp %x', '%q = neg %y', 'return %p, %q'),
    '%u = result %r {index=1}',
    '%v = abs %u',
    'return %v, %u',
  )
  const { after } = optimize(before, [dce])
  expectSameValues(before, after)
  expect(printGraph(after)).toMatchInlineSnapshot(`
    "graph (%0: f32[2], %1: i32[3]) {
      %2: i32[3] = fused %1 {kind="map"} (%0: i32[3]) {
        %1: i32[3] = neg %0
        return %1
      }
      %3: i32[3] = abs %2
      return %3, %2
    }
    "
  `)
})

test('a region in full use, and a graph without regions, stay the same graph; unused inputs stay', () => {
  const full = graphOf(
    '%a: f32[2], %unused: f32[9]',
    region('%a', '%x: f32[2]', '%p = exp %x', '%q = sin %x', 'return %p, %q'),
    '%u = result %r {index=0}',
    '%v = result %r {index=1}',
    'return %u, %v',
  )
  expect(optimize(full, [dce]).after === full).toBe(true)
  const plain = graphOf('%a: f32[2], %unused: f32[9]', '%b = exp %a', 'return %b')
  expect(optimize(plain, [dce]).after === plain).toBe(true)
  expect(plain.inputs.length).toBe(2)
})
