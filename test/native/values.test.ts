// The CPU device against stored values: test/support/stored.ts says what may differ.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { opByName } from '../../ir/ops/index.js'
import { type Case, elementwiseCases, type StoredTensor } from '../elementwise-cases.js'
import { runOnCpu } from '../support/run.js'
import { storedProblems } from '../support/stored.js'

/** Words of structural.json for what JSON has no number for. */
const words: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }
const structuralCases = (
  JSON.parse(readFileSync(new URL('../data/structural.json', import.meta.url), 'utf8')) as { cases: Case[] }
).cases.map((one): Case => {
  const plain = (tensor: StoredTensor): StoredTensor => ({
    ...tensor,
    data: tensor.data.map((value) => (typeof value === 'string' ? (words[value] ?? value) : value)),
  })
  return { ...one, inputs: one.inputs.map(plain), outputs: one.outputs.map(plain) }
})

const cases = [...elementwiseCases, ...structuralCases]
const names = [...new Set(cases.map((one) => one.op))]

describe('the CPU computes the stored values', () => {
  it.each(names)('%s', (name) => {
    const mine = cases.filter((one) => one.op === name)
    expect(mine.flatMap((one) => storedProblems(one, opByName(name)!, runOnCpu)).slice(0, 8)).toEqual([])
  })
})
