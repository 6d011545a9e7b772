// Every op, dtype and sample on the device mps against the reference, alone and between other ops: right on the GPU, but for what is listed here.

import { describe, expect, it } from 'vitest'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import type { Where } from '../support/surroundings.js'
import { conformance, type Outcome, type Result } from './conformance.js'
import { missingMps } from './device.js'

/**
 * What the GPU does not compute: float64. Samples of these ops with it run on the CPU (sums but for the conversion to and from pairs of float32); those of
 * others are refused.
 */
const onCpu = ['cast', 'bitcast', 'select', 'sum', 'concat', 'pad', 'take', 'takeAlongAxis', 'reshape', 'permute', 'broadcast', 'slice']

/** Samples of these (the reductions: over no axes) are their operands: nothing is left of them, but between other ops those run on the CPU. */
const idle = ['identity', 'stopGradient', 'customGradient', 'prod', 'max', 'min', 'nanmax', 'nanmin']

/** Factorizations and what is made of them, for which MPSGraph has no method or one whose results are not defined. */
const matrices = ['cholesky', 'triangularSolve', 'lu', 'solve', 'inverse', 'det', 'slogdet', 'qr', 'eigh', 'svd', 'singularValues']
const noMethod = { dtypes: /float32/, reason: /has no counterpart in MPSGraph|the result of inverseOfTensor is undefined/ }

/** Other refusals, by op: the dtypes and the reason. */
const refusals: Readonly<Record<string, { readonly dtypes: RegExp; readonly reason: RegExp }>> = {
  ...Object.fromEntries(matrices.map((name) => [name, noMethod])),
  real: { dtypes: /complex128/, reason: /complex128/ },
  imag: { dtypes: /complex128/, reason: /complex128/ },
  fft: { dtypes: /complex128/, reason: /complex128/ },
  // The samples are of float64, which is what is refused when there are no turns and so no loop.
  loop: { dtypes: /./, reason: /has a float64 operand or result/ },
  nonMaximumSuppression: { dtypes: /float/, reason: /is not documented/ },
  maxPool: { dtypes: /int/, reason: /the GPU pools floats only/ },
  maxPoolWithIndices: { dtypes: /int/, reason: /the GPU pools floats only/ },
  maxUnpool: { dtypes: /int/, reason: /the GPU pools floats only/ },
  // Integers that these combine at positions would go through float32.
  scatterSlices: { dtypes: /int/, reason: /combines integers through float32/ },
  scatterAlongAxis: { dtypes: /int/, reason: /combines integers through float32/ },
}

/** Whether the op's row says that it does not take the sample. */
function isRefused({ op, dtype, outcome }: Result): boolean {
  const known = refusals[op]
  return known?.dtypes.test(dtype) === true && outcome.kind === 'fallback' && known.reason.test(outcome.reason)
}

const places: readonly Where[] = ['alone', 'between elementwise ops']

const cases = Object.values<Op>(ops)
  .filter((op) => op.samples.length > 0)
  .map((op) => ({ name: op.name, op }))

/** Whether float64 occurs in the sample. */
const hasFloat64 = ({ dtype, sample }: Result): boolean => dtype === 'float64' || dtype === 'complex128' || /float64|f64/.test(sample)

/** Whether a result that did not come from the GPU is one of those above. */
function isListed(result: Result, where: Where): boolean {
  const { op, outcome } = result
  if (isRefused(result)) return true
  if (!hasFloat64(result)) return false
  const listed = onCpu.includes(op)
  if (outcome.kind === 'fallback') return (listed || (where !== 'alone' && idle.includes(op))) && /float64|f64/.test(outcome.reason)
  return outcome.kind === 'refused' && !listed && /the GPU has no float64/.test(outcome.reason)
}

const count = (results: readonly Result[], kind: Outcome['kind']): number => results.filter(({ outcome }) => outcome.kind === kind).length

describe.skipIf(missingMps !== undefined).each(places)('%s', (where) => {
  const all: Result[] = []

  it.each(cases)('$name', ({ op }) => {
    const results = conformance(op, 'mps', where)
    all.push(...results)
    const unlisted = results.filter((result) => result.outcome.kind !== 'right' && !isListed(result, where))
    expect(unlisted.slice(0, 3)).toEqual([])
  })

  it('without float64 nine tenths are computed on the GPU, and all that are not listed', () => {
    expect(all.length).toBeGreaterThan(6000)
    const possible = all.filter((result) => !hasFloat64(result))
    expect(count(possible, 'right') / possible.length).toBeGreaterThan(0.9)
    const plain = all.filter((result) => !hasFloat64(result) && !isRefused(result))
    expect(count(plain, 'right')).toBe(plain.length)
  })
})
