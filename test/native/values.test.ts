// The CPU device against stored values: test/support/stored.ts says what may differ.

import { describe, expect, it } from 'vitest'
import { opByName } from '../../ir/ops/index.js'
import { elementwiseCases } from '../elementwise-cases.js'
import { structuralCases } from '../structural-cases.js'
import { runOnCpu } from '../support/run.js'
import { storedProblems } from '../support/stored.js'

const cases = [...elementwiseCases, ...structuralCases]
const names = [...new Set(cases.map((one) => one.op))]

describe('the CPU computes the stored values', () => {
  it.each(names)('%s', (name) => {
    const mine = cases.filter((one) => one.op === name)
    expect(mine.flatMap((one) => storedProblems(one, opByName(name)!, runOnCpu)).slice(0, 8)).toEqual([])
  })
})
