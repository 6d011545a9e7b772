import { expect, test } from 'vitest'
import { fold } from '../../../ir/passes/fold.js'
import { constant, expectSameValues, graphOf, optimize, summary } from './support.js'

const folded = (inputs: string, ...lines: string[]): string => {
  const before = graphOf(inputs, ...lines)
  const { after } = optimize(before, [fold])
  expectSameValues(before, after)
  return summary(after)
}

test('arithmetic on constants is done once, in the dtype', () => {
  // 0.1 + 0.2 in float32 is 0.30000001192092896 (NumPy); uint8 wraps.
  expect(folded('', `%a = ${constant('float32', '0.1')}`, `%b = ${constant('float32', '0.2')}`, '%c = add %a, %b', 'return %c')).toBe(
    '%0 = f32[](0.30000001192092896); return %0',
  )
  expect(folded('', `%a = ${constant('uint8', '200, 3', '2')}`, '%b = add %a, %a', 'return %b')).toBe('%0 = u8[2](144, 6); return %0')
  expect(folded('', `%a = ${constant('int64', '9223372036854775807')}`, '%b = neg %a', '%c = neg %b', 'return %b, %c')).toBe(
    '%0 = i64[](-9223372036854775807); %1 = i64[](9223372036854775807); return %0, %1',
  )
})

test('one value stays one value, whatever the size', () => {
  const large = graphOf('', `%a = ${constant('float32', '4', '1000, 1000')}`, '%b = sqrt %a', '%c = mul %b, %a', 'return %c')
  expect(summary(optimize(large, [fold]).after)).toBe('%0 = f32[1000, 1000](8); return %0')
  expect(folded('', `%a = ${constant('int32', '3', '2, 5')}`, '%b = sum %a {axes=[1], keepDims=false}', 'return %b')).toBe(
    '%0 = i32[2](15); return %0',
  )
})

test('results of more than 1024 elements are left to run time', () => {
  const range = (n: number) => `%a = iota {dtype="int32", shape=[${n}], axis=0}`
  const double = ['%b = add %a, %a', 'return %b']
  expect(folded('', range(1024), ...double)).toMatch(/^%0 = i32\[1024\]\(0, 2, 4, .*, 2046\); return %0$/)
  expect(folded('', range(1025), ...double)).toBe('%0 = iota {dtype="int32", shape=[1025], axis=0}; %1 = add %0, %0; return %1')
})

test('operands of more than 65,536 elements are left to run time', () => {
  const lines = (n: number) => [`%a = iota {dtype="int32", shape=[${n}], axis=0}`, '%b = max %a {axes=[0], keepDims=false}', 'return %b']
  expect(folded('', ...lines(65536))).toBe('%0 = i32[](65535); return %0')
  expect(folded('', ...lines(65537))).toMatch(/^%0 = iota .*; %1 = max %0 .*; return %1$/)
})

test('an index sequence alone stays, and so does what depends on inputs', () => {
  const graph = graphOf('%x: f32[3]', '%a = iota {dtype="float32", shape=[3], axis=0}', '%b = add %x, %a', 'return %a, %b')
  expect(optimize(graph, [fold]).after === graph).toBe(true)
})

test('each result of an op with several', () => {
  // Threefry-2x32 with key and counter 0: the reference vector of Salmon et al., as in Random123's kat_vectors.
  const zero = `%z = ${constant('uint32', '0')}`
  expect(
    folded('', zero, '%t = threefry2x32 %z, %z, %z, %z', '%a = result %t {index=0}', '%b = result %t {index=1}', 'return %b, %a'),
  ).toBe(`%0 = u32[](${0x99ba4efe}); %1 = u32[](${0x6b200159}); return %0, %1`)
})

test('empty results', () => {
  expect(
    folded('', `%a = ${constant('float32', '1', '0, 3')}`, '%b = sum %a {axes=[0], keepDims=false}', '%c = exp %a', 'return %b, %c'),
  ).toMatch(/^%0 = f32\[3\]\(0\); %1 = f32\[0, 3\]\(.*\); return %0, %1$/)
})
