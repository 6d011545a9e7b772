// Two operands of one dtype, a bool per element.

import { realDTypes } from '../dtype.js'
import { defineFamily } from '../op.js'
import { predicate, records, type TestSpec } from './kit.js'

const table = {
  equal: { doc: 'x == y; NaN equals nothing, the two zeros are equal.', commutative: true, dtypes: realDTypes, test: (x, y) => x === y },
  notEqual: { doc: 'x != y; NaN differs from everything.', commutative: true, dtypes: realDTypes, test: (x, y) => x !== y },
  less: { doc: 'x < y; false where either is NaN.', dtypes: realDTypes, test: (x, y) => x < y },
  lessEqual: { doc: 'x <= y; false where either is NaN.', dtypes: realDTypes, test: (x, y) => x <= y },
  greater: { doc: 'x > y; false where either is NaN.', dtypes: realDTypes, test: (x, y) => x > y },
  greaterEqual: { doc: 'x >= y; false where either is NaN.', dtypes: realDTypes, test: (x, y) => x >= y },
} as const satisfies Record<string, TestSpec>

export const compareOps = defineFamily(
  'compare',
  records<keyof typeof table, TestSpec>(table, (name, spec) => predicate(name, ['x', 'y'], spec)),
)
