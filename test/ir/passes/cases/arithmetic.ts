// One case or more for every rule of arithmetic and powers.

import { floats, integers, numbers, type RuleCase, ruleCase, signed } from './case.js'

const one = '%a: $[5]'
const two = '%a: $[7], %b: $[7]'
const small = ['float32'] as const

const divisions: RuleCase[] = (['mod', 'rem'] as const).flatMap((op) => [
  ruleCase(`${op}(x, 1 or -1) -> 0 (integers)`, integers, one, `%c = c(1); %r = ${op} %a, %c`, '%1 = $[5](0); return %1'),
  ruleCase(`${op}(x, 1 or -1) -> 0 (integers)`, ['int32'], one, `%c = c(-1); %r = ${op} %a, %c`, '%1 = i32[5](0); return %1'),
])

const extremes: RuleCase[] = (['minimum', 'maximum', 'fmin', 'fmax'] as const).flatMap((op) => {
  const upper = op === 'minimum' || op === 'fmin'
  return [
    ruleCase(`${op}(x, x) -> x`, numbers, one, `%r = ${op} %a, %a`, 'return %0'),
    ruleCase(`${op}(x, beyond all) -> x`, ['int8'], one, `%c = c(${upper ? 127 : -128}); %r = ${op} %a, %c`, 'return %0'),
    ruleCase(`${op}(x, beyond all) -> x`, ['uint16'], one, `%c = c(${upper ? 65535 : 0}); %r = ${op} %a, %c`, 'return %0'),
  ]
})

