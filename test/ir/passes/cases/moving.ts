// Cases for rules that move, reduce and put together, and for those that every elementwise op has.

import type { Op } from '../../../../ir/op.js'
import { ops } from '../../../../ir/ops/index.js'
import { floats, integers, numbers, type RuleCase, ruleCase } from './case.js'

const any = ['float32', 'int64', 'bool'] as const
const table = Object.values<Op>(ops)

const moves = {
  reshape: 'reshape %c {shape=[3, 2]}',
  permute: 'permute %c {permutation=[1, 0]}',
  broadcast: 'broadcast %c {shape=[3, 2, 3]}',
  slice: 'slice %c {starts=[0, 1], sizes=[1, 2], steps=[1, 1]}',
}
const movedShape = { reshape: '3, 2', permute: '3, 2', broadcast: '3, 2, 3', slice: '1, 2' }

export const movementCases: readonly RuleCase[] = [
  ruleCase(
    'constant [c, c, ...] -> constant [c]',
    floats,
    '%a: $[2]',
    '%c = c(-0, -0; 2); %r = mul %c, %a',
    '%1 = $[](-0); %2 = mul %0, %1; return %2',
  ),
  ...(Object.keys(moves) as (keyof typeof moves)[]).map((op) =>
    ruleCase(`${op}(c) -> c`, ['float32'], '', `%c = c(1.5; 2, 3); %r = ${moves[op]}`, `%0 = f32[${movedShape[op]}](1.5); return %0`),
  ),
  ruleCase('reshape(x) -> x (same shape)', any, '%a: $[2,3]', '%r = reshape %a {shape=[2, 3]}', 'return %0'),
  ruleCase('broadcast(x) -> x (same shape)', any, '%a: $[2,3]', '%r = broadcast %a {shape=[2, 3]}', 'return %0'),
  ruleCase('permute(x) -> x (identity)', any, '%a: $[2,3]', '%r = permute %a {permutation=[0, 1]}', 'return %0'),
  ruleCase('slice(x) -> x (all of it)', any, '%a: $[2,1]', '%r = slice %a {starts=[0, 0], sizes=[2, 1], steps=[1, -3]}', 'return %0'),
  ruleCase(
    'reshape(reshape(x)) -> reshape(x)',
    any,
    '%a: $[2,3]',
    '%b = reshape %a {shape=[6]}; %r = reshape %b {shape=[3, 2]}',
    '%1 = reshape %0 {shape=[3, 2]}; return %1',
  ),
  ruleCase(
    'broadcast(broadcast(x)) -> broadcast(x)',
    any,
    '%a: $[3]',
    '%b = broadcast %a {shape=[2, 3]}; %r = broadcast %b {shape=[4, 2, 3]}',
    '%1 = broadcast %0 {shape=[4, 2, 3]}; return %1',
  ),
  ruleCase(
    'permute(permute(x)) -> permute(x)',
    any,
    '%a: $[2,3,4]',
    '%b = permute %a {permutation=[1, 2, 0]}; %r = permute %b {permutation=[0, 2, 1]}',
    '%1 = permute %0 {permutation=[1, 0, 2]}; return %1',
  ),
  ruleCase(
    'slice(slice(x)) -> slice(x)',
    any,
    '%a: $[9,5]',
    '%b = slice %a {starts=[8, 1], sizes=[4, 3], steps=[-2, 1]}; %r = slice %b {starts=[1, 2], sizes=[2, 1], steps=[2, -1]}',
    '%1 = slice %0 {starts=[6, 3], sizes=[2, 1], steps=[-4, 1]}; return %1',
  ),
  ruleCase(
    'slice(slice(x)) -> slice(x)',
    any,
    '%a: $[9]',
    '%b = slice %a {starts=[2], sizes=[3], steps=[2]}; %r = slice %b {starts=[3], sizes=[0], steps=[5]}',
    '%1 = slice %0 {starts=[0], sizes=[0], steps=[1]}; return %1',
  ),
  ruleCase(
    'permute(x) -> reshape(x) (only dimensions of size 1 move)',
    any,
    '%a: $[2,1,3]',
    '%r = permute %a {permutation=[1, 0, 2]}',
    '%1 = reshape %0 {shape=[1, 2, 3]}; return %1',
  ),
  ruleCase(
    'broadcast(x) -> reshape(x) (as many elements)',
    any,
    '%a: $[3]',
    '%r = broadcast %a {shape=[1, 3]}',
    '%1 = reshape %0 {shape=[1, 3]}; return %1',
  ),
  ruleCase('real(complex(re, im)) -> re', ['float32', 'float64'], '%a: $[2,3], %b: $[3]', '%z = complex %a, %b; %r = real %z', 'return %0'),
  ruleCase(
    'imag(complex(re, im)) -> im',
    ['float32', 'float64'],
    '%a: $[2,3], %b: $[3]',
    '%z = complex %a, %b; %r = imag %z',
    '%2 = broadcast %1 {shape=[2, 3]}; return %2',
  ),
  ruleCase('complex(real(z), imag(z)) -> z', ['float32'], '%a: c64[2,3]', '%x = real %a; %y = imag %a; %r = complex %x, %y', 'return %0'),
  ruleCase('concat(x) -> x', any, '%a: $[3]', '%r = concat %a {axis=0}', 'return %0'),
  ruleCase(
    'concat(x, empty) -> concat(x)',
    any,
    '%a: $[2,3], %b: $[2,0], %d: $[2,1]',
    '%r = concat %a, %b, %d {axis=1}',
    '%3 = concat %0, %2 {axis=1}; return %3',
  ),
  ruleCase('pad(x) -> x (by nothing)', any, '%a: $[3]', '%r = pad %a {low=[0], high=[0], value=7}', 'return %0'),
]

