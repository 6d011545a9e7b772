// Two bools, a bool per element. Other dtypes are compared with 0 first, by the caller.

import { defineFamily } from '../op.js'
import { predicate, records, type TestSpec } from './kit.js'

const table = {
  logicalAnd: { doc: 'Whether both are true.', commutative: true, dtypes: ['bool'], test: (x, y) => x === 1 && y === 1 },
  logicalOr: { doc: 'Whether at least one is true.', commutative: true, dtypes: ['bool'], test: (x, y) => x === 1 || y === 1 },
  logicalXor: { doc: 'Whether exactly one is true.', commutative: true, dtypes: ['bool'], test: (x, y) => x !== y },
} as const satisfies Record<string, TestSpec>

export const logicalOps = defineFamily(
  'logical',
  records<keyof typeof table, TestSpec>(table, (name, spec) => predicate(name, ['x', 'y'], spec)),
)