export const arithmeticCases: readonly RuleCase[] = [
  ruleCase('add(x, 0) -> x (floats: -0)', floats, one, '%c = c(-0); %r = add %a, %c', 'return %0'),
  ruleCase('add(x, 0) -> x (floats: -0)', integers, one, '%c = c(0); %r = add %a, %c', 'return %0'),
  ruleCase(
    'add(x, 0) -> x (floats: -0)',
    integers,
    '%a: $[3]',
    '%c = c(0; 2, 3); %r = add %a, %c',
    '%1 = broadcast %0 {shape=[2, 3]}; return %1',
  ),
  ruleCase('add(x, neg(y)) -> sub(x, y)', numbers, two, '%n = neg %b; %r = add %a, %n', '%2 = sub %0, %1; return %2'),
  ruleCase('add(neg(x), y) -> sub(y, x)', numbers, two, '%n = neg %a; %r = add %n, %b', '%2 = sub %1, %0; return %2'),
  ruleCase('sub(x, 0) -> x', numbers, one, '%c = c(0); %r = sub %a, %c', 'return %0'),
  ruleCase('sub(0, x) -> neg(x) (floats: -0)', floats, one, '%c = c(-0); %r = sub %c, %a', '%1 = neg %0; return %1'),
  ruleCase('sub(0, x) -> neg(x) (floats: -0)', integers, one, '%c = c(0); %r = sub %c, %a', '%1 = neg %0; return %1'),
  ruleCase('sub(x, neg(y)) -> add(x, y)', numbers, two, '%n = neg %b; %r = sub %a, %n', '%2 = add %0, %1; return %2'),
  ruleCase('sub(x, x) -> 0 (integers)', integers, one, '%r = sub %a, %a', '%1 = $[5](0); return %1'),
  ruleCase('mul(x, 1) -> x', numbers, one, '%c = c(1); %r = mul %a, %c', 'return %0'),
  ruleCase('div(x, 1) -> x', numbers, one, '%c = c(1); %r = div %a, %c', 'return %0'),
  ruleCase('mul(x, -1) -> neg(x)', [...floats, ...signed], one, '%c = c(-1); %r = mul %a, %c', '%1 = neg %0; return %1'),
  ruleCase('div(x, -1) -> neg(x)', [...floats, ...signed], one, '%c = c(-1); %r = div %a, %c', '%1 = neg %0; return %1'),
  ruleCase('mul(x, 0) -> 0 (integers)', integers, one, '%c = c(0); %r = mul %a, %c', '%1 = $[5](0); return %1'),
  ruleCase('mul(neg(x), neg(y)) -> mul(x, y)', numbers, two, '%m = neg %a; %n = neg %b; %r = mul %m, %n', '%2 = mul %0, %1; return %2'),
  ruleCase(
    'div(neg(x), neg(y)) -> div(x, y) (floats)',
    floats,
    two,
    '%m = neg %a; %n = neg %b; %r = div %m, %n',
    '%2 = div %0, %1; return %2',
  ),
  ruleCase(
    'mul(neg(x), c) -> mul(x, -c)',
    [...floats, ...signed],
    one,
    '%n = neg %a; %c = c(3); %r = mul %n, %c',
    /^%1 = \w+\[\]\(-3\); %2 = mul %0, %1; return %2$/,
  ),
  ruleCase(
    'div(neg(x), c) -> div(x, -c) (floats)',
    floats,
    one,
    '%n = neg %a; %c = c(3); %r = div %n, %c',
    '%1 = $[](-3); %2 = div %0, %1; return %2',
  ),
  ruleCase(
    'div(x, 2^k) -> mul(x, 2^-k) (floats)',
    floats,
    one,
    '%c = c(-8); %r = div %a, %c',
    '%1 = $[](-0.125); %2 = mul %0, %1; return %2',
  ),
  ruleCase(
    'divNoNan(x, c) -> div(x, c) (c is not 0)',
    floats,
    one,
    '%c = c(3); %r = divNoNan %a, %c',
    '%1 = $[](3); %2 = div %0, %1; return %2',
  ),
  ruleCase(
    'add(add(x, c), d) -> add(x, add(c, d)) (integers)',
    ['int32'],
    one,
    '%c = c(2147483647); %d = c(1); %e = add %a, %c; %r = add %e, %d',
    '%1 = i32[](-2147483648); %2 = add %0, %1; return %2',
  ),
  ruleCase(
    'mul(mul(x, c), d) -> mul(x, mul(c, d)) (integers)',
    ['uint8'],
    one,
    '%c = c(100); %d = c(3); %e = mul %a, %c; %r = mul %e, %d',
    '%1 = u8[](44); %2 = mul %0, %1; return %2',
  ),
  ruleCase('floorDiv(x, 1) -> x (integers)', integers, one, '%c = c(1); %r = floorDiv %a, %c', 'return %0'),
  ruleCase('floorDiv(x, -1) -> neg(x) (integers)', signed, one, '%c = c(-1); %r = floorDiv %a, %c', '%1 = neg %0; return %1'),
  ...divisions,
  ruleCase('pow(x, 0) -> 1', numbers, one, '%c = c(0); %r = pow %a, %c', /^%1 = \w+\[5\]\(1\); return %1$/),
  ruleCase('pow(x, 1) -> x', numbers, one, '%c = c(1); %r = pow %a, %c', 'return %0'),
  ruleCase('pow(x, 2) -> square(x)', [...small, ...integers], one, '%c = c(2); %r = pow %a, %c', '%1 = square %0; return %1'),
  ruleCase('pow(x, -1) -> reciprocal(x) (floats)', small, one, '%c = c(-1); %r = pow %a, %c', '%1 = reciprocal %0; return %1'),
  ...extremes,
  ruleCase('maximum(x, beyond all) -> x', floats, one, '%c = c(-Infinity); %r = maximum %a, %c', 'return %0'),
  ruleCase('minimum(x, beyond all) -> x', floats, one, '%c = c(Infinity); %r = minimum %a, %c', 'return %0'),
  ruleCase(
    'maximum(x, 0) -> relu(x) (fmax: integers)',
    [...floats, ...signed],
    one,
    '%c = c(0); %r = maximum %a, %c',
    '%1 = relu %0; return %1',
  ),
  ruleCase('fmax(x, 0) -> relu(x) (fmax: integers)', signed, one, '%c = c(0); %r = fmax %a, %c', '%1 = relu %0; return %1'),
]

