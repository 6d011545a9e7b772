// Every op, every dtype, every sample on the CPU device against the reference: alone, and inside graphs that make it fuse.

import { describe, expect, it } from 'vitest'
import { emit, inputNode } from '../../ir/build.js'
import { encode, type HostTensor } from '../../ir/host.js'
import type { Node } from '../../ir/node.js'
import type { Attrs, Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { execute } from '../../runtime/execute.js'
import { openDevice } from '../../runtime/index.js'
import { Storage } from '../../runtime/storage.js'
import { runOnCpu } from '../support/run.js'
import { differenceAround, places, resultsOf, surround, type Where } from '../support/surroundings.js'
import { randomFrom, sampleOperands, sampleType } from '../support/values.js'

/** Why the CPU differs from the reference on the op within its surroundings; undefined when it does not. */
function difference(op: Op, attrs: Attrs, operands: readonly HostTensor[], where: Where, view: boolean): string | undefined {
  const around = surround(op, attrs, operands, where, view)
  const text = printGraph(around.graph)
  expect(printGraph(parseGraph(text))).toBe(text)
  const problem = differenceAround(around, runOnCpu(around.graph, around.values))
  return problem === undefined ? undefined : `${problem}\n${text}`
}

const cases = Object.values<Op>(ops)
  .filter((op) => op.samples.length > 0)
  .map((op) => ({ name: op.name, op }))

describe.each(places)('%s', (where) => {
  it.each(cases)('$name', ({ op }) => {
    const problems: string[] = []
    for (const dtype of op.dtypes) {
      op.samples.forEach((sample, i) => {
        for (const view of where === 'alone' ? [false, true] : [i % 2 === 0]) {
          const operands = sampleOperands(sample, dtype, randomFrom(i + 1))
          try {
            const problem = difference(op, sample.attrs ?? {}, operands, where, view)
            if (problem !== undefined) problems.push(problem)
          } catch (error) {
            problems.push(`${op.name} ${dtype} ${JSON.stringify(sample)}: ${(error as Error).message}`)
          }
        }
      })
    }
    expect(problems.slice(0, 3)).toEqual([])
  })
})

describe('recorded again, a plan comes from the cache', () => {
  const device = openDevice('cpu')
  it.each(cases)('$name', ({ op }) => {
    for (const dtype of op.dtypes) {
      const sample = op.samples[0]!
      const record = (): Node[] => {
        const operands = sampleOperands(sample, dtype, randomFrom(1))
        const nodes = sample.inputs.map((text, i) => {
          const node = inputNode(sampleType(text, dtype))
          const storage = new Storage(node.type, device.backend.pool)
          storage.view().set(encode(operands[i]!) as never)
          node.bind(storage, true)
          return node
        })
        return resultsOf(emit(op, nodes, sample.attrs))
      }
      execute(record(), device, { keepGraph: false, mayWait: false })
      const { hits, misses } = device.cache.statistics()
      execute(record(), device, { keepGraph: false, mayWait: false })
      expect(device.cache.statistics()).toMatchObject({ hits: hits + 1, misses })
    }
  })
})
