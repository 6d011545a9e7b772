// Rules for loops.

import type { RuleCase } from './case.js'

/** Attributes of a loop of no turns. */
const noTurns = (scanned: number): string => `{length=0, reverse=false, carried=1, scanned=${scanned}, conditional=false}`

export const loopCases: readonly RuleCase[] = [
  {
    rule: 'loop of no turns -> what it carries',
    inputs: '%a: $[3]',
    lines: [`%r = loop %a ${noTurns(0)} (%c: $[3]) {\n%d = mul %c, %c\nreturn %d\n}`, 'return %r'],
    after: 'return %0',
  },
  {
    rule: 'result(loop of no turns) -> what it carries',
    inputs: '%a: $[3], %b: $[0, 3]',
    lines: [
      `%l = loop %a, %b ${noTurns(1)} (%c: $[3], %x: $[3]) {\n%d = mul %c, %x\nreturn %d, %x\n}`,
      '%r = result %l {index=0}',
      '%s = result %l {index=1}',
      'return %r, %s',
    ],
    after: /^%2 = \$?f32\[0, 3\]\(.*\); return %0, %2$/,
  },
]
