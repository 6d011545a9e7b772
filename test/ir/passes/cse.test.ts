import { expect, test } from 'vitest'
import { cse } from '../../../ir/passes/cse.js'
import { expectSameValues, graphOf, optimize, summary } from './support.js'

const merged = (inputs: string, ...lines: string[]): string => {
  const before = graphOf(inputs, ...lines)
  const { after } = optimize(before, [cse])
  expectSameValues(before, after)
  return summary(after)
}

test('equal chains become one, from the leaves up', () => {
  expect(
    merged(
      '%a: f32[2,3]',
      '%b = exp %a',
      '%c = exp %a',
      '%d = permute %b {permutation=[1, 0]}',
      '%e = permute %c {permutation=[1, 0]}',
      'return %d, %e',
    ),
  ).toBe('%1 = exp %0; %2 = permute %1 {permutation=[1, 0]}; return %2, %2')
})

test('operands of commutative ops in either order, of others only in the same', () => {
  expect(
    merged('%a: f32[2], %b: f32[2]', '%c = add %a, %b', '%d = add %b, %a', '%e = sub %a, %b', '%f = sub %b, %a', 'return %c, %d, %e, %f'),
  ).toBe('%2 = add %0, %1; %3 = sub %0, %1; %4 = sub %1, %0; return %2, %2, %3, %4')
  expect(merged('%a: f32[2], %b: f32[2]', '%c = mul %a, %a', '%d = mul %a, %b', '%e = mul %b, %b', 'return %c, %d, %e')).toBe(
    '%2 = mul %0, %0; %3 = mul %0, %1; %4 = mul %1, %1; return %2, %3, %4',
  )
})

test('constants merge by dtype, shape and bits: 0 and -0 are two values, NaN is one', () => {
  const lines = [
    'constant {dtype="float32", shape=[], values=[0]}',
    'constant {dtype="float32", shape=[], values=[-0]}',
    'constant {dtype="float32", shape=[], values=[NaN]}',
    'constant {dtype="float32", shape=[], values=[NaN]}',
    'constant {dtype="float32", shape=[], values=[0]}',
    'constant {dtype="float64", shape=[], values=[0]}',
    'constant {dtype="float32", shape=[1], values=[0]}',
  ].map((text, i) => `%c${i} = ${text}`)
  expect(merged('', ...lines, 'return %c0, %c1, %c2, %c3, %c4, %c5, %c6')).toBe(
    '%0 = f32[](0); %1 = f32[](-0); %2 = f32[](NaN); %3 = f64[](0); %4 = f32[1](0); return %0, %1, %2, %2, %0, %3, %4',
  )
})

test('nodes with several results merge together with what picks them', () => {
  expect(
    merged(
      '%k: u32[], %n: u32[3]',
      '%a = threefry2x32 %k, %k, %n, %n',
      '%b = threefry2x32 %k, %k, %n, %n',
      '%c = result %a {index=1}',
      '%d = result %b {index=1}',
      '%e = result %b {index=0}',
      'return %c, %d, %e',
    ),
  ).toBe('%2 = threefry2x32 %0, %0, %1, %1; %3 = result %2 {index=1}; %4 = result %2 {index=0}; return %3, %3, %4')
})

test('inputs never merge, and a graph without twins is the same graph', () => {
  const graph = graphOf('%a: f32[2], %b: f32[2]', '%c = exp %a', '%d = exp %b', 'return %c, %d')
  expect(optimize(graph, [cse]).after === graph).toBe(true)
})

test('regions merge when their bodies are the same program', () => {
  const region = (name: string, op: string) => `%${name} = fused %a {kind="map"} (%x: f32[2]) {\n  %y = ${op} %x\n  return %y\n}`
  const before = graphOf('%a: f32[2]', region('b', 'exp'), region('c', 'exp'), region('d', 'sin'), 'return %b, %c, %d')
  const { after, fired } = optimize(before, [cse])
  expectSameValues(before, after)
  expect([...fired]).toEqual([['merge fused', 1]])
})
