import { expect, test } from 'vitest'
import { canonicalize } from '../../../ir/passes/canonicalize.js'
import { movement } from '../../../ir/passes/movement.js'
import { expectSameValues, graphOf, optimize, summary } from './support.js'

/** What the movement pass makes of a graph, and the rules after it. */
function moved(inputs: string, ...lines: string[]): string {
  const before = graphOf(inputs, ...lines)
  const alone = optimize(before, [movement]).after
  expectSameValues(before, alone)
  const { after } = optimize(alone, [canonicalize])
  expectSameValues(before, after)
  return summary(after)
}

/** That nothing moves. */
function stays(inputs: string, ...lines: string[]): void {
  const graph = graphOf(inputs, ...lines)
  const { fired, after } = optimize(graph, [movement])
  expect([...fired]).toEqual([])
  expect(after === graph).toBe(true)
}

const transpose = '{permutation=[1, 0]}'

test('a permute between elementwise ops goes to the operands', () => {
  expect(moved('%a: f32[2,3]', '%b = exp %a', `%c = permute %b ${transpose}`, '%d = sin %c', 'return %d')).toBe(
    '%1 = permute %0 {permutation=[1, 0]}; %2 = exp %1; %3 = sin %2; return %3',
  )
})

test('operands that broadcast get the dimensions they lack; scalars stay', () => {
  expect(
    moved(
      '%a: f32[2,3], %s: f32[], %v: f32[3]',
      '%b = mul %a, %s',
      '%c = add %b, %v',
      `%d = permute %c ${transpose}`,
      '%e = exp %d',
      'return %e',
    ),
  ).toBe('%3 = permute %0 {permutation=[1, 0]}; %4 = mul %3, %1; %5 = reshape %2 {shape=[3, 1]}; %6 = add %4, %5; %7 = exp %6; return %7')
})

test('moves that meet become one, casts too', () => {
  expect(
    moved(
      '%a: f16[2,3]',
      '%b = cast %a {dtype="float32"}',
      `%c = permute %b ${transpose}`,
      '%d = exp %c',
      `%e = permute %d ${transpose}`,
      '%f = neg %e',
      'return %f',
    ),
  ).toBe('%1 = cast %0 {dtype="float32"}; %2 = exp %1; %3 = neg %2; return %3')
  expect(
    moved('%a: i8[2,3]', '%b = cast %a {dtype="int16"}', `%c = permute %b ${transpose}`, '%d = cast %c {dtype="int32"}', 'return %d'),
  ).toBe('%1 = permute %0 {permutation=[1, 0]}; %2 = cast %1 {dtype="int32"}; return %2')
})

test('a reshape goes below ops whose operands have the full shape or one element', () => {
  expect(
    moved(
      '%a: f32[2,3], %b: f32[2,3], %s: f32[1,1]',
      '%c = mul %a, %b',
      '%d = add %c, %s',
      '%e = reshape %d {shape=[6]}',
      '%f = exp %e',
      'return %f',
    ),
  ).toBe(
    '%3 = reshape %0 {shape=[6]}; %4 = reshape %1 {shape=[6]}; %5 = mul %3, %4; %6 = reshape %2 {shape=[]}; %7 = add %5, %6; %8 = exp %7; return %8',
  )
})

test('a reduction above counts as a kernel to join', () => {
  expect(
    moved('%a: f32[4,6]', '%b = square %a', '%c = reshape %b {shape=[4, 2, 3]}', '%d = sum %c {axes=[2], keepDims=false}', 'return %d'),
  ).toBe('%1 = reshape %0 {shape=[4, 2, 3]}; %2 = square %1; %3 = sum %2 {axes=[2], keepDims=false}; return %3')
})

test('a slice goes down wherever it can: it saves work', () => {
  const slice = 'slice %c {starts=[3, 1], sizes=[2, 2], steps=[-2, 1]}'
  expect(moved('%a: f32[4,3], %v: f32[3], %w: f32[4,1]', '%b = add %a, %v', '%c = mul %b, %w', `%d = ${slice}`, 'return %d')).toBe(
    '%3 = slice %0 {starts=[3, 1], sizes=[2, 2], steps=[-2, 1]}; %4 = slice %1 {starts=[1], sizes=[2], steps=[1]}; %5 = add %3, %4; ' +
      '%6 = slice %2 {starts=[3, 0], sizes=[2, 1], steps=[-2, 1]}; %7 = mul %5, %6; return %7',
  )
})

test('a permute that is an output goes down and saves the copy; a reshape copies nothing and stays', () => {
  expect(moved('%a: f32[2,3]', '%b = exp %a', `%c = permute %b ${transpose}`, 'return %c')).toBe(
    '%1 = permute %0 {permutation=[1, 0]}; %2 = exp %1; return %2',
  )
  stays('%a: f32[2,3]', '%b = exp %a', '%c = reshape %b {shape=[6]}', 'return %c')
})

test('nothing moves past a value that has another use: it would be computed twice', () => {
  stays('%a: f32[2,3]', '%b = exp %a', `%c = permute %b ${transpose}`, '%d = sin %c', 'return %d, %b')
  stays('%a: f32[2,3]', '%z = exp %a', '%b = neg %z', `%c = permute %b ${transpose}`, '%d = sin %c', 'return %d, %z')
})

test('a broadcast stays above: below it the op would run more often', () => {
  stays('%a: f32[3]', '%b = exp %a', '%c = broadcast %b {shape=[2, 3]}', '%d = sin %c', 'return %d')
})

test('a reshape stays above operands that are not in row-major order', () => {
  stays('%a: f32[2,3]', `%p = permute %a ${transpose}`, '%b = exp %p', '%c = reshape %b {shape=[6]}', '%d = sin %c', 'return %d')
  stays('%a: f32[2,3], %v: f32[3]', '%b = add %a, %v', '%c = reshape %b {shape=[6]}', '%d = sin %c', 'return %d')
  stays(
    '%a: f32[6]',
    '%i = iota {dtype="float32", shape=[2, 3], axis=1}',
    '%b = exp %i',
    '%c = reshape %b {shape=[6]}',
    '%d = add %c, %a',
    'return %d',
  )
})

test('a transposed operand of a matrix product stays: the product reads it in place', () => {
  stays('%a: f32[2,3]', '%b = exp %a', `%c = permute %b ${transpose}`, '%d = matmul %a, %c', 'return %d')
})

test('moves of different kinds follow each other', () => {
  expect(
    moved(
      '%a: f32[2,3,4]',
      '%b = exp %a',
      '%c = slice %b {starts=[0, 0, 1], sizes=[2, 3, 2], steps=[1, 1, 2]}',
      '%d = neg %c',
      '%e = permute %d {permutation=[2, 0, 1]}',
      '%f = sin %e',
      'return %f',
    ),
  ).toBe(
    '%1 = slice %0 {starts=[0, 0, 1], sizes=[2, 3, 2], steps=[1, 1, 2]}; %2 = exp %1; %3 = permute %2 {permutation=[2, 0, 1]}; %4 = neg %3; %5 = sin %4; return %5',
  )
})
