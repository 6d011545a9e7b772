// Cases for rules of one operand, comparisons, logic, choices and casts.

import { realDTypes } from '../../../../ir/dtype.js'
import { floats, integers, numbers, type RuleCase, ruleCase, signed, unsigned } from './case.js'

const one = '%a: $[7]'
const two = '%a: $[9], %b: $[9]'
const choice = '%q: bool[6], %a: $[6], %b: $[6], %d: $[6]'
const roundings = ['ceil', 'floor', 'round', 'trunc'] as const
const orders = { less: 'greater', lessEqual: 'greaterEqual', greater: 'less', greaterEqual: 'lessEqual' } as const
const opposites = {
  equal: 'notEqual',
  notEqual: 'equal',
  less: 'greaterEqual',
  lessEqual: 'greater',
  greater: 'lessEqual',
  greaterEqual: 'less',
}

const absorbed = (outer: string, inner: string, floatsOnly = false): RuleCase =>
  ruleCase(
    `${outer}(${inner}(x)) -> ${inner}(x)${floatsOnly ? ' (floats)' : ''}`,
    floatsOnly ? floats : roundings.includes(outer as 'ceil') ? floats : [...floats, ...signed],
    one,
    `%i = ${inner} %a; %r = ${outer} %i`,
    `%1 = ${inner} %0; return %1`,
  )
const ignored = (outer: string, inner: string): RuleCase =>
  ruleCase(
    `${outer}(${inner}(x)) -> ${outer}(x)`,
    [...floats, ...signed],
    one,
    `%i = ${inner} %a; %r = ${outer} %i`,
    `%1 = ${outer} %0; return %1`,
  )

export const unaryCases: readonly RuleCase[] = [
  ruleCase('neg(neg(x)) -> x', numbers, one, '%n = neg %a; %r = neg %n', 'return %0'),
  ruleCase('bitwiseNot(bitwiseNot(x)) -> x', [...integers, 'bool'], one, '%n = bitwiseNot %a; %r = bitwiseNot %n', 'return %0'),
  ignored('abs', 'neg'),
  ignored('square', 'neg'),
  ignored('square', 'abs'),
  absorbed('abs', 'abs'),
  absorbed('relu', 'relu'),
  absorbed('sign', 'sign'),
  absorbed('abs', 'relu'),
  absorbed('abs', 'square', true),
  absorbed('relu', 'square', true),
  absorbed('relu', 'abs', true),
  ...roundings.flatMap((outer) => roundings.map((inner) => absorbed(outer, inner))),
  ...roundings.map((op) => ruleCase(`${op}(x) -> x (integers)`, integers, one, `%r = ${op} %a`, 'return %0')),
  ...roundings.map((op) =>
    ruleCase(
      `${op}(cast(n)) -> cast(n) (n is not float)`,
      [...integers, 'bool'],
      one,
      `%c = cast %a {dtype="float32"}; %r = ${op} %c`,
      '%1 = cast %0 {dtype="float32"}; return %1',
    ),
  ),
  ...['abs', 'relu'].map((op) => ruleCase(`${op}(x) -> x (unsigned)`, unsigned, one, `%r = ${op} %a`, 'return %0')),
  ...['isNan', 'isInf'].map((op) => ruleCase(`${op}(x) -> false (integers)`, integers, one, `%r = ${op} %a`, '%1 = bool[7](0); return %1')),
  ruleCase('isFinite(x) -> true (integers)', integers, one, '%r = isFinite %a', '%1 = bool[7](1); return %1'),
  ruleCase('signbit(x) -> false (unsigned)', unsigned, one, '%r = signbit %a', '%1 = bool[7](0); return %1'),
]