/** Dtypes in which a reduction of reductions is one. */
function mergeable(op: Op): RuleCase['dtypes'] {
  const some = op.dtypes.includes('bool') ? ['bool' as const] : []
  return op.name === 'sum' || op.name === 'prod' ? integers : op.dtypes.includes('float32') ? ['float32', 'int8'] : some
}

const reductions = table.filter((op) => op.traits.reduction !== undefined)

export const reductionCases: readonly RuleCase[] = reductions.flatMap((op) => {
  const single = `${op.name}(x) -> reshape(x) (axes of size 1; sum of floats: + 0)`
  const nested = `${op.name}(${op.name}(x)) -> ${op.name}(x) (sum and prod: integers)`
  const lines = `%r = ${op.name} %a {axes=[1], keepDims=false}`
  const plain = op.dtypes.filter((dtype) => op.name !== 'sum' || !floats.includes(dtype))
  const sumOfFloats = ruleCase(
    single,
    floats,
    '%a: $[13,1]',
    lines,
    '%1 = reshape %0 {shape=[13]}; %2 = $[](0); %3 = add %1, %2; return %3',
  )
  return [
    ruleCase(single, plain, '%a: $[13,1]', lines, '%1 = reshape %0 {shape=[13]}; return %1'),
    ...(op.name === 'sum' ? [sumOfFloats] : []),
    ruleCase(
      nested,
      mergeable(op)!,
      '%a: $[2,3,4,5]',
      `%b = ${op.name} %a {axes=[1], keepDims=false}; %r = ${op.name} %b {axes=[0, 2], keepDims=false}`,
      `%1 = ${op.name} %0 {axes=[0, 1, 3], keepDims=false}; return %1`,
    ),
    ruleCase(
      nested,
      mergeable(op)!,
      '%a: $[2,3,4]',
      `%b = ${op.name} %a {axes=[1], keepDims=true}; %r = ${op.name} %b {axes=[0], keepDims=false}`,
      `%1 = ${op.name} %0 {axes=[0, 1], keepDims=false}; %2 = reshape %1 {shape=[1, 4]}; return %2`,
    ),
  ]
})

