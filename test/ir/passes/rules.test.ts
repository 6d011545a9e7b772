import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../ir/passes/canonicalize.js'
import { pipeline } from '../../../ir/pipeline.js'
import { rules } from '../../../ir/rules/index.js'
import { arithmeticCases, inexactCases } from './cases/arithmetic.js'
import { afterOfCase, graphOfCase, type RuleCase } from './cases/case.js'
import { loopCases } from './cases/control.js'
import { commutedCases, elementwiseCases, movementCases, reductionCases, transparentCases } from './cases/moving.js'
import { castCases, compareCases, logicalCases, selectCases, unaryCases } from './cases/unary.js'
import { expectSameValues, optimize, summary } from './support.js'

const groups: Record<string, readonly RuleCase[]> = {
  arithmetic: arithmeticCases,
  'one operand': unaryCases,
  comparisons: compareCases,
  logic: logicalCases,
  choices: selectCases,
  casts: castCases,
  movement: movementCases,
  reductions: reductionCases,
  elementwise: elementwiseCases,
  'constants second': commutedCases,
  'gradient markers': transparentCases,
  loops: loopCases,
}

const expectSummary = (actual: string, expected: string | RegExp) =>
  typeof expected === 'string' ? expect(actual).toBe(expected) : expect(actual).toMatch(expected)

for (const [group, cases] of Object.entries(groups)) {
  describe(group, () => {
    test.each(cases.map((one) => [one.rule, one] as const))('%s', (rule, one) => {
      for (const dtype of one.dtypes ?? ['float32']) {
        const before = graphOfCase(one, dtype)
        const { after, fired } = optimize(before, [canonicalize])
        expect([...fired.keys()]).toContain(rule)
        expectSummary(summary(after), afterOfCase(one, dtype))
        expectSameValues(before, after)
        // Canonical form is a fixed point.
        expect(optimize(after, [canonicalize]).after === after).toBe(true)
      }
    })
  })
}

describe('what only looks like an identity', () => {
  test.each(inexactCases.map((one) => [one.rule, one] as const))('%s', (_, one) => {
    for (const dtype of one.dtypes ?? ['float32']) {
      const before = graphOfCase(one, dtype)
      const { after } = optimize(before, pipeline)
      expectSummary(summary(after), afterOfCase(one, dtype))
      expectSameValues(before, after)
    }
  })
})

test('names of rules are unique, and every rule has a case', () => {
  const names = rules.map((rule) => rule.name)
  expect(new Set(names).size).toBe(names.length)
  const tested = new Set(Object.values(groups).flatMap((cases) => cases.map((one) => one.rule)))
  expect(names.filter((name) => !tested.has(name))).toEqual([])
})