export const compareCases: readonly RuleCase[] = [
  ...Object.entries(orders).map(([op, mirrored]) =>
    ruleCase(
      `${op}(c, x) -> mirrored(x, c)`,
      numbers,
      one,
      `%c = c(2); %r = ${op} %c, %a`,
      new RegExp(`^%1 = \\w+\\[\\]\\(2\\); %2 = ${mirrored} %0, %1; return %2$`),
    ),
  ),
  ...['less', 'greater'].map((op) => ruleCase(`${op}(x, x) -> false`, realDTypes, one, `%r = ${op} %a, %a`, '%1 = bool[7](0); return %1')),
  ...['equal', 'lessEqual', 'greaterEqual'].map((op) =>
    ruleCase(`${op}(x, x) -> true (not floats)`, [...integers, 'bool'], one, `%r = ${op} %a, %a`, '%1 = bool[7](1); return %1'),
  ),
  ruleCase('notEqual(x, x) -> isNan(x), false', floats, one, '%r = notEqual %a, %a', '%1 = isNan %0; return %1'),
  ruleCase('notEqual(x, x) -> isNan(x), false', integers, one, '%r = notEqual %a, %a', '%1 = bool[7](0); return %1'),
  ruleCase('less(x, 0) -> false (unsigned)', unsigned, one, '%c = c(0); %r = less %a, %c', '%1 = bool[7](0); return %1'),
  ruleCase('greaterEqual(x, 0) -> true (unsigned)', unsigned, one, '%c = c(0); %r = greaterEqual %a, %c', '%1 = bool[7](1); return %1'),
  ruleCase('equal(x, c) -> x or logicalNot(x) (bool)', ['bool'], one, '%c = c(1); %r = equal %a, %c', 'return %0'),
  ruleCase('equal(x, c) -> x or logicalNot(x) (bool)', ['bool'], one, '%c = c(0); %r = equal %a, %c', '%1 = logicalNot %0; return %1'),
  ruleCase('notEqual(x, c) -> x or logicalNot(x) (bool)', ['bool'], one, '%c = c(0); %r = notEqual %a, %c', 'return %0'),
  ruleCase(
    'notEqual(x, c) -> x or logicalNot(x) (bool)',
    ['bool'],
    one,
    '%c = c(1); %r = notEqual %a, %c',
    '%1 = logicalNot %0; return %1',
  ),
  ruleCase('logicalNot(logicalNot(x)) -> x (bool)', ['bool'], one, '%n = logicalNot %a; %r = logicalNot %n', 'return %0'),
  ...Object.entries(opposites).map(([op, opposite]) =>
    ruleCase(
      'logicalNot(compare(x, y)) -> opposite(x, y) (floats: equal, notEqual)',
      op.toLowerCase().endsWith('equal') && !op.startsWith('less') && !op.startsWith('greater') ? realDTypes : [...integers, 'bool'],
      two,
      `%c = ${op} %a, %b; %r = logicalNot %c`,
      `%2 = ${opposite} %0, %1; return %2`,
    ),
  ),
]

const both = (
  logical: string,
  bitwise: string,
  make: (op: string, dtypes: RuleCase['dtypes'], ones: string, named: string) => RuleCase,
): RuleCase[] => [
  make(logical, ['bool'], '1', 'logicalNot'),
  make(bitwise, ['bool'], '1', 'logicalNot'),
  make(bitwise, ['int8'], '-1', 'bitwiseNot'),
  make(bitwise, ['uint16'], '65535', 'bitwiseNot'),
  make(bitwise, ['uint64'], '18446744073709551615', 'bitwiseNot'),
]
const zero = /^%1 = \w+\[7\]\(0\); return %1$/
const pairs = { And: ['logicalAnd', 'bitwiseAnd'], Or: ['logicalOr', 'bitwiseOr'], Xor: ['logicalXor', 'bitwiseXor'] } as const

export const logicalCases: readonly RuleCase[] = [
  ...both(...pairs.And, (op, types, ones) =>
    ruleCase(`${op}(x, ones) -> x`, types!, one, `%c = c(${ones}); %r = ${op} %a, %c`, 'return %0'),
  ),
  ...both(...pairs.And, (op, types) => ruleCase(`${op}(x, 0) -> 0`, types!, one, `%c = c(0); %r = ${op} %a, %c`, zero)),
  ...both(...pairs.Or, (op, types) => ruleCase(`${op}(x, 0) -> x`, types!, one, `%c = c(0); %r = ${op} %a, %c`, 'return %0')),
  ...both(...pairs.Xor, (op, types) => ruleCase(`${op}(x, 0) -> x`, types!, one, `%c = c(0); %r = ${op} %a, %c`, 'return %0')),
  ...['shiftLeft', 'shiftRight'].map((op) => ruleCase(`${op}(x, 0) -> x`, integers, one, `%c = c(0); %r = ${op} %a, %c`, 'return %0')),
  ...both(...pairs.Or, (op, types, ones) =>
    ruleCase(
      `${op}(x, ones) -> ones`,
      types!,
      one,
      `%c = c(${ones}); %r = ${op} %a, %c`,
      new RegExp(`^%1 = \\w+\\[7\\]\\(${ones}\\); return %1$`),
    ),
  ),
  ...both(...pairs.Xor, (op, types, ones, not) =>
    ruleCase(`${op}(x, ones) -> not(x)`, types!, one, `%c = c(${ones}); %r = ${op} %a, %c`, `%1 = ${not} %0; return %1`),
  ),
  ...[...pairs.And, ...pairs.Or].map((op) => ruleCase(`${op}(x, x) -> x`, ['bool'], one, `%r = ${op} %a, %a`, 'return %0')),
  ...pairs.Xor.map((op) => ruleCase(`${op}(x, x) -> 0`, ['bool'], one, `%r = ${op} %a, %a`, zero)),
]