/** The lines that apply an op to operands, with the attributes it needs. */
const apply = (op: Op, operands: string): string => `%r = ${op.name} ${operands}${op.name === 'cast' ? ' {dtype="int8"}' : ''}`

/** float32 where the op has it, else int32, else bool. */
const dtypeOf = (op: Op): RuleCase['dtypes'] => [
  (['float32', 'int32', 'bool', 'uint32'] as const).find((dtype) => op.dtypes.includes(dtype))!,
]

const elementwise = table.filter((op) => op.traits.elementwise === true && op.name !== 'complex')

export const elementwiseCases: readonly RuleCase[] = elementwise.flatMap((op): RuleCase[] => {
  const repeat = `${op.name}(broadcast(x), ...) -> broadcast(${op.name}(x, ...))`
  const fold = `${op.name}(constants of one value) -> constant`
  const attrs = op.name === 'cast' ? ' {dtype="int8"}' : ''
  switch (op.operands.length) {
    case 1:
      return [
        ruleCase(
          repeat,
          dtypeOf(op)!,
          '%a: $[3]',
          `%b = broadcast %a {shape=[2, 3]}; ${apply(op, '%b')}`,
          `%1 = ${op.name} %0${attrs}; %2 = broadcast %1 {shape=[2, 3]}; return %2`,
        ),
        ruleCase(fold, dtypeOf(op)!, '', `%c = c(1; 2); ${apply(op, '%c')}`, /^%0 = \w+\[2\]\(.*\); return %0$/),
      ]
    case 2:
      return [
        ruleCase(
          repeat,
          dtypeOf(op)!,
          '%a: $[3], %d: $[2,3]',
          `%b = broadcast %a {shape=[2, 3]}; ${apply(op, '%b, %d')}`,
          `%2 = ${op.name} %0, %1; return %2`,
        ),
        ruleCase(
          repeat,
          dtypeOf(op)!,
          '%a: $[3,1], %d: $[]',
          `%b = broadcast %a {shape=[3, 4]}; ${apply(op, '%b, %d')}`,
          `%2 = ${op.name} %0, %1; %3 = broadcast %2 {shape=[3, 4]}; return %3`,
        ),
        ruleCase(fold, dtypeOf(op)!, '', `%c = c(1; 2); %d = c(0); ${apply(op, '%c, %d')}`, /^%0 = \w+\[2\]\(.*\); return %0$/),
      ]
    case 3:
      return [
        ruleCase(
          repeat,
          ['int32'],
          '%q: bool[1], %a: $[3], %d: $[3]',
          '%b = broadcast %q {shape=[2, 3]}; %r = select %b, %a, %d',
          '%3 = select %0, %1, %2; %4 = broadcast %3 {shape=[2, 3]}; return %4',
        ),
        ruleCase(fold, ['bool'], '', '%q = c(1; 2); %a = c(1); %r = select %q, %a, %q', '%0 = bool[2](1); return %0'),
      ]
    default:
      return []
  }
})

export const commutedCases: readonly RuleCase[] = table
  .filter((op) => op.traits.commutative === true)
  .map((op) =>
    ruleCase(
      `${op.name}(c, x) -> ${op.name}(x, c)`,
      dtypeOf(op)!,
      '%a: $[3]',
      `%c = c(0, 1, 1; 3); %r = ${op.name} %c, %a`,
      new RegExp(`^%1 = \\w+\\[3\\]\\(0, 1, 1\\); %2 = ${op.name} %0, %1; return %2$`),
    ),
  )

export const transparentCases: readonly RuleCase[] = table
  .filter((op) => op.traits.transparent === true)
  .map((op) => ruleCase(`${op.name}(x) -> x`, numbers, '%a: $[3]', `%r = ${op.name} %a`, 'return %0'))
