// (to be written)

import type { predicateOps } from '../../../../ir/ops/predicate.js'
import type { Table } from '../lowering.js'

export const predicateLowerings: Table<typeof predicateOps> = {
  isNan: { unsupported: 'has no lowering yet' },
  isInf: { unsupported: 'has no lowering yet' },
  isFinite: { unsupported: 'has no lowering yet' },
  signbit: { unsupported: 'has no lowering yet' },
  logicalNot: { unsupported: 'has no lowering yet' },
}