const truth = (value: number) => `%t = constant {dtype="bool", shape=[], values=[${value}]}`

export const selectCases: readonly RuleCase[] = [
  ruleCase('select(true, a, b) -> a, select(false, a, b) -> b', realDTypes, two, `${truth(1)}; %r = select %t, %a, %b`, 'return %0'),
  ruleCase('select(true, a, b) -> a, select(false, a, b) -> b', realDTypes, two, `${truth(0)}; %r = select %t, %a, %b`, 'return %1'),
  ruleCase(
    'select(true, a, b) -> a, select(false, a, b) -> b',
    ['int32'],
    '%a: $[3], %b: $[2,3]',
    `${truth(1)}; %r = select %t, %a, %b`,
    '%2 = broadcast %0 {shape=[2, 3]}; return %2',
  ),
  ruleCase('select(c, a, a) -> a', realDTypes, choice, '%r = select %q, %a, %a', 'return %1'),
  ruleCase(
    'select(logicalNot(c), a, b) -> select(c, b, a)',
    realDTypes,
    choice,
    '%n = logicalNot %q; %r = select %n, %a, %b',
    '%4 = select %0, %2, %1; return %4',
  ),
  ruleCase(
    'select(c, select(c, a, b), d) -> select(c, a, d)',
    realDTypes,
    choice,
    '%s = select %q, %a, %b; %r = select %q, %s, %d',
    '%4 = select %0, %1, %3; return %4',
  ),
  ruleCase(
    'select(c, a, select(c, b, d)) -> select(c, a, d)',
    realDTypes,
    choice,
    '%s = select %q, %a, %b; %r = select %q, %d, %s',
    '%4 = select %0, %3, %2; return %4',
  ),
  ruleCase(
    'select(c, true, false) -> c, select(c, false, true) -> logicalNot(c)',
    ['bool'],
    one,
    '%t = c(1); %f = c(0); %r = select %a, %t, %f',
    'return %0',
  ),
  ruleCase(
    'select(c, true, false) -> c, select(c, false, true) -> logicalNot(c)',
    ['bool'],
    one,
    '%t = c(1); %f = c(0); %r = select %a, %f, %t',
    '%1 = logicalNot %0; return %1',
  ),
]

const chain = (from: RuleCase['dtypes'], between: string, to: string, after: string | RegExp): RuleCase =>
  ruleCase('cast(cast(x)) -> cast(x)', from!, '%a: $[16]', `%c = cast %a {dtype="${between}"}; %r = cast %c {dtype="${to}"}`, after)

export const castCases: readonly RuleCase[] = [
  ruleCase('cast(x) -> x (same dtype)', ['int16'], one, '%r = cast %a {dtype="int16"}', 'return %0'),
  chain(
    ['float32', 'float16', 'bfloat16', 'int32', 'uint8', 'bool'],
    'float64',
    'float32',
    /^(%1 = cast %0 \{dtype="float32"\}; return %1|return %0)$/,
  ),
  chain(['float16', 'int8', 'uint8', 'bool'], 'float32', 'bool', /^(%1 = cast %0 \{dtype="bool"\}; return %1|return %0)$/),
  chain(['float16', 'bfloat16', 'int16'], 'float32', 'int64', '%1 = cast %0 {dtype="int64"}; return %1'),
  chain(['int32', 'uint32', 'int64'], 'int16', 'int8', '%1 = cast %0 {dtype="int8"}; return %1'),
  chain(['int8', 'int16', 'uint16'], 'int32', 'float16', '%1 = cast %0 {dtype="float16"}; return %1'),
  ruleCase('bitcast(x) -> x (same dtype)', ['float32'], one, '%r = bitcast %a {dtype="float32"}', 'return %0'),
  ruleCase(
    'bitcast(bitcast(x)) -> bitcast(x)',
    ['float32', 'uint32'],
    '%a: $[8]',
    '%c = bitcast %a {dtype="int16"}; %r = bitcast %c {dtype="uint8"}',
    '%1 = bitcast %0 {dtype="uint8"}; return %1',
  ),
]