/** Graphs that look like a rule's left side but are not: nothing may change but the order of operands. */
export const inexactCases: readonly RuleCase[] = [
  ruleCase('x + 0 is 0 at -0', floats, one, '%c = c(0); %r = add %a, %c', '%1 = $[](0); %2 = add %0, %1; return %2'),
  ruleCase('x - -0 is 0 at -0', floats, one, '%c = c(-0); %r = sub %a, %c', '%1 = $[](-0); %2 = sub %0, %1; return %2'),
  ruleCase('0 - x is 0 at 0', floats, one, '%c = c(0); %r = sub %c, %a', '%1 = $[](0); %2 = sub %1, %0; return %2'),
  ruleCase('x - x is NaN at infinities', floats, one, '%r = sub %a, %a', '%1 = sub %0, %0; return %1'),
  ruleCase('x * 0 is NaN at infinities, -0 below 0', floats, one, '%c = c(0); %r = mul %a, %c', '%1 = $[](0); %2 = mul %0, %1; return %2'),
  ruleCase('pow(x, 0.5) is infinite at -inf', floats, one, '%c = c(0.5); %r = pow %a, %c', '%1 = $[](0.5); %2 = pow %0, %1; return %2'),
  ruleCase('float quotients round down', floats, one, '%c = c(1); %r = floorDiv %a, %c', '%1 = $[](1); %2 = floorDiv %0, %1; return %2'),
  ruleCase('1/3 is not exact', floats, one, '%c = c(3); %r = div %a, %c', '%1 = $[](3); %2 = div %0, %1; return %2'),
  ruleCase(
    '2^-15 is not normal in float16',
    ['float16'],
    one,
    '%c = c(32768); %r = div %a, %c',
    '%1 = f16[](32768); %2 = div %0, %1; return %2',
  ),
  ruleCase('1 / 2^-127 is not finite in float32', ['float32'], one, '%c = c(1e-45); %r = div %a, %c', /= div %0, %1; return %2$/),
  ruleCase(
    'fmax(NaN, -inf) is -inf',
    floats,
    one,
    '%c = c(-Infinity); %r = fmax %a, %c',
    '%1 = $[](-Infinity); %2 = fmax %0, %1; return %2',
  ),
  ruleCase('fmax(NaN, 0) is 0', floats, one, '%c = c(0); %r = fmax %a, %c', '%1 = $[](0); %2 = fmax %0, %1; return %2'),
  ruleCase(
    'the smallest integer is its own negation',
    signed,
    two,
    '%m = neg %a; %n = neg %b; %r = div %m, %n',
    '%2 = neg %0; %3 = neg %1; %4 = div %2, %3; return %4',
  ),
  ruleCase(
    'float sums do not reassociate',
    floats,
    one,
    '%c = c(3); %d = add %a, %c; %r = add %d, %c',
    '%1 = $[](3); %2 = add %0, %1; %3 = add %2, %1; return %3',
  ),
  ruleCase(
    'unsigned integers have no -1',
    ['uint64'],
    one,
    '%c = c(18446744073709551615); %r = div %a, %c',
    '%1 = u64[](18446744073709551615); %2 = div %0, %1; return %2',
  ),
  ruleCase(
    'NaN is neither below nor above',
    floats,
    two,
    '%l = less %a, %b; %r = logicalNot %l',
    '%2 = less %0, %1; %3 = logicalNot %2; return %3',
  ),
  ruleCase('NaN differs from itself', floats, one, '%r = equal %a, %a', '%1 = equal %0, %0; return %1'),
  ruleCase('squares of integers may be negative', ['int32'], one, '%s = square %a; %r = abs %s', '%1 = square %0; %2 = abs %1; return %2'),
  ruleCase('the smallest integer stays negative', ['int32'], one, '%s = abs %a; %r = relu %s', '%1 = abs %0; %2 = relu %1; return %2'),
  ruleCase('logicalNot of numbers is not undone', ['float32'], one, '%s = logicalNot %a; %r = select %s, %a, %a', 'return %0'),
  ruleCase(
    'floats saturate, integers wrap',
    ['int32'],
    one,
    '%s = cast %a {dtype="float64"}; %r = cast %s {dtype="int8"}',
    '%1 = cast %0 {dtype="float64"}; %2 = cast %1 {dtype="int8"}; return %2',
  ),
  ruleCase(
    'float32 rounds',
    ['float64'],
    one,
    '%s = cast %a {dtype="float32"}; %r = cast %s {dtype="float64"}',
    '%1 = cast %0 {dtype="float32"}; %2 = cast %1 {dtype="float64"}; return %2',
  ),
]
