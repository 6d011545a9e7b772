// One operand, a bool per element.

import { realDTypes } from '../dtype.js'
import { defineFamily } from '../op.js'
import { numericDTypes } from './check.js'
import { predicate, records, type TestSpec } from './kit.js'
import type { Value } from './values.js'

const isZero = (x: Value) => (typeof x === 'bigint' ? x === 0n : x === 0)

const table = {
  isNan: { doc: 'Whether x is NaN; integers never are.', dtypes: numericDTypes, test: (x) => Number.isNaN(x) },
  isInf: {
    doc: 'Whether x is an infinity; integers never are.',
    dtypes: numericDTypes,
    test: (x) => x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY,
  },
  isFinite: {
    doc: 'Whether x is neither NaN nor an infinity; integers always are.',
    dtypes: numericDTypes,
    test: (x) => typeof x === 'bigint' || Number.isFinite(x),
  },
  signbit: {
    doc: 'Whether the sign bit is set: of integers whether x < 0, of floats also for -0. Of NaN it is unspecified.',
    dtypes: numericDTypes,
    test: (x) => x < 0 || Object.is(x, -0),
  },
  logicalNot: { doc: 'Whether x is 0; NaN is not.', dtypes: realDTypes, test: isZero },
} as const satisfies Record<string, TestSpec>

export const predicateOps = defineFamily(
  'predicate',
  records<keyof typeof table, TestSpec>(table, (name, spec) => predicate(name, ['x'], spec)),
)
